// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/services.h"

#include <sys/mman.h>
#include <unistd.h>

#include <chrono>

namespace penstock::conformance {

void TestWaker::wake() {
  if (also_ != nullptr) also_->wake();
  std::lock_guard lock(mutex_);
  pending_ = true;
  woken_.notify_all();
}

bool TestWaker::take() {
  std::lock_guard lock(mutex_);
  return std::exchange(pending_, false);
}

bool TestWaker::wait() {
  std::unique_lock lock(mutex_);
  const bool woken = woken_.wait_for(lock, std::chrono::minutes(1), [this] { return pending_; });
  pending_ = false;
  return woken;
}

void TestPool::submit(std::function<void()> work) {
  if (inline_work) return work();
  std::lock_guard lock(mutex_);
  work_.push_back(std::move(work));
}

bool TestPool::run_one() {
  std::function<void()> work;
  {
    std::lock_guard lock(mutex_);
    if (work_.empty()) return false;
    work = std::move(work_.front());
    work_.pop_front();
  }
  work();
  return true;
}

bool TestPool::run_newest() {
  std::function<void()> work;
  {
    std::lock_guard lock(mutex_);
    if (work_.empty()) return false;
    work = std::move(work_.back());
    work_.pop_back();
  }
  work();
  return true;
}

size_t TestPool::run_all() {
  size_t ran = 0;
  while (run_one()) ++ran;
  return ran;
}

void TestPool::drop_all() {
  std::deque<std::function<void()>> dropped;
  std::lock_guard lock(mutex_);
  dropped.swap(work_);
}

size_t TestPool::waiting() const {
  std::lock_guard lock(mutex_);
  return work_.size();
}

Services::Services()
    : log_fd_(memfd_create("log", MFD_CLOEXEC)),
      log(log_fd_, LogLevel::kDebug, LogFormat::kText, clock) {
  CHECK_GE(log_fd_, 0);
}

Services::~Services() { ::close(log_fd_); }

TaskContext Services::context(uint32_t task, uint32_t tasks) {
  TaskContext context;
  context.stage = "test";
  context.task = task;
  context.tasks = tasks;
  context.clock = &clock;
  context.pool = &pool;
  context.log = &log;
  context.blocking = &blocking;
  context.seed = 1;
  return context;
}

std::string Services::logged() const {
  std::string text(static_cast<size_t>(lseek(log_fd_, 0, SEEK_END)), '\0');
  const ssize_t got = pread(log_fd_, text.data(), text.size(), 0);
  text.resize(got < 0 ? 0 : static_cast<size_t>(got));
  return text;
}

}  // namespace penstock::conformance
