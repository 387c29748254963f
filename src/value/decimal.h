// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "value/value.h"

namespace penstock {

/// A decimal number without rounding: ± 0.d1d2d3… × 10^exponent, d1 and the last digit not 0. Zero
/// has no digits. For the rare numbers that no machine type holds; slow.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
};

/// From the text of a JSON number. Exponents beyond ±2^40 are cut there.
Decimal parse_decimal(std::string_view text);
/// Of any finite number. REQUIRES: is_numeric().
Decimal exact_decimal(const Value& number);
/// < 0, 0, > 0.
int compare(const Decimal& a, const Decimal& b);
/// The nearest double of the text of a JSON number; ±infinity beyond the range.
double decimal_to_double(std::string_view text);

}  // namespace penstock
