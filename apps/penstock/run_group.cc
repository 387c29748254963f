// SPDX-License-Identifier: Apache-2.0
#include "penstock/run_group.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"

namespace penstock {

RunGroup::RunGroup(std::vector<GroupMember> members, const EngineServices& services)
    : members_(std::move(members)), ended_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(ended_fd_ >= 0);
  for (const GroupMember& member : members_) {
    runs_.push_back(std::make_unique<Run>());
    runs_.back()->engine = Engine::create(member.plan, member.options, services);
  }
}

RunGroup::~RunGroup() {
  stop();
  stop();
  for (const auto& run : runs_) {
    if (run->thread.joinable()) run->thread.join();
  }
  runs_.clear();
  close(ended_fd_);
}

void RunGroup::start() {
  for (const auto& each : runs_) {
    Run* one = each.get();
    one->thread = std::thread([this, one] { run(*one); });
  }
}

void RunGroup::run(Run& run) {
  Result<void> begun = run.engine->start();
  if (begun) {
    run.started.store(true, std::memory_order_release);
    run.outcome = run.engine->wait();
  } else {
    run.refused = std::make_unique<Error>(std::move(begun).error());
  }
  run.ended.store(true, std::memory_order_release);
  const uint64_t one = 1;
  const ssize_t written = write(ended_fd_, &one, sizeof one);
  CHECK(written == sizeof one);  // an eventfd is full only after 2^64 - 2 ends
}

void RunGroup::stop() {
  for (const auto& run : runs_) run->engine->stop();
}

void RunGroup::take_ended() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = read(ended_fd_, &count, sizeof count);
}

bool RunGroup::all_ended() const {
  return std::all_of(runs_.begin(), runs_.end(),
                     [](const auto& run) { return run->ended.load(std::memory_order_acquire); });
}

bool RunGroup::all_started() const {
  return std::all_of(runs_.begin(), runs_.end(), [](const auto& run) {
    return run->started.load(std::memory_order_acquire) ||
           run->ended.load(std::memory_order_acquire);
  });
}

EngineStatus RunGroup::status(size_t i) const {
  const Run& run = *runs_[i];
  if (run.started.load(std::memory_order_acquire)) return run.engine->status();
  EngineStatus status;
  if (run.ended.load(std::memory_order_acquire)) {
    status.state = RunState::kFailed;
    status.error = to_string(*run.refused);
  }
  return status;
}

}  // namespace penstock
