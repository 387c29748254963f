// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "record/record.h"
#include "sdk/catalog.h"

namespace penstock {

/// Counters of one stage, summed over its tasks. Counted since this process started.
struct StageStatus {
  std::string name;
  std::string type;
  ComponentKind kind = ComponentKind::kStage;
  uint32_t tasks = 1;
  uint64_t records_in = 0;
  uint64_t bytes_in = 0;
  uint64_t records_out = 0;
  uint64_t bytes_out = 0;
  uint64_t rejected = 0;      ///< records that could not be processed
  uint64_t dead_lettered = 0; ///< of those, the ones sent to the dead-letter queue
  uint64_t retried = 0;
  uint64_t parked = 0;        ///< now waiting for a retry
  uint64_t busy_ns = 0;       ///< time spent in it
  int64_t watermark_us = kNoEventTime;
  int64_t lag = -1;           ///< sources: records that wait to be read; -1 = not known
  bool ended = false;
};

struct EdgeStatus {
  std::string queue;
  uint64_t records = 0;  ///< waiting now
  uint64_t bytes = 0;
  uint64_t capacity_records = 0;
  uint64_t capacity_bytes = 0;
  bool chained = false;
};

struct RegionStatus {
  std::string name;
  Epoch epoch = 0;            ///< newest barrier sent
  Epoch committed = 0;        ///< newest epoch whose positions are recorded
  Epoch checkpoint = 0;       ///< newest published checkpoint
  int64_t commit_age_ns = 0;  ///< since the last commit
  uint64_t resets = 0;
  std::vector<std::string> laggards;  ///< "stage/task" that have not passed a barrier for long
};

enum class RunState : uint8_t { kStarting, kRunning, kDraining, kDone, kStopped, kFailed };

/// A view of a running engine, taken at one moment.
struct EngineStatus {
  RunState state = RunState::kStarting;
  int64_t running_ns = 0;
  std::vector<StageStatus> stages;  ///< in plan order
  std::vector<EdgeStatus> edges;    ///< in plan order
  std::vector<RegionStatus> regions;
  std::string error;                ///< why it failed
  std::vector<std::string> notes;   ///< what a person should know: resumed where, what may repeat
};

}  // namespace penstock
