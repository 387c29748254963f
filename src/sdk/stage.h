// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string_view>

#include "sdk/context.h"
#include "sdk/output.h"

namespace penstock {

/// A barrier: everything of epochs ≤ `epoch` that this input will ever bring has come.
struct Barrier {
  Epoch epoch = 0;
  bool checkpoint = false;  ///< state is snapshotted at this one
};

/// Takes keyed state for a snapshot. Keys are unique within a stage.
class StateWriter {
 public:
  virtual ~StateWriter() = default;
  virtual void put(std::string_view key, std::string_view value) = 0;
};
/// Gives back what the snapshot had, of the key groups that this task owns now (it may have been
/// written by other tasks).
class StateReader {
 public:
  virtual ~StateReader() = default;
  virtual Result<void> for_each(
      const std::function<Result<void>(std::string_view key, std::string_view value)>& f) = 0;
};

/// One task's copy of a stage. All calls come from its task, one at a time, and must not block.
///
/// Life: open → restore? → (process | on_*)* → close. Every on_* may emit.
class Stage {
 public:
  virtual ~Stage() = default;
  virtual Result<void> open(const TaskContext& context) = 0;
  /// Takes the batch over. Emits results, or keeps what it needs (copied out, see compact()).
  virtual void process(Batch batch, Output& out) = 0;
  /// Before the barrier passes on: emit partial results that must not wait (pre-aggregates).
  virtual void on_barrier(const Barrier& barrier, Output& out) {}
  virtual void on_watermark(int64_t event_time_us, Output& out) {}
  virtual void on_chunk(uint64_t id, bool start, Output& out) {}
  /// No more input will come; emit what is final. A stage that still holds records (floor() !=
  /// kNoEpoch) goes on being timed and woken until it holds none; only then the end passes on.
  virtual void on_end(Output& out) {}
  /// Called when next_timer_ns() has come (monotonic), or after a wake().
  virtual void on_timer(int64_t now_ns, Output& out) {}
  virtual int64_t next_timer_ns() const { return kNever; }
  /// The source ahead is about to starve on what this stage holds, or the pipeline stops: let go.
  virtual void flush(Output& out) {}
  /// Has all it may keep: the engine stops feeding it until this turns false. Bounds memory.
  virtual bool full() const { return false; }
  /// The oldest epoch() of the batches it keeps without durable state; kNoEpoch = keeps none.
  virtual Epoch floor() const { return kNoEpoch; }
  /// The oldest event time it keeps; holds the watermark back.
  virtual int64_t oldest_event_time_us() const { return kEndOfTime; }
  /// Durable state, at a checkpoint barrier. Called after on_barrier.
  virtual void snapshot(StateWriter& writer) {}
  virtual Result<void> restore(StateReader& reader) { return {}; }
  virtual void close() {}
};

/// Made once per stage of a plan; shared by its tasks. Thread-safe.
class StageFactory {
 public:
  virtual ~StageFactory() = default;
  virtual std::unique_ptr<Stage> create() const = 0;
  /// A stage that folds records of the same key before the exchange (at the end of the producing
  /// chain), or null. Its output is what create()d stages with TaskContext::combined read.
  virtual std::unique_ptr<Stage> create_combiner() const { return nullptr; }
};

}  // namespace penstock
