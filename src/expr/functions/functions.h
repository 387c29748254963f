// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "expr/function.h"

namespace penstock {

/// Every function of the language that takes no closure. Built once at start and shared; a table of
/// its own can be filled for tests.
std::shared_ptr<const FunctionTable> all_functions();
void add_all_functions(FunctionTable& table);

}  // namespace penstock
