// SPDX-License-Identifier: Apache-2.0
#include "topiclog/settings.h"

#include <algorithm>
#include <cstring>

#include "base/hash.h"
#include "state/wire.h"

namespace penstock {
namespace {

constexpr uint32_t kVersion = 1;
constexpr std::string_view kMagic = "PNSTKTOP";
constexpr size_t kFrameBytes = 8 + 4 + 8;

bool allowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

Error bad_settings(std::string what) { return stop_error("bad-topic-settings", std::move(what)); }

}  // namespace

Result<void> check_topic_name(std::string_view name, const char* what) {
  const bool good = !name.empty() && name.size() <= kTopicNameBytesMax && name[0] != '.' &&
                    std::all_of(name.begin(), name.end(), allowed);
  if (good) return {};
  return stop_error("bad-topic-name",
                    "'" + std::string(name.substr(0, kTopicNameBytesMax)) + "' cannot name a " +
                        what,
                    "use 1 to " + std::to_string(kTopicNameBytesMax) +
                        " letters, digits, '.', '_' and '-', not beginning with '.'");
}

Result<void> check_topic_settings(const TopicSettings& s) {
  if (s.partitions < 1 || s.partitions > kPartitionsMax) {
    return bad_settings("a topic has 1 to " + std::to_string(kPartitionsMax) + " partitions, not " +
                        std::to_string(s.partitions));
  }
  if (s.segment_bytes < kSegmentBytesMin || s.segment_bytes > kSegmentBytesMax) {
    return bad_settings("segments have " + to_string(kSegmentBytesMin) + " to " +
                        to_string(kSegmentBytesMax) + ", not " + to_string(s.segment_bytes));
  }
  if (s.record_bytes_max.bytes < 1 || s.record_bytes_max > kTopicRecordBytesMax) {
    return bad_settings("records have at most " + to_string(kTopicRecordBytesMax) + ", not " +
                        to_string(s.record_bytes_max));
  }
  return {};
}

Error topic_damaged(const std::string& file, const std::string& what) {
  return stop_error("topic-damaged", "'" + file + "' is damaged: " + what,
                    "restore the topic's folder from a copy, or delete the topic");
}

std::string sealed_file(std::string_view magic, std::string_view body) {
  std::string out(magic);
  WireWriter writer(out);
  writer.u32(kVersion);
  out.append(body);
  writer.u64(hash64(out));
  return out;
}

Result<std::string_view> opened_file(std::string_view magic, std::string_view bytes,
                                     const std::string& file) {
  if (bytes.size() < kFrameBytes) return topic_damaged(file, "it is too short");
  const std::string_view checked = bytes.substr(0, bytes.size() - 8);
  uint64_t checksum;
  std::memcpy(&checksum, bytes.data() + checked.size(), sizeof checksum);
  if (checksum != hash64(checked)) return topic_damaged(file, "its checksum is wrong");
  WireReader reader(checked.substr(8));
  const uint32_t version = reader.u32();
  if (checked.substr(0, 8) != magic) return topic_damaged(file, "it is another kind of file");
  if (version > kVersion) {
    return stop_error("topic-too-new", "'" + file + "' has format version " +
                                           std::to_string(version) + "; this program knows " +
                                           std::to_string(kVersion),
                      "use the newer program that wrote it");
  }
  return checked.substr(12);
}

std::string encode_settings(const TopicSettings& s) {
  std::string body;
  WireWriter writer(body);
  writer.u32(s.partitions);
  writer.u64(s.segment_bytes.bytes);
  writer.u64(s.record_bytes_max.bytes);
  writer.u64(s.retention_bytes.bytes);
  writer.u64(static_cast<uint64_t>(s.retention.us));
  writer.u64(static_cast<uint64_t>(s.created_us));
  return sealed_file(kMagic, body);
}

Result<TopicSettings> decode_settings(std::string_view bytes, const std::string& file) {
  const Result<std::string_view> body = opened_file(kMagic, bytes, file);
  if (!body) return body.error();
  WireReader reader(*body);
  TopicSettings s;
  s.partitions = reader.u32();
  s.segment_bytes.bytes = reader.u64();
  s.record_bytes_max.bytes = reader.u64();
  s.retention_bytes.bytes = reader.u64();
  s.retention.us = static_cast<int64_t>(reader.u64());
  s.created_us = static_cast<int64_t>(reader.u64());
  if (!reader.ok() || reader.left() > 0 || s.retention.us < 0) {
    return topic_damaged(file, "its fields make no sense");
  }
  PENSTOCK_TRY(check_topic_settings(s));
  return s;
}

}  // namespace penstock
