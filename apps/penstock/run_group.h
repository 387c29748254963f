// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "penstock/tap_server.h"
#include "runtime/engine.h"

namespace penstock {

/// One pipeline of this process, and how it is to be run.
struct GroupMember {
  std::string name;  ///< for people
  std::string path;  ///< of its file
  std::shared_ptr<const Plan> plan;
  EngineOptions options;
};

/// A pipeline as others than the group's thread see it.
struct MemberView {
  std::string name;
  std::shared_ptr<const Plan> plan;
  EngineStatus status;
};

/// The pipelines of one process, each with an engine of its own. One that fails does not stop the
/// others. All methods but views() are for one thread.
class RunGroup {
 public:
  /// `services` must outlive the group.
  RunGroup(std::vector<GroupMember> members, const EngineServices& services);
  /// Stops at once what still runs, and waits for it.
  ~RunGroup();

  /// Begins all of them and returns at once: an engine's start may wait for the outside.
  void start();
  /// As Engine::stop(), for each; what was to be exchanged is not any more.
  void stop();
  /// Goes over to these: a pipeline whose path is among them drains and starts again as it is
  /// there (go_on() does that), one whose path is new starts, one whose path is gone drains. One
  /// that had read and delivered everything stays as it is. REQUIRES: stop() was not called.
  void reload(std::vector<GroupMember> members);
  /// Readable whenever go_on() has something to do.
  int changed_fd() const { return changed_fd_; }
  /// Starts what has drained for a reload. What there is to say of reloads, a line each.
  std::vector<std::string> go_on();
  bool all_ended() const;
  /// Whether any pipeline, or what it is about to become, asks for the whole log.
  bool wants_debug() const;

  size_t size() const { return runs_.size(); }
  /// Valid until the next go_on().
  const GroupMember& member(size_t i) const { return runs_[i]->member; }
  EngineStatus status(size_t i) const { return runs_[i]->status(); }
  /// All of them; any thread.
  std::vector<MemberView> views() const;
  bool ended(size_t i) const { return runs_[i]->over(); }
  /// REQUIRES: ended(i).
  Outcome outcome(size_t i) const { return runs_[i]->outcome; }
  /// Why it could not start; null if it could. REQUIRES: ended(i).
  const Error* refused(size_t i) const { return runs_[i]->refused.get(); }

 private:
  struct Run {
    EngineStatus status() const;
    /// It has ended and nothing follows it.
    bool over() const { return ended.load(std::memory_order_acquire) && !next && !before; }

    GroupMember member;
    std::unique_ptr<Disk> memory;  // the commit point of a pipeline without a state folder
    std::unique_ptr<Taps> taps;
    std::unique_ptr<Engine> engine;
    std::thread thread;
    std::atomic<bool> started{false};  // status() may be asked
    std::atomic<bool> ended{false};    // publishes what is below
    Outcome outcome = Outcome::kFailed;
    std::unique_ptr<Error> refused;
    int stops = 0;                      // that the engine has been told
    std::optional<GroupMember> next;    // starts when this has drained
    std::optional<GroupMember> before;  // what it replaced, until it has started
    std::string drained;                // how that ended
    bool leaving = false;               // its file has gone
  };
  std::unique_ptr<Run> make_run(GroupMember member);
  void make_engine(Run& run);
  void begin(Run& run);
  void run(Run& run);
  std::unique_ptr<TapServer> let_look(Run& run) const;
  void tell(Run& run, int stops);
  void exchange(Run& run, GroupMember member);
  std::string look_after(Run& run);

  const EngineServices services_;
  mutable std::mutex mutex_;  // against views(): held while engines and members are exchanged
  std::vector<std::unique_ptr<Run>> runs_;
  int stops_ = 0;
  int changed_fd_ = -1;
};

}  // namespace penstock
