// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <mutex>

namespace penstock {

/// The primitives under lanes, budgets and bells. They are a parameter so that a test can put in
/// primitives that hand control to a model checker at every step.
struct RealSync {
  template <class T>
  using Atomic = std::atomic<T>;
  using Mutex = std::mutex;
};

}  // namespace penstock
