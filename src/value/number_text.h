// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace penstock {

/// Bytes that either may write.
inline constexpr int kNumberTextMax = 32;

/// Writes decimal digits at `to`; returns the end.
char* write_int(char* to, int64_t value);
/// Writes the shortest text that reads back as the same double, always with a point or an
/// exponent: plain from 1e-5 to 1e17, else "1e+20". REQUIRES: finite.
char* write_double(char* to, double value);

}  // namespace penstock
