// SPDX-License-Identifier: Apache-2.0
#include "stages/expression_key.h"

#include <charconv>

#include "expr/evaluator.h"
#include "mapping/option.h"
#include "mapping/record_change.h"
#include "record/batch_builder.h"

namespace penstock {
namespace {

/// Records of a batch by columns; any other by itself.
class ExpressionKeyReader final : public KeyReader {
 public:
  explicit ExpressionKeyReader(std::shared_ptr<const Program> program)
      : program_(std::move(program)), batches_(EvaluatorOptions{}) {
    index_ = batches_.add(program_, ResultUse::kEach);  // the same for many as for one
  }

  const std::vector<Failed>& begin(const Batch& batch) override {
    forget();
    failed_.clear();
    bytes_.clear();
    if (batch.empty()) return failed_;
    first_ = batch.heads().data();
    keys_.assign(batch.heads().size(), Key());
    batches_.begin(batch);
    const Column& column = batches_.column(index_, batches_.all_rows());
    auto next = batches_.errors().begin();  // of rows for which the column says nothing
    for (uint32_t i = 0; i < batch.size(); ++i) {
      const uint32_t place = batch.place(i);
      if (next != batches_.errors().end() && next->row == place) {
        failed_.push_back({i, next->error});
        ++next;
      } else {
        keys_[place] = key(column, place, i);
      }
    }
    bytes_.append(kArenaPadding, '\0');
    return failed_;
  }
  void forget() override { first_ = nullptr; }

  std::string_view of(const Record& record) override {
    const auto at = reinterpret_cast<uintptr_t>(&record);
    const auto begin = reinterpret_cast<uintptr_t>(first_);
    if (first_ == nullptr || at < begin || at >= begin + keys_.size() * sizeof(Record)) {
      return alone(record);
    }
    const Key& key = keys_[(at - begin) / sizeof(Record)];
    return {key.slice != nullptr ? key.slice : bytes_.data() + key.at, key.size};
  }

 private:
  /// A slice of the payload, or else of bytes_ (which may still move while they are collected).
  struct Key {
    const char* slice = nullptr;
    size_t at = 0;
    uint32_t size = 0;
  };

  /// Of the head at `row`, which is the batch's record `i`.
  Key key(const Column& column, uint32_t row, uint32_t i) {
    const Cell cell = column.cell(row);
    if (cell == Cell::kNull || cell == Cell::kMissing) return {};
    if (cell == Cell::kValue && column.type == ColumnType::kText && !column.constant &&
        !column.texts[row].escaped) {
      return {column.texts[row].data, 0, column.texts[row].size};
    }
    if (cell == Cell::kValue && column.type == ColumnType::kInt && !column.constant) {
      char digits[24];
      const auto end = std::to_chars(digits, digits + sizeof digits, column.ints[row]).ptr;
      return stored({digits, static_cast<size_t>(end - digits)});
    }
    const Result<Value> value = batches_.value(index_, row);
    if (!value) {
      failed_.push_back({i, value.error()});
      return {};
    }
    if (value->is_null()) return {};
    const auto text = record_text(*value, batches_.context().arena());
    if (text) return stored(*text);
    failed_.push_back({i, text.error()});
    return {};
  }
  Key stored(std::string_view text) {
    const Key key{nullptr, bytes_.size(), static_cast<uint32_t>(text.size())};
    bytes_.append(text);
    return key;
  }

  std::string_view alone(const Record& record) {
    if (single_ == nullptr) {
      single_ = std::make_unique<Evaluator>(EvaluatorOptions{});
      single_->add(program_, ResultUse::kEach);
    }
    BatchBuilder builder(pool_, 1);
    builder.append_copy(record);
    const Batch batch = builder.take();
    single_->begin(batch);
    const Result<Value> value = single_->value(0, 0);
    one_.clear();
    if (value && !value->is_null()) {
      const auto text = record_text(*value, single_->context().arena());
      if (text) one_.assign(*text);
    }
    const size_t size = one_.size();
    one_.append(kArenaPadding, '\0');
    return {one_.data(), size};
  }

  std::shared_ptr<const Program> program_;
  Evaluator batches_;
  size_t index_ = 0;
  const Record* first_ = nullptr;  // of the batch; null = none
  std::vector<Key> keys_;          // by the place of their heads
  std::vector<Failed> failed_;
  std::string bytes_;
  BatchPool pool_;
  std::unique_ptr<Evaluator> single_;  // made when first needed
  std::string one_;
};

class ExpressionKey final : public KeyProgram {
 public:
  ExpressionKey(std::shared_ptr<const Program> program, std::string text)
      : program_(std::move(program)), text_(std::move(text)) {}
  std::unique_ptr<KeyReader> reader() const override {
    return std::make_unique<ExpressionKeyReader>(program_);
  }
  const std::string& text() const override { return text_; }

 private:
  std::shared_ptr<const Program> program_;
  std::string text_;
};

std::shared_ptr<const KeyProgram> compile_key(const ExpressionText& text, std::string_view dialect,
                                              Diagnostics& diagnostics) {
  const auto program =
      compile_option(text, dialect == "argo" ? ExprDialect::kArgo : ExprDialect::kPenstock,
                     kAnyType, diagnostics);
  if (program == nullptr) return nullptr;
  const ProgramFacts& read = facts(*program);
  if (!read.repeatable) {
    diagnostics.error("bad-stage-key", text.position,
                      "a key must come out the same whenever it is computed, this one may not",
                      "do without the clock, chance, the machine and attempts");
    return nullptr;
  }
  if (read.constant) {
    diagnostics.error("bad-stage-key", text.position, "the key is the same for every record",
                      "name a field of the records, or write key: none");
    return nullptr;
  }
  return std::make_shared<ExpressionKey>(program, text.value);
}

}  // namespace

void register_expression_keys(Catalog& catalog) { catalog.set_key_compiler(compile_key); }

}  // namespace penstock
