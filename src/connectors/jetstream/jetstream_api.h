// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/nats/nats_session.h"

namespace penstock {

enum class JetStreamStorage : uint8_t { kFile, kMemory };
enum class JetStreamRetention : uint8_t { kLimits, kInterest, kWorkQueue };
enum class JetStreamDiscard : uint8_t { kOld, kNew };
enum class JetStreamStart : uint8_t { kAll, kNew, kLast, kLastPerSubject, kSequence, kTime };

/// A stream to be made if it is not there.
struct JetStreamMake {
  std::vector<std::string> subjects;
  JetStreamStorage storage = JetStreamStorage::kFile;
  JetStreamRetention retention = JetStreamRetention::kLimits;
  JetStreamDiscard discard = JetStreamDiscard::kOld;
  uint32_t replicas = 1;
  Duration max_age{0};
  ByteSize max_bytes{0};
  int64_t max_messages = 0;
  ByteSize max_message_bytes{0};
  Duration duplicate_window = seconds(120);
};

/// What a durable consumer shall be.
struct JetStreamConsumerWish {
  std::string stream;
  std::string name;
  std::vector<std::string> subjects;  ///< filter; empty = all
  JetStreamStart start = JetStreamStart::kAll;
  uint64_t start_sequence = 0;
  std::string start_time;             ///< RFC 3339
  Duration ack_wait = seconds(30);
  uint32_t max_ack_pending = 1000;
  int64_t max_deliver = -1;
};

/// What the server says of a consumer.
struct JetStreamConsumerState {
  std::vector<std::string> subjects;
  std::string ack_policy;
  int64_t ack_wait_ns = 0;
  int64_t max_ack_pending = 0;
  bool pushes = false;
  int64_t pending = 0;      ///< not delivered yet
  int64_t ack_pending = 0;  ///< delivered, not acknowledged
};

/// What the server says of a stream.
struct JetStreamState {
  std::string name;
  int64_t duplicate_window_ns = 0;
  bool work_queue = false;
};

/// An acknowledgement of a publication.
struct JetStreamPubAck {
  std::string stream;
  uint64_t sequence = 0;
  bool duplicate = false;
};

/// Requests to JetStream's API over a session. Each blocks for at most `timeout`.
/// Errors: retry_later "nats-timeout" and "jetstream-off" (which may pass); stop
/// "jetstream-no-stream", "jetstream-no-consumer", "jetstream-refused".
class JetStreamApi {
 public:
  explicit JetStreamApi(NatsSession& session, Duration timeout = seconds(5))
      : session_(session), timeout_(timeout) {}
  Result<JetStreamState> stream(const std::string& name);
  /// The stream that takes what is published to a subject; "" if there is none.
  Result<std::string> stream_of(const std::string& subject);
  /// Does nothing if a stream of that name is there.
  Result<void> make_stream(const std::string& name, const JetStreamMake& make);
  Result<JetStreamConsumerState> consumer(const std::string& stream, const std::string& name);
  /// Makes it, or changes one that is there as far as the server allows it.
  Result<JetStreamConsumerState> make_consumer(const JetStreamConsumerWish& wish);
  /// What is behind all that is acknowledged without a gap is given again, in order. False if the
  /// server cannot do that.
  Result<bool> rewind_consumer(const std::string& stream, const std::string& name);

 private:
  Result<std::string> ask(const std::string& subject, const std::string& body);
  NatsSession& session_;
  const Duration timeout_;
};

/// Reads the answer to a publication; what JetStream refuses as an error: reject_record
/// "record-too-large", stop "jetstream-refused", retry_later "jetstream-busy".
Result<JetStreamPubAck> read_pub_ack(std::string_view body);

}  // namespace penstock
