// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"

namespace penstock {

enum class KafkaStart : uint8_t { kEarliest, kLatest, kTime, kOffsets };
enum class KafkaLost : uint8_t { kStop, kSkip };
enum class KafkaPartitioner : uint8_t { kMurmur2, kConsistent, kFnv1a, kRandom };
enum class KafkaCompression : uint8_t { kNone, kGzip, kSnappy, kLz4, kZstd };
enum class KafkaAcks : uint8_t { kAll, kLeader };

struct KafkaSourceOptions : KafkaConnection {
  std::vector<std::string> topics;
  std::string group;
  std::string group_instance;
  KafkaStart start = KafkaStart::kEarliest;
  int64_t start_time_ms = 0;
  std::map<std::string, int64_t> start_offsets;
  bool follow = true;
  KafkaLost lost = KafkaLost::kStop;
  bool uncommitted = false;
  Duration session_timeout = seconds(45);
  Duration revoke_timeout = seconds(30);
  ByteSize buffer_bytes = mebibytes(32);
  Duration fetch_wait = milliseconds(500);
};

struct KafkaSinkOptions : KafkaConnection {
  std::string topic;
  bool create = false;
  uint32_t partitions = 1;
  uint32_t replicas = 0;
  std::map<std::string, std::string> topic_config;
  KafkaPartitioner partitioner = KafkaPartitioner::kMurmur2;
  KafkaAcks acks = KafkaAcks::kAll;
  bool idempotent = true;
  KafkaCompression compression = KafkaCompression::kNone;
  Duration linger = milliseconds(5);
  ByteSize batch_bytes{1'000'000};
  ByteSize max_record_bytes{1'000'000};
  ByteSize buffer_bytes = mebibytes(32);
  Duration delivery_timeout = seconds(120);
  std::string transactional_id;
  Duration transaction_timeout = seconds(60);
};

/// What they are in librdkafka: of the producer, and of its topic.
KafkaSettings kafka_producer_settings(const KafkaSinkOptions& options);
KafkaSettings kafka_topic_settings(const KafkaSinkOptions& options, bool transactional);

const Schema<KafkaSourceOptions>& kafka_source_options();
const Schema<KafkaSinkOptions>& kafka_sink_options();

}  // namespace penstock
