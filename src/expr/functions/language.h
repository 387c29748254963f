// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "expr/function.h"

namespace penstock {

/// What the reference says of an operator or of a function that takes a closure: the parser knows
/// these by itself, so they have no row in the function table. Their examples run as tests.
struct LanguageEntry {
  std::string_view name;
  std::string_view form;  ///< how it is written
  std::string_view about;
  FewOf<FunctionExample, 8> examples;
};
std::span<const LanguageEntry> operator_entries();   ///< loosest first
std::span<const LanguageEntry> predicate_entries();

}  // namespace penstock
