// SPDX-License-Identifier: Apache-2.0
#include "stages/template/template.h"

#include <memory>
#include <string>
#include <vector>

#include "mapping/option.h"
#include "mapping/record_change.h"
#include "stages/expression_stage.h"
#include "stages/rewriter.h"
#include "stages/template/text_template.h"

namespace penstock {
namespace {

struct TemplateOptions {
  ExpressionText text;
  ExprDialect dialect = ExprDialect::kPenstock;
};

const Schema<TemplateOptions>& template_schema() {
  using O = TemplateOptions;
  static const Schema<O> schema(
      {
          field("template", &O::text)
              .required()
              .example("{{ level }}: {{ message }}")
              .about("What the payload becomes. Expressions stand between {{ and }}: text goes in "
                     "as it is, nil as nothing, all else as JSON."),
          dialect_field(&O::dialect),
      },
      [](const O& o, const Position&, Diagnostics& diagnostics) {
        Problems problems;
        TextTemplate::parse(o.text.value, option_environment(o.dialect), problems);
        report_option(problems, o.text, diagnostics);
      });
  return schema;
}

class Template final : public Stage {
 public:
  explicit Template(std::shared_ptr<const TextTemplate> text) : text_(std::move(text)) {}

  Result<void> open(const TaskContext& context) override {
    evaluator_ = make_evaluator(context);
    for (const TextTemplate::Piece& piece : text_->pieces()) {
      if (piece.program == nullptr) continue;
      programs_.push_back(evaluator_->add(piece.program, ResultUse::kEach));
    }
    rewriter_ = std::make_unique<Rewriter>(context);
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (!programs_.empty()) evaluator_->begin(batch);
    uint32_t i = 0;
    rewriter_->each(batch, out, [&](const Record&, std::string& payload) {
      return write(batch.place(i++), payload);
    });
  }

 private:
  Result<void> write(uint32_t row, std::string& payload) {
    size_t next = 0;
    for (const TextTemplate::Piece& piece : text_->pieces()) {
      payload += piece.text;
      if (piece.program == nullptr) continue;
      const Result<Value> value = evaluator_->value(programs_[next++], row);
      if (!value) return unexpected(value.error());
      const auto text = record_text(*value, evaluator_->context().arena());
      if (!text) return unexpected(text.error());
      payload += *text;
    }
    return {};
  }

  std::shared_ptr<const TextTemplate> text_;
  std::unique_ptr<Evaluator> evaluator_;
  std::vector<size_t> programs_;
  std::unique_ptr<Rewriter> rewriter_;
};

class TemplateFactory final : public StageFactory {
 public:
  explicit TemplateFactory(const TemplateOptions& o) {
    Problems problems;
    text_ = TextTemplate::parse(o.text.value, option_environment(o.dialect), problems);
    CHECK(text_ != nullptr);
  }
  std::unique_ptr<Stage> create() const override { return std::make_unique<Template>(text_); }

 private:
  std::shared_ptr<const TextTemplate> text_;
};

}  // namespace

void register_template(Catalog& catalog) {
  catalog.add(component<TemplateOptions>(
      ComponentKind::kStage, "template", "stages/template",
      "Writes text with the results of expressions in it.", {.one_to_one = true}, template_schema(),
      [](Bound& bound, std::shared_ptr<const TemplateOptions> options) {
        bound.stage = std::make_unique<TemplateFactory>(*options);
      }));
}

}  // namespace penstock
