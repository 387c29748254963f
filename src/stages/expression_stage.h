// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "expr/evaluator.h"
#include "expr/machine.h"
#include "json/projector.h"
#include "mapping/option.h"
#include "sdk/stage.h"

namespace penstock {

/// The option `dialect:` of every stage that has expressions.
template <class O>
Field<O, ExprDialect> dialect_field(ExprDialect O::*member) {
  return field("dialect", member)
      .one_of({{"penstock", ExprDialect::kPenstock}, {"argo", ExprDialect::kArgo}})
      .about("Whose meaning expressions have: `penstock`, or `argo` = that of Argo Dataflow, "
             "where the payload is `msg`.");
}

/// An evaluator for one task of a stage.
inline std::unique_ptr<Evaluator> make_evaluator(const TaskContext& context) {
  EvaluatorOptions options;
  options.clock = context.clock;
  options.seed = context.seed + context.task;
  options.outside = std::make_shared<Machine>(*context.clock, context.environment);
  if (context.payloads != nullptr) {
    auto& projector = context.payloads->projector;
    if (projector == nullptr) projector = std::make_shared<Projector>(EvalLimits().memory_max);
    options.projector = projector;
  }
  return std::make_unique<Evaluator>(options);
}

/// To the dead letters with whatever could not be evaluated since begin().
inline void reject_failed(const Evaluator& evaluator, const Batch& batch, Output& out) {
  for (const RowError& failed : evaluator.errors()) {
    out.reject(batch.heads()[failed.row], batch.epoch(), failed.error);
  }
}

}  // namespace penstock
