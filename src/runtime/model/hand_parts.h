// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/chain_task.h"
#include "runtime/model/hand_scheduler.h"
#include "runtime/sink_op.h"
#include "runtime/stage_op.h"

namespace penstock::model {

/// Writes down what the tasks report.
class ReportList final : public Reports {
 public:
  void passed(PassedReport report) override { passes.push_back(std::move(report)); }
  void delivered(DeliveredReport report) override { deliveries.push_back(std::move(report)); }
  void activity(bool at_once) override {
    ++activities;
    demands += at_once ? 1 : 0;
  }
  void failed(uint32_t, Error error) override { failures.push_back(std::move(error)); }

  std::vector<PassedReport> passes;
  std::vector<DeliveredReport> deliveries;
  std::vector<Error> failures;
  int activities = 0;
  int demands = 0;
};

/// Emits the batches that a test gives it, one a pull; idle between, at its end when told.
class HandSource final : public Source {
 public:
  Result<void> open(const TaskContext&, const Positions&) override { return {}; }
  Result<Pull> pull(SourceOutput& out) override {
    ++pulls;
    if (batches.empty()) return at_end ? Pull::end() : Pull::idle();
    read += batches.front().size();
    out.emit(std::move(batches.front()));
    batches.pop_front();
    return Pull::more();
  }
  Positions positions() override { return {{"p", {std::to_string(read), false}}}; }
  void committed(const Positions& positions) override {
    commits.push_back(positions.at("p").value);
  }
  void stop() override { stopped = true; }

  std::deque<Batch> batches;
  bool at_end = false;
  bool stopped = false;
  uint64_t read = 0;
  int pulls = 0;
  std::vector<std::string> commits;
};

/// Passes records on; keeps those it is told to hold until flush().
class HandStage final : public Stage {
 public:
  Result<void> open(const TaskContext&) override { return {}; }
  void process(Batch batch, Output& out) override {
    seen += batch.size();
    if (hold) {
      held.push_back(std::move(batch));
    } else {
      out.emit(std::move(batch));
    }
  }
  void on_barrier(const Barrier& barrier, Output&) override { barriers.push_back(barrier.epoch); }
  void on_watermark(int64_t us, Output&) override { watermarks.push_back(us); }
  void flush(Output& out) override {
    for (Batch& batch : held) out.emit(std::move(batch));
    held.clear();
  }
  void on_end(Output&) override { ended = true; }
  Epoch floor() const override {
    Epoch floor = kNoEpoch;
    for (const Batch& batch : held) floor = std::min(floor, batch.epoch());
    return floor;
  }
  void snapshot(StateWriter& writer) override { writer.put("seen", std::to_string(seen)); }

  bool hold = false;
  bool ended = false;
  uint64_t seen = 0;
  std::vector<Batch> held;
  std::vector<Epoch> barriers;
  std::vector<int64_t> watermarks;
};

/// Delivers at once, or when told; hands back or rejects the records it is told to.
class HandSink final : public Sink {
 public:
  Result<void> open(const TaskContext&) override { return {}; }
  void write(Batch batch, SinkOutput& out) override {
    Batch again = batch.share();
    again.filter([&](const Record& r) { return busy.count(std::string(r.payload_view())) > 0; });
    if (!again.empty()) out.retry(std::move(again), retry_error("busy", "the outside is busy"));
    batch.for_each([&](const Record& record) {
      const std::string text(record.payload_view());
      if (bad.count(text) > 0) {
        out.reject(record, batch.epoch(), reject_error("bad", "nobody takes this"));
      } else if (busy.count(text) == 0) {
        written.push_back(text);
      }
    });
  }
  void barrier(const Barrier& barrier, SinkOutput& out) override {
    if (later) {
      waiting.push_back(barrier.epoch);
    } else {
      out.delivered(barrier.epoch);
    }
  }
  void on_wake(int64_t, SinkOutput& out) override {
    while (confirm > 0 && !waiting.empty()) {
      --confirm;
      const Epoch epoch = waiting.front();
      waiting.pop_front();
      out.delivered(epoch);
    }
  }
  bool full() const override { return is_full; }

  std::set<std::string> busy, bad;
  bool later = false;
  bool is_full = false;
  int confirm = 0;  ///< barriers to confirm at the next wake
  std::deque<Epoch> waiting;
  std::vector<std::string> written;
};

}  // namespace penstock::model
