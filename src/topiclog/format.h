// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/record.h"

namespace penstock {

// A segment is batches one behind the other; a batch is a head of kBatchHeadBytes and a body of
// records. Bytes: docs/formats.md, "Topics".

inline constexpr size_t kBatchHeadBytes = 64;
inline constexpr size_t kRecordHeadBytes = 24;
/// A batch is closed at this many bytes, unless one record alone is larger: it then fits a standard
/// arena, head included.
inline constexpr size_t kBatchBytesGoal = 64 << 10;
/// Larger ones are taken for damage. A record has to fit with its heads.
inline constexpr uint64_t kBatchBytesMax = 1 << 30;
inline constexpr uint32_t kBatchRecordsCeiling = 1 << 16;

/// What stands in front of a batch's records.
struct BatchHead {
  uint64_t body_checksum = 0;  ///< XXH3 of the body
  uint64_t base = 0;           ///< offset of the first record
  uint64_t durable = 0;        ///< all offsets below it were on the disk when this was written
  int64_t appended_us = 0;     ///< wall clock
  int64_t time_max_us = 0;     ///< the latest event time of its records
  uint32_t records = 0;
  uint32_t body_bytes = 0;

  uint64_t end() const { return base + records; }
  uint64_t bytes() const { return kBatchHeadBytes + body_bytes; }
};

/// Writes kBatchHeadBytes, magic and checksum included.
void encode_head(const BatchHead& head, char* to);
/// The head at the start of `bytes`, or nothing: too few bytes, or not what was written.
std::optional<BatchHead> decode_head(std::string_view bytes);
/// Whether `body` is what was written behind that head.
bool body_fits(const BatchHead& head, std::string_view body);

/// Records on their way into one batch.
class BatchBody {
 public:
  /// `record`'s payload, key, headers and event time; an event time that is not known becomes
  /// `now_us`. A payload that is null is a tombstone, which is told from an empty one.
  void add(const Record& record, int64_t now_us);
  bool empty() const { return records_ == 0; }
  uint32_t records() const { return records_; }
  uint64_t bytes() const { return bytes_.size(); }
  /// Nothing more goes in.
  bool full() const {
    return bytes_.size() >= kBatchBytesGoal || records_ >= kBatchRecordsCeiling;
  }
  /// Whether `record` still belongs here rather than into a batch of its own.
  bool fits(const Record& record) const {
    return empty() || (!full() && bytes_.size() + size_of(record) <= kBatchBytesGoal);
  }
  /// Computes the checksum: nothing goes in any more. Before seal(), on whatever thread has time.
  void close();
  /// Writes the head in front. May be done again with other numbers.
  void seal(uint64_t base, uint64_t durable, int64_t appended_us);
  /// The whole batch, once it is sealed.
  std::string_view view() const { return bytes_; }
  const BatchHead& head() const { return head_; }
  static uint64_t size_of(const Record& record) {
    return kRecordHeadBytes + uint64_t{record.payload_size} + record.key_size +
           record.headers_size;
  }

 private:
  std::string bytes_;  // with room for the head in front
  uint32_t records_ = 0;
  BatchHead head_{.time_max_us = INT64_MIN};
};

/// Calls f(const Record&) for each record of a body, in order; `position` is the offset. False if
/// the body makes no sense (its checksum was right, so it was written by another program).
/// Headers are checked to be well-formed; the views point into `body`.
template <class F>
bool for_each_record(const BatchHead& head, std::string_view body, F&& f);

/// One record at `*at` of a body; false if it makes no sense.
bool decode_record(std::string_view body, size_t* at, Record* record);

template <class F>
bool for_each_record(const BatchHead& head, std::string_view body, F&& f) {
  size_t at = 0;
  for (uint32_t i = 0; i < head.records; ++i) {
    Record record;
    if (!decode_record(body, &at, &record)) return false;
    record.position = static_cast<int64_t>(head.base + i);
    f(record);
  }
  return at == body.size();
}

/// "00000000000000001234.log" and back; nothing for another name.
std::string segment_name(uint64_t base);
std::optional<uint64_t> segment_base(std::string_view name);
/// The name of a segment's index.
std::string index_name(uint64_t base);

}  // namespace penstock
