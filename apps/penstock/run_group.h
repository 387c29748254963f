// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "runtime/engine.h"

namespace penstock {

/// One pipeline of this process, and how it ended.
struct GroupMember {
  std::string name;  ///< for people
  std::string path;  ///< of its file
  std::shared_ptr<const Plan> plan;
  EngineOptions options;
};

/// The pipelines of one process, each with an engine of its own. One that fails does not stop the
/// others. All methods are for one thread.
class RunGroup {
 public:
  /// `services` must outlive the group.
  RunGroup(std::vector<GroupMember> members, const EngineServices& services);
  /// Stops at once what still runs, and waits for it.
  ~RunGroup();

  /// Begins all of them and returns at once: an engine's start may wait for the outside.
  void start();
  /// As Engine::stop(), for each.
  void stop();
  /// Readable whenever another one has ended; take_ended() makes it silent again.
  int ended_fd() const { return ended_fd_; }
  void take_ended();
  bool all_ended() const;
  /// True once every engine reads (or has ended).
  bool all_started() const;

  size_t size() const { return members_.size(); }
  const GroupMember& member(size_t i) const { return members_[i]; }
  /// Any thread.
  EngineStatus status(size_t i) const;
  bool ended(size_t i) const { return runs_[i]->ended.load(std::memory_order_acquire); }
  /// REQUIRES: ended(i).
  Outcome outcome(size_t i) const { return runs_[i]->outcome; }
  /// Why it could not start; null if it could. REQUIRES: ended(i).
  const Error* refused(size_t i) const { return runs_[i]->refused.get(); }

 private:
  struct Run {
    std::unique_ptr<Engine> engine;
    std::thread thread;
    std::atomic<bool> started{false};  // status() may be asked
    std::atomic<bool> ended{false};    // publishes what is below
    Outcome outcome = Outcome::kFailed;
    std::unique_ptr<Error> refused;
  };
  void run(Run& run);

  std::vector<GroupMember> members_;
  std::vector<std::unique_ptr<Run>> runs_;
  int ended_fd_ = -1;
};

}  // namespace penstock
