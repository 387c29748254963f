// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "record/batch.h"

namespace penstock {

/// A record as it passed, copied.
struct TapSample {
  std::optional<std::string> payload;  ///< nothing = a tombstone
  std::optional<std::string> key;
  std::string headers;                 ///< encoded
  uint64_t payload_bytes = 0;          ///< of the record; more than `payload` has if that was cut
  int64_t event_time_us = kNoEventTime;
};

/// What a look gave.
struct TapTake {
  std::vector<TapSample> samples;
  uint64_t passed = 0;  ///< records since the last look
};

/// Someone looks at the records of one edge. Any thread.
class TapView {
 public:
  static constexpr size_t kSamplesMax = 1000;       ///< that wait to be taken
  static constexpr size_t kPayloadBytesMax = 16 << 10;  ///< of one sample

  /// At most `per_second` samples a second; `burst` of them at once.
  TapView(uint32_t per_second, int64_t now_ns);
  TapTake take();

 private:
  friend class Tap;
  void offer(const Batch& batch, int64_t now_ns);
  void add(const Record& record);

  const double per_ns_;
  const double burst_;
  std::mutex mutex_;
  double credit_;             // guarded by mutex_, as is all below
  int64_t credited_ns_;
  std::deque<TapSample> samples_;
  uint64_t passed_ = 0;
};

/// One edge, seen from outside. While nobody looks it costs a load a batch; while somebody does, a
/// task copies a bounded number of records, and never waits for those who look.
class Tap {
 public:
  explicit Tap(const Clock& clock) : clock_(clock) {}
  bool wanted() const { return lookers_.load(std::memory_order_relaxed) > 0; }
  /// Any task. REQUIRES: wanted() was true.
  void offer(const Batch& batch);
  /// From now on, until the result is gone.
  std::shared_ptr<TapView> look(uint32_t per_second);

 private:
  const Clock& clock_;
  std::atomic<uint32_t> lookers_{0};
  std::mutex mutex_;
  std::vector<std::weak_ptr<TapView>> views_;  // guarded by mutex_
};

/// The taps of a plan's edges. Outlives the engine that it was given to.
class Taps {
 public:
  Taps(size_t edges, const Clock& clock);
  size_t size() const { return taps_.size(); }
  Tap& edge(size_t i) { return *taps_[i]; }

 private:
  std::vector<std::unique_ptr<Tap>> taps_;
};

}  // namespace penstock
