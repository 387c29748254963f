// SPDX-License-Identifier: Apache-2.0
#include "simulation.h"

#include <algorithm>

#include "components.h"

namespace penstock::simulation {
namespace {

constexpr uint64_t kStepsMax = 3'000'000;
constexpr uint64_t kFaultyProcesses = 30;  // then the disk is good, so that every run ends

// Moments that a run passes seldom or quickly: looked for as often as all others together.
constexpr Moment kRare[] = {
    Moment::kRetried,       Moment::kSnapshotWaits,          Moment::kPublishRetry,
    Moment::kPrepared,      Moment::kCommitPointBeforeSinks, Moment::kSomeSinksPublished,
    Moment::kResetDecided,  Moment::kResetUnderWay,          Moment::kRecovering,
    Moment::kRestoring,     Moment::kRestoring,              Moment::kRestoring,
    Moment::kDrained,       Moment::kReconfigured,           Moment::kDraining,
};

bool is_disk_trouble(const Error& error) {
  return error.code == "io-error" || error.code == "disk-full" || error.code == "state-unsettled";
}

}  // namespace

Simulation::Simulation(const Scenario& scenario, bool traced)
    : scenario_(scenario),
      spec_(scenario.spec),
      world_(scenario, traced),
      random_(scenario.seed * 5 + 3),
      disk_(scenario.seed * 7 + 5, scenario.disk_faults),
      probe_(disk_),
      log_(2, traced ? LogLevel::kInfo : LogLevel::kOff, LogFormat::kText, world_.clock()),
      catalog_(make_catalog(world_)),
      auditor_(world_),
      crashes_left_(scenario.crashes),
      reconfigurations_left_(scenario.reconfigurations),
      jumps_left_(scenario.clock_jumps) {}

Simulation::~Simulation() {
  if (scheduler_ != nullptr) scheduler_->drop_blocking();
  slots_.clear();
}

std::string Simulation::run() {
  make_new_plan();
  while (!finished_ && world_.failure().empty()) run_process();
  if (world_.failure().empty()) auditor_.check_end();
  return world_.failure();
}

void Simulation::make_new_plan() {
  Diagnostics diagnostics;
  plan_ = make_plan(spec_, catalog_, diagnostics);
  const Diagnostics all = std::exchange(diagnostics, {});
  for (const Diagnostic& each : all.all()) {
    if (each.code != "ordering-lost") diagnostics.add(each);
  }
  if (plan_ == nullptr && !diagnostics.has_errors()) {
    Spec weaker = spec_;
    for (QueueSpec& queue : weaker.queues) {
      if (queue.ordering == Ordering::kPartition) queue.ordering = Ordering::kKey;
    }
    plan_ = make_plan(std::move(weaker), catalog_, diagnostics);
  }
  if (plan_ == nullptr) world_.fail("no plan: " + to_string(diagnostics));
  if (plan_ == nullptr) return;
  std::map<std::string, uint32_t> regions;
  for (const PlanStage& stage : plan_->stages) regions[stage.name] = stage.region;
  world_.protocol().set_regions(std::move(regions));
  std::set<std::string> whole_lanes;
  for (const PlanStage& stage : plan_->stages) {
    for (const uint32_t e : stage.inputs) {
      if (plan_->edges[e].ordering == Ordering::kPartition) whole_lanes.insert(stage.name);
    }
  }
  world_.set_whole_lanes(std::move(whole_lanes));
  auditor_.set_plan(*plan_);
}

void Simulation::run_process() {
  ++processes_;
  if (processes_ > kFaultyProcesses) disk_.set_faults({});
  scheduler_ = std::make_unique<SimScheduler>(random_.next(), world_.clock(), scenario_.pace);
  draining_ = false;
  final_drain_ = false;
  abandon_at_step_ = 0;
  world_.protocol().draining(false);
  world_.protocol().reconfigured(reconfigured_);
  plan_crash();
  Exit exit = start();
  if (exit == Exit::kRunning) exit = live();
  const bool dies_drained = crashes_left_ > 0 && crash_plan_.at_moment == Moment::kDrained;
  if (exit == Exit::kDrained && dies_drained && at(Moment::kDrained)) exit = Exit::kCrashed;
  if (exit == Exit::kCrashed) {
    crash();
  } else {
    for (Slot& slot : slots_) close_slot(slot);
    scheduler_->drop_blocking();
    slots_.clear();
    if (disk_.dead()) disk_.crash(SimDisk::Crash::kKill);
  }
  world_.arm_crash(Moment::kCount);
  if (exit == Exit::kDrained && final_drain_) finished_ = true;
  if (exit == Exit::kDrained && !final_drain_ && world_.failure().empty()) {
    redraw_tasks(spec_, random_);
    make_new_plan();
    reconfigured_ = true;
  }
}

void Simulation::plan_crash() {
  crash_plan_ = CrashPlan{};
  if (crashes_left_ == 0) return;
  const uint64_t kind = random_.below(10);
  if (kind < 3) {
    const uint64_t most = uint64_t{16} << random_.below(11);
    crash_plan_.at_step = steps_ + random_.below(most);
  } else if (kind < 8) {
    crash_plan_.at_moment = random_.chance(1, 2)
                                ? static_cast<Moment>(random_.below(kMoments))
                                : kRare[random_.below(std::size(kRare))];
    crash_plan_.skip = static_cast<uint32_t>(random_.below(random_.chance(1, 2) ? 1 : 200));
    const bool opening = crash_plan_.at_moment == Moment::kOpening ||
                         crash_plan_.at_moment == Moment::kRecovering ||
                         crash_plan_.at_moment == Moment::kRestoring;
    if (opening) world_.arm_crash(crash_plan_.at_moment);
    if (random_.chance(1, 2)) crash_plan_.at_step = steps_ + random_.below(10'000);
  } else {
    disk_.die_at_change(disk_.changes() + random_.below(random_.chance(1, 2) ? 8 : 60));
  }
}

Simulation::Exit Simulation::start() {
  world_.trace("a process starts");
  slots_.clear();
  slots_.resize(plan_->regions.size());
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    slots_[i].index = i;
    if (Result<void> opened = open_slot(slots_[i]); !opened) return open_failed(opened.error());
  }
  for (Slot& slot : slots_) {
    if (slot.region != nullptr && !slot.ended) slot.region->begin();
  }
  return Exit::kRunning;
}

Simulation::Exit Simulation::open_failed(const Error& error) {
  if (disk_.dead() || world_.died_while_opening()) return Exit::kCrashed;
  world_.trace("cannot start: " + to_string(error));
  if (!is_disk_trouble(error)) world_.fail("a start is refused: " + to_string(error));
  return Exit::kStopped;
}

Result<void> Simulation::open_slot(Slot& slot) {
  if (slot.store == nullptr) {
    auto store = StateStore::open(probe_, "state/" + plan_->regions[slot.index].name,
                                  plan_->spec.durability);
    if (!store) return unexpected(std::move(store).error());
    slot.store =
        std::make_unique<ProbeStore>(std::move(*store), slot.index, world_, auditor_);
    auditor_.check_found(slot.index, slot.store->manifest());
  }
  const Manifest base = slot.store->manifest() ? *slot.store->manifest() : Manifest{};
  slot.ended = base.done;
  if (base.done && base.sinks.empty()) return {};
  if (!base.snapshots.empty() && base.plan_hash != state_signature(*plan_, slot.index)) {
    world_.fail("another number of tasks changes the signature of the state");
  }
  world_.protocol().life_begins(slot.index, base.epoch);
  world_.begin_life(slot.index);
  RegionServices services;
  services.scheduler = scheduler_.get();
  services.log = &log_;
  services.store = slot.store.get();
  services.seed = random_.next();
  services.changed = [] {};
  auto region = std::make_unique<Region>(*plan_, slot.index, services);
  // A region that is done is opened all the same: its sinks may not have published everything.
  PENSTOCK_TRY(region->open(base));
  slot.region = std::move(region);
  slot.down_at_step = 0;
  slot.restart_ns = 0;
  return {};
}

Simulation::Exit Simulation::live() {
  while (world_.failure().empty()) {
    random_events();
    const bool stirred = scheduler_->step();
    ++steps_;
    if (steps_ > kStepsMax) world_.fail("it does not end");
    if (crash_now()) return Exit::kCrashed;
    if (const Exit exit = after_step(stirred); exit != Exit::kRunning) return exit;
    if (steps_ % 64 == 0) check_memory();
  }
  return Exit::kStopped;
}

Simulation::Exit Simulation::after_step(bool stirred) {
  bool all = true;
  for (Slot& slot : slots_) {
    const bool waits = !slot.ended && (slot.region == nullptr || slot.down_at_step != 0);
    if (const Exit exit = look_after(slot, stirred); exit != Exit::kRunning) return exit;
    stirred = stirred || waits;
    all = all && slot.ended;
  }
  if (all) {
    const bool delivered = std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) {
      if (slot.region == nullptr || slot.store->manifest()->done) return true;
      return slot.region->coordinator().end() != RegionEnd::kUndelivered;
    });
    if (!delivered) return Exit::kStopped;
    if (!draining_) finished_ = true;
    return Exit::kDrained;
  }
  return stirred ? Exit::kRunning : quiet();
}

Simulation::Exit Simulation::look_after(Slot& slot, bool stirred) {
  if (slot.ended) return Exit::kRunning;
  if (slot.region == nullptr) {
    if (world_.clock().monotonic_ns() >= slot.restart_ns) return restart_slot(slot);
    if (!stirred) world_.clock().advance_ns(slot.restart_ns - world_.clock().monotonic_ns());
    return Exit::kRunning;
  }
  switch (slot.region->coordinator().end()) {
    case RegionEnd::kRunning: return Exit::kRunning;
    case RegionEnd::kFailed: {
      const Error error = slot.region->coordinator().error();
      world_.trace("stopped: " + to_string(error));
      if (!is_disk_trouble(error) && error.code != "sim-gone") world_.fail("stopped: " +
          to_string(error));
      return Exit::kStopped;
    }
    case RegionEnd::kReset:
      // The one who looks after it comes some time later; until then its tasks go on.
      world_.protocol().reset_decided(slot.index, true);
      if (slot.down_at_step == 0) slot.down_at_step = steps_ + 1 + random_.below(30);
      if (steps_ < slot.down_at_step) return Exit::kRunning;
      world_.trace("a region is reset");
      close_slot(slot);
      world_.protocol().reset_decided(slot.index, false);
      slot.down_at_step = 0;
      slot.restart_ns =
          world_.clock().monotonic_ns() + static_cast<int64_t>(random_.below(200'000'000));
      return disk_.dead() ? Exit::kCrashed : Exit::kRunning;
    case RegionEnd::kDrained:
      auditor_.check_drained(slot.index);
      [[fallthrough]];
    case RegionEnd::kDone:
    case RegionEnd::kUndelivered:
      slot.ended = true;
      return Exit::kRunning;
  }
  return Exit::kRunning;
}

Simulation::Exit Simulation::restart_slot(Slot& slot) {
  if (draining_) return Exit::kStopped;  // a stop between two lives
  if (Result<void> opened = open_slot(slot); !opened) {
    if (open_failed(opened.error()) == Exit::kCrashed) return Exit::kCrashed;
    slot.restart_ns = world_.clock().monotonic_ns() + 100'000'000;
    return Exit::kRunning;
  }
  if (!slot.ended) slot.region->begin();
  return Exit::kRunning;
}

/// Nothing can happen by itself any more.
Simulation::Exit Simulation::quiet() {
  if (draining_) {
    world_.fail("the drain does not end");
    return Exit::kStopped;
  }
  for (const Slot& slot : slots_) {
    if (slot.ended) continue;
    for (const EdgeStatus& edge : status_of(slot).edges) {
      if (edge.records + edge.bytes > 0) world_.fail("a queue is charged for what is gone");
    }
    bool ends = true;
    for (const uint32_t stage : plan_->regions[slot.index].stages) {
      ends = ends && world_.behaviour(plan_->stages[stage].name).ends;
    }
    if (ends) {
      world_.fail("the region " + plan_->regions[slot.index].name +
                  " sleeps and will never end: a wake-up was lost");
      return Exit::kStopped;
    }
  }
  auditor_.check_quiet(*plan_);
  world_.trace("quiet: the last drain");
  final_drain_ = true;
  drain_all();
  return Exit::kRunning;
}

void Simulation::random_events() {
  if (jumps_left_ > 0 && random_.chance(1, 2000)) {
    --jumps_left_;
    const auto by = static_cast<int64_t>(random_.below(7'200'000'000));
    world_.clock().jump_wall_us(by - 3'600'000'000);
  }
  if (!draining_ && reconfigurations_left_ > 0 && random_.chance(1, 1000)) {
    --reconfigurations_left_;
    world_.trace("drain, to go on with other numbers of tasks");
    drain_all();
    if (random_.chance(1, 4)) abandon_at_step_ = steps_ + random_.below(500);
  }
  if (abandon_at_step_ != 0 && steps_ >= abandon_at_step_) {
    abandon_at_step_ = 0;
    for (Slot& slot : slots_) {
      if (slot.region != nullptr && !slot.ended) slot.region->abandon();
    }
  }
}

void Simulation::drain_all() {
  draining_ = true;
  world_.protocol().draining(true);
  for (Slot& slot : slots_) {
    if (slot.region != nullptr && !slot.ended) slot.region->drain();
  }
}

void Simulation::close_slot(Slot& slot) {
  // Its end waits for its blocking work; in the meantime others' work may be done, too.
  while (!disk_.dead() && scheduler_->run_blocking()) continue;
  if (disk_.dead()) scheduler_->drop_blocking();
  slot.region.reset();
}

bool Simulation::crash_now() {
  if (disk_.dead()) return true;
  if (crashes_left_ == 0) return false;
  if (steps_ >= crash_plan_.at_step) return true;
  if (crash_plan_.at_moment == Moment::kCount) return false;
  update_protocol();
  if (!at(crash_plan_.at_moment)) return false;
  if (crash_plan_.skip == 0) return true;
  --crash_plan_.skip;
  return false;
}

bool Simulation::at(Moment moment) const {
  if (moment == Moment::kResetUnderWay) {
    return std::any_of(slots_.begin(), slots_.end(),
                       [](const Slot& slot) { return slot.restart_ns != 0; });
  }
  if (moment == Moment::kDrained) {
    return draining_ && !final_drain_ &&
           std::all_of(slots_.begin(), slots_.end(), [](const Slot& s) { return s.ended; });
  }
  return world_.protocol().at(moment);
}

void Simulation::crash() {
  update_protocol();
  if (crashes_left_ > 0) --crashes_left_;
  for (size_t m = 0; m < kMoments; ++m) {
    if (at(static_cast<Moment>(m))) ++coverage_[m];
  }
  scheduler_->drop_blocking();
  slots_.clear();
  scheduler_->drop_blocking();
  disk_.crash(SimDisk::Crash::kKill);
  if (world_.died_while_opening()) ++coverage_[static_cast<size_t>(crash_plan_.at_moment)];
  if (const Moment died = probe_.died_at(); died != Moment::kCount) {
    ++coverage_[static_cast<size_t>(died)];
  }
  probe_.reborn();
  world_.reborn();
  const bool power = scenario_.power && random_.chance(1, 2);
  if (power) disk_.crash(SimDisk::Crash::kPower);
  world_.trace(power ? "the power fails" : "the process dies");
}

EngineStatus Simulation::status_of(const Slot& slot) const {
  EngineStatus status;
  status.stages.resize(plan_->stages.size());
  status.edges.resize(plan_->edges.size());
  slot.region->add_status(status);
  return status;
}

void Simulation::update_protocol() {
  for (const Slot& slot : slots_) {
    if (slot.region == nullptr || slot.ended) continue;
    const Coordinator& coordinator = slot.region->coordinator();
    uint64_t parked = 0;
    for (const StageStatus& stage : status_of(slot).stages) parked += stage.parked;
    world_.protocol().epochs(slot.index, coordinator.newest(), coordinator.committed(), parked);
    if (reconfigured_ && coordinator.committed() > 0) {
      reconfigured_ = false;
      world_.protocol().reconfigured(false);
    }
  }
}

/// What waits in the queues is bounded, and nothing is charged for what is gone.
void Simulation::check_memory() {
  // A producer goes over the limit once, by what one turn makes: a batch, or all it held or parked.
  constexpr uint64_t kTurn = 600;
  for (const Slot& slot : slots_) {
    if (slot.region == nullptr || slot.ended) continue;
    const EngineStatus status = status_of(slot);
    for (size_t e = 0; e < status.edges.size(); ++e) {
      const uint64_t records = status.edges[e].records;
      if (records > plan_->edges[e].capacity_records + kTurn) {
        world_.fail("the queue " + plan_->edges[e].queue + " holds " + std::to_string(records) +
                    " records");
      }
    }
  }
}

}  // namespace penstock::simulation
