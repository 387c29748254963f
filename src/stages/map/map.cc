// SPDX-License-Identifier: Apache-2.0
#include "stages/map/map.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mapping/option.h"
#include "record/headers.h"
#include "stages/expression_stage.h"
#include "stages/map/map_output.h"
#include "stages/map/record_parts.h"

namespace penstock {
namespace {

struct MapOptions {
  ExpressionText expression;
  ExpressionText mapping;
  ExpressionText key;
  std::map<std::string, ExpressionText> headers;
  ExpressionText event_time;
  ExprDialect dialect = ExprDialect::kPenstock;
};

void check_map(const MapOptions& o, const Position& at, Diagnostics& diagnostics) {
  if (o.expression.set && o.mapping.set) {
    diagnostics.error("missing-field", o.mapping.key_position,
                      "expression and mapping are both given", "give one of them");
  }
  if (!o.expression.set && !o.mapping.set && !o.key.set && o.headers.empty() &&
      !o.event_time.set) {
    diagnostics.error("missing-field", at, "a map without an expression changes nothing",
                      "give expression, mapping, key, headers or event_time");
  }
  compile_option(o.expression, o.dialect, kAnyType, diagnostics);
  compile_option(o.key, o.dialect, kAnyType, diagnostics);
  compile_option(o.event_time, o.dialect, kTimeType | kStringType | kNullType, diagnostics);
  for (const auto& [name, text] : o.headers) {
    compile_option(text, o.dialect, kAnyType, diagnostics);
  }
  compile_mapping_option(o.mapping, o.dialect, diagnostics);
}

const Schema<MapOptions>& map_schema() {
  using O = MapOptions;
  static const Schema<O> schema(
      {
          field("expression", &O::expression)
              .example("{\"id\": user.id, \"total\": price * count}")
              .about("What the payload becomes: maps, arrays, numbers, bools and nil as JSON, "
                     "strings and bytes as they are."),
          field("mapping", &O::mapping)
              .example("this.total = this.price * this.count")
              .about("Statements that change the document, one a line, instead of `expression`."),
          field("key", &O::key).about("What the record's key becomes; nil = none."),
          field("headers", &O::headers)
              .about("Headers to set, by name, each an expression; nil removes it."),
          field("event_time", &O::event_time)
              .about("What the record's event time becomes: a time, or RFC 3339 text."),
          dialect_field(&O::dialect),
      },
      check_map);
  return schema;
}

/// The programs of a stage; shared by its tasks.
struct MapPrograms {
  std::shared_ptr<const Program> expression;
  std::shared_ptr<const Mapping> mapping;
  RecordPartPrograms parts;

  explicit MapPrograms(const MapOptions& o) {
    if (o.expression.set) expression = compiled_option(o.expression, o.dialect, kAnyType);
    if (o.mapping.set) mapping = compiled_mapping_option(o.mapping, o.dialect);
    if (o.key.set) parts.key = compiled_option(o.key, o.dialect, kAnyType);
    if (o.event_time.set) {
      parts.event_time =
          compiled_option(o.event_time, o.dialect, kTimeType | kStringType | kNullType);
    }
    for (const auto& [name, text] : o.headers) {
      parts.headers.emplace_back(name, compiled_option(text, o.dialect, kAnyType));
    }
  }
};

class Map final : public Stage {
 public:
  explicit Map(std::shared_ptr<const MapPrograms> programs) : programs_(std::move(programs)) {}

  Result<void> open(const TaskContext& context) override {
    evaluator_ = make_evaluator(context);
    output_ = std::make_unique<MapOutput>(*context.pool, context.batch_records_max);
    parts_ = std::make_unique<RecordParts>(programs_->parts, *evaluator_);
    changes_parts_ = !programs_->parts.empty();
    if (programs_->expression != nullptr) {
      expression_ = evaluator_->add(programs_->expression, ResultUse::kWritten);
      may_be_text_ = (facts(*programs_->expression).result & kTextType) != 0;
    }
    if (programs_->mapping != nullptr) {
      runner_ = std::make_unique<MappingRunner>(programs_->mapping, *evaluator_);
    }
    return {};
  }

  void process(Batch batch, Output& out) override {
    evaluator_->begin(batch);
    output_->begin(batch);
    if (runner_ != nullptr) run_mapping(batch, out);
    else if (programs_->expression != nullptr) write_results(batch, out);
    else change_parts(batch, out);
    output_->emit(out);
  }

 private:
  using Outcome = MappingOutcome;

  /// The columns of the result, then one record after another.
  void write_results(const Batch& batch, Output& out) {
    const Rows rows = evaluator_->prepare_json(expression_, evaluator_->all_rows());
    reject_failed(*evaluator_, batch, out);
    Outcome changed;
    changed.kind = Outcome::Kind::kChanged;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const uint32_t row = rows[i];
      const Record& record = batch.heads()[row];
      const int64_t room =
          may_be_text_ || changes_parts_ ? -1 : evaluator_->json_room(expression_, row);
      if (room < 0) {
        write_result(record, row, batch, out);
        continue;
      }
      char* const to = output_->room(static_cast<size_t>(room));
      const char* const end = evaluator_->put_json(expression_, row, to);
      output_->add_written(record, changed, static_cast<size_t>(end - to), out);
    }
  }
  void write_result(const Record& record, uint32_t row, const Batch& batch, Output& out) {
    std::string& text = output_->text();
    const size_t before = text.size();
    Result<void> written = may_be_text_ ? evaluator_->write_payload(expression_, row, text)
                                        : evaluator_->write_json(expression_, row, text);
    Outcome outcome;
    outcome.kind = Outcome::Kind::kChanged;
    if (written && changes_parts_) written = parts_->apply(record, row, outcome);
    add(record, written, outcome, before, batch, out);
  }
  void change_parts(const Batch& batch, Output& out) {
    for (uint32_t i = 0; i < batch.size(); ++i) {
      Outcome outcome;
      const Result<void> done = parts_->apply(batch[i], batch.place(i), outcome);
      add(batch[i], done, outcome, output_->text().size(), batch, out);
    }
  }
  void add(const Record& record, const Result<void>& done, const Outcome& outcome, size_t before,
           const Batch& batch, Output& out) {
    if (done) return output_->add(record, outcome, before, out);
    output_->text().resize(before);
    out.reject(record, batch.epoch(), done.error());
  }
  void run_mapping(const Batch& batch, Output& out) {
    for (uint32_t i = 0; i < batch.size(); ++i) {
      const uint32_t row = batch.place(i);
      const Record& record = batch[i];
      std::string& text = output_->text();
      const size_t before = text.size();
      Result<Outcome> outcome = runner_->run(record, row, text);
      Result<void> done;
      if (!outcome) done = outcome.error();
      else if (outcome->kind == Outcome::Kind::kDropped) continue;
      else if (changes_parts_) done = parts_->apply(record, row, *outcome);
      if (!done) {
        text.resize(before);
        out.reject(record, batch.epoch(), done.error());
        continue;
      }
      output_->add(record, *outcome, before, out);
    }
  }

  std::shared_ptr<const MapPrograms> programs_;
  std::unique_ptr<Evaluator> evaluator_;
  std::unique_ptr<MapOutput> output_;
  std::unique_ptr<RecordParts> parts_;
  std::unique_ptr<MappingRunner> runner_;
  size_t expression_ = 0;
  bool may_be_text_ = false;
  bool changes_parts_ = false;
};

class MapFactory final : public StageFactory {
 public:
  explicit MapFactory(const MapOptions& o) : programs_(std::make_shared<const MapPrograms>(o)) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<Map>(programs_); }

 private:
  std::shared_ptr<const MapPrograms> programs_;
};

}  // namespace

void register_map(Catalog& catalog) {
  catalog.add(component<MapOptions>(
      ComponentKind::kStage, "map", "stages/map",
      "Makes of each record what an expression or a mapping says.", {.one_to_one = true},
      map_schema(),
      [](Bound& bound, std::shared_ptr<const MapOptions> options) {
        bound.stage = std::make_unique<MapFactory>(*options);
      }));
}

}  // namespace penstock
