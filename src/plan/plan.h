// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "base/units.h"
#include "record/key.h"
#include "sdk/catalog.h"
#include "spec/spec.h"

namespace penstock {

/// What happens to records that a stage or sink hands to retry().
struct RetryPolicy {
  /// Deliveries tried before the dead letters (or the stop); 0 = no end.
  uint32_t attempts_max = 0;
  Duration initial = milliseconds(100);
  Duration max = seconds(30);
  double jitter = 0.2;  ///< back-off is multiplied by a random factor in [1−jitter, 1+jitter]
  uint32_t parked_records_max = 10'000;  ///< beyond it the input waits
};

/// One output port of a stage and the edges that leave it. More than one edge = broadcast: each
/// gets every record.
struct PlanPort {
  std::string name;  ///< "" = the plain output
  std::vector<uint32_t> edges;
};

struct PlanStage {
  std::string name;
  std::string type;
  ComponentKind kind = ComponentKind::kStage;
  const Component* component = nullptr;
  std::shared_ptr<const Bound> bound;
  uint32_t tasks = 1;
  KeySelector key;
  RetryPolicy retry;
  std::vector<uint32_t> inputs;  ///< edges
  std::vector<PlanPort> ports;   ///< index = port number; 0 = the plain output (may have no edge)
  std::optional<uint32_t> dead_letter;  ///< edge for rejected records
  bool combined = false;                ///< its input edges run its combiner at the producers' end
  std::vector<uint32_t> cpu_pinning;
  std::optional<uint32_t> realtime_priority;
  uint32_t chain = 0;
  uint32_t region = 0;
  Position position;
};

enum class EdgeMode : uint8_t {
  kForward,  ///< chained: a plain call, task i to task i; no queue
  kShared,   ///< each record to one of the consuming tasks, whichever has room
  kKeyed,    ///< each record to the task that owns its key's group
};

const char* to_string(EdgeMode mode);  ///< "chained", "shared", "keyed"

/// From the tasks of all producing stages to the tasks of all consuming stages.
struct PlanEdge {
  std::string queue;  ///< the name in the file
  EdgeMode mode = EdgeMode::kShared;
  std::vector<uint32_t> producers;  ///< stages
  std::vector<uint32_t> consumers;  ///< stages; keyed and forward edges have one
  uint32_t capacity_records = 128;
  uint64_t capacity_bytes = 1 << 20;
  bool dead_letters = false;           ///< it carries rejected records
  Ordering ordering = Ordering::kKey;  ///< as the file asks: what a retried record holds up
};

/// Stages joined by forward edges: what one task runs. stages[0] reads lanes or is a source; the
/// others follow their producer.
struct PlanChain {
  std::vector<uint32_t> stages;
  uint32_t tasks = 1;
};

/// A connected part of the plan: one coordinator, one commit point.
struct PlanRegion {
  std::string name;  ///< the name of its first source in the file
  std::vector<uint32_t> stages;
  std::vector<uint32_t> chains;
};

/// A row of the guarantee table.
struct PlanPath {
  uint32_t source = 0;
  uint32_t sink = 0;
  /// "at least once", "exactly once", "at most once"; "best effort" = may be lost and repeated.
  std::string guarantee;
  std::string ordering;             ///< "per partition", "per key", "none"
  std::string durability;           ///< "kill", "power", "none"
  std::vector<std::string> limits;  ///< what keeps it from more, one line each
};

/// A pipeline, bound to components and laid out: everything that runs is decided here. Immutable.
struct Plan {
  Spec spec;
  std::vector<PlanStage> stages;  ///< in file order
  std::vector<PlanEdge> edges;
  std::vector<PlanChain> chains;
  std::vector<PlanRegion> regions;
  std::vector<PlanPath> paths;
  std::vector<std::string> notes;  ///< what `run` says first: what stands in for a broker
};

/// Binds and lays out. All problems go to `diagnostics`; null if any is an error. Pure: opens and
/// reads nothing. `catalog` must outlive the plan.
std::unique_ptr<const Plan> make_plan(Spec spec, const Catalog& catalog, Diagnostics& diagnostics);

/// Names the stages of a region that keep state, with their types and keys. A state folder written
/// under another signature is refused.
std::string state_signature(const Plan& plan, uint32_t region);

}  // namespace penstock
