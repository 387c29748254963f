// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "auditor.h"
#include "base/log.h"
#include "probes.h"
#include "runtime/region.h"
#include "world.h"

namespace penstock::simulation {

/// Runs one scenario to its end: processes that start, crash, drain and start again over one disk
/// and one world, and regions in them that reset. Does for a simulated process what Engine does
/// for a real one.
class Simulation {
 public:
  Simulation(const Scenario& scenario, bool traced);
  ~Simulation();

  /// What went wrong; empty = nothing.
  std::string run();
  const Coverage& coverage() const { return coverage_; }
  uint64_t steps() const { return steps_; }
  uint64_t processes() const { return processes_; }

 private:
  struct Slot {
    uint32_t index = 0;
    std::unique_ptr<ProbeStore> store;
    std::unique_ptr<Region> region;
    bool ended = false;
    uint64_t down_at_step = 0;  // a reset region is torn down then; 0 = not reset
    int64_t restart_ns = 0;     // and starts again then; 0 = not waiting
  };
  /// When the process dies, if it does.
  struct CrashPlan {
    uint64_t at_step = UINT64_MAX;
    Moment at_moment = Moment::kCount;
    uint32_t skip = 0;          // so often the moment may pass
  };
  enum class Exit : uint8_t { kRunning, kCrashed, kStopped, kDrained };

  void make_new_plan();
  void run_process();
  void plan_crash();
  Exit start();
  Exit live();
  Exit after_step(bool stirred);
  /// `stirred`: something happened without it.
  Exit look_after(Slot& slot, bool stirred);
  Exit restart_slot(Slot& slot);
  Exit quiet();
  Result<void> open_slot(Slot& slot);
  Exit open_failed(const Error& error);
  void random_events();
  void drain_all();
  bool crash_now();
  void crash();
  void close_slot(Slot& slot);
  void update_protocol();
  bool at(Moment moment) const;
  void check_memory();
  EngineStatus status_of(const Slot& slot) const;

  const Scenario& scenario_;
  Spec spec_;                     // with the numbers of tasks of this moment
  World world_;
  Random random_;
  SimDisk disk_;
  ProbeDisk probe_;
  Logger log_;
  Catalog catalog_;
  Auditor auditor_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<SimScheduler> scheduler_;
  std::vector<Slot> slots_;
  CrashPlan crash_plan_;
  uint32_t crashes_left_;
  uint32_t reconfigurations_left_;
  uint32_t jumps_left_;
  bool draining_ = false;
  bool final_drain_ = false;
  bool reconfigured_ = false;
  bool finished_ = false;
  uint64_t abandon_at_step_ = 0;
  uint64_t steps_ = 0;
  uint64_t processes_ = 0;
  Coverage coverage_{};
};

}  // namespace penstock::simulation
