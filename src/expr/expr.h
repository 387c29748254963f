// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/dialect.h"
#include "expr/eval_context.h"
#include "expr/function.h"
#include "expr/problem.h"
#include "expr/type.h"
#include "json/path.h"

namespace penstock {

/// What is known about the documents: fields by name, nested. Optional; with one, a field that it
/// does not name is an error.
struct ExprSchema {
  struct Field {
    std::string name;
    TypeSet type = kAnyType;
    std::unique_ptr<ExprSchema> fields;  ///< of a map; null = not known
  };
  std::vector<Field> fields;
};

/// A name that the surroundings define: `pending` in a scale rule, `window` in a trigger. Its value
/// is given with each evaluation, by index.
struct ExprVariable {
  std::string name;
  TypeSet type = kAnyType;
};

/// What an expression is compiled against. Borrowed while compiling; `functions` also while the
/// program lives.
struct ExprEnvironment {
  ExprDialect dialect = ExprDialect::kPenstock;
  const FunctionTable* functions = nullptr;
  const ExprSchema* schema = nullptr;
  std::vector<ExprVariable> variables;
  /// False where there is no record (scale rules): then only variables and functions have names.
  bool has_record = true;
  /// What the result must be: kBoolType for a filter. Wrong constants are compile errors, wrong
  /// values reject the record.
  TypeSet result = kAnyType;
  /// Functions that read the environment or files may do so by constants only: what a record says
  /// must not choose what is read. False where the user types the expression.
  bool outside_by_constants = false;
  EvalLimits limits;
};

class Program;  // expr/program.h: a compiled expression, immutable, shared between tasks

/// Never crashes, whatever the text. Null if there are errors; all of them (at most
/// kExprProblemsMax) are in `problems`.
std::shared_ptr<const Program> compile(std::string_view text, const ExprEnvironment& environment,
                                       Problems& problems);
inline constexpr size_t kExprProblemsMax = 20;
inline constexpr size_t kExprTextMax = 64 << 10;  ///< bytes of one expression

/// What `penstock eval --explain` prints about a program.
struct ProgramFacts {
  TypeSet result = kAnyType;
  std::vector<DocumentPath> paths;  ///< projected columns, in the order of the text
  bool whole_document = false;      ///< `this`, or a computed key: the document is parsed whole
  bool reads_payload = false, reads_key = false, reads_headers = false, reads_time = false;
  bool constant = false;            ///< folded away altogether
  /// The same record always gives the same result: no clock, chance, machine or number of attempts.
  bool repeatable = true;
  std::string tree;                 ///< one line a node: operator, type, kernel
};
const ProgramFacts& facts(const Program& program);

}  // namespace penstock
