// SPDX-License-Identifier: Apache-2.0
#include "stages/filter/filter.h"

#include <memory>

#include "stages/expression_stage.h"

namespace penstock {
namespace {

struct FilterOptions {
  ExpressionText expression;
  ExprDialect dialect = ExprDialect::kPenstock;
};

const Schema<FilterOptions>& filter_schema() {
  using O = FilterOptions;
  static const Schema<O> schema(
      {
          field("expression", &O::expression)
              .required()
              .example("event_type == 2 && bid.price > 1000")
              .about("Records for which this is true pass on; those for which it is false end "
                     "here. Names are fields of the JSON payload."),
          dialect_field(&O::dialect),
      },
      [](const O& o, const Position&, Diagnostics& diagnostics) {
        compile_option(o.expression, o.dialect, kBoolType, diagnostics);
      });
  return schema;
}

/// Marks what passes; nothing is copied.
class Filter final : public Stage {
 public:
  explicit Filter(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  Result<void> open(const TaskContext& context) override {
    evaluator_ = make_evaluator(context);
    keep_ = evaluator_->add(program_);
    return {};
  }
  void process(Batch batch, Output& out) override {
    evaluator_->begin(batch);
    const Rows rows = evaluator_->filter(keep_, evaluator_->all_rows());
    reject_failed(*evaluator_, batch, out);
    if (rows.count == 0) return;
    if (rows.count < batch.size()) batch.select(rows.index, rows.count);
    out.emit(std::move(batch));
  }

 private:
  std::shared_ptr<const Program> program_;
  std::unique_ptr<Evaluator> evaluator_;
  size_t keep_ = 0;
};

class FilterFactory final : public StageFactory {
 public:
  explicit FilterFactory(const FilterOptions& o)
      : program_(compiled_option(o.expression, o.dialect, kBoolType)) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<Filter>(program_); }

 private:
  std::shared_ptr<const Program> program_;
};

}  // namespace

void register_filter(Catalog& catalog) {
  catalog.add(component<FilterOptions>(
      ComponentKind::kStage, "filter", "stages/filter",
      "Lets those records pass for which an expression is true.",
      {.passes_batches = true, .one_to_one = true}, filter_schema(),
      [](Bound& bound, std::shared_ptr<const FilterOptions> options) {
        bound.stage = std::make_unique<FilterFactory>(*options);
      }));
}

}  // namespace penstock
