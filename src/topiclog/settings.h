// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/units.h"

namespace penstock {

inline constexpr size_t kTopicNameBytesMax = 200;
inline constexpr uint32_t kPartitionsMax = 1024;
inline constexpr ByteSize kSegmentBytesMin = kibibytes(4);
inline constexpr ByteSize kSegmentBytesMax = mebibytes(16384);
inline constexpr ByteSize kTopicRecordBytesMax = mebibytes(512);

/// What a topic is: fixed when it is made, kept in its file `topic`.
struct TopicSettings {
  uint32_t partitions = 1;
  ByteSize segment_bytes = mebibytes(64);
  ByteSize record_bytes_max = mebibytes(16);  ///< payload, key and headers of one record
  ByteSize retention_bytes{0};  ///< of each partition; 0 = all is kept
  Duration retention{0};        ///< since it was appended; 0 = for ever
  int64_t created_us = 0;       ///< wall clock
  bool operator==(const TopicSettings&) const = default;
};

/// Letters, digits, `.`, `_`, `-`; 1 to kTopicNameBytesMax; no leading dot. "bad-topic-name".
/// Names of consumer groups follow the same rules (`what` = "group").
Result<void> check_topic_name(std::string_view name, const char* what = "topic");
/// "bad-topic-settings" beyond a limit above.
Result<void> check_topic_settings(const TopicSettings& settings);

std::string encode_settings(const TopicSettings& settings);
/// "topic-damaged" or "topic-too-new", naming `file`.
Result<TopicSettings> decode_settings(std::string_view bytes, const std::string& file);

/// Small checked files of a topic: magic, u32 version 1, body, XXH3. A `magic` has 8 bytes.
std::string sealed_file(std::string_view magic, std::string_view body);
/// The body. "topic-damaged" or "topic-too-new".
Result<std::string_view> opened_file(std::string_view magic, std::string_view bytes,
                                     const std::string& file);
Error topic_damaged(const std::string& file, const std::string& what);

}  // namespace penstock
