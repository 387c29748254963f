// SPDX-License-Identifier: Apache-2.0
#include "net/answer_queue.h"

namespace penstock {

void AnswerQueue::answer(uint64_t request, HttpResponse response) {
  if (handling_thread_.load(std::memory_order_relaxed) == std::this_thread::get_id() &&
      handling_ == request) {
    at_once_ = std::move(response);
    return;
  }
  std::lock_guard lock(mutex_);
  if (closed_) return;
  waiting_.push_back({request, std::move(response)});
  if (waiting_.size() == 1) wake_();
}

void AnswerQueue::begin(uint64_t request) {
  handling_ = request;
  handling_thread_.store(std::this_thread::get_id(), std::memory_order_relaxed);
}

std::optional<HttpResponse> AnswerQueue::end() {
  handling_thread_.store({}, std::memory_order_relaxed);
  return std::exchange(at_once_, std::nullopt);
}

std::vector<AnswerQueue::Answer>& AnswerQueue::take() {
  taken_.clear();
  std::lock_guard lock(mutex_);
  taken_.swap(waiting_);
  return taken_;
}

void AnswerQueue::close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
}

}  // namespace penstock
