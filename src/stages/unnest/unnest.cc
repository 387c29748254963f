// SPDX-License-Identifier: Apache-2.0
#include "stages/unnest/unnest.h"

#include <memory>
#include <string>
#include <vector>

#include "json/walk.h"
#include "mapping/edits.h"
#include "stages/expression_stage.h"
#include "stages/rewriter.h"
#include "value/write_json.h"

namespace penstock {
namespace {

enum class UnnestEmpty : uint8_t { kDrop, kKeep };

struct UnnestOptions {
  ExpressionText items;
  bool keep = false;
  std::string as;
  std::string index;
  UnnestEmpty empty = UnnestEmpty::kDrop;
  ExprDialect dialect = ExprDialect::kPenstock;
};

/// Where the array stands, if the expression is nothing but a path.
DocumentPath plain_path(const Program& program, std::string_view text) {
  const ProgramFacts& read = facts(program);
  if (read.paths.size() != 1 || read.whole_document) return {};
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  const std::string path = to_string(read.paths[0]);
  return text == path || text == "this." + path ? read.paths[0] : DocumentPath();
}

const Schema<UnnestOptions>& unnest_schema() {
  using O = UnnestOptions;
  static const Schema<O> schema(
      {
          field("items", &O::items)
              .required()
              .example("order.lines")
              .about("An expression that gives an array. Each item becomes a record."),
          field("keep", &O::keep)
              .about("Whether each record is the whole document with the item in place of the "
                     "array; otherwise it is the item alone."),
          field("as", &O::as)
              .about("With `keep`: the member that holds the item, and the array is left out. "
                     "Without it the item stands where the array stood."),
          field("index", &O::index)
              .about("With `keep`: a member that says which item it is, from 0."),
          field("empty", &O::empty)
              .one_of({{"drop", UnnestEmpty::kDrop}, {"keep", UnnestEmpty::kKeep}})
              .about("What becomes of a record whose array is empty or nil: `drop` = it ends here, "
                     "`keep` = it passes as it is."),
          dialect_field(&O::dialect),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        const auto program =
            compile_option(o.items, o.dialect, kArrayType | kNullType, diagnostics);
        if (program != nullptr && o.keep && o.as.empty() &&
            plain_path(*program, o.items.value).empty()) {
          diagnostics.error("missing-field", at, "items is not a plain field, so as is needed",
                            "say which member holds the item: as: item");
        }
      });
  return schema;
}

class Unnest final : public Stage {
 public:
  Unnest(std::shared_ptr<const UnnestOptions> options, std::shared_ptr<const Program> items)
      : options_(std::move(options)), items_(std::move(items)),
        path_(plain_path(*items_, options_->items.value)) {
    for (const PathStep& step : path_) array_at_.push_back({step.key, step.index});
  }

  Result<void> open(const TaskContext& context) override {
    evaluator_ = make_evaluator(context);
    program_ = evaluator_->add(items_, ResultUse::kItems);
    rewriter_ = std::make_unique<Rewriter>(context);
    return {};
  }
  void process(Batch batch, Output& out) override {
    evaluator_->begin(batch);
    const Column& column = evaluator_->column(program_, evaluator_->all_rows());
    rewriter_->begin(batch);
    for (uint32_t i = 0; i < batch.size(); ++i) {
      const uint32_t row = batch.place(i);
      if (column.cell(row) == Cell::kError) continue;
      const Record& record = batch[i];
      size_t made = 0;
      const Result<void> done = each(column, row, [&](const Value& item) -> Result<void> {
        text_.clear();
        PENSTOCK_TRY(options_->keep ? write_document(record, item, made) : write(item));
        rewriter_->add(record, text_, out);
        ++made;
        return {};
      });
      if (!done) out.reject(record, batch.epoch(), done.error());
      else if (made == 0 && options_->empty == UnnestEmpty::kKeep) {
        rewriter_->add_slice(record, record.payload_view(), out);
      }
    }
    reject_failed(*evaluator_, batch, out);
    rewriter_->end(out);
  }

 private:
  /// Calls f for each item. An array that nobody looked into is walked as text, and its items are
  /// copied as they stand.
  template <class F>
  Result<void> each(const Column& column, uint32_t row, F&& f) {
    if (column.cell(row) != Cell::kValue) return {};
    if (column.type != ColumnType::kValue) return no_array();
    const Value value = column.values[column.constant ? 0 : row];
    if (value.is(ValueKind::kArray)) {
      for (const Value& item : value.items()) PENSTOCK_TRY(f(item));
      return {};
    }
    if (!value.is(ValueKind::kJson) || !value.text().starts_with('[')) return no_array();
    if (!structure_.scan(value.text())) return no_array();
    JsonWalk walk(value.text(), structure_.tokens());
    return walk.items([&]() -> Result<void> {
      const Result<std::string_view> item = walk.skip();
      if (!item) return unexpected(item.error());
      return f(Value::json(*item));
    });
  }
  static Error no_array() {
    return reject_error("expression-failed", "what is to be unnested is no array");
  }
  Result<void> write(const Value& item) {
    if (!item.is_text()) return write_json(item, text_);
    text_ += item.text();
    return {};
  }
  Result<void> write_document(const Record& record, const Value& item, size_t index) {
    ValueArena& arena = evaluator_->context().arena();
    edits_.clear();
    if (options_->as.empty()) {
      PENSTOCK_TRY(edits_.set(array_at_, item, arena));
    } else {
      if (!array_at_.empty() && array_at_.back().index < 0) {
        PENSTOCK_TRY(edits_.remove(array_at_, arena));
      }
      const EditStep as{options_->as, -1};
      PENSTOCK_TRY(edits_.set({&as, 1}, item, arena));
    }
    if (!options_->index.empty()) {
      const EditStep at{options_->index, -1};
      PENSTOCK_TRY(edits_.set({&at, 1}, Value::integer(static_cast<int64_t>(index)), arena));
    }
    return edits_.apply(record.payload_view(), arena, text_);
  }

  std::shared_ptr<const UnnestOptions> options_;
  std::shared_ptr<const Program> items_;
  const DocumentPath path_;
  std::vector<EditStep> array_at_;  // as path_
  std::unique_ptr<Evaluator> evaluator_;
  size_t program_ = 0;
  std::unique_ptr<Rewriter> rewriter_;
  JsonStructure structure_;
  Edits edits_;
  std::string text_;
};

class UnnestFactory final : public StageFactory {
 public:
  explicit UnnestFactory(std::shared_ptr<const UnnestOptions> options)
      : options_(std::move(options)),
        // Any type: an array that nobody looked into then stays text.
        items_(compiled_option(options_->items, options_->dialect, kAnyType)) {}
  std::unique_ptr<Stage> create() const override {
    return std::make_unique<Unnest>(options_, items_);
  }

 private:
  std::shared_ptr<const UnnestOptions> options_;
  std::shared_ptr<const Program> items_;
};

}  // namespace

void register_unnest(Catalog& catalog) {
  catalog.add(component<UnnestOptions>(
      ComponentKind::kStage, "unnest", "stages/unnest", "Makes a record of each item of an array.",
      {}, unnest_schema(), [](Bound& bound, std::shared_ptr<const UnnestOptions> options) {
        bound.stage = std::make_unique<UnnestFactory>(std::move(options));
      }));
}

}  // namespace penstock
