// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>

namespace penstock {

/// The only source of time. Thread-safe. Everything that waits asks a Clock, so that the simulator
/// can own time.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Nanoseconds since an arbitrary start; never goes back. For timers and rates.
  virtual int64_t monotonic_ns() const = 0;
  /// Microseconds since 1970-01-01 UTC; may jump either way. For event times and logs only.
  virtual int64_t wall_us() const = 0;
};

/// The machine's clock.
class SystemClock final : public Clock {
 public:
  int64_t monotonic_ns() const override;
  int64_t wall_us() const override;
};

/// A clock that moves only when told to. For tests and the simulator.
class ManualClock final : public Clock {
 public:
  int64_t monotonic_ns() const override { return now_ns_.load(std::memory_order_relaxed); }
  int64_t wall_us() const override {
    return monotonic_ns() / 1000 + wall_offset_us_.load(std::memory_order_relaxed);
  }
  void advance_ns(int64_t by) { now_ns_.fetch_add(by, std::memory_order_relaxed); }
  /// Makes the wall clock jump without moving the monotonic one.
  void jump_wall_us(int64_t by) { wall_offset_us_.fetch_add(by, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> now_ns_{1'000'000'000};
  std::atomic<int64_t> wall_offset_us_{1'700'000'000'000'000};
};

}  // namespace penstock
