// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "expectation.h"
#include "plan/plan.h"
#include "state/store.h"
#include "world.h"

namespace penstock::simulation {

/// Compares what went in with what came out, and commit points with both. Says what is wrong to the
/// world. One thread.
class Auditor {
 public:
  explicit Auditor(World& world);
  /// A new plan of the same flow: what order it promises.
  void set_plan(const Plan& plan);

  /// A commit point is about to be written: everything before its positions must be delivered.
  void check_commit(uint32_t region, const Manifest& manifest);
  /// A region says that it has stopped and that everything it had read is delivered and recorded.
  void check_drained(uint32_t region);
  void publish_tried(uint32_t region, const Manifest& manifest, bool done);
  /// What a start found must be the last commit point, or one whose writing was cut short.
  void check_found(uint32_t region, const std::optional<Manifest>& found);
  /// Nothing will happen any more unless somebody does something: all of it must be out and, for
  /// the sources that wait for more, recorded.
  void check_quiet(const Plan& plan);
  /// The flow has ended.
  void check_end();
  uint64_t two_phase_tasks(uint32_t region) const;

 private:
  struct Tally {
    int least = 0, most = 0;
    bool bad = false;
  };
  bool done(const std::string& queue, const Item& item) const;
  bool stage_done(const StageSpec& stage, const Item& item) const;
  Tally tally(const std::string& queue, const Item& item) const;
  Tally stage_tally(const StageSpec& stage, const Item& item) const;
  void expect(const std::string& queue, const Item& item, bool certain);
  void expect_at(const StageSpec& stage, const Item& item, bool certain);
  void check_delivered(const StageSpec& source, uint32_t partition, uint64_t to,
                       const std::string& who_says);
  void check_item(const StageSpec& from, const Item& item);
  void check_input(const StageSpec& source);
  void check_totals(const StageSpec& stage);
  void check_nothing_invented();
  void check_counts();

  World& world_;
  const Scenario& scenario_;
  Expectation expectation_;
  const Plan* plan_ = nullptr;
  std::map<std::string, std::map<uint32_t, uint64_t>> verified_;  // source, partition, offset
  struct Published {
    std::string bytes;                 // of the last commit point; empty = none
    std::vector<std::string> tried;    // since then, with an error
  };
  std::map<uint32_t, Published> published_;
  // At the end: what may have come, and what must have been counted.
  std::map<std::string, std::set<std::string>> expected_;
  struct Arrivals {
    std::map<std::string, uint64_t> by_key;
    bool certain = true;
  };
  std::map<std::string, Arrivals> arrivals_;
};

/// Ways ("source/stage/stage") to each sink.
using WaysBySink = std::map<std::string, std::set<std::string>>;

/// What order the layout of a plan gives, found without the planner's own reasoning.
struct OrderOfWays {
  WaysBySink unordered;  ///< without order per key
  /// A record that was given up in one life may get through in the next, for the first time.
  WaysBySink fickle;
  std::string broken_promise;  ///< the plan promises an order that is not there; empty = none
};
OrderOfWays order_of_ways(const Plan& plan, const Scenario& scenario);

}  // namespace penstock::simulation
