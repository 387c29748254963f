// SPDX-License-Identifier: Apache-2.0
#include "topiclog/format.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/hash.h"

namespace penstock {
namespace {

constexpr uint64_t kMagic = 0x5441424b54534e50;  // "PNSTKBAT"
constexpr uint32_t kNoKey = UINT32_MAX;
constexpr uint32_t kTombstone = UINT32_MAX;
constexpr size_t kBaseDigits = 20;
constexpr std::string_view kSegmentEnd = ".log";

/// As it stands in the file.
struct HeadBytes {
  uint64_t magic, checksum, body_checksum, base, durable;
  int64_t appended_us, time_max_us;
  uint32_t records, body_bytes;
};
static_assert(sizeof(HeadBytes) == kBatchHeadBytes);
constexpr size_t kChecked = 16;  // magic and checksum are not in the checksum

struct RecordBytes {
  int64_t time_us;
  uint32_t payload_size, key_size, headers_size, reserved;
};
static_assert(sizeof(RecordBytes) == kRecordHeadBytes);

uint64_t head_checksum(const HeadBytes& head) {
  return hash64({reinterpret_cast<const char*>(&head) + kChecked, sizeof head - kChecked});
}

bool headers_make_sense(std::string_view encoded) {
  while (!encoded.empty()) {
    uint32_t sizes[2];
    if (encoded.size() < sizeof sizes) return false;
    std::memcpy(sizes, encoded.data(), sizeof sizes);
    const uint64_t all = sizeof sizes + uint64_t{sizes[0]} + sizes[1];
    if (all > encoded.size()) return false;
    encoded.remove_prefix(all);
  }
  return true;
}

}  // namespace

void encode_head(const BatchHead& head, char* to) {
  HeadBytes bytes{kMagic, 0, head.body_checksum, head.base, head.durable, head.appended_us,
                  head.time_max_us, head.records, head.body_bytes};
  bytes.checksum = head_checksum(bytes);
  std::memcpy(to, &bytes, sizeof bytes);
}

std::optional<BatchHead> decode_head(std::string_view bytes) {
  HeadBytes from;
  if (bytes.size() < sizeof from) return std::nullopt;
  std::memcpy(&from, bytes.data(), sizeof from);
  if (from.magic != kMagic || from.checksum != head_checksum(from)) return std::nullopt;
  const bool sane = from.records >= 1 && from.records <= kBatchRecordsCeiling &&
                    from.base <= UINT64_MAX / 2 && from.durable <= from.base &&
                    from.body_bytes <= kBatchBytesMax &&
                    from.body_bytes >= from.records * uint64_t{kRecordHeadBytes};
  if (!sane) return std::nullopt;
  return BatchHead{from.body_checksum, from.base, from.durable, from.appended_us,
                   from.time_max_us, from.records, from.body_bytes};
}

bool body_fits(const BatchHead& head, std::string_view body) {
  return body.size() == head.body_bytes && hash64(body) == head.body_checksum;
}

void BatchBody::add(const Record& record, int64_t now_us) {
  if (bytes_.empty()) {
    bytes_.reserve(std::max<uint64_t>(kBatchBytesGoal, kBatchHeadBytes + size_of(record)));
    bytes_.resize(kBatchHeadBytes);
  }
  const bool tombstone = record.payload == nullptr;
  const RecordBytes head{
      record.event_time_us == kNoEventTime ? now_us : record.event_time_us,
      tombstone ? kTombstone : record.payload_size,
      record.has_key() ? record.key_size : kNoKey, record.headers_size, 0};
  bytes_.append(reinterpret_cast<const char*>(&head), sizeof head);
  if (!tombstone) bytes_.append(record.payload, record.payload_size);
  if (record.has_key()) bytes_.append(record.key, record.key_size);
  if (record.headers_size > 0) bytes_.append(record.headers, record.headers_size);
  ++records_;
  head_.time_max_us = std::max(head_.time_max_us, head.time_us);
}

void BatchBody::close() {
  const std::string_view body = std::string_view(bytes_).substr(kBatchHeadBytes);
  head_.body_checksum = hash64(body);
  head_.body_bytes = static_cast<uint32_t>(body.size());
  head_.records = records_;
}

void BatchBody::seal(uint64_t base, uint64_t durable, int64_t appended_us) {
  head_.base = base;
  head_.durable = durable;
  head_.appended_us = appended_us;
  encode_head(head_, bytes_.data());
}

bool decode_record(std::string_view body, size_t* at, Record* record) {
  RecordBytes head;
  if (body.size() - *at < sizeof head) return false;
  std::memcpy(&head, body.data() + *at, sizeof head);
  const char* bytes = body.data() + *at + sizeof head;
  const uint32_t payload = head.payload_size == kTombstone ? 0 : head.payload_size;
  const uint32_t key = head.key_size == kNoKey ? 0 : head.key_size;
  const uint64_t all = uint64_t{payload} + key + head.headers_size;
  if (all > body.size() - *at - sizeof head) return false;
  record->event_time_us = head.time_us;
  if (head.payload_size != kTombstone) record->payload = bytes;
  record->payload_size = payload;
  if (head.key_size != kNoKey) record->key = bytes + payload;
  record->key_size = key;
  if (head.headers_size > 0) {
    record->headers = bytes + payload + key;
    record->headers_size = head.headers_size;
    if (!headers_make_sense(record->headers_view())) return false;
  }
  *at += sizeof head + all;
  return true;
}

std::string segment_name(uint64_t base) {
  const std::string digits = std::to_string(base);
  return std::string(kBaseDigits - digits.size(), '0') + digits + std::string(kSegmentEnd);
}

std::string index_name(uint64_t base) {
  std::string name = segment_name(base);
  return name.replace(kBaseDigits, std::string::npos, ".index");
}

std::optional<uint64_t> segment_base(std::string_view name) {
  if (name.size() != kBaseDigits + kSegmentEnd.size() || !name.ends_with(kSegmentEnd)) {
    return std::nullopt;
  }
  uint64_t base = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kBaseDigits, base);
  if (error != std::errc() || end != name.data() + kBaseDigits) return std::nullopt;
  return base;
}

}  // namespace penstock
