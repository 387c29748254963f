// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/jetstream/jetstream_api.h"
#include "connectors/nats/nats_access.h"

namespace penstock {

/// How the ids come about by which a stream drops what it has already.
enum class JetStreamId : uint8_t { kAuto, kNone, kPosition, kHeader, kKey };

struct JetStreamSourceOptions : NatsAccess {
  std::string stream;
  std::string consumer;
  std::vector<std::string> subjects;
  bool create_consumer = true;
  std::optional<JetStreamMake> create_stream;
  JetStreamStart start = JetStreamStart::kAll;
  uint64_t start_sequence = 0;
  std::string start_time;
  Duration ack_wait = seconds(30);
  uint32_t max_ack_pending = 20'000;
  int64_t max_deliver = -1;
  bool alone = false;
  uint32_t poison_after = 0;
  uint32_t prefetch_records = 5'000;
  ByteSize prefetch_bytes = mebibytes(16);
  bool follow = true;
  std::string key_header = "Penstock-Key";
  std::string subject_header = "Penstock-Subject";
};

struct JetStreamSinkOptions : NatsAccess {
  std::string subject;
  std::string subject_header;
  std::string stream;
  std::optional<JetStreamMake> create_stream;
  JetStreamId message_id = JetStreamId::kAuto;
  std::string message_id_header = "Nats-Msg-Id";
  std::string message_id_prefix;
  std::string key_header = "Penstock-Key";
  std::map<std::string, std::string> headers;
  uint32_t unconfirmed_max = 8192;
  Duration ack_timeout = seconds(5);
};

/// A stream or consumer; diagnostics name the option.
void check_jetstream_name(const std::string& name, const char* option, const Position& at,
                          Diagnostics& diagnostics);
const Schema<JetStreamSourceOptions>& jetstream_source_options();
const Schema<JetStreamSinkOptions>& jetstream_sink_options();

}  // namespace penstock
