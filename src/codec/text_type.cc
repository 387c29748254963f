// SPDX-License-Identifier: Apache-2.0
#include "codec/text_type.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "value/time_text.h"

namespace penstock {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

size_t skip_digits(std::string_view text, size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

enum class NumberShape : uint8_t { kNone, kInteger, kReal };

NumberShape shape_of(std::string_view text) {
  size_t at = !text.empty() && text[0] == '-' ? 1 : 0;
  const size_t first = at;
  at = skip_digits(text, at);
  if (at == first || (text[first] == '0' && at > first + 1)) return NumberShape::kNone;
  if (at == text.size()) return NumberShape::kInteger;
  if (text[at] == '.') {
    const size_t fraction = ++at;
    at = skip_digits(text, at);
    if (at == fraction) return NumberShape::kNone;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t exponent = at;
    at = skip_digits(text, at);
    if (at == exponent) return NumberShape::kNone;
  }
  return at == text.size() ? NumberShape::kReal : NumberShape::kNone;
}

bool same_letters(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if ((c >= 'A' && c <= 'Z' ? c | 0x20 : c) != lower[i]) return false;
  }
  return true;
}

std::optional<Value> bool_text(std::string_view text) {
  for (const char* word : {"true", "t", "1", "yes"}) {
    if (same_letters(text, word)) return Value::boolean(true);
  }
  for (const char* word : {"false", "f", "0", "no"}) {
    if (same_letters(text, word)) return Value::boolean(false);
  }
  return {};
}

std::optional<Value> float_text(std::string_view text) {
  const std::string_view digits = !text.empty() && text[0] == '+' ? text.substr(1) : text;
  const std::optional<Value> number = json_number(digits);
  if (number) return number;
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view word = negative ? text.substr(1) : digits;
  for (const char* infinity : {"inf", "infinity"}) {
    if (!same_letters(word, infinity)) continue;
    const double value = std::numeric_limits<double>::infinity();
    return Value::real(negative ? -value : value);
  }
  if (same_letters(word, "nan")) return Value::real(std::numeric_limits<double>::quiet_NaN());
  return {};
}

}  // namespace

const char* to_string(TextType type) {
  switch (type) {
    case TextType::kString: return "string";
    case TextType::kInt: return "int";
    case TextType::kFloat: return "float";
    case TextType::kBool: return "bool";
    case TextType::kTime: return "time";
    case TextType::kInfer: return "infer";
  }
  return "";
}

std::optional<Value> json_number(std::string_view text) {
  const NumberShape shape = shape_of(text);
  if (shape == NumberShape::kNone) return {};
  const char* end = text.data() + text.size();
  if (shape == NumberShape::kInteger && text != "-0") {
    int64_t number = 0;
    if (std::from_chars(text.data(), end, number).ec == std::errc()) return Value::integer(number);
    uint64_t large = 0;
    if (std::from_chars(text.data(), end, large).ec == std::errc()) {
      return Value::unsigned_integer(large);
    }
    return Value::number(text);
  }
  double number = 0;
  if (std::from_chars(text.data(), end, number).ec != std::errc()) return Value::number(text);
  return Value::real(number);
}

std::optional<Value> typed_text(std::string_view text, TextType type) {
  switch (type) {
    case TextType::kString: return Value::string(text);
    case TextType::kBool: return bool_text(text);
    case TextType::kFloat: return float_text(text);
    case TextType::kInt: {
      const std::string_view digits = !text.empty() && text[0] == '+' ? text.substr(1) : text;
      if (shape_of(digits) != NumberShape::kInteger) return {};
      if (digits == "-0") return Value::integer(0);
      return json_number(digits);
    }
    case TextType::kTime: {
      const std::optional<Time> time = parse_rfc3339(text);
      if (!time) return {};
      return Value::time(*time);
    }
    case TextType::kInfer: {
      if (text == "true") return Value::boolean(true);
      if (text == "false") return Value::boolean(false);
      if (text.empty() || (text[0] != '-' && !is_digit(text[0]))) return Value::string(text);
      const std::optional<Value> number = json_number(text);
      return number ? number : Value::string(text);
    }
  }
  return {};
}

}  // namespace penstock
