// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/chain_task.h"
#include "runtime/ledger.h"
#include "runtime/reports.h"
#include "sdk/commit_point.h"
#include "state/store.h"

namespace penstock {

/// What became of a region.
enum class RegionEnd : uint8_t {
  kRunning,
  kDone,         ///< all input read, everything delivered and recorded
  kDrained,      ///< stopped on request, everything that was read is delivered and recorded
  kUndelivered,  ///< stopped on request before that
  kReset,        ///< must be torn down and started again from the last commit point
  kFailed,
};

/// What the coordinator of a region works with. All outlive it.
struct CoordinatorSetup {
  LedgerLayout layout;
  std::vector<ChainTask*> tasks;            ///< by node
  std::vector<std::string> task_names;      ///< by node, "stage/0"
  std::vector<std::pair<Sink*, std::string>> sinks;  ///< by sink node, with the stage's name
  std::vector<bool> two_phase;              ///< by sink node
  std::vector<bool> remembers;              ///< by source
  /// By source, then task; null = its positions can be no part of a commit point outside.
  std::vector<std::vector<SharesCommit*>> shares;
  /// By source: stage and task of all state that its records can reach.
  std::vector<std::vector<std::pair<std::string, uint32_t>>> states;
  std::vector<std::string> stage_names;     ///< by plan stage
  bool has_state = false;                   ///< some stage snapshots
  bool exactly_once = false;
  CommitPoint* commit_point = nullptr;      ///< null = the manifest
  bool outside_alone = false;               ///< nothing but the commit point has two phases
  Duration epoch_interval;
  Duration checkpoint_interval;
  std::string signature;                    ///< state_signature of the plan
  Scheduler* scheduler = nullptr;
  BlockingPool* blocking = nullptr;         ///< counted by the region
  StateStore* store = nullptr;              ///< null = remember nothing
  Logger* log = nullptr;
  std::function<void()> changed;            ///< the region's end or status changed; any thread
};

/// The one coordinator of a region: opens epochs, keeps the ledger, publishes the commit point,
/// and tells sources and two-phase sinks what was committed. A task like any other, so that the
/// simulator can run it; other threads reach it through its mailbox only.
class Coordinator final : public Task, public Reports {
 public:
  Coordinator(CoordinatorSetup setup, Manifest base);

  // Reports; any thread.
  void passed(PassedReport report) override;
  void delivered(DeliveredReport report) override;
  void activity(bool at_once) override;
  void failed(uint32_t stage, Error error) override;

  /// Stop reading, deliver, commit. Any thread.
  void drain();
  /// Give up waiting for a drain: ends as kUndelivered. Any thread.
  void abandon();

  /// Any thread.
  RegionEnd end() const { return end_.load(); }
  Error error() const;
  Epoch newest() const { return newest_.load(std::memory_order_relaxed); }
  Epoch committed() const { return committed_.load(std::memory_order_relaxed); }
  Epoch checkpoint() const { return checkpoint_.load(std::memory_order_relaxed); }
  int64_t committed_at_ns() const { return committed_at_ns_.load(std::memory_order_relaxed); }
  std::vector<std::string> laggards() const;

  int64_t run(int64_t now_ns, int64_t until_ns) override;

 private:
  using Message = std::function<void()>;
  struct Checkpoint {
    Epoch epoch = 0;
    uint32_t writing = 0;              // snapshots on their way to the disk
    bool failed = false;
    int64_t started_ns = 0;
    std::vector<SnapshotRef> snapshots;
  };
  void post(Message message);
  void take_messages();
  void on_passed(PassedReport report);
  void on_delivered(DeliveredReport report);
  void write_snapshots(Epoch epoch, std::vector<StageSnapshot> snapshots);
  int64_t open_epochs(int64_t now_ns);
  void open_epoch(int64_t now_ns);
  void ask_for_barriers(uint32_t node, Epoch passed);
  bool wants_checkpoint(int64_t now_ns) const;
  int64_t next_checkpoint_ns() const;
  bool checkpoint_ready() const;
  bool checkpoint_held() const;
  bool has_all_states(uint32_t source) const;
  void commit(int64_t now_ns);
  bool is_busy_outside() const;
  void commit_outside(std::shared_ptr<std::vector<SourceCommit>> commits,
                      std::shared_ptr<Manifest> manifest, bool store);
  Result<void> make_true(const std::vector<SourceCommit>& commits, const Manifest& manifest,
                         bool store);
  void collect_handles(Epoch checkpoint, Manifest& manifest) const;
  bool must_store(const std::vector<SourceCommit>& commits, bool with_checkpoint) const;
  void on_published(Result<void> result, std::vector<SourceCommit> commits, bool with_checkpoint,
                    Manifest manifest);
  void publish_sinks();
  void check_end();
  void finish(RegionEnd end);
  int64_t look_for_laggards(int64_t now_ns);

  CoordinatorSetup setup_;
  Ledger ledger_;
  Manifest manifest_;                    // the last published, or what would have been
  std::optional<Checkpoint> prepared_;   // the checkpoint in progress
  bool publishing_ = false;
  int64_t retry_publish_ns_ = 0;
  bool active_ = false;                  // something was read since the last barrier
  bool demanded_ = false;                // someone waits for delivery
  std::vector<uint32_t> asked_;          // nodes asked for barriers, besides the sources
  std::map<Epoch, bool> opened_;         // whether each incomplete epoch is a checkpoint
  std::set<Epoch> demanded_epochs_;      // opened for that, not yet committed
  bool draining_ = false;
  std::optional<Epoch> drain_barrier_;   // the first epoch opened after the stop
  bool done_published_ = false;
  uint32_t sink_commits_ = 0;            // two-phase commits on their way
  int64_t opened_ns_ = 0;
  int64_t last_checkpoint_ns_ = 0;
  int64_t checkpoint_took_ns_ = 0;
  std::vector<std::map<Epoch, SinkHandles>> handles_;  // by sink node, of two-phase sinks

  mutable std::mutex mutex_;
  std::vector<Message> messages_;        // guarded by mutex_
  Error error_;                          // guarded by mutex_
  std::vector<std::string> laggards_;    // guarded by mutex_
  std::atomic<bool> mail_{false};
  std::atomic<RegionEnd> end_{RegionEnd::kRunning};
  std::atomic<Epoch> newest_{0};
  std::atomic<Epoch> committed_{0};
  std::atomic<Epoch> checkpoint_{0};
  std::atomic<int64_t> committed_at_ns_{0};
};

}  // namespace penstock
