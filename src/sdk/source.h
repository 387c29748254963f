// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>

#include "sdk/context.h"
#include "sdk/output.h"

namespace penstock {

/// Where reading stands in one partition (a file range, a topic partition, a counter).
struct PartitionPosition {
  std::string value;      ///< opaque to the engine, ≤ 4 KiB
  bool finished = false;  ///< nothing more will ever come from it
  bool operator==(const PartitionPosition&) const = default;
};
/// By partition name. What the tasks of a source report is merged; a partition belongs to one task
/// at a time.
using Positions = std::map<std::string, PartitionPosition>;

/// What pull() tells the engine to do next.
struct Pull {
  enum class State : uint8_t { kMore, kIdle, kEnd };
  State state = State::kMore;
  int64_t wake_at_ns = kNever;  ///< with kIdle: call again then, or earlier if woken
  static Pull more() { return {State::kMore, kNever}; }
  /// Nothing now; wake() or the time makes the engine call again. Not the end.
  static Pull idle(int64_t wake_at_ns = kNever) { return {State::kIdle, wake_at_ns}; }
  /// Nothing ever again. positions() is asked once more, after it.
  static Pull end() { return {State::kEnd, kNever}; }
};

/// A source emits through this; control elements keep their place among the records.
class SourceOutput : public Output {
 public:
  /// No record after this has an earlier event time (microseconds). Monotone.
  virtual void watermark(int64_t event_time_us) = 0;
  /// This source will be silent for a while; do not wait for its watermark.
  virtual void idle() = 0;
  /// Frames around records that belong together (a file, a request, a user's chunk).
  virtual void chunk_start(uint64_t id) = 0;
  virtual void chunk_end(uint64_t id) = 0;
  /// Someone waits for delivery (an HTTP client, half an ack window): close the epoch at once.
  virtual void request_epoch() = 0;
};

/// One task's reader. All calls come from its task, one at a time, and must not block: what may
/// block goes to TaskContext::blocking or to a thread of its own that fills a bounded queue and
/// wakes the task.
///
/// Life: open → (pull | positions | committed | stop)* → close. After an open that failed only the
/// destructor is called. Nothing is pulled before every sink is open.
class Source {
 public:
  virtual ~Source() = default;
  /// `restored` holds all partitions of this source as last committed (of all tasks; empty at a
  /// first start). Takes what belongs to this task. May block (it runs on the blocking pool).
  virtual Result<void> open(const TaskContext& context, const Positions& restored) = 0;
  /// Emits about one batch, or says why not. Errors by reaction.
  virtual Result<Pull> pull(SourceOutput& out) = 0;
  /// Where reading stands, after everything emitted so far: asked at each barrier, between pulls.
  virtual Positions positions() = 0;
  /// Everything up to these positions (as this task reported them at some barrier) is delivered
  /// and recorded. For acknowledgements, answers, removal of read files.
  virtual void committed(const Positions& positions) {}
  /// The pipeline drains: take in nothing new. pull() is not called any more.
  virtual void stop() {}
  virtual void close() {}
};

/// Made once per stage of a plan; shared by its tasks. Thread-safe.
class SourceFactory {
 public:
  virtual ~SourceFactory() = default;
  virtual std::unique_ptr<Source> create() const = 0;
};

}  // namespace penstock
