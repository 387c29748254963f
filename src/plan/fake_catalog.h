// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/plan.h"

namespace penstock {

/// For tests of the planner: components that cannot run, one for each trait that it looks at.
/// sources `source` `pushed` (not replayable) `asked` (acknowledges) `forgetful`
/// `numbered` (identifies its records) `both`; stages `copy` `pass` (one to one) `fork` (the same,
/// ports a, b) `single` `count` (keyed, stateful, with a combiner) `sum` (stateful) `hold` `route`
/// (ports a, b) `both`; sinks `sink` `file` (two-phase) `deaf` (does not confirm) `post` (retries)
/// `crowd` (unordered) `knows` (drops repeats) `both` `picky` (an option `path` is required).
const Catalog& fake_catalog();

/// Builds a Spec in few words. Lines of the pretended file: stage i stands at line 10·(i+1), its
/// type one line below, its threads two; queue i at line 1000 + i.
class FlowBuilder {
 public:
  FlowBuilder();
  /// `in` and `out` are queues ("" = none), made on first use. An output "port:queue" names a port.
  FlowBuilder& stage(std::string name, std::string type, std::vector<std::string> in,
                     std::vector<std::string> out, uint32_t threads = 1);
  FlowBuilder& keyed(KeySpec::Kind kind = KeySpec::Kind::kPayload, std::string header = {});
  StageSpec& last() { return spec.stages.back(); }
  QueueSpec& queue(const std::string& name);

  Spec spec;
};

/// What a plan's make gave: the plan, or its messages as the user sees them.
struct Planned {
  std::unique_ptr<const Plan> plan;
  std::vector<std::string> messages;
};
Planned planned(const FlowBuilder& flow);

/// The guarantee table, or the messages: "source → sink: guarantee, order, durability", each limit
/// on a line of its own.
std::string rows(const FlowBuilder& flow);

/// A source and a sink of those types.
FlowBuilder direct(const char* source, const char* sink);

}  // namespace penstock
