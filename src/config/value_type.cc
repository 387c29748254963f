// SPDX-License-Identifier: Apache-2.0
#include "config/value_type.h"

#include <charconv>
#include <cmath>
#include <cstdio>

#include "config/schema.h"
#include "config/suggest.h"

namespace penstock {
namespace {

constexpr size_t kShownMax = 60;

const char* kind_noun(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: return "a single value";
    case Node::Kind::kList: return "a list";
    case Node::Kind::kMap: return "a map";
  }
  return "";
}

void report(const Node& node, ReadContext& context, const char* code, std::string what,
            std::string hint = {}) {
  context.diagnostics.error(code, node.position, context.path + " " + std::move(what),
                            std::move(hint));
}

bool is_scalar_or_report(const Node& node, ReadContext& context, const char* wanted) {
  if (node.is_scalar()) return true;
  report_wrong_type(node, context, wanted);
  return false;
}

/// A secret is not compared with the words, so that the hint tells nothing about it.
std::string hint_for(const Node& node, const std::vector<std::string>& known,
                     const ReadContext& context) {
  if (context.diagnostics.full()) return {};
  return suggestion(node.secret || context.rules.secret ? "" : node.text, known);
}

bool is_filled_or_report(const Node& node, ReadContext& context) {
  if (!context.rules.not_empty || !node.text.empty()) return true;
  report(node, context, "empty-value", "cannot be empty");
  return false;
}

bool in_range(const Node& node, ReadContext& context, long double value) {
  const Rules& r = context.rules;
  if ((!r.min || value >= *r.min) && (!r.max || value <= *r.max)) return true;
  std::string what = "must be ";
  if (r.min && r.max) what += "between " + r.min_text + " and " + r.max_text;
  else if (r.min) what += "at least " + r.min_text;
  else what += "at most " + r.max_text;
  report(node, context, "out-of-range", what + ", not " + shown(node, r));
  return false;
}

void report_width(const Node& node, ReadContext& context, const std::string& low,
                  const std::string& high) {
  const Rules& r = context.rules;
  report(node, context, "out-of-range",
         "must be between " + (r.min ? r.min_text : low) + " and " + (r.max ? r.max_text : high) +
             ", not " + shown(node, r));
}

bool is_decimal(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  if (text.empty()) return false;
  for (char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

/// Only the shape is checked here: decimal digits with an optional minus.
bool is_integer_or_report(const Node& node, ReadContext& context) {
  if (!is_scalar_or_report(node, context, "a whole number")) return false;
  if (!is_decimal(node.text)) {
    report(node, context, "bad-integer",
           "must be a whole number, not " + shown(node, context.rules),
           "write plain decimal digits, such as 4");
    return false;
  }
  const size_t first = node.text[0] == '-' ? 1 : 0;
  if (node.text.size() > first + 1 && node.text[first] == '0') {
    context.diagnostics.warning("leading-zero", node.position,
                                context.path + " is read as a decimal number in spite of its "
                                               "leading zero: " + shown(node, context.rules),
                                "write it without the leading zero");
  }
  return true;
}

}  // namespace

const char* ValueType::noun() const {
  switch (shape_) {
    case Shape::kString: case Shape::kSecret: return "a string";
    case Shape::kBool: return "true or false";
    case Shape::kInteger: return "a whole number";
    case Shape::kNumber: return "a number";
    case Shape::kDuration: return "a duration";
    case Shape::kByteSize: return "a size";
    case Shape::kEnum: return "a word";
    case Shape::kAny: return "a value";
    case Shape::kList: return "a list";
    case Shape::kMap: case Shape::kStruct: return "a map";
  }
  return "";
}

std::string shown(const Node& node, const Rules& rules) {
  return rules.secret || node.secret ? kMask : shown(node.text);
}

std::string shown(std::string_view text) {
  std::string out = "\"";
  for (unsigned char c : text.substr(0, kShownMax)) {
    if (c < 0x20 || c == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", c);
      out += escaped;
    } else {
      out += static_cast<char>(c);
    }
  }
  if (text.size() > kShownMax) {
    // do not cut a character in two
    while (!out.empty() && (static_cast<unsigned char>(out.back()) & 0xC0) == 0x80) out.pop_back();
    if (!out.empty() && static_cast<unsigned char>(out.back()) >= 0x80) out.pop_back();
    out += "…";
  }
  return out + "\"";
}

void report_wrong_type(const Node& node, ReadContext& context, const char* wanted) {
  std::string what = std::string("must be ") + wanted + ", not ";
  what += node.is_scalar() ? shown(node, context.rules) : std::string(kind_noun(node));
  const std::string_view want = wanted;
  const char* hint = "";
  if (want == "a list" && !node.is_null()) hint = "begin each entry with a dash: `- …`";
  if (want == "a map" && node.is_list()) hint = "write `name: value` lines without dashes";
  report(node, context, "wrong-type", std::move(what), hint);
}

bool read_struct(const Node& node, const SchemaBase& schema, void* out, ReadContext& context) {
  if (!node.is_map()) return report_wrong_type(node, context, "a map"), false;
  schema.parse_into(&node, out, context.diagnostics, context.path);
  return true;
}

bool read_scalar(const Node& node, ReadContext& context, std::string& out) {
  if (!is_scalar_or_report(node, context, "a string")) return false;
  const auto& words = context.rules.words;
  if (!words.empty()) {
    std::vector<std::string> known;
    for (const EnumWord& w : words) {
      if (w.word == node.text) return out = node.text, true;
      known.push_back(w.word);
    }
    report(node, context, "bad-choice", "cannot be " + shown(node, context.rules),
           hint_for(node, known, context));
    return false;
  }
  if (!is_filled_or_report(node, context)) return false;
  out = node.text;
  return true;
}

bool read_scalar(const Node& node, ReadContext& context, Secret& out) {
  if (!is_scalar_or_report(node, context, "a string")) return false;
  if (!is_filled_or_report(node, context)) return false;
  out = Secret(node.text);
  return true;
}

bool read_scalar(const Node& node, ReadContext& context, bool& out) {
  if (!is_scalar_or_report(node, context, "true or false")) return false;
  for (const char* word : {"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"}) {
    if (node.text == word) return out = true, true;
  }
  for (const char* word : {"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"}) {
    if (node.text == word) return out = false, true;
  }
  report(node, context, "bad-boolean", "must be true or false, not " + shown(node, context.rules));
  return false;
}

bool read_scalar(const Node& node, ReadContext& context, double& out) {
  if (!is_scalar_or_report(node, context, "a number")) return false;
  double value = 0;
  const char* end = node.text.data() + node.text.size();
  const auto [stop, error] = std::from_chars(node.text.data(), end, value);
  if (error != std::errc() || stop != end || !std::isfinite(value)) {
    report(node, context, "bad-number", "must be a number, not " + shown(node, context.rules),
           "write it as 0.5 or 1e-3");
    return false;
  }
  if (!in_range(node, context, value)) return false;
  out = value;
  return true;
}

bool read_scalar(const Node& node, ReadContext& context, Duration& out) {
  if (!is_scalar_or_report(node, context, "a duration")) return false;
  const Result<Duration> parsed = parse_duration(node.text);
  if (!parsed) {
    report(node, context, "bad-duration", "must be a duration, not " + shown(node, context.rules),
           "write a number with a unit: 250ms, 1.5s, 2h45m");
    return false;
  }
  if (!in_range(node, context, static_cast<long double>(parsed->us))) return false;
  out = *parsed;
  return true;
}

bool read_scalar(const Node& node, ReadContext& context, ByteSize& out) {
  if (!is_scalar_or_report(node, context, "a size")) return false;
  const Result<ByteSize> parsed = parse_byte_size(node.text);
  if (!parsed) {
    report(node, context, "bad-size", "must be a size, not " + shown(node, context.rules),
           "write bytes, or a number with a unit: 4096, 64KiB, 10MB");
    return false;
  }
  if (!in_range(node, context, static_cast<long double>(parsed->bytes))) return false;
  out = *parsed;
  return true;
}

bool read_signed(const Node& node, ReadContext& context, int64_t lo, int64_t hi, int64_t& out) {
  if (!is_integer_or_report(node, context)) return false;
  int64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const bool fits = std::from_chars(node.text.data(), end, value).ec == std::errc();
  if (!fits || value < lo || value > hi) {
    return report_width(node, context, std::to_string(lo), std::to_string(hi)), false;
  }
  if (!in_range(node, context, static_cast<long double>(value))) return false;
  out = value;
  return true;
}

bool read_unsigned(const Node& node, ReadContext& context, uint64_t hi, uint64_t& out) {
  if (!is_integer_or_report(node, context)) return false;
  uint64_t value = 0;
  const char* end = node.text.data() + node.text.size();
  const bool fits = std::from_chars(node.text.data(), end, value).ec == std::errc();
  if (!fits || value > hi) return report_width(node, context, "0", std::to_string(hi)), false;
  if (!in_range(node, context, static_cast<long double>(value))) return false;
  out = value;
  return true;
}

bool read_enum(const Node& node, ReadContext& context, int64_t& out) {
  if (!is_scalar_or_report(node, context, "a word")) return false;
  std::vector<std::string> known;
  for (const EnumWord& w : context.rules.words) {
    const bool by_number = context.rules.numbered && w.warning.empty() &&
                           node.text == std::to_string(w.value);
    if (w.word == node.text || by_number) {
      if (!w.warning.empty()) {
        context.diagnostics.warning("deprecated-value", node.position,
                                    context.path + ": " + w.word + " is out of date", w.warning);
      }
      return out = w.value, true;
    }
    if (w.warning.empty()) known.push_back(w.word);
  }
  report(node, context, "bad-choice", "cannot be " + shown(node, context.rules),
         hint_for(node, known, context));
  return false;
}

std::string scalar_text(const std::string& value) { return value; }
std::string scalar_text(const Secret& value) { return to_string(value); }
std::string scalar_text(bool value) { return value ? "true" : "false"; }
std::string scalar_text(double value) {
  char text[32];
  const auto result = std::to_chars(text, text + sizeof text, value);
  return std::string(text, result.ptr);
}
std::string scalar_text(Duration value) { return to_string(value); }
std::string scalar_text(ByteSize value) { return to_string(value); }
std::string enum_text(int64_t value, const Rules& rules) {
  for (const EnumWord& w : rules.words) {
    if (w.value == value) return w.word;
  }
  return {};
}

}  // namespace penstock
