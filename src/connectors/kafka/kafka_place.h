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

/// The offset to read next, as the manifest keeps it. Manifests once had a second
/// number behind it, which counts no more.
std::string kafka_position_text(int64_t next);
std::optional<int64_t> parse_kafka_position(std::string_view text);

/// Where to go on: with what the group has, what the manifest had, or neither (nullopt: as the
/// option `start` says). An offset that we committed may lag behind the manifest, which is written
/// first; any other stands for somebody's wish (a reset, another program of the group).
std::optional<int64_t> kafka_resume(const std::optional<KafkaPlace>& group_has,
                                    std::optional<int64_t> restored);

}  // namespace penstock
