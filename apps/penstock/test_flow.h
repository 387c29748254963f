// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "penstock/test_file.h"
#include "plan/plan.h"
#include "sdk/catalog.h"
#include "spec/spec.h"

// A case's pipeline, with other sources and sinks than its file has.

namespace penstock {

/// The pipeline as its file has it. `plan` is null if it is refused; `problems` say why, sorted.
struct CaseFlow {
  std::optional<Spec> spec;
  std::shared_ptr<const Plan> plan;
  Diagnostics problems;
};
/// Reads nothing of the environment but what the case names. `catalog` outlives what is returned.
CaseFlow load_case(const TestCase& test, const FlowText& flow, const Catalog& catalog);

/// What stands in for a pipeline's sources and sinks: each call makes one stage another component,
/// which it may add to the catalog.
class CaseEnds {
 public:
  virtual ~CaseEnds() = default;
  virtual void replace_source(StageSpec& stage, std::shared_ptr<const CaseInput> input,
                              Catalog& catalog) = 0;
  /// `traits` are those of the sink that is replaced.
  virtual void replace_sink(StageSpec& stage, const Traits& traits,
                            std::shared_ptr<const CaseFaults> faults, Catalog& catalog) = 0;
  /// A last word about the whole; `plan` is that of the file.
  virtual void adjust(Spec& spec, const Plan& plan) {}
};

/// A case that can run.
struct CasePlan {
  Catalog catalog;  ///< the plan points into it
  std::shared_ptr<const Plan> plan;
  std::map<std::string, CaseExpected> expected;  ///< by sink
};

/// Replaces the ends of a loaded pipeline and lays it out anew, as a job. What is wrong with the
/// case, as lines, or nothing. REQUIRES: loaded.plan is not null.
std::string prepare_case(const TestFile& file, const TestCase& test, const std::string& path,
                         const CaseFlow& loaded, CaseEnds& ends, CasePlan& out);

}  // namespace penstock
