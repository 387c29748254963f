// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/go_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "value/time_text.h"
#include "value/utf8.h"

namespace penstock {
namespace {

/// Go writes at least two digits of an exponent; to_chars does as well.
std::string plain_float(double d, std::chars_format format, int precision) {
  char buffer[1200];
  const auto done = precision < 0
                        ? std::to_chars(buffer, buffer + sizeof buffer, d, format)
                        : std::to_chars(buffer, buffer + sizeof buffer, d, format, precision);
  return std::string(buffer, done.ptr);
}

int decimal_exponent(double d) {
  const std::string text = plain_float(d, std::chars_format::scientific, -1);
  const size_t e = text.find('e');
  return e == std::string::npos ? 0 : std::stoi(text.substr(e + 1));
}

void append_map(std::string& out, const Value& value) {
  std::vector<const MapEntry*> entries;
  for (const MapEntry& entry : value.entries()) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const MapEntry* a, const MapEntry* b) { return a->key < b->key; });
  out += "map[";
  for (const MapEntry* entry : entries) {
    if (entry != entries.front()) out += ' ';
    out.append(entry->key);
    out += ':';
    append_go_value(out, entry->value);
  }
  out += ']';
}

bool is_hex_float(std::string_view text) {
  return text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

}  // namespace

std::string go_float(double d, char format, int precision) {
  if (std::isnan(d)) return "NaN";
  if (std::isinf(d)) return d > 0 ? "+Inf" : "-Inf";
  if (format == 'f') return plain_float(d, std::chars_format::fixed, precision);
  if (format == 'e') return plain_float(d, std::chars_format::scientific, precision);
  if (precision >= 0) return plain_float(d, std::chars_format::general, precision);
  const int exponent = d == 0 ? 0 : decimal_exponent(d);
  const bool scientific = exponent < -4 || exponent >= 6;
  return plain_float(d, scientific ? std::chars_format::scientific : std::chars_format::fixed, -1);
}

void append_go_value(std::string& out, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull: out += "<nil>"; return;
    case ValueKind::kBool: out += value.as_bool() ? "true" : "false"; return;
    case ValueKind::kInt: out += std::to_string(value.as_int()); return;
    case ValueKind::kUint: out += std::to_string(value.as_uint()); return;
    case ValueKind::kDouble: out += go_float(value.as_double(), 'g', -1); return;
    case ValueKind::kNumber:
    case ValueKind::kJson:
    case ValueKind::kString: out += value.text(); return;
    case ValueKind::kBytes: {
      out += '[';
      for (size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ' ';
        out += std::to_string(static_cast<uint8_t>(value.text()[i]));
      }
      out += ']';
      return;
    }
    case ValueKind::kTime: out += go_time(value.as_time()); return;
    case ValueKind::kDuration: out += format_duration(value.as_duration()); return;
    case ValueKind::kArray: {
      out += '[';
      bool first = true;
      for (const Value& item : value.items()) {
        if (!first) out += ' ';
        first = false;
        append_go_value(out, item);
      }
      out += ']';
      return;
    }
    case ValueKind::kMap: append_map(out, value); return;
  }
}

std::string go_value(const Value& value) {
  std::string out;
  append_go_value(out, value);
  return out;
}

std::string go_quote(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    const size_t length = utf8_sequence(text, at);
    const char32_t c = next_code_point(text, at);
    const auto byte = static_cast<uint8_t>(text[from]);
    if (length == 0) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
      continue;
    }
    static constexpr std::string_view kFrom = "\a\b\f\n\r\t\v\\\"", kTo = "abfnrtv\\\"";
    const size_t known = c < 0x80 ? kFrom.find(static_cast<char>(c)) : std::string_view::npos;
    if (known != std::string_view::npos) {
      out += '\\';
      out += kTo[known];
    } else if (c < 0x20 || c == 0x7f) {
      out += "\\x";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else if ((c >= 0x80 && c <= 0xa0) || c == 0xad || (c >= 0x2000 && c <= 0x200f) ||
               (c >= 0x2028 && c <= 0x202f) || (c >= 0x205f && c <= 0x206f) || c == 0x3000 ||
               c == 0xfeff) {  // what strconv.IsPrint refuses among the common ones
      out += "\\u";
      for (int shift = 12; shift >= 0; shift -= 4) out += kHex[c >> shift & 15];
    } else {
      out += text.substr(from, length);
    }
  }
  return out + '"';
}

std::optional<int64_t> go_parse_int(std::string_view text, int base) {
  std::string_view digits = text;
  if (digits.starts_with('+')) {
    digits.remove_prefix(1);
    if (digits.starts_with('-')) return std::nullopt;
  }
  int64_t out = 0;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out, base);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return out;
}

std::optional<double> go_parse_float(std::string_view text) {
  bool negative = false;
  if (text.starts_with('+') || text.starts_with('-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const std::string word = lower_ascii(text);
  double out = 0;
  if (word == "inf" || word == "infinity") {
    out = INFINITY;
  } else if (word == "nan") {
    return NAN;
  } else {
    if (text.empty() || text[0] == '+' || text[0] == '-') return std::nullopt;
    const bool hex = is_hex_float(text);
    if (hex && word.find('p') == std::string::npos) return std::nullopt;
    if (hex) text.remove_prefix(2);
    const char first = text.empty() ? 'x' : lower_ascii(text.substr(0, 1))[0];
    if (first == 'i' || first == 'n') return std::nullopt;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), out,
                        hex ? std::chars_format::hex : std::chars_format::general);
    if (end != text.data() + text.size()) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
      const size_t e = word.find_first_of(hex ? "p" : "e");
      const bool tiny = (e != std::string::npos && e + 1 < word.size() && word[e + 1] == '-') ||
                        word.starts_with("0.0");
      if (!tiny) return std::nullopt;
      out = 0;
    } else if (error != std::errc()) {
      return std::nullopt;
    }
  }
  return negative ? -out : out;
}

std::string_view go_type(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull: return "<nil>";
    case ValueKind::kBool: return "bool";
    case ValueKind::kInt: return "int";
    case ValueKind::kUint: return "uint64";
    case ValueKind::kDouble: return "float64";
    case ValueKind::kNumber: return "json.Number";
    case ValueKind::kString: return "string";
    case ValueKind::kBytes: return "[]uint8";
    case ValueKind::kTime: return "time.Time";
    case ValueKind::kDuration: return "time.Duration";
    case ValueKind::kArray: return "[]interface {}";
    case ValueKind::kMap: return "map[string]interface {}";
    case ValueKind::kJson: return "json.RawMessage";
  }
  return "";
}

std::string_view go_kind(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kNull: return "invalid";
    case ValueKind::kBool: return "bool";
    case ValueKind::kInt: return "int";
    case ValueKind::kUint: return "uint64";
    case ValueKind::kDouble: return "float64";
    case ValueKind::kNumber:
    case ValueKind::kString: return "string";
    case ValueKind::kTime: return "struct";
    case ValueKind::kDuration: return "int64";
    case ValueKind::kBytes:
    case ValueKind::kJson:
    case ValueKind::kArray: return "slice";
    case ValueKind::kMap: return "map";
  }
  return "";
}

std::string go_time(const Time& time) {
  std::string out = format_rfc3339(time);
  out[10] = ' ';
  const size_t zone = out.find_first_of("Z+-", 19);
  std::string offset = out.substr(zone);
  out.resize(zone);
  if (offset == "Z") return out + " +0000 UTC";
  offset.erase(3, 1);
  return out + " " + offset + " " + offset;
}

}  // namespace penstock
