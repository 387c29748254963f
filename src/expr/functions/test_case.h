// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "base/clock.h"
#include "expr/evaluator.h"
#include "expr/expr.h"
#include "json/parse.h"
#include "value/write_json.h"

namespace penstock {

/// One expression with what it must give.
struct ExpressionCase {
  std::string expression;
  std::string input;     ///< JSON; "" = {}
  std::string expected;  ///< JSON; "" = it fails
  std::string error;     ///< a part of the message, if it fails
  ExprDialect dialect = ExprDialect::kPenstock;
};

/// A machine with two files and two variables.
class TestOutside final : public EvalOutside {
 public:
  std::optional<std::string> environment(std::string_view name) const override {
    if (name == "HOME_PORT") return "8080";
    if (name == "EMPTY") return "";
    return std::nullopt;
  }
  Result<std::string> file(const std::string& path) const override {
    if (path == "hello.txt") return std::string("hello");
    return eval_error("no file " + path);
  }
  std::string host_name() const override { return "example"; }
};

/// The result as JSON, or "error: " and the message; compile errors as well.
inline std::string run_case(const ExpressionCase& c, const FunctionTable& table,
                            const EvalOutside* outside = nullptr, const EvalLimits& limits = {}) {
  ExprEnvironment environment;
  environment.dialect = c.dialect;
  environment.functions = &table;
  environment.limits = limits;
  Problems problems;
  const auto program = compile(c.expression, environment, problems);
  if (program == nullptr) {
    std::string out = "error: ";
    for (const Problem& p : problems) out += p.what + (p.hint.empty() ? "" : " (" + p.hint + ")");
    return out;
  }
  ManualClock clock;
  ValueArena arena(limits.memory_max);
  EvalContext context(arena, &clock, 1, limits, outside, c.dialect);
  context.begin_record();
  JsonParser parser;
  const auto document = parser.parse(c.input.empty() ? "{}" : c.input, arena);
  if (!document) return "error: " + document.error().message;
  const auto value = evaluate(*program, *document, {}, context);
  if (!value) return "error: " + value.error().message;
  std::string out;
  const auto written = write_json(*value, out);
  return written ? out : "error: " + written.error().message;
}

/// "" if the case holds, while compiling or running; else what is wrong.
inline std::string check_case(const ExpressionCase& c, const FunctionTable& table,
                              const EvalOutside* outside = nullptr) {
  const std::string got = run_case(c, table, outside);
  const bool failed = got.starts_with("error: ");
  if (c.expected.empty() ? failed && got.find(c.error) != std::string::npos : got == c.expected) {
    return "";
  }
  return c.expression + " over " + (c.input.empty() ? "{}" : c.input) + "\n  gave " + got +
         "\n  not  " + (c.expected.empty() ? "an error with: " + c.error : c.expected);
}

}  // namespace penstock
