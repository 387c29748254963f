// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic_watch.h"

namespace penstock {
namespace {

/// A stop that comes between the look and the wait is noticed this late.
constexpr Duration kWaitLongest = milliseconds(500);

}  // namespace

void TopicWatch::arm(std::shared_ptr<const Tail> tail, uint32_t seen, Waker* waker) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    tail_ = std::move(tail);
    seen_ = seen;
    waker_ = waker;
  }
  changed_.notify_one();
  if (!thread_.joinable()) thread_ = std::thread([this] { watch(); });
}

TopicWatch::~TopicWatch() {
  stop_soon();
  if (thread_.joinable()) thread_.join();
}

void TopicWatch::stop_soon() {
  std::shared_ptr<const Tail> tail;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    tail = tail_;
  }
  changed_.notify_one();
  if (tail != nullptr) tail->rouse();
}

void TopicWatch::watch() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (tail_ == nullptr) {
      changed_.wait(lock);
      continue;
    }
    if (tail_->announced() != seen_) {
      tail_ = nullptr;
      waker_->wake();
      continue;
    }
    const std::shared_ptr<const Tail> tail = tail_;
    const uint32_t seen = seen_;
    lock.unlock();
    tail->wait(seen, kWaitLongest);
    lock.lock();
  }
}

}  // namespace penstock
