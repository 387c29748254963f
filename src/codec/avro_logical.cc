// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_logical.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <vector>

#include "codec/byte_reader.h"
#include "codec/text_type.h"
#include "value/build.h"
#include "value/decimal.h"
#include "value/time_text.h"
#include "value/write_json.h"

namespace penstock {
namespace {

constexpr int64_t kDayMicros = 86'400'000'000;
constexpr size_t kDecimalBytesMax = 512;
constexpr size_t kExactDigitsMax = 15;  // so many digits survive a double

bool has_plain_year(int64_t micros) {
  return micros >= -62'135'596'800'000'000 && micros <= 253'402'300'799'999'999;
}

/// Units of the type in a microsecond are 1, or a microsecond has 1/`per_unit` of them.
struct Scale {
  int64_t micros_per_unit = 1;
  int64_t units_per_micro = 1;
};
Scale scale_of(AvroLogical logical) {
  switch (logical) {
    case AvroLogical::kDate: return {kDayMicros, 1};
    case AvroLogical::kTimeMillis:
    case AvroLogical::kTimestampMillis:
    case AvroLogical::kLocalTimestampMillis: return {1000, 1};
    case AvroLogical::kTimestampNanos:
    case AvroLogical::kLocalTimestampNanos: return {1, 1000};
    default: return {1, 1};
  }
}

int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && a < 0 ? 1 : 0); }

std::optional<Time> instant_of(AvroLogical logical, int64_t number) {
  const Scale scale = scale_of(logical);
  if (scale.units_per_micro > 1) {
    const int64_t micros = floor_div(number, scale.units_per_micro);
    return Time{micros, static_cast<uint16_t>(number - micros * scale.units_per_micro), 0};
  }
  int64_t micros = 0;
  if (__builtin_mul_overflow(number, scale.micros_per_unit, &micros)) return {};
  return Time{micros, 0, 0};
}

std::string decimal_text(std::string_view bytes, uint32_t scale) {
  const bool negative = !bytes.empty() && (bytes[0] & 0x80) != 0;
  std::vector<uint8_t> magnitude(bytes.begin(), bytes.end());
  if (negative) {
    for (uint8_t& b : magnitude) b = static_cast<uint8_t>(~b);
    for (size_t i = magnitude.size(); i-- > 0;) {
      if (++magnitude[i] != 0) break;
    }
  }
  std::string digits;  // the lowest first
  for (size_t first = 0; first < magnitude.size();) {
    if (magnitude[first] == 0) {
      ++first;
      continue;
    }
    uint32_t rest = 0;
    for (size_t i = first; i < magnitude.size(); ++i) {
      rest = rest << 8 | magnitude[i];
      magnitude[i] = static_cast<uint8_t>(rest / 10);
      rest %= 10;
    }
    digits += static_cast<char>('0' + rest);
  }
  if (digits.empty()) return "0";
  while (digits.size() <= scale) digits += '0';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return negative ? "-" + digits : digits;
}

Result<Value> decimal_of(std::string_view bytes, uint32_t scale, ValueArena& arena) {
  std::string text = decimal_text(bytes, scale);
  if (text.find('.') != std::string::npos) {
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
  }
  const std::optional<Value> number = json_number(text);
  const bool point = text.find('.') != std::string::npos;
  if (number && !number->is(ValueKind::kNumber) && (!point || text.size() <= kExactDigitsMax)) {
    return *number;
  }
  Result<Value> copy = copy_string(arena, text);
  if (!copy) return copy;
  return Value::number(copy->text());
}

Result<Value> uuid_of(std::string_view bytes, ValueArena& arena) {
  char text[37];
  const auto* b = reinterpret_cast<const uint8_t*>(bytes.data());
  std::snprintf(text, sizeof text,
                "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
                b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
                b[15]);
  return copy_string(arena, {text, 36});
}

Result<Value> duration_of(std::string_view bytes, ValueArena& arena) {
  ByteReader in(bytes);
  MapBuilder map(arena, 3);
  for (const char* unit : {"months", "days", "millis"}) {
    map.add_new(unit, Value::integer(in.little<uint32_t>()));
  }
  return map.finish();
}

/// The digits of ±value × 10^scale, or nothing if it has more behind the point.
std::optional<std::string> unscaled_digits(const Value& value, uint32_t scale, bool& negative) {
  Decimal decimal;
  if (value.is(ValueKind::kDouble)) {
    if (!std::isfinite(value.as_double())) return {};
    std::string text;
    append_json_double(text, value.as_double());
    decimal = parse_decimal(text);
  } else if (value.is_numeric()) {
    decimal = exact_decimal(value);
  } else if (value.is(ValueKind::kString) && json_number(value.text())) {
    decimal = parse_decimal(value.text());
  } else {
    return {};
  }
  negative = decimal.negative;
  if (decimal.digits.empty()) return std::string("0");
  const int64_t size = decimal.exponent + static_cast<int64_t>(scale);
  if (size < static_cast<int64_t>(decimal.digits.size()) || size > 1000) return {};
  decimal.digits.append(static_cast<size_t>(size) - decimal.digits.size(), '0');
  return decimal.digits;
}

/// Big-endian two's complement in as few bytes as it takes.
std::string twos_complement(const std::string& digits, bool negative) {
  std::vector<uint8_t> low_first;
  for (const char digit : digits) {
    uint32_t carry = static_cast<uint32_t>(digit - '0');
    for (uint8_t& b : low_first) {
      carry += uint32_t{b} * 10;
      b = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
    if (carry > 0) low_first.push_back(static_cast<uint8_t>(carry));
  }
  low_first.push_back(0);
  if (negative) {
    uint32_t carry = 1;
    for (uint8_t& b : low_first) {
      carry += static_cast<uint8_t>(~b);
      b = static_cast<uint8_t>(carry);
      carry >>= 8;
    }
  }
  while (low_first.size() > 1) {  // a byte that only repeats the sign
    const uint8_t top = low_first.back(), next = low_first[low_first.size() - 2];
    if (!((top == 0 && next < 0x80) || (top == 0xff && next >= 0x80))) break;
    low_first.pop_back();
  }
  return {low_first.rbegin(), low_first.rend()};
}

bool append_decimal(const AvroNode& node, const Value& value, std::string& to) {
  bool negative = false;
  const std::optional<std::string> digits = unscaled_digits(value, node.scale, negative);
  if (!digits) return false;
  const std::string bytes = twos_complement(*digits, negative);
  if (node.type == AvroType::kFixed) {
    if (bytes.size() > node.size) return false;
    to.append(node.size - bytes.size(), (bytes[0] & 0x80) != 0 ? '\xff' : '\0');
  }
  to += bytes;
  return true;
}

bool append_uuid(std::string_view text, std::string& to) {
  if (text.size() != 36) return false;
  int digits = 0;
  uint8_t byte = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
      continue;
    }
    const char c = text[i] >= 'A' && text[i] <= 'F' ? static_cast<char>(text[i] | 0x20) : text[i];
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return false;
    byte = static_cast<uint8_t>(byte << 4 | digit);
    if (++digits % 2 == 0) to += static_cast<char>(byte);
  }
  return true;
}

bool append_duration(const Value& value, std::string& to) {
  if (!value.is(ValueKind::kMap)) return false;
  for (const char* unit : {"months", "days", "millis"}) {
    const Value* number = value.find(unit);
    if (number == nullptr || !number->is(ValueKind::kInt)) return false;
    if (number->as_int() < 0 || number->as_int() > UINT32_MAX) return false;
    append_little(to, static_cast<uint32_t>(number->as_int()));
  }
  return true;
}

/// The time that a text stands for, as if its clock showed UTC where it has no zone.
std::optional<Time> time_of_text(AvroLogical logical, std::string_view text) {
  switch (logical) {
    case AvroLogical::kDate:
      if (text.size() == 10) return parse_rfc3339(std::string(text) + "T00:00:00Z");
      return parse_rfc3339(text);
    case AvroLogical::kTimeMillis:
    case AvroLogical::kTimeMicros:
      return parse_rfc3339("1970-01-01T" + std::string(text) + "Z");
    case AvroLogical::kLocalTimestampMillis:
    case AvroLogical::kLocalTimestampMicros:
    case AvroLogical::kLocalTimestampNanos: return parse_rfc3339(std::string(text) + "Z");
    default: return parse_rfc3339(text);
  }
}

}  // namespace

Result<Value> logical_integer(AvroLogical logical, int64_t number, ValueArena& arena) {
  if (logical == AvroLogical::kNone) return Value::integer(number);
  const std::optional<Time> time = instant_of(logical, number);
  if (!time || !has_plain_year(time->micros)) return Value::integer(number);
  const bool time_of_day =
      logical == AvroLogical::kTimeMillis || logical == AvroLogical::kTimeMicros;
  if (time_of_day && (time->micros < 0 || time->micros >= kDayMicros)) {
    return Value::integer(number);
  }
  if (logical >= AvroLogical::kTimestampMillis && logical <= AvroLogical::kTimestampNanos) {
    return Value::time(*time);
  }
  const std::string text = format_rfc3339(*time);  // "2024-05-01T10:00:00.25Z"
  const std::string_view local = std::string_view(text).substr(0, text.size() - 1);
  if (logical == AvroLogical::kDate) return copy_string(arena, local.substr(0, 10));
  return copy_string(arena, time_of_day ? local.substr(11) : local);
}

Result<Value> logical_bytes(const AvroNode& node, std::string_view bytes, ValueArena& arena) {
  switch (node.logical) {
    case AvroLogical::kDecimal:
      if (bytes.size() > kDecimalBytesMax) return Value::bytes(bytes);
      return decimal_of(bytes, node.scale, arena);
    case AvroLogical::kUuid: return uuid_of(bytes, arena);
    case AvroLogical::kDuration: return duration_of(bytes, arena);
    default: return Value::bytes(bytes);
  }
}

std::optional<int64_t> integer_of_logical(AvroLogical logical, const Value& value) {
  if (value.is_numeric()) return exact_int(value);
  if (logical == AvroLogical::kNone) return {};
  std::optional<Time> time;
  if (value.is(ValueKind::kTime)) time = value.as_time();
  if (value.is(ValueKind::kString)) time = time_of_text(logical, value.text());
  if (!time) return {};
  const Scale scale = scale_of(logical);
  if (scale.units_per_micro == 1) return floor_div(time->micros, scale.micros_per_unit);
  int64_t number = 0;
  if (__builtin_mul_overflow(time->micros, scale.units_per_micro, &number)) return {};
  if (__builtin_add_overflow(number, int64_t{time->nanos}, &number)) return {};
  return number;
}

bool append_logical_bytes(const AvroNode& node, const Value& value, std::string& to) {
  switch (node.logical) {
    case AvroLogical::kDecimal: return append_decimal(node, value, to);
    case AvroLogical::kUuid:
      return value.is(ValueKind::kString) && append_uuid(value.text(), to);
    case AvroLogical::kDuration: return append_duration(value, to);
    default: return false;
  }
}

}  // namespace penstock
