// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "sdk/context.h"
#include "topiclog/tail.h"

namespace penstock {

/// A thread that waits for a topic's writer on behalf of a task. Started by the first arm().
class TopicWatch {
 public:
  TopicWatch() = default;
  ~TopicWatch();
  TopicWatch(const TopicWatch&) = delete;
  TopicWatch& operator=(const TopicWatch&) = delete;
  /// Wakes the task once when the tail's announcements go beyond `seen`. Does not block.
  void arm(std::shared_ptr<const Tail> tail, uint32_t seen, Waker* waker);
  /// Ends the thread; does not wait for it.
  void stop_soon();

 private:
  void watch();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<const Tail> tail_;  // guarded by mutex_; null = nothing to wait for
  uint32_t seen_ = 0;                 // guarded by mutex_
  Waker* waker_ = nullptr;            // guarded by mutex_
  bool stopped_ = false;              // guarded by mutex_
  std::thread thread_;
};

}  // namespace penstock
