// SPDX-License-Identifier: Apache-2.0
// What our options are called in librdkafka.
#include <algorithm>

#include "connectors/kafka/kafka_options.h"

namespace penstock {
namespace {

const char* name_of(KafkaCompression compression) {
  switch (compression) {
    case KafkaCompression::kNone: return "none";
    case KafkaCompression::kGzip: return "gzip";
    case KafkaCompression::kSnappy: return "snappy";
    case KafkaCompression::kLz4: return "lz4";
    case KafkaCompression::kZstd: return "zstd";
  }
  return "";
}

const char* name_of(KafkaPartitioner partitioner) {
  switch (partitioner) {
    case KafkaPartitioner::kMurmur2: return "murmur2_random";
    case KafkaPartitioner::kConsistent: return "consistent_random";
    case KafkaPartitioner::kFnv1a: return "fnv1a_random";
    case KafkaPartitioner::kRandom: return "random";
  }
  return "";
}

}  // namespace

KafkaSettings kafka_producer_settings(const KafkaSinkOptions& options) {
  const auto number = [](auto value) { return std::to_string(value); };
  return {{"enable.idempotence", options.idempotent ? "true" : "false"},
          {"linger.ms", number(options.linger.us / 1000) + "." +
                            std::string(options.linger.us % 1000 < 100 ? "0" : "") +
                            std::string(options.linger.us % 1000 < 10 ? "0" : "") +
                            number(options.linger.us % 1000)},
          {"batch.size", number(options.batch_bytes.bytes)},
          {"batch.num.messages", "100000"},
          {"message.max.bytes", number(options.max_record_bytes.bytes)},
          // The sink bounds what is under way; the client's own bounds must not be in the way.
          {"queue.buffering.max.messages", "10000000"},
          {"delivery.report.only.error", "true"},
          {"queue.buffering.max.kbytes", "2147483647"},
          {"compression.type", name_of(options.compression)}};
}

KafkaSettings kafka_topic_settings(const KafkaSinkOptions& options, bool transactional) {
  // In a transaction a record has no more time than that.
  const Duration timeout = transactional
                               ? std::min(options.delivery_timeout, options.transaction_timeout)
                               : options.delivery_timeout;
  return {{"acks", options.acks == KafkaAcks::kAll ? "all" : "1"},
          {"message.timeout.ms", std::to_string(timeout.ms())},
          {"partitioner", name_of(options.partitioner)}};
}

}  // namespace penstock
