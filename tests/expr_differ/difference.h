// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/result.h"
#include "value/value.h"

namespace penstock {

inline const Value kNull;

/// One expression's two results.
struct Difference {
  bool argo = false;
  std::string expression;
  const Result<Value>& ours;
  const Value* theirs = nullptr;  ///< as tests/expr_peer writes it; null = it failed
  std::string their_error;
};

/// "" if both agree (two errors agree); else the name of a class that docs/expr_differences.md
/// explains, or "unexplained".
std::string classify(const Difference& d);

/// The same value, kinds included; theirs may be wrapped ({"$bytes": …}).
bool same_value(const Value& ours, const Value& theirs);

}  // namespace penstock
