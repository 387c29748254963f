// SPDX-License-Identifier: Apache-2.0
#include "our_result.h"

#include "expr/evaluator.h"
#include "json/parse.h"

namespace penstock {

std::string text_of(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found == nullptr ? "" : std::string(found->text());
}

Result<Value> evaluate_ours(const Value& request, const FunctionTable& table, const Clock& clock,
                            ValueArena& arena) {
  ExprEnvironment environment;
  environment.dialect =
      text_of(request, "dialect") == "argo" ? ExprDialect::kArgo : ExprDialect::kPenstock;
  environment.functions = &table;
  const std::string input = text_of(request, "input");
  const bool argo = environment.dialect == ExprDialect::kArgo;
  if (argo) {
    environment.has_record = false;
    environment.variables = {{"msg", kBytesType}, {"ctx", kMapType}};
  }
  Problems problems;
  const auto program = compile(text_of(request, "expr"), environment, problems);
  if (program == nullptr) return eval_error("compile: " + problems.front().what);
  EvalContext context(arena, &clock, 1, {}, nullptr, environment.dialect);
  context.begin_record();
  JsonParser parser;
  std::vector<Value> variables;
  Value document;
  if (argo) {
    MapBuilder entries(arena);
    entries.set("source", Value::string("urn:dataflow:example"));
    entries.set("id", Value::string("1"));
    entries.set("time", Value::string("2024-05-01T10:00:00Z"));
    variables = {*copy_bytes(arena, input), *entries.finish()};
  } else {
    const auto parsed = parser.parse(input, arena);
    if (!parsed) return parsed.error();
    document = *parsed;
  }
  const auto value = evaluate(*program, document, variables, context);
  if (!value) return value.error();
  return deep_copy(arena, *value);
}

}  // namespace penstock
