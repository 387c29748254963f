// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "net/http_message.h"

namespace penstock {

/// Brings answers from any thread to the one thread that owns the connections, many per wake-up.
/// Outlives that thread as long as somebody still holds a reply.
class AnswerQueue final : public HttpReplyTarget {
 public:
  struct Answer {
    uint64_t request;
    HttpResponse response;
  };
  /// `wake` makes the owner call take() soon; called under the queue's lock.
  explicit AnswerQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Any thread.
  void answer(uint64_t request, HttpResponse response) override;

  /// Owner: brackets the handler of `request`. end() returns its answer if it came meanwhile from
  /// the handler itself: no need to wake anyone.
  void begin(uint64_t request);
  std::optional<HttpResponse> end();
  /// Owner: all that came since; valid until the next call.
  std::vector<Answer>& take();
  /// After this answers go nowhere and nobody is woken.
  void close();

 private:
  std::function<void()> wake_;
  std::atomic<std::thread::id> handling_thread_{};
  uint64_t handling_ = 0;                  // the owner's, like what follows
  std::optional<HttpResponse> at_once_;
  std::vector<Answer> taken_;
  std::mutex mutex_;
  std::vector<Answer> waiting_;            // guarded by mutex_
  bool closed_ = false;                    // guarded by mutex_
};

}  // namespace penstock
