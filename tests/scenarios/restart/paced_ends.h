// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "penstock/test_flow.h"
#include "penstock/test_stages.h"

namespace penstock {

/// How one life of a case's pipeline is to be.
struct LifeOptions {
  std::string state;         ///< folder; empty = nothing is remembered
  std::string out;           ///< folder for what the sinks are given
  size_t hold_percent = 100; ///< sources give so much of their records, then wait for ever
  double threads = 1;        ///< times the tasks of the case, where the order that it wants allows
  uint32_t workers = 2;
  bool exactly_once = false;
};

/// Sources that give records one by one and tell on standard output when they wait; sinks whose
/// records outlive the process: a file a sink, or with exactly_once the sink `file` itself.
class PacedEnds final : public CaseEnds {
 public:
  PacedEnds(const LifeOptions& options, bool any_order, bool key_order)
      : options_(options), any_order_(any_order), key_order_(key_order) {}
  void replace_source(StageSpec& stage, std::shared_ptr<const CaseInput> input,
                      Catalog& catalog) override;
  void replace_sink(StageSpec& stage, const Traits& traits,
                    std::shared_ptr<const CaseFaults> faults, Catalog& catalog) override;
  void adjust(Spec& spec, const Plan& plan) override;
  /// Sources that will wait, if nothing was restored.
  size_t holding() const { return holding_; }

 private:
  uint32_t tasks_of(const StageSpec& stage, const PlanStage& planned) const;

  const LifeOptions& options_;
  const bool any_order_;  // no sink's order counts
  const bool key_order_;  // that of keys does, nothing more
  size_t holding_ = 0;
};

/// What the lives of a case have given a sink, in order; by payload only with `exactly_once`.
std::vector<SinkRecord> read_sink(const LifeOptions& options, const std::string& sink);

/// Drops records that were there before, with the same key and payload.
std::vector<SinkRecord> without_repeats(std::vector<SinkRecord> records);

}  // namespace penstock
