// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "runtime/edge.h"
#include "runtime/element.h"
#include "runtime/reports.h"
#include "runtime/tap.h"
#include "sdk/stage.h"

namespace penstock {

class ChainTask;

/// Counters of one instance. Written by its task, read by anyone.
struct OpCounters {
  std::atomic<uint64_t> records_in{0}, bytes_in{0}, records_out{0}, bytes_out{0};
  std::atomic<uint64_t> rejected{0}, dead_lettered{0}, retried{0}, parked{0};
  std::atomic<int64_t> watermark_us{kNoEventTime};
  std::atomic<bool> ended{false};
  /// A plain add: there is one writer.
  static void add(std::atomic<uint64_t>& counter, uint64_t n) {
    counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
};

class ChainOp;

/// Where the ports of an instance lead: to the next instance of the chain by a plain call, or to
/// the lanes of an edge.
class Router {
 public:
  struct Target {
    ChainOp* op = nullptr;              // exactly one of
    EdgeWriter* writer = nullptr;  // the two is set
    Tap* tap = nullptr;            // where one may look at the edge; may be null
  };
  void connect(uint32_t port, Target target);
  /// To every target of the port; the batch is shared if there is more than one.
  void batch(Batch batch, uint32_t port);
  /// To every target of every port.
  void barrier(const Barrier& barrier);
  /// Behind the end: to the next instances of the chain only. For a lane the end stands for it.
  void barrier_behind_end(const Barrier& barrier);
  void watermark(int64_t us);
  void idle();
  void chunk(uint64_t id, bool start);
  void end();

 private:
  template <class F, class G>
  void each(F&& to_op, G&& to_writer);
  std::vector<std::vector<Target>> ports_;
};

/// One instance (source, stage or sink) in the chain of a task, with everything the engine adds
/// to it: routing, epochs, dead letters, retries, counters. Called by its ChainTask only.
class ChainOp : public Waker {
 public:
  ChainOp(ChainTask& task, const PlanStage& plan, uint32_t stage_index);
  ~ChainOp() override = default;

  virtual void batch(Batch batch) = 0;
  virtual void barrier(const Barrier& barrier) = 0;
  virtual void watermark(int64_t us) = 0;
  virtual void idle() = 0;
  virtual void chunk(uint64_t id, bool start) = 0;
  /// No more input. The op passes the end on when it holds nothing any more.
  virtual void end() = 0;
  /// Takes a batch now.
  virtual bool ready() const = 0;
  /// A timer is due or it was woken.
  virtual void on_time(int64_t now_ns) = 0;
  virtual int64_t next_ns() const = 0;
  /// Let go of what is held for the sake of time only.
  virtual void flush_holds() {}
  virtual Epoch floor() const = 0;
  virtual bool ended() const = 0;
  virtual void close() = 0;

  void wake() final;  // any thread
  bool take_woken() { return woken_.load() && woken_.exchange(false); }
  Router& router() { return router_; }
  void set_dead_letters(EdgeWriter* writer, Tap* tap = nullptr) {
    dead_letters_ = writer;
    dead_tap_ = tap;
  }
  void share_payloads(std::shared_ptr<SharedPayloads> payloads) { payloads_ = std::move(payloads); }
  const std::shared_ptr<SharedPayloads>& payloads() const { return payloads_; }
  const PlanStage& plan() const { return plan_; }
  /// The stage's key, as this task computes it.
  const KeySelector& key() const { return key_; }
  /// Its input comes from combiners, which left the key on the record. Before the first batch.
  void take_record_keys() { key_ = KeySelector{KeySelector::Kind::kRecordKey}; }
  uint32_t stage_index() const { return stage_index_; }
  const OpCounters& counters() const { return counters_; }

 protected:
  void count_in(const Batch& batch);
  void count_out(const Batch& batch);
  /// To the dead letters, or a failure of the pipeline if there are none.
  void reject_record(const Record& record, Epoch epoch, const Error& error);
  /// Sends the dead letters collected so far. Before anything that must not overtake them.
  void flush_dead_letters();
  void dead_letter_control(const Element& element);
  void fail(Error error);
  /// Takes those out of a batch whose key cannot be computed, and calls f(record, error) for each.
  /// Until forget_keys(), the keys of the others are at hand.
  template <class F>
  void compute_keys(Batch& batch, F&& f) {
    if (!key_.is_computed()) return;
    const std::vector<KeyReader::Failed>& failed = key_.reader->begin(batch);
    if (failed.empty()) return;
    uint32_t row = 0;
    auto next = failed.begin();
    batch.filter([&](const Record& record) {
      if (next == failed.end() || next->row != row++) return true;
      f(record, next->error);
      ++next;
      return false;
    });
  }
  void forget_keys() {
    if (key_.is_computed()) key_.reader->forget();
  }

  ChainTask& task_;
  const PlanStage& plan_;
  KeySelector key_;
  const uint32_t stage_index_;
  Router router_;
  OpCounters counters_;

 private:
  std::atomic<bool> woken_{false};
  EdgeWriter* dead_letters_ = nullptr;
  Tap* dead_tap_ = nullptr;
  std::shared_ptr<SharedPayloads> payloads_;
  std::unique_ptr<BatchBuilder> dead_;
  Epoch dead_epoch_ = kNoEpoch;
};

}  // namespace penstock
