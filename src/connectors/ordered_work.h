// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "sdk/context.h"
#include "sdk/sink.h"

namespace penstock {

/// By which work tells its task how far it is. Thread-safe. Reached is what it tells of a barrier.
template <class Reached>
class WorkReport {
 public:
  void wrote(uint64_t bytes) {
    const std::lock_guard lock(mutex_);
    written_ += bytes;
  }
  void reached(Reached barrier) {
    const std::lock_guard lock(mutex_);
    reached_.push_back(std::move(barrier));
  }

 private:
  template <class Work>
  friend class OrderedWork;
  std::mutex mutex_;
  Waker* waker_ = nullptr;        // guarded by mutex_; null once the sink is gone
  bool done_ = false;             // guarded by mutex_: the work has ended
  uint64_t written_ = 0;          // guarded by mutex_: bytes, in all
  std::optional<Error> error_;    // guarded by mutex_: the first order failed
  std::vector<Reached> reached_;  // guarded by mutex_
};

/// What a sink has done on the blocking pool, one order after the other, while its task goes on.
/// Work has the types Order and Reached, and
///   Result<void> carry_out(Order& order, WorkReport<Reached>& report);
/// An order that fails with kRetryLater, such as by a full disk, is tried again after pauses that
/// grow; any other error is the last. Owned by the task; work under way outlives it.
template <class Work>
class OrderedWork {
 public:
  static constexpr int64_t kRetryFirstNs = 100'000'000;
  static constexpr int64_t kRetryMaxNs = 5'000'000'000;
  using Order = typename Work::Order;
  using Reached = typename Work::Reached;

  OrderedWork() = default;
  OrderedWork(const OrderedWork&) = delete;
  OrderedWork& operator=(const OrderedWork&) = delete;
  ~OrderedWork() {
    if (shared_ == nullptr) return;
    const std::lock_guard lock(shared_->report.mutex_);
    shared_->report.waker_ = nullptr;
  }

  /// `context` must outlive this.
  void open(const TaskContext& context, std::unique_ptr<Work> work) {
    context_ = &context;
    shared_ = std::make_shared<Shared>();
    shared_->work = std::move(work);
    shared_->report.waker_ = context.waker;
  }
  Work& work() { return *shared_->work; }

  void add(Order order) { orders_.push_back(std::move(order)); }
  /// Orders that nobody has begun with.
  bool waiting() const { return !orders_.empty(); }
  /// All is done, and well.
  bool idle() const {
    return !working_ && !stopped_ && orders_.empty() && retry_at_ns_ == kNever;
  }
  /// After an error that cannot be waited out.
  bool stopped() const { return stopped_; }
  /// Bytes that the kernel had at the last collect().
  uint64_t written() const { return written_; }
  /// When start() tries again what failed.
  int64_t retry_at_ns() const { return working_ || stopped_ ? kNever : retry_at_ns_; }

  /// Hands the orders to the blocking pool, unless some are under way or the disk is full.
  void start(int64_t now_ns) {
    if (working_ || stopped_) return;
    if (retry_at_ns_ != kNever && now_ns < retry_at_ns_) return;
    if (orders_.empty() && retry_at_ns_ == kNever) return;
    retry_at_ns_ = kNever;
    working_ = true;
    for (Order& order : orders_) shared_->orders.push_back(std::move(order));
    orders_.clear();
    context_->blocking->submit([shared = shared_] { run(*shared); });
  }

  /// Takes the result of the work, if there is one; calls f(reached) for each barrier.
  template <class F>
  void collect(int64_t now_ns, SinkOutput& out, F&& f) {
    std::optional<Error> error;
    std::vector<Reached> reached;
    {
      WorkReport<Reached>& report = shared_->report;
      const std::lock_guard lock(report.mutex_);
      written_ = report.written_;
      if (!std::exchange(report.done_, false)) return;
      reached.swap(report.reached_);
      error = std::exchange(report.error_, std::nullopt);
    }
    working_ = false;
    if (error) failed(*error, now_ns, out);
    else retry_pause_ns_ = kRetryFirstNs;
    for (Reached& barrier : reached) f(barrier);
  }

 private:
  struct Shared {
    WorkReport<Reached> report;
    // Touched by the work only, while there is work; by nobody else then.
    std::unique_ptr<Work> work;
    std::deque<Order> orders;
  };

  /// On the blocking pool.
  static void run(Shared& shared) {
    std::optional<Error> error;
    while (!shared.orders.empty() && !error) {
      if (Result<void> done = shared.work->carry_out(shared.orders.front(), shared.report); !done) {
        error = std::move(done.error());
      } else {
        shared.orders.pop_front();
      }
    }
    const std::lock_guard lock(shared.report.mutex_);
    shared.report.done_ = true;
    shared.report.error_ = std::move(error);
    if (shared.report.waker_ != nullptr) shared.report.waker_->wake();
  }

  void failed(const Error& error, int64_t now_ns, SinkOutput& out) {
    if (error.reaction == Reaction::kRetryLater) {
      context_->log->warn("cannot write now; trying again",
                          {{"stage", context_->stage}, {"error", to_string(error)}});
      retry_at_ns_ = now_ns + retry_pause_ns_;
      retry_pause_ns_ = std::min(2 * retry_pause_ns_, kRetryMaxNs);
      return;
    }
    stopped_ = true;
    out.fail(error);
  }

  const TaskContext* context_ = nullptr;
  std::shared_ptr<Shared> shared_;   // with the work under way
  std::deque<Order> orders_;         // for the next work
  bool working_ = false, stopped_ = false;
  uint64_t written_ = 0;
  int64_t retry_at_ns_ = kNever;     // the disk is full until then
  int64_t retry_pause_ns_ = kRetryFirstNs;
};

}  // namespace penstock
