// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/error.h"
#include "record/record.h"
#include "sdk/sink.h"
#include "sdk/source.h"

namespace penstock {

/// State of one stage's task at a checkpoint barrier.
struct StageSnapshot {
  uint32_t stage = 0;
  uint32_t task = 0;
  std::string entries;
};

/// A task has passed a barrier (epoch) or its input has ended (kFinalEpoch).
struct PassedReport {
  uint32_t node = 0;         ///< the task, as numbered by the region
  Epoch epoch = 0;
  Epoch floor = kNoEpoch;    ///< oldest epoch it still holds records of
  bool is_source = false;
  Positions positions;       ///< sources: where reading stood at the barrier
  std::vector<StageSnapshot> snapshots;
  bool checkpoint = false;   ///< the barrier was one
  /// All that it reads has ended and it still holds records: no barrier after `epoch` will come to
  /// it but those that it is asked for, as a source is.
  bool inputs_ended = false;
};

/// Everything a sink was given before a barrier is delivered.
struct DeliveredReport {
  uint32_t node = 0;       ///< the sink instance, as numbered by the region
  Epoch epoch = 0;
  Epoch floor = kNoEpoch;  ///< oldest epoch of what it parked for a retry
  SinkHandles handles;     ///< two-phase sinks, at checkpoints
};

/// What the tasks of a region tell its coordinator. Thread-safe; never blocks.
class Reports {
 public:
  virtual ~Reports() = default;
  virtual void passed(PassedReport report) = 0;
  virtual void delivered(DeliveredReport report) = 0;
  /// Records were read since the last barrier: an epoch is worth closing. `at_once`: someone waits.
  virtual void activity(bool at_once) = 0;
  /// Ends the region, or resets it, by the error's reaction.
  virtual void failed(uint32_t stage, Error error) = 0;
};

}  // namespace penstock
