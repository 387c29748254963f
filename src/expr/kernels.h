// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "expr/node.h"
#include "json/column.h"

namespace penstock {

/// One side of a typed operation: an array by row, or one number for all rows.
template <class T>
struct Side {
  const T* values = nullptr;
  T constant = 0;
};

// Each fills `out` for all of `rows` and returns false, with `out` unspecified, where a row needs
// the generic path (overflow, division by zero, an operator it does not know).

bool int_kernel(Op op, ExprDialect dialect, const Side<int64_t>& a, const Side<int64_t>& b,
                const Rows& rows, Column& out);
bool uint_kernel(Op op, ExprDialect dialect, const Side<uint64_t>& a, const Side<uint64_t>& b,
                 const Rows& rows, Column& out);
bool double_kernel(Op op, ExprDialect dialect, const Side<double>& a, const Side<double>& b,
                   const Rows& rows, Column& out);
/// Integers against doubles: comparisons without rounding, arithmetic in doubles.
bool mixed_kernel(Op op, const Side<int64_t>& a, const Side<double>& b, bool swapped,
                  const Rows& rows, Column& out);

}  // namespace penstock
