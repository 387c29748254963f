// SPDX-License-Identifier: Apache-2.0
#include "runtime/engine.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/hash.h"
#include "base/random.h"
#include "runtime/region.h"
#include "runtime/thread_scheduler.h"

namespace penstock {
namespace {

constexpr int64_t kResetPauseNs = 100'000'000;       // doubled with every reset in a row
constexpr int64_t kResetPauseMaxNs = 30'000'000'000;
constexpr int64_t kCalmNs = 60'000'000'000;          // so long without one: the row is over

/// One region's lives, one after the other.
struct RegionSlot {
  uint32_t index = 0;
  std::unique_ptr<StateStore> store;
  std::unique_ptr<Region> region;   // guarded by the engine's mutex for status()
  RegionEnd end = RegionEnd::kRunning;
  bool ended = false;
  uint64_t resets = 0;
  uint64_t resets_in_a_row = 0;
  int64_t begun_ns = 0;
  int64_t restart_ns = 0;           // waiting to be started again; 0 = not
};

class EngineImpl final : public Engine {
 public:
  EngineImpl(std::shared_ptr<const Plan> plan, EngineOptions options,
             const EngineServices& services)
      : plan_(std::move(plan)),
        options_(std::move(options)),
        services_(services),
        scheduler_(services.workers > 0 ? services.workers
                                        : std::max(1u, std::thread::hardware_concurrency()),
                   *services.clock, *services.log) {}

  ~EngineImpl() override {
    if (supervisor_.joinable()) {
      stop();
      stop();
      supervisor_.join();
    }
    slots_.clear();
  }

  Result<void> start() override;
  void stop() override;
  Outcome wait() override;
  bool wait_for_ns(int64_t ns, Outcome* outcome) override;
  EngineStatus status() const override;

 private:
  Result<void> open_store(RegionSlot& slot);
  Result<void> open_slot(RegionSlot& slot);
  Manifest base_of(const RegionSlot& slot) const;
  Result<void> note_begun(RegionSlot& slot);
  RegionServices services_of(const RegionSlot& slot);
  Result<void> publish_rest(const RegionSlot& slot, const Manifest& done);
  std::string make_identity() const;
  void note_resume(const RegionSlot& slot, const Manifest& manifest);
  void supervise();
  void look_after(RegionSlot& slot, int64_t now_ns);
  void restart(RegionSlot& slot);
  void close_slot(RegionSlot& slot);
  void apply_stop(int64_t now_ns);
  int64_t next_look_ns(int64_t now_ns) const;
  void changed();
  EngineStatus look() const;  // REQUIRES: mutex_

  const std::shared_ptr<const Plan> plan_;
  const EngineOptions options_;
  const EngineServices services_;
  const std::unique_ptr<Disk> memory_ = make_memory_disk();
  ThreadScheduler scheduler_;
  std::vector<RegionSlot> slots_;
  std::string identity_;
  std::thread supervisor_;
  bool rerun_ = false;  // everything was done: it is done again

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable over_;
  bool changed_ = false;             // guarded by mutex_, as is all below
  int stops_ = 0;
  int stops_applied_ = 0;
  int64_t drain_until_ns_ = 0;
  int64_t started_ns_ = 0;
  bool finished_ = false;
  RunState state_ = RunState::kStarting;
  Outcome outcome_ = Outcome::kDelivered;
  std::string error_;
  std::vector<std::string> notes_;
  EngineStatus last_status_;
};

/// Without a state folder nothing survives, the identity included.
std::string EngineImpl::make_identity() const {
  char host[256] = "";
  (void)gethostname(host, sizeof host - 1);
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(options_.state_folder, ignored);
  std::string place = std::string(host) + "\n" + folder.lexically_normal().string();
  if (options_.state_folder.empty()) {
    place += std::to_string(getpid()) + "\n" + std::to_string(services_.clock->wall_us());
  }
  char hash[20];
  std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash64(place)));
  return "penstock-" + plan_->spec.name + "-" + hash;
}

Result<void> EngineImpl::start() {
  identity_ = make_identity();
  started_ns_ = services_.clock->monotonic_ns();
  slots_.resize(plan_->regions.size());
  bool done = true;
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    slots_[i].index = i;
    if (Result<void> opened = open_store(slots_[i]); !opened) {
      slots_.clear();
      return opened;
    }
    done = done && base_of(slots_[i]).done;
  }
  // What a killed run had finished is not done again while it has something left to do.
  rerun_ = options_.rerun_if_done && done;
  // Every region opens its sinks before any region reads.
  for (uint32_t i = 0; i < slots_.size(); ++i) {
    if (Result<void> opened = open_slot(slots_[i]); !opened) {
      slots_.clear();
      return opened;
    }
  }
  for (RegionSlot& slot : slots_) {
    if (slot.region == nullptr) continue;
    slot.begun_ns = services_.clock->monotonic_ns();
    slot.region->begin();
  }
  state_ = RunState::kRunning;
  supervisor_ = std::thread([this] { supervise(); });
  return {};
}

Result<void> EngineImpl::open_store(RegionSlot& slot) {
  // Without a folder the commit point lives in memory: a reset still finds it, a restart not.
  const bool memory = options_.state_folder.empty();
  const std::string folder = (memory ? "memory" : options_.state_folder) + "/" +
                             region_folder_name(plan_->regions[slot.index].name);
  Disk& own = services_.memory != nullptr ? *services_.memory : *memory_;
  auto store = StateStore::open(memory ? own : *services_.disk, folder,
                                memory ? Durability::kKill : plan_->spec.durability);
  if (!store) return unexpected(std::move(store).error());
  slot.store = std::move(*store);
  return options_.fresh ? slot.store->reset() : Result<void>();
}

Result<void> EngineImpl::open_slot(RegionSlot& slot) {
  Manifest base = base_of(slot);
  const bool reset = slot.resets > 0;
  if (base.done) {
    PENSTOCK_TRY(publish_rest(slot, base));
    if (reset || !rerun_) {
      std::lock_guard lock(mutex_);
      if (!reset) {
        notes_.push_back("already done: everything was read and delivered by an earlier run");
      }
      slot.ended = true;
      slot.end = RegionEnd::kDone;
      return {};
    }
    PENSTOCK_TRY(slot.store->reset());
    base = Manifest{};
  }
  const std::string signature = state_signature(*plan_, slot.index);
  if (!base.snapshots.empty() && base.plan_hash != signature) {
    return unexpected(stop_error(
        "state-changed",
        "the stages that keep state differ from those that wrote the state folder: " +
            base.plan_hash + " is now " + signature,
        "start with --fresh to forget the old state, or run the old file to its end first"));
  }
  note_resume(slot, base);
  auto region = std::make_unique<Region>(*plan_, slot.index, services_of(slot));
  PENSTOCK_TRY(region->open(base));
  PENSTOCK_TRY(note_begun(slot));
  std::lock_guard lock(mutex_);
  slot.region = std::move(region);
  return {};
}

/// From now on a restart goes on with what sinks have written, though nothing may be committed yet,
/// or ever: senders that were told of the delivery do not send again.
Result<void> EngineImpl::note_begun(RegionSlot& slot) {
  if (slot.store->manifest() || plan_->spec.guarantee == Guarantee::kExactlyOnce) return {};
  for (const uint32_t stage : plan_->regions[slot.index].stages) {
    const PlanStage& one = plan_->stages[stage];
    if (one.kind != ComponentKind::kSource) continue;
    const Traits& traits = one.bound->traits;
    if (traits.acknowledges || (traits.remembers && traits.replayable)) {
      return slot.store->publish(Manifest{});
    }
  }
  return {};
}

RegionServices EngineImpl::services_of(const RegionSlot& slot) {
  RegionServices services;
  services.scheduler = &scheduler_;
  services.log = services_.log;
  services.store = slot.store.get();
  services.taps = services_.taps;
  services.seed = services_.seed;
  services.identity = identity_;
  services.again = slot.resets > 0 || slot.store->manifest().has_value();
  services.changed = [this] { changed(); };
  return services;
}

/// A run that was done may have died before its two-phase sinks published what the commit point
/// names. Opening them does that.
Result<void> EngineImpl::publish_rest(const RegionSlot& slot, const Manifest& done) {
  if (done.sinks.empty()) return {};
  Region region(*plan_, slot.index, services_of(slot));
  return region.open(done);
}

Manifest EngineImpl::base_of(const RegionSlot& slot) const {
  if (!slot.store->manifest()) return {};
  return *slot.store->manifest();
}

void EngineImpl::note_resume(const RegionSlot& slot, const Manifest& manifest) {
  if (manifest.positions.empty()) return;
  for (const auto& [source, positions] : manifest.positions) {
    std::string where;
    size_t shown = 0;
    for (const auto& [partition, position] : positions) {
      if (position.finished) continue;
      if (++shown > 3) break;
      where += (where.empty() ? "" : ", ") + partition + " at " + position.value;
    }
    if (shown > 3) where += ", …";
    std::string note = "resuming " + source + " behind epoch " + std::to_string(manifest.epoch);
    if (!where.empty()) note += " (" + where + ")";
    note += "; what was read beyond it is read again and may be delivered twice";
    services_.log->info(note);
    std::lock_guard lock(mutex_);
    notes_.push_back(std::move(note));
  }
}

void EngineImpl::changed() {
  std::lock_guard lock(mutex_);
  changed_ = true;
  wake_.notify_all();
}

void EngineImpl::stop() {
  std::lock_guard lock(mutex_);
  ++stops_;
  wake_.notify_all();
}

void EngineImpl::supervise() {
  std::unique_lock lock(mutex_);
  while (true) {
    const int64_t now = services_.clock->monotonic_ns();
    changed_ = false;
    lock.unlock();
    apply_stop(now);
    bool all = true;
    for (RegionSlot& slot : slots_) {
      look_after(slot, now);
      all = all && slot.ended;
    }
    lock.lock();
    if (all) break;
    const auto stirred = [&] { return changed_ || stops_ > stops_applied_; };
    const int64_t next = next_look_ns(now);
    if (next == kNever) {
      wake_.wait(lock, stirred);
    } else {
      wake_.wait_for(lock, std::chrono::nanoseconds(std::max<int64_t>(next - now, 0)), stirred);
    }
  }
  for (const RegionSlot& slot : slots_) {
    if (slot.end == RegionEnd::kFailed) outcome_ = Outcome::kFailed;
    if (slot.end == RegionEnd::kUndelivered && outcome_ == Outcome::kDelivered) {
      outcome_ = Outcome::kUndelivered;
    }
  }
  state_ = outcome_ == Outcome::kFailed ? RunState::kFailed
           : stops_ > 0                 ? RunState::kStopped
                                        : RunState::kDone;
  last_status_ = look();
  lock.unlock();
  for (RegionSlot& slot : slots_) close_slot(slot);
  lock.lock();
  finished_ = true;
  over_.notify_all();
}

void EngineImpl::apply_stop(int64_t now_ns) {
  int stops;
  {
    std::lock_guard lock(mutex_);
    stops = stops_;
    if (stops > stops_applied_ && stops_applied_ == 0) {
      state_ = RunState::kDraining;
      drain_until_ns_ = now_ns + plan_->spec.drain_timeout.ns();
    }
  }
  const bool first = stops > 0 && stops_applied_ == 0;
  const bool late = stops > 1 || (stops > 0 && now_ns >= drain_until_ns_);
  for (RegionSlot& slot : slots_) {
    if (slot.ended) continue;
    if (slot.region == nullptr) {
      if (stops > 0) {  // between two lives: what is undelivered is read again next time
        slot.ended = true;
        slot.end = RegionEnd::kUndelivered;
      }
      continue;
    }
    if (first) slot.region->drain();
    if (late) slot.region->abandon();
  }
  std::lock_guard lock(mutex_);
  stops_applied_ = stops;
}

void EngineImpl::look_after(RegionSlot& slot, int64_t now_ns) {
  if (slot.ended) return;
  if (slot.restart_ns != 0 && now_ns >= slot.restart_ns) restart(slot);
  if (slot.region == nullptr) return;
  const RegionEnd end = slot.region->coordinator().end();
  if (end == RegionEnd::kRunning) return;
  const Error error = slot.region->coordinator().error();
  if (end == RegionEnd::kReset) {
    if (now_ns - slot.begun_ns > kCalmNs) slot.resets_in_a_row = 0;
    ++slot.resets;
    const uint64_t doublings = std::min<uint64_t>(slot.resets_in_a_row++, 20);
    slot.restart_ns = now_ns + std::min(kResetPauseMaxNs, kResetPauseNs << doublings);
    services_.log->warn("starting again from the last commit point",
                        {{"error", to_string(error)}});
    close_slot(slot);
    return;
  }
  if (end == RegionEnd::kFailed) {
    services_.log->error("the pipeline stopped", {{"error", to_string(error)}});
    std::lock_guard lock(mutex_);
    error_ = to_string(error);
    ++stops_;  // the other regions drain: one file, one fate
  }
  slot.end = end;
  slot.ended = true;
}

void EngineImpl::restart(RegionSlot& slot) {
  slot.restart_ns = 0;
  if (Result<void> opened = open_slot(slot); !opened) {
    const int64_t now = services_.clock->monotonic_ns();
    const uint64_t doublings = std::min<uint64_t>(slot.resets_in_a_row++, 20);
    slot.restart_ns = now + std::min(kResetPauseMaxNs, kResetPauseNs << doublings);
    services_.log->warn("could not start again; trying later",
                        {{"error", to_string(opened.error())}});
    return;
  }
  if (slot.ended) return;  // it was done when it was reset
  slot.begun_ns = services_.clock->monotonic_ns();
  slot.region->begin();
}

void EngineImpl::close_slot(RegionSlot& slot) {
  std::unique_ptr<Region> gone;
  {
    std::lock_guard lock(mutex_);
    gone = std::move(slot.region);
  }
}

int64_t EngineImpl::next_look_ns(int64_t now_ns) const {
  int64_t next = stops_applied_ == 1 && now_ns < drain_until_ns_ ? drain_until_ns_ : kNever;
  for (const RegionSlot& slot : slots_) {
    if (slot.restart_ns != 0) next = std::min(next, slot.restart_ns);
  }
  return next;
}

Outcome EngineImpl::wait() {
  std::unique_lock lock(mutex_);
  over_.wait(lock, [&] { return finished_; });
  return outcome_;
}

bool EngineImpl::wait_for_ns(int64_t ns, Outcome* outcome) {
  std::unique_lock lock(mutex_);
  if (!over_.wait_for(lock, std::chrono::nanoseconds(ns), [&] { return finished_; })) return false;
  *outcome = outcome_;
  return true;
}

EngineStatus EngineImpl::status() const {
  std::lock_guard lock(mutex_);
  return finished_ ? last_status_ : look();
}

EngineStatus EngineImpl::look() const {
  EngineStatus status;
  status.state = state_;
  status.running_ns = services_.clock->monotonic_ns() - started_ns_;
  status.error = error_;
  status.notes = notes_;
  for (const PlanStage& stage : plan_->stages) {
    StageStatus one;
    one.name = stage.name;
    one.type = stage.type;
    one.kind = stage.kind;
    one.tasks = stage.tasks;
    one.ended = true;
    status.stages.push_back(std::move(one));
  }
  for (const PlanEdge& edge : plan_->edges) {
    EdgeStatus one;
    one.queue = edge.queue;
    one.capacity_records = edge.capacity_records;
    one.capacity_bytes = edge.capacity_bytes;
    one.chained = edge.mode == EdgeMode::kForward;
    status.edges.push_back(std::move(one));
  }
  for (const RegionSlot& slot : slots_) {
    if (slot.region == nullptr) continue;
    slot.region->add_status(status);
    status.regions.back().resets = slot.resets;
  }
  return status;
}

}  // namespace

std::unique_ptr<Engine> Engine::create(std::shared_ptr<const Plan> plan, EngineOptions options,
                                       const EngineServices& services) {
  return std::make_unique<EngineImpl>(std::move(plan), std::move(options), services);
}

}  // namespace penstock
