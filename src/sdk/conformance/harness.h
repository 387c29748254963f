// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/catalog.h"
#include "sdk/conformance/collected.h"
#include "sdk/conformance/nodes.h"
#include "sdk/conformance/services.h"

namespace penstock::conformance {

// One instance of a component, driven by hand: deterministic, single-threaded, with virtual time.
// A harness borrows Services, which a test makes first. What the instance says is in `out`.
//
//   Services services;
//   SourceHarness source(services, bind(catalog, "file", ComponentKind::kSource, map({…})));
//   ASSERT_TRUE(source.open());
//   source.pull_all();
//   EXPECT_EQ(source.out.payloads(), …);
//
// Destroying a harness without close() stands for kill -9.

/// Binds or crashes with the diagnostics.
std::shared_ptr<const Bound> bind(const Catalog& catalog, std::string_view type,
                                  ComponentKind kind, const Node& options);
/// The diagnostics of a bind that is expected to fail, one a line; "" if it worked.
std::string bind_problems(const Catalog& catalog, std::string_view type, ComponentKind kind,
                          const Node& options);

/// A batch of records with these payloads. `epoch` is set on it.
Batch make_batch(Services& services, const std::vector<std::string>& payloads, Epoch epoch = 1);

struct TestRecord {
  std::string payload;
  std::string key = {};  ///< "" = none
  int64_t event_time_us = kNoEventTime;
  std::vector<std::pair<std::string, std::string>> headers = {};
};
Batch make_batch(Services& services, const std::vector<TestRecord>& records, Epoch epoch = 1);

class SourceHarness {
 public:
  SourceHarness(Services& services, std::shared_ptr<const Bound> bound);
  TestWaker waker;      ///< the instance's own
  TaskContext context;  ///< change before open()
  Collected out;
  Epoch epoch = 1;      ///< of the records pulled now

  Result<void> open(const Positions& restored = {});
  /// One pull. An error goes to out.errors and counts as the end.
  Pull pull();
  /// Pulls, running blocking work and moving time to wake_at_ns when idle, until the end, until
  /// `records_max` records are in `out`, or until it is idle with nothing to wait for.
  Pull pull_all(size_t records_max = SIZE_MAX);
  /// Pulls as pull_all, for so much virtual time: for sources that never end.
  Pull pull_for(Duration time);
  /// As pull_all, but waits for wake() from other threads while idle.
  Pull pull_threaded(size_t records_max = SIZE_MAX);
  /// positions(), and the next epoch begins.
  Positions barrier();
  Source& source() { return *source_; }
  void close();

 private:
  Pull pull_until(size_t records_max, int64_t until_ns);

  Services& services_;
  std::shared_ptr<const Bound> bound_;
  std::unique_ptr<Source> source_;
  CollectingSource output_;
};

/// Puts what one task reported over what is already known, as the engine does at a barrier.
void merge(Positions& into, const Positions& from);

using StateMap = std::map<std::string, std::string>;

class StageHarness {
 public:
  StageHarness(Services& services, std::shared_ptr<const Bound> bound);
  TestWaker waker;      ///< the instance's own
  TaskContext context;
  Collected out;
  Epoch epoch = 1;  ///< of the current input

  Result<void> open(const StateMap& restored = {});
  void process(Batch batch);
  void process(const std::vector<std::string>& payloads);
  /// on_barrier for the current epoch, then the next begins. Returns the snapshot if it is a
  /// checkpoint.
  StateMap barrier(bool checkpoint = false);
  void watermark(int64_t event_time_us);
  void end();
  void flush();
  /// Moves the clock, and calls on_timer at each moment that the stage asked for on the way.
  void advance(Duration by);
  /// Runs blocking work and on_timer until nothing more happens.
  void settle();
  Stage& stage() { return *stage_; }
  void close();

 private:
  Services& services_;
  std::shared_ptr<const Bound> bound_;
  std::unique_ptr<Stage> stage_;
  Collecting<Output> output_;
};

class SinkHarness {
 public:
  SinkHarness(Services& services, std::shared_ptr<const Bound> bound);
  TestWaker waker;      ///< the instance's own
  TaskContext context;
  Collected out;
  Epoch epoch = 1;

  Result<void> open();
  Result<void> recover(const SinkHandles& handles) { return sink_->recover(handles); }
  void write(Batch batch);
  void write(const std::vector<std::string>& payloads);
  /// barrier() of the current epoch; then the next begins. Returns the epoch closed.
  Epoch barrier(bool checkpoint = false);
  void end() { sink_->end(output_); }
  /// Moves the clock, and calls on_wake at each moment that the sink asked for on the way.
  void advance(Duration by);
  /// Runs blocking work and on_wake until nothing more happens.
  void settle();
  /// on_wake as after a wake().
  void wake();
  /// barrier(), then settle(); true if it was delivered.
  bool deliver(bool checkpoint = false);
  Sink& sink() { return *sink_; }
  void close() { sink_->close(); }

 private:
  Services& services_;
  std::shared_ptr<const Bound> bound_;
  std::unique_ptr<Sink> sink_;
  CollectingSink output_;
};

}  // namespace penstock::conformance
