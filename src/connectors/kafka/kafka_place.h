// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "connectors/kafka/kafka_consumer.h"
#include "sdk/source.h"

namespace penstock {

/// The engine's name of a partition: "orders/3". Topics have no slash.
std::string kafka_partition_name(std::string_view topic, int32_t partition);
std::optional<std::pair<std::string, int32_t>> parse_kafka_partition(std::string_view name);

/// A position as the manifest keeps it: the record to read next, and what the group had then. So a
/// group that was reset to an earlier place since can be told from one that lags behind.
struct KafkaPosition {
  int64_t next = 0;
  int64_t group_had = kKafkaNone;
};
std::string kafka_position_text(const KafkaPosition& position);
std::optional<KafkaPosition> parse_kafka_position(std::string_view text);

/// Where to go on: with what the group has, what the manifest had, or neither (nullopt: as the
/// option `start` says).
std::optional<int64_t> kafka_resume(std::optional<int64_t> group_has,
                                    const std::optional<KafkaPosition>& restored);

}  // namespace penstock
