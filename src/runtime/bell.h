// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "runtime/sync.h"

namespace penstock {

/// Whether a task runs, waits to run, or sleeps: the doorbell that makes sure a task that was rung
/// runs once more after the ring, whatever it was doing. Thread-safe.
///
/// Invariant: a task that was added is in its run queue exactly while the state is kQueued. Before
/// and after, the state is kQueued for good: rings do nothing.
template <class Sync>
class BasicBell {
 public:
  /// With hung = false, nobody hears it before hang().
  explicit BasicBell(bool hung = true) : state_(hung ? kIdle : kQueued) {}
  void hang() { state_.store(kIdle); }
  /// Returns true if the caller must put the task into its run queue.
  bool ring() {
    uint8_t state = state_.load();
    while (true) {
      if (state == kQueued || state == kRunningRung) return false;
      const uint8_t next = state == kIdle ? kQueued : kRunningRung;
      if (state_.compare_exchange_strong(state, next)) return next == kQueued;
    }
  }
  /// A worker has taken the task from the queue.
  void start() { state_.store(kRunning); }
  /// The turn is over. Returns true if the worker must queue the task again, either because
  /// it wants to (`again`) or because it was rung while it ran.
  bool finish(bool again) {
    uint8_t running = kRunning;
    if (!again && state_.compare_exchange_strong(running, kIdle)) return false;
    state_.store(kQueued);
    return true;
  }
  bool idle() const { return state_.load() == kIdle; }

 private:
  enum : uint8_t { kIdle, kQueued, kRunning, kRunningRung };
  typename Sync::template Atomic<uint8_t> state_;
};

using Bell = BasicBell<RealSync>;

}  // namespace penstock
