// SPDX-License-Identifier: Apache-2.0
#include "expr/expr.h"
#include "expr/explain.h"
#include "expr/interpreter.h"
#include "expr/evaluator.h"
#include "expr/parser.h"
#include "expr/program.h"

namespace penstock {

std::shared_ptr<const Program> compile(std::string_view text, const ExprEnvironment& environment,
                                       Problems& problems) {
  problems.clear();
  if (text.size() > kExprTextMax) {
    problems.push_back({"bad-expression", 0, 1, "the expression is longer than " +
                                                    std::to_string(kExprTextMax >> 10) + " KiB",
                        ""});
    return nullptr;
  }
  auto program = std::make_shared<Program>();
  program->text = text;
  program->dialect = environment.dialect;
  program->limits = environment.limits;
  program->wanted = environment.result;
  program->variables = environment.variables;
  program->root = parse_expression(program->text, program->dialect, program->store, problems);
  if (program->root == nullptr || !problems.empty()) return nullptr;
  resolve(*program, environment, problems);
  if (!problems.empty()) return nullptr;
  program->facts.tree = explain_tree(*program);
  return program;
}

const ProgramFacts& facts(const Program& program) { return program.facts; }

Result<Value> evaluate(const Program& program, const Value& document,
                       std::span<const Value> variables, EvalContext& context) {
  Interpreter interpreter(context);
  interpreter.use_program(program);
  interpreter.use_document(document);
  interpreter.use_variables(variables);
  context.begin_record();
  Value value;
  if (!interpreter.eval(*program.root, value)) return interpreter.take_error();
  if ((type_of(value.kind()) & program.wanted) == 0) {
    return eval_error("the result must be " + describe(program.wanted) + ", not " +
                      std::string(kind_name(value.kind())));
  }
  return value;
}

}  // namespace penstock
