// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "auditor.h"

namespace penstock::simulation {
namespace {

/// One way through the flow, as far as it has been walked.
struct Walk {
  std::string way;
  bool ordered = true;   // per key
  bool mixed = false;    // records of different keys may have changed places
  bool rekeyed = false;  // the key is another one than the plan thinks of
  bool fickle = false;   // a record may be given up, or not
};

class Ways {
 public:
  Ways(const Plan& plan, const Scenario& scenario) : plan_(plan), scenario_(scenario) {}

  void from(uint32_t source) {
    source_ = source;
    Walk walk;
    walk.way = plan_.stages[source].name;
    leave(source, walk);
  }
  OrderOfWays found;

 private:
  void leave(uint32_t stage, const Walk& walk) {
    for (const PlanPort& port : plan_.stages[stage].ports) {
      for (const uint32_t e : port.edges) {
        for (const uint32_t next : plan_.edges[e].consumers) arrive(plan_.edges[e], next, walk);
      }
    }
  }

  void arrive(const PlanEdge& edge, uint32_t stage, Walk walk) {
    uint32_t tasks = 0;
    for (const uint32_t consumer : edge.consumers) tasks += plan_.stages[consumer].tasks;
    if (edge.ordering == Ordering::kNone) walk.ordered = false;
    if (edge.mode == EdgeMode::kShared && tasks > 1) walk.ordered = false;
    if (edge.mode == EdgeMode::kKeyed && tasks > 1) walk.mixed = true;
    const PlanStage& at = plan_.stages[stage];
    const Behaviour& b = scenario_.behaviour(at.name);
    if (b.transient > 0) walk.mixed = true;
    if (b.flights_max > 1) walk.ordered = false;
    if (b.may_give_up) walk.fickle = true;
    if (at.kind == ComponentKind::kSink) return end(stage, walk);
    walk.way += "/" + at.name;
    if (b.rekey) {
      // What was in order by the old key is in order by the new one if nothing moved at all.
      if (walk.mixed) walk.ordered = false;
      walk.rekeyed = true;
    }
    leave(stage, walk);
  }

  void end(uint32_t sink, const Walk& walk) {
    if (walk.fickle) found.fickle[plan_.stages[sink].name].insert(walk.way);
    if (walk.ordered) return;
    found.unordered[plan_.stages[sink].name].insert(walk.way);
    // A sink with several calls at a time gives up order by itself; a plan cannot know.
    const bool own_doing = scenario_.behaviour(plan_.stages[sink].name).flights_max > 1;
    for (const PlanPath& path : plan_.paths) {
      if (path.source != source_ || path.sink != sink || walk.rekeyed || own_doing) continue;
      if (path.ordering == "none") continue;
      found.broken_promise = "the plan promises order " + path.ordering + " on the way " +
                             walk.way + " to " + plan_.stages[sink].name;
    }
  }

  const Plan& plan_;
  const Scenario& scenario_;
  uint32_t source_ = 0;
};

}  // namespace

OrderOfWays order_of_ways(const Plan& plan, const Scenario& scenario) {
  Ways ways(plan, scenario);
  for (uint32_t s = 0; s < plan.stages.size(); ++s) {
    if (plan.stages[s].kind == ComponentKind::kSource) ways.from(s);
  }
  return ways.found;
}

}  // namespace penstock::simulation
