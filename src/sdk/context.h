// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "record/batch_builder.h"
#include "record/durability.h"
#include "record/key.h"

namespace penstock {

/// Makes a task run soon. Any thread, any number of times, never blocks. Valid until the instance
/// it was given to is destroyed.
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void wake() = 0;
};

/// Runs work that may block (files, name look-ups) away from the workers. Work items of one task
/// may run at the same time and in any order; an instance keeps itself to one at a time where order
/// matters. The work stores its result where its owner looks, then calls Waker::wake().
class BlockingPool {
 public:
  virtual ~BlockingPool() = default;
  virtual void submit(std::function<void()> work) = 0;
};

class Projector;  // json/projector.h

/// What the stages of one task share through which the very same batches pass, so that a payload
/// which one of them has read need not be read again.
struct SharedPayloads {
  std::shared_ptr<Projector> projector;  ///< made by the first stage that reads payloads as JSON
};

/// What an instance (one task's copy of a source, stage or sink) may use. Outlives the instance.
struct TaskContext {
  std::string stage;  ///< the stage's name in the file
  uint32_t stage_index = 0;
  uint32_t task = 0;   ///< 0 … tasks−1
  uint32_t tasks = 1;
  const Clock* clock = nullptr;
  BatchPool* pool = nullptr;
  Logger* log = nullptr;
  Waker* waker = nullptr;
  BlockingPool* blocking = nullptr;
  Durability durability = Durability::kKill;
  bool exactly_once = false;
  /// Nothing was ever committed by this pipeline: what it writes to may be begun anew. False when
  /// it goes on, also after a reset within one process.
  bool fresh = false;
  KeySelector key;            ///< the stage's `key:`
  /// Variables that the pipeline sets for itself, before those of the process; may be null.
  const std::map<std::string, std::string>* environment = nullptr;
  bool combined = false;      ///< stages: the input comes from this stage's combiner
  uint32_t batch_records_max = kBatchRecordsMax;  ///< largest batch that the outputs take well
  std::shared_ptr<SharedPayloads> payloads;  ///< stages: may be null
  uint64_t seed = 0;          ///< for whatever is random, so that a simulation repeats
};

inline constexpr int64_t kNever = INT64_MAX;  ///< "no timer", monotonic nanoseconds

}  // namespace penstock
