// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "expr/function.h"

namespace penstock {

/// Markdown about every operator and function, by category, with the examples that are its tests.
std::string functions_page(const FunctionTable& table);

}  // namespace penstock
