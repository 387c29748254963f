// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "base/diagnostic.h"
#include "config/located.h"
#include "expr/expr.h"
#include "mapping/mapping.h"

namespace penstock {

/// An expression or a mapping as an option of a component: field("expression", &O::expression).
using ExpressionText = Located<std::string>;

/// What options are compiled against: a record, and every function of the language.
ExprEnvironment option_environment(ExprDialect dialect, TypeSet result = kAnyType);

/// What is wrong with an option's text, each at its own place in the file.
void report_option(const Problems& problems, const ExpressionText& text, Diagnostics& diagnostics);

/// Null if it cannot be compiled or is not set; what is wrong goes into `diagnostics`, at its place
/// in the file.
std::shared_ptr<const Program> compile_option(const ExpressionText& text, ExprDialect dialect,
                                              TypeSet result, Diagnostics& diagnostics);
std::shared_ptr<const Mapping> compile_mapping_option(const ExpressionText& text,
                                                      ExprDialect dialect,
                                                      Diagnostics& diagnostics);

/// The same once more. REQUIRES: the option was checked.
std::shared_ptr<const Program> compiled_option(const ExpressionText& text, ExprDialect dialect,
                                               TypeSet result);
std::shared_ptr<const Mapping> compiled_mapping_option(const ExpressionText& text,
                                                       ExprDialect dialect);

}  // namespace penstock
