// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "expr/expr.h"
#include "json/column.h"
#include "record/batch.h"
#include "value/value.h"

namespace penstock {

class Projector;

struct EvaluatorOptions {
  const Clock* clock = nullptr;
  uint64_t seed = 0;
  std::shared_ptr<const EvalOutside> outside = {};  ///< null: it may not look at the machine
  /// Shared with evaluators that see the same batches, so that each payload is passed through once;
  /// null = one of its own.
  std::shared_ptr<Projector> projector = nullptr;
};

enum class ResultUse : uint8_t {
  kValues,
  kWritten,  ///< by prepare_json(): the text of values that are only copied is kept
  kItems,    ///< an array that is only read from a field is one of texts (kJson)
  kEach,     ///< asked for by value(): closures get no columns of items
};

/// A record that an expression could not be evaluated for. `row` is its place among the heads.
struct RowError {
  uint32_t row = 0;
  Error error;
};

/// Runs programs over batches: one pass over the payloads fills the columns that all its programs
/// read together, then each program runs a batch at a time. Owned by one task; not thread-safe.
///
///   Evaluator evaluator(options);
///   const size_t keep = evaluator.add(program);          // all programs before the first batch
///   evaluator.begin(batch);
///   Rows rows = evaluator.filter(keep, evaluator.all_rows());
///   for (const RowError& e : evaluator.errors()) out.reject(batch.heads()[e.row], …);
///
/// Rows are places among the batch's heads. They, columns, values and errors are valid until the
/// next begin(), or until whoever shares the projector begins. `batch` must live as long.
class Evaluator {
 public:
  explicit Evaluator(const EvaluatorOptions& options);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// An index for the calls below. All programs of an evaluator are of one dialect.
  /// `use`: what is made of the results.
  size_t add(std::shared_ptr<const Program> program, ResultUse use = ResultUse::kValues);

  void begin(const Batch& batch);
  /// Those that the batch has selected.
  Rows all_rows() const;
  /// The rows of `rows` for which the program is true. Rows that fail (bad JSON, an error, a
  /// result that is not a bool) are left out and stand in errors().
  Rows filter(size_t program, const Rows& rows);
  /// The program's result for each of `rows`; failed rows are Cell::kError and stand in errors().
  const Column& column(size_t program, const Rows& rows);
  /// The result for one row, by the generic path.
  Result<Value> value(size_t program, uint32_t row);
  /// For results that are written as JSON: computes what is needed for `rows` and returns those
  /// that did not fail.
  Rows prepare_json(size_t program, const Rows& rows);
  /// Appends the result of one row as JSON; what was only copied is copied verbatim: escapes,
  /// digits. Error: "not-json" (NaN); `out` has a part then. REQUIRES: prepare_json() returned it.
  Result<void> write_json(size_t program, uint32_t row, std::string& out);
  /// The same in two steps, for most results: how much room put_json() needs, or -1 if it has to be
  /// write_json(); and the text itself, of which the end is returned.
  int64_t json_room(size_t program, uint32_t row) const;
  char* put_json(size_t program, uint32_t row, char* to) const;
  /// As write_json(), but text (a string, bytes) as it is, without quotes and escapes.
  Result<void> write_payload(size_t program, uint32_t row, std::string& out);

  /// Values of ExprEnvironment::variables, by index, for all following evaluations.
  void set_variables(std::span<const Value> values);
  /// In the order of rows, each row once (its first error), since begin().
  const std::vector<RowError>& errors() const;
  EvalContext& context();

 private:
  struct State;
  EvaluatorOptions options_;
  std::unique_ptr<State> state_;  // made with the first program: its dialect and limits
};

/// Evaluates without a batch: `document` is the record (REQUIRES: has_record) or null. For REPLs,
/// scale rules and tests. Memory comes from context.arena().
Result<Value> evaluate(const Program& program, const Value& document,
                       std::span<const Value> variables, EvalContext& context);

}  // namespace penstock
