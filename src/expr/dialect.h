// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace penstock {

/// Whose meaning an expression has where the languages differ; docs/adr/0008-expressions.md lists
/// every difference.
enum class ExprDialect : uint8_t {
  kPenstock,  ///< names are fields of the JSON payload; `/` divides exactly; overflow is an error
  kArgo,      ///< expr v1.9.0 as Argo Dataflow embeds it: `msg`, `ctx`, run-time name errors
};

/// A set of dialects, as bits.
using ExprDialects = uint8_t;
inline constexpr ExprDialects kInPenstock = 1, kInArgo = 2, kInBoth = 3;
constexpr bool has_dialect(ExprDialects set, ExprDialect d) {
  return (set >> static_cast<uint8_t>(d) & 1) != 0;
}

}  // namespace penstock
