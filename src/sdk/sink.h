// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "sdk/stage.h"

namespace penstock {

/// What a sink tells the engine, besides what any instance can (reject, retry, fail).
class SinkOutput : public Output {
 public:
  /// Everything written before barrier `epoch` is delivered: the outside world has confirmed it, or
  /// it was handed back through reject() or retry(). Ascending; epochs may be skipped.
  virtual void delivered(Epoch epoch) = 0;
  /// Something that was finished by itself (a part, by its age) waits for a commit, though nothing
  /// new may come: an epoch is closed within its usual interval.
  virtual void request_commit() = 0;
};

/// What a two-phase sink keeps in the commit point: enough to publish, or to undo.
using SinkHandles = std::vector<std::string>;

/// One task's writer. All calls come from its task, one at a time, and must not block: it starts
/// its I/O, wakes the task when it ends, and finishes the book-keeping in on_wake().
///
/// Life: open → recover? → (write | barrier | on_wake)* → end? → close.
class Sink {
 public:
  virtual ~Sink() = default;
  /// May block (it runs on the blocking pool).
  virtual Result<void> open(const TaskContext& context) = 0;
  virtual void write(Batch batch, SinkOutput& out) = 0;
  /// Flush what was written, then, here or in a later call, out.delivered(barrier.epoch).
  virtual void barrier(const Barrier& barrier, SinkOutput& out) = 0;
  /// After a wake(), and when next_timer_ns() has come.
  virtual void on_wake(int64_t now_ns, SinkOutput& out) {}
  virtual int64_t next_timer_ns() const { return kNever; }
  virtual bool full() const { return false; }
  /// No more will be written. A last barrier() follows.
  virtual void end(SinkOutput& out) {}

  /// Two-phase sinks (exactly once): called right after delivered(e) of a checkpoint; the handles
  /// are stored in the commit point. They name everything up to e that no commit() has been given
  /// yet, because a checkpoint may come to nothing; a sink skips no checkpoint in delivered().
  virtual SinkHandles prepare(Epoch epoch) { return {}; }
  /// The commit point e is durable: publish what the handles name. Idempotent; also called at
  /// restart. Runs on the blocking pool, possibly while the task writes: it works on the handles
  /// (those of all tasks of the stage; index % tasks == task are this one's) and touches nothing
  /// that write() uses.
  virtual Result<void> commit(Epoch epoch, const SinkHandles& handles) { return {}; }
  /// At restart, before anything is written: bring the outside back to the commit point. `handles`
  /// are those of all tasks of this stage; `task`/`tasks` of the context say which are this
  /// task's: index % tasks == task. May block.
  virtual Result<void> recover(const SinkHandles& handles) { return {}; }
  virtual void close() {}
};

/// Made once per stage of a plan; shared by its tasks. Thread-safe.
class SinkFactory {
 public:
  virtual ~SinkFactory() = default;
  virtual std::unique_ptr<Sink> create() const = 0;
};

}  // namespace penstock
