// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_place.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

template <class N>
bool parse_number(std::string_view text, N& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string kafka_partition_name(std::string_view topic, int32_t partition) {
  return std::string(topic) + "/" + std::to_string(partition);
}

std::optional<std::pair<std::string, int32_t>> parse_kafka_partition(std::string_view name) {
  const size_t slash = name.rfind('/');
  int32_t partition = 0;
  if (slash == std::string_view::npos || !parse_number(name.substr(slash + 1), partition)) {
    return std::nullopt;
  }
  return std::pair{std::string(name.substr(0, slash)), partition};
}

std::string kafka_position_text(int64_t next) { return std::to_string(next); }

std::optional<int64_t> parse_kafka_position(std::string_view text) {
  int64_t next = 0, group_had = 0;
  const size_t blank = text.find(' ');
  if (!parse_number(text.substr(0, blank), next) || next < 0) return std::nullopt;
  if (blank != std::string_view::npos && !parse_number(text.substr(blank + 1), group_had)) {
    return std::nullopt;
  }
  return next;
}

std::optional<int64_t> kafka_resume(const std::optional<KafkaPlace>& group_has,
                                    std::optional<int64_t> restored) {
  if (!group_has) return restored;
  if (!restored || !group_has->ours) return group_has->offset;
  return std::max(group_has->offset, *restored);
}

}  // namespace penstock
