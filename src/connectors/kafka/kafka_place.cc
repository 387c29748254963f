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

std::string kafka_position_text(const KafkaPosition& position) {
  std::string text = std::to_string(position.next);
  if (position.group_had >= 0) text += " " + std::to_string(position.group_had);
  return text;
}

std::optional<KafkaPosition> parse_kafka_position(std::string_view text) {
  KafkaPosition position;
  const size_t blank = text.find(' ');
  if (!parse_number(text.substr(0, blank), position.next) || position.next < 0) {
    return std::nullopt;
  }
  if (blank != std::string_view::npos &&
      !parse_number(text.substr(blank + 1), position.group_had)) {
    return std::nullopt;
  }
  return position;
}

std::optional<int64_t> kafka_resume(std::optional<int64_t> group_has,
                                    const std::optional<KafkaPosition>& restored) {
  if (!restored) return group_has;
  if (!group_has) return restored->next;
  if (*group_has < restored->group_had) return group_has;  // somebody reset the group
  return std::max(*group_has, restored->next);
}

}  // namespace penstock
