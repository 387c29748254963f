// SPDX-License-Identifier: Apache-2.0
#include "value/decimal.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace penstock {

Decimal parse_decimal(std::string_view text) {
  constexpr int64_t kExponentMax = int64_t{1} << 40;
  Decimal d;
  size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) d.negative = text[at++] == '-';
  int64_t point = 0;  // digits before the point, after leading zeros
  bool fraction = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.') {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      if (d.digits.empty() && c == '0') {
        point -= fraction;
        continue;
      }
      d.digits.push_back(c);
      point += !fraction;
    } else {
      break;
    }
  }
  int64_t exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    const bool minus = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      exponent = std::min(kExponentMax, exponent * 10 + (text[at] - '0'));
    }
    if (minus) exponent = -exponent;
  }
  while (!d.digits.empty() && d.digits.back() == '0') d.digits.pop_back();
  d.exponent = d.digits.empty() ? 0 : point + exponent;
  if (d.digits.empty()) d.negative = false;
  return d;
}

Decimal exact_decimal(const Value& number) {
  if (number.is(ValueKind::kNumber)) return parse_decimal(number.text());
  char text[1200];  // the exact decimal form of a double has at most 767 significant digits
  std::to_chars_result end{};
  if (number.is(ValueKind::kDouble)) {
    end = std::to_chars(text, text + sizeof text, number.as_double(),
                        std::chars_format::scientific, 800);
  } else if (number.is(ValueKind::kUint)) {
    end = std::to_chars(text, text + sizeof text, number.as_uint());
  } else {
    end = std::to_chars(text, text + sizeof text, number.as_int());
  }
  return parse_decimal({text, static_cast<size_t>(end.ptr - text)});
}

int compare(const Decimal& a, const Decimal& b) {
  const int sa = a.digits.empty() ? 0 : a.negative ? -1 : 1;
  const int sb = b.digits.empty() ? 0 : b.negative ? -1 : 1;
  if (sa != sb) return sa < sb ? -1 : 1;
  if (sa == 0) return 0;
  if (a.exponent != b.exponent) return (a.exponent < b.exponent) == (sa > 0) ? -1 : 1;
  const int digits = a.digits.compare(b.digits);
  return digits == 0 ? 0 : (digits < 0) == (sa > 0) ? -1 : 1;
}

double decimal_to_double(std::string_view text) {
  double d = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), d);
  if (error != std::errc::result_out_of_range) return d;
  const Decimal decimal = parse_decimal(text);
  const double size = decimal.exponent > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return decimal.negative ? -size : size;
}

}  // namespace penstock
