// SPDX-License-Identifier: Apache-2.0
#include "mapping/option.h"

#include "base/check.h"
#include "expr/functions/functions.h"

namespace penstock {

ExprEnvironment option_environment(ExprDialect dialect, TypeSet result) {
  static const std::shared_ptr<const FunctionTable> functions = all_functions();
  ExprEnvironment environment;
  environment.dialect = dialect;
  environment.functions = functions.get();
  environment.result = result;
  environment.outside_by_constants = true;
  return environment;
}

void report_option(const Problems& problems, const ExpressionText& text,
                   Diagnostics& diagnostics) {
  Diagnostics found;
  report(problems, text.value, text.position, found);
  size_t next = 0;
  for (Diagnostic diagnostic : found.all()) {
    if (text.pieces != nullptr) {
      diagnostic.position = text.pieces->at(problems[next].offset, text.position);
    }
    ++next;
    diagnostics.add(std::move(diagnostic));
  }
}

std::shared_ptr<const Program> compile_option(const ExpressionText& text, ExprDialect dialect,
                                              TypeSet result, Diagnostics& diagnostics) {
  if (!text.set) return nullptr;
  Problems problems;
  auto program = compile(text.value, option_environment(dialect, result), problems);
  report_option(problems, text, diagnostics);
  return program;
}

std::shared_ptr<const Mapping> compile_mapping_option(const ExpressionText& text,
                                                      ExprDialect dialect,
                                                      Diagnostics& diagnostics) {
  if (!text.set) return nullptr;
  Problems problems;
  auto mapping = compile_mapping(text.value, option_environment(dialect), problems);
  report_option(problems, text, diagnostics);
  return mapping;
}

std::shared_ptr<const Program> compiled_option(const ExpressionText& text, ExprDialect dialect,
                                               TypeSet result) {
  Problems problems;
  auto program = compile(text.value, option_environment(dialect, result), problems);
  CHECK(program != nullptr);
  return program;
}

std::shared_ptr<const Mapping> compiled_mapping_option(const ExpressionText& text,
                                                       ExprDialect dialect) {
  Problems problems;
  auto mapping = compile_mapping(text.value, option_environment(dialect), problems);
  CHECK(mapping != nullptr);
  return mapping;
}

}  // namespace penstock
