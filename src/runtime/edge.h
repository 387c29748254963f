// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <vector>

#include "plan/plan.h"
#include "record/batch_builder.h"
#include "runtime/budget.h"
#include "runtime/lane.h"
#include "runtime/scheduler.h"

namespace penstock {

/// A queue of the plan at work: one lane from each producing task to each consuming task, and one
/// budget for all. The two sides work on it through EdgeWriter and InputLane. Shared by both; its
/// parts are thread-safe; the lists of tasks do not change once the region has begun.
class Edge {
 public:
  /// On a shared edge with several consumers, a lane holds one waiting batch at most, cut to about
  /// this much work, so that a slow record does not trap the ones behind it.
  static constexpr int64_t kSharedWaitNs = 5'000'000;

  /// `aligned`: consumers may leave lanes unread for a while (exactly once). Then a producer whose
  /// lanes are empty may always push, or what waits in the unread ones would shut it out for ever.
  Edge(const PlanEdge& plan, Scheduler& scheduler, uint32_t producers, uint32_t consumers,
       bool aligned);

  const PlanEdge& plan() const { return plan_; }
  void set_producer(uint32_t p, Task& task) { producers_[p] = &task; }
  void set_consumer(uint32_t c, Task& task) { consumers_[c].task = &task; }
  uint32_t producers() const { return static_cast<uint32_t>(producers_.size()); }
  uint32_t consumers() const { return static_cast<uint32_t>(consumers_.size()); }
  Lane& lane(uint32_t p, uint32_t c) { return lanes_[p * consumers_.size() + c]; }
  Budget& budget() { return budget_; }
  const Budget& budget() const { return budget_; }
  void ring_consumer(uint32_t c) { scheduler_.ring(*consumers_[c].task); }

  /// Whether producer p may push a batch now.
  bool open_for(uint32_t p);
  /// Producer p saw it closed: true if it must wait to be rung.
  bool wait(uint32_t p);
  /// Consumer, after it took from a lane or finished a batch: rings the producers that wait.
  void progressed();
  /// A lane holds one waiting batch at most, sized by the measured service time.
  bool one_waiting() const {
    return plan_.mode == EdgeMode::kShared && consumers_.size() > 1;
  }
  /// Consumer c finished `records` in `ns`: feeds the measured service time.
  void served(uint32_t c, uint64_t records, int64_t ns);
  /// How many records a batch for consumer c should have at most.
  uint32_t batch_records_max(uint32_t c) const;

 private:
  struct Consumer {
    Task* task = nullptr;
    std::atomic<int64_t> service_ns{0};  // per record, moving average; 0 = not yet measured
  };
  bool lane_free(uint32_t p);
  bool lanes_empty(uint32_t p);
  bool open_wide(uint32_t p);

  const PlanEdge& plan_;
  Scheduler& scheduler_;
  const bool aligned_;
  Budget budget_;
  std::vector<Task*> producers_;
  std::vector<Consumer> consumers_;
  std::unique_ptr<Lane[]> lanes_;
};

/// The producing side of an edge in one task: routes batches to lanes. Not thread-safe.
class EdgeWriter {
 public:
  /// `key`: how a keyed edge finds the key of a record.
  EdgeWriter(Edge& edge, uint32_t producer, const KeySelector& key, BatchPool& pool);

  /// Hands out what waited for a free lane; true if there is room for more.
  bool open() {
    if (!rest_.empty()) hand_out();
    return rest_.empty() && edge_.open_for(producer_);
  }
  /// Announces that the task waits for room; false if there is room after all.
  bool wait() { return edge_.wait(producer_); }
  void push(Batch batch);
  /// A control element goes to every lane, behind all that was pushed before.
  void control(const Element& element);
  /// Ends the turn: what was scattered goes out, and each consumer that got something is rung.
  void flush();
  Edge& edge() { return edge_; }

 private:
  void push_shared(Batch batch);
  void hand_out();
  void push_keyed(const Batch& batch);
  void send(uint32_t consumer, Element element);
  void send_all(const Element& element);
  void flush_builder(uint32_t consumer);
  uint32_t pick();

  // What waits to be sent to one consumer of a keyed edge.
  struct Scatter {
    BatchBuilder builder;
    Epoch epoch = kNoEpoch;
    bool attached = false;  // the arenas of the batch being scattered
  };

  Edge& edge_;
  const uint32_t producer_;
  const KeySelector key_;
  BatchPool& pool_;
  uint32_t next_ = 0;             // shared: where to look first
  std::deque<Element> rest_;      // shared: what waits for a free lane, in order
  uint32_t rest_at_ = 0;          // records of rest_.front() that went out
  std::vector<bool> dirty_;       // consumers to ring
  std::vector<Scatter> scatter_;  // keyed: one a consumer; empty if there is one consumer only
  uint32_t source_ = 0;
};

}  // namespace penstock
