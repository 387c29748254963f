// SPDX-License-Identifier: Apache-2.0
#include "penstock/run_group.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"

namespace penstock {
namespace {

std::string drained_text(Outcome outcome, const EngineStatus& status) {
  switch (outcome) {
    case Outcome::kDelivered: return "all that was read was delivered";
    case Outcome::kUndelivered: return "what was not delivered in time is read again";
    case Outcome::kFailed: return "it had failed (" + status.error + "), and goes on from its last "
                                  "commit";
  }
  return "";
}

}  // namespace

EngineStatus RunGroup::Run::status() const {
  if (started.load(std::memory_order_acquire)) return engine->status();
  EngineStatus status;
  if (ended.load(std::memory_order_acquire)) {
    status.state = RunState::kFailed;
    status.error = to_string(*refused);
  }
  return status;
}

RunGroup::RunGroup(std::vector<GroupMember> members, const EngineServices& services)
    : services_(services), changed_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(changed_fd_ >= 0);
  for (GroupMember& member : members) runs_.push_back(make_run(std::move(member)));
}

RunGroup::~RunGroup() {
  stop();
  stop();
  for (const auto& run : runs_) {
    if (run->thread.joinable()) run->thread.join();
  }
  runs_.clear();
  close(changed_fd_);
}

std::unique_ptr<RunGroup::Run> RunGroup::make_run(GroupMember member) {
  auto run = std::make_unique<Run>();
  run->member = std::move(member);
  run->memory = make_memory_disk();
  make_engine(*run);
  return run;
}

void RunGroup::make_engine(Run& run) {
  run.engine.reset();  // it lets go of the state folder, and of the taps
  run.taps = std::make_unique<Taps>(run.member.plan->edges.size(), *services_.clock);
  EngineServices services = services_;
  services.memory = run.memory.get();
  services.taps = run.taps.get();
  run.engine = Engine::create(run.member.plan, run.member.options, services);
}

void RunGroup::start() {
  for (const auto& each : runs_) begin(*each);
}

void RunGroup::begin(Run& one) {
  one.thread = std::thread([this, &one] { run(one); });
}

void RunGroup::run(Run& run) {
  const auto changed = [this] {
    const uint64_t one = 1;
    const ssize_t written = write(changed_fd_, &one, sizeof one);
    CHECK(written == sizeof one);  // an eventfd is full only after 2^64 - 2 changes
  };
  Result<void> begun = run.engine->start();
  if (begun) {
    run.started.store(true, std::memory_order_release);
    changed();
    const std::unique_ptr<TapServer> tap = let_look(run);
    run.outcome = run.engine->wait();
  } else {
    run.refused = std::make_unique<Error>(std::move(begun).error());
  }
  run.ended.store(true, std::memory_order_release);
  changed();
}

/// Null if nobody can look: it keeps no state, or there can be no socket.
std::unique_ptr<TapServer> RunGroup::let_look(Run& run) const {
  const std::string& folder = run.member.options.state_folder;
  if (folder.empty()) return nullptr;
  auto server = TapServer::start(folder, run.member.plan, *run.taps);
  if (server) return *std::move(server);
  services_.log->warn("`penstock tap` cannot look into this run",
                      {{"pipeline", run.member.name}, {"error", to_string(server.error())}});
  return nullptr;
}

/// So that the engine has been told to stop that often; a reload has told it once.
void RunGroup::tell(Run& run, int stops) {
  for (; run.stops < stops; ++run.stops) run.engine->stop();
}

void RunGroup::stop() {
  ++stops_;
  for (const auto& run : runs_) {
    run->next.reset();
    run->before.reset();
    tell(*run, stops_);
  }
}

void RunGroup::reload(std::vector<GroupMember> members) {
  CHECK(stops_ == 0);
  const size_t known = runs_.size();
  std::vector<bool> stays(known, false);
  for (GroupMember& member : members) {
    size_t i = 0;
    while (i < known && runs_[i]->member.path != member.path) ++i;
    if (i == known) {
      std::lock_guard lock(mutex_);
      runs_.push_back(make_run(std::move(member)));
      begin(*runs_.back());
      continue;
    }
    Run& run = *runs_[i];
    stays[i] = true;
    run.leaving = false;
    if (run.over() && run.outcome == Outcome::kDelivered && !run.refused) continue;
    run.next = std::move(member);
    tell(run, 1);
  }
  for (size_t i = 0; i < known; ++i) {
    if (stays[i]) continue;
    runs_[i]->next.reset();
    runs_[i]->leaving = !runs_[i]->over();
    tell(*runs_[i], 1);
  }
  const uint64_t one = 1;  // what had ended before starts now
  CHECK(write(changed_fd_, &one, sizeof one) == sizeof one);
}

void RunGroup::exchange(Run& run, GroupMember member) {
  run.thread.join();
  std::lock_guard lock(mutex_);
  run.member = std::move(member);
  make_engine(run);
  run.started.store(false, std::memory_order_relaxed);
  run.ended.store(false, std::memory_order_relaxed);
  run.outcome = Outcome::kFailed;
  run.refused.reset();
  run.stops = 0;
  begin(run);
}

std::string RunGroup::look_after(Run& run) {
  const bool ended = run.ended.load(std::memory_order_acquire);
  const bool started = run.started.load(std::memory_order_acquire);
  if (ended && run.next) {
    run.drained = run.refused ? "it had not started" : drained_text(run.outcome, run.status());
    if (!run.before || started) run.before = run.member;
    GroupMember next = *std::move(run.next);
    run.next.reset();
    exchange(run, std::move(next));
  } else if (run.before && started) {
    run.before.reset();
    return "reloaded " + run.member.name + " from " + run.member.path + ": " + run.drained +
           ", and it goes on from there";
  } else if (run.before && ended) {
    const std::string said = "reload: the new " + run.member.path + " could not start (" +
                             to_string(*run.refused) + "); going on with the old one";
    GroupMember before = *std::move(run.before);
    run.before.reset();
    before.options.fresh = before.options.rerun_if_done = false;
    exchange(run, std::move(before));
    return said;
  } else if (ended && run.leaving) {
    run.leaving = false;
    return "reload: " + run.member.path + " is gone, and " + run.member.name + " has stopped: " +
           drained_text(run.outcome, run.status());
  }
  return "";
}

std::vector<std::string> RunGroup::go_on() {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t n = read(changed_fd_, &count, sizeof count);
  std::vector<std::string> said;
  for (const auto& run : runs_) {
    std::string line = look_after(*run);
    if (!line.empty()) said.push_back(std::move(line));
  }
  return said;
}

bool RunGroup::all_ended() const {
  return std::all_of(runs_.begin(), runs_.end(), [](const auto& run) { return run->over(); });
}

bool RunGroup::wants_debug() const {
  return std::any_of(runs_.begin(), runs_.end(), [](const auto& run) {
    const GroupMember& member = run->next ? *run->next : run->member;
    return member.plan->spec.observability.debug;
  });
}

std::vector<MemberView> RunGroup::views() const {
  std::lock_guard lock(mutex_);
  std::vector<MemberView> views;
  for (const auto& run : runs_) {
    views.push_back({run->member.name, run->member.plan, run->status()});
  }
  return views;
}

}  // namespace penstock
