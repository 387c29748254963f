// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>

#include "record/batch_builder.h"

namespace penstock {

/// Records that a stage keeps for a while, in order, each batch with a time of its own. Large
/// batches are kept as they are; small ones are copied together, so that a trickle of records does
/// not pin an arena each. Not thread-safe; owned by one stage instance.
class HeldRecords {
 public:
  explicit HeldRecords(BatchPool& pool) : builder_(pool) {}

  bool empty() const { return records_ == 0; }
  uint64_t records() const { return records_; }
  /// About what it occupies.
  uint64_t bytes() const { return bytes_; }
  /// The time given with the oldest records. REQUIRES: !empty().
  int64_t front_time_ns() const { return spans_.front().time_ns; }
  /// How many of the oldest records came with one add(). REQUIRES: !empty().
  uint32_t front_records() const { return spans_.front().records; }

  void add(Batch batch, int64_t time_ns) {
    if (batch.empty()) return;
    int64_t oldest = kEndOfTime;
    batch.for_each([&](const Record& r) {
      if (r.event_time_us != kNoEventTime) oldest = std::min(oldest, r.event_time_us);
    });
    spans_.push_back(
        {time_ns, oldest, batch.epoch(), batch.weight(), batch.size(), batch.source()});
    records_ += batch.size();
    bytes_ += batch.weight();
    const bool large = batch.weight() >= kLargeBytes && batch.size() * 4 >= batch.heads().size();
    if (large) {
      seal();
      return batches_.push_back(std::move(batch));
    }
    batch.for_each([&](const Record& r) {
      if (builder_.full()) seal();
      builder_.append_copy(r);
    });
  }

  /// Up to `records_max` of the oldest records, of one add(). REQUIRES: !empty(), records_max > 0.
  Batch take(uint32_t records_max) {
    if (batches_.empty()) seal();
    Span& span = spans_.front();
    Batch& front = batches_.front();
    const uint32_t n = std::min({records_max, span.records, front.size() - at_});
    const bool whole = n == front.size();
    Batch out = whole ? std::move(front) : front.part(at_, n);
    out.set_epoch(span.epoch);
    out.set_source(span.source);
    at_ += n;
    if (whole || at_ == front.size()) {
      batches_.pop_front();
      at_ = 0;
    }
    const uint64_t weight = n == span.records ? span.weight : span.weight * n / span.records;
    span.weight -= weight;
    span.records -= n;
    if (span.records == 0) spans_.pop_front();
    records_ -= n;
    bytes_ -= weight;
    return out;
  }

  /// The oldest epoch among them; kNoEpoch if there is none.
  Epoch epoch() const {
    Epoch oldest = kNoEpoch;
    for (const Span& span : spans_) oldest = std::min(oldest, span.epoch);
    return oldest;
  }
  /// The oldest event time among them; kEndOfTime if none has one.
  int64_t oldest_event_time_us() const {
    int64_t oldest = kEndOfTime;
    for (const Span& span : spans_) oldest = std::min(oldest, span.oldest_event_time_us);
    return oldest;
  }

 private:
  static constexpr uint64_t kLargeBytes = 32 << 10;
  /// What is left of one add().
  struct Span {
    int64_t time_ns;
    int64_t oldest_event_time_us;
    Epoch epoch;
    uint64_t weight;
    uint32_t records;
    uint32_t source;
  };
  void seal() {
    if (!builder_.empty()) batches_.push_back(builder_.take());
  }

  std::deque<Span> spans_;
  std::deque<Batch> batches_;  // then what is in builder_
  uint32_t at_ = 0;            // records of batches_.front() that are gone
  BatchBuilder builder_;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace penstock
