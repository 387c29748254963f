// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "expr/evaluator.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {

/// A result as tests write it: JSON, or "error: " and the message.
inline std::string shown(const Result<Value>& value) {
  if (!value) return "error: " + value.error().message;
  std::string out;
  const auto ok = write_json(*value, out);
  return ok ? out : "error: " + ok.error().message;
}

/// The few functions that tests of the language call.
inline FunctionTable test_functions() {
  FunctionTable table;
  table.add({.name = "len", .category = "test", .signatures = {"(v: text|array|map) -> int"},
             .about = "", .body = [](EvalContext&, std::span<const Value> a) -> Result<Value> {
               return Value::integer(a[0].size());
             }});
  table.add({.name = "half", .space = "sprig", .category = "test",
             .signatures = {"(n: int) -> int"}, .about = "",
             .body = [](EvalContext&, std::span<const Value> a) -> Result<Value> {
               if (a[0].as_int() % 2 != 0) return eval_error("this is odd");
               return Value::integer(a[0].as_int() / 2);
             }});
  table.add({.name = "seconds", .category = "test", .signatures = {"(n: int) -> duration"},
             .about = "", .body = [](EvalContext&, std::span<const Value> a) -> Result<Value> {
               return Value::duration(a[0].as_int() * 1'000'000'000);
             }});
  table.add({.name = "at", .category = "test", .signatures = {"(n: int) -> time"}, .about = "",
             .body = [](EvalContext&, std::span<const Value> a) -> Result<Value> {
               return Value::time_micros(a[0].as_int() * 1'000'000);
             }});
  return table;
}

/// Evaluates one expression over documents in each way there is.
class TestEvaluation {
 public:
  TestEvaluation(const std::string& text, const FunctionTable& functions,
                 ExprDialect dialect = ExprDialect::kPenstock)
      : evaluator_dialect_(dialect) {
    ExprEnvironment environment;
    environment.dialect = dialect;
    environment.functions = &functions;
    program_ = compile(text, environment, problems_);
  }
  bool ok() const { return program_ != nullptr; }
  const Problems& problems() const { return problems_; }
  const Program& program() const { return *program_; }

  /// On a parsed document, without a batch.
  std::string alone(const std::string& document) {
    ValueArena arena;
    EvalContext context(arena, nullptr, 1, {}, nullptr, dialect());
    JsonParser parser;
    const auto value = parser.parse(document, arena);
    if (!value) return "error: " + value.error().message;
    return shown(evaluate(*program_, *value, {}, context));
  }
  /// Over a batch, by columns; a result for each document.
  std::vector<std::string> by_columns(const std::vector<std::string>& documents) {
    load(documents);
    std::vector<std::string> out(documents.size());
    const Rows rows = evaluator_->prepare_json(0, evaluator_->all_rows());
    for (uint32_t i = 0; i < rows.count; ++i) {
      const auto ok = evaluator_->write_json(0, rows[i], out[rows[i]]);
      if (!ok) out[rows[i]] = "error: " + ok.error().message;
      const int64_t room = evaluator_->json_room(0, rows[i]);
      if (room < 0) continue;
      std::string put(static_cast<size_t>(room), '\0');
      put.resize(static_cast<size_t>(evaluator_->put_json(0, rows[i], put.data()) - put.data()));
      if (put != out[rows[i]]) out[rows[i]] += ", put " + put;
    }
    for (const RowError& e : evaluator_->errors()) out[e.row] = "error: " + e.error.message;
    return out;
  }
  /// Over a batch, row by row.
  std::vector<std::string> by_rows(const std::vector<std::string>& documents) {
    load(documents);
    std::vector<std::string> out;
    for (uint32_t row = 0; row < documents.size(); ++row) {
      out.push_back(shown(evaluator_->value(0, row)));
    }
    return out;
  }
  /// As a filter: the rows that are kept.
  std::vector<uint32_t> kept(const std::vector<std::string>& documents) {
    load(documents);
    const Rows rows = evaluator_->filter(0, evaluator_->all_rows());
    std::vector<uint32_t> out;
    for (uint32_t i = 0; i < rows.count; ++i) out.push_back(rows[i]);
    return out;
  }
  Evaluator& evaluator() { return *evaluator_; }
  /// What is only copied is to keep its text.
  void keep_source() { keep_source_ = true; }

 private:
  ExprDialect dialect() const { return evaluator_dialect_; }
  void load(const std::vector<std::string>& documents) {
    if (evaluator_ == nullptr) {
      evaluator_ = std::make_unique<Evaluator>(EvaluatorOptions{});
      evaluator_->add(program_, keep_source_ ? ResultUse::kWritten : ResultUse::kValues);
    }
    BatchBuilder builder(pool_);
    for (const std::string& d : documents) builder.append(d);
    batch_ = builder.take();
    evaluator_->begin(batch_);
  }

  bool keep_source_ = false;
  Problems problems_;
  std::shared_ptr<const Program> program_;
  ExprDialect evaluator_dialect_ = ExprDialect::kPenstock;
  BatchPool pool_;
  Batch batch_;
  std::unique_ptr<Evaluator> evaluator_;
};

}  // namespace penstock
