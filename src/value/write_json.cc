// SPDX-License-Identifier: Apache-2.0
#include "value/write_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "value/build.h"
#include "value/number_text.h"
#include "value/time_text.h"
#include "value/utf8.h"

namespace penstock {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_escape(std::string& out, unsigned char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    default:
      out += "\\u00";
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
  }
}

bool plain_ascii(unsigned char c, bool html) {
  return c >= 0x20 && c < 0x80 && c != '"' && c != '\\' &&
         !(html && (c == '<' || c == '>' || c == '&'));
}

/// As Go's encoding/json: exponent form outside 1e-6 … 1e21, no point for whole numbers.
void append_go_double(std::string& out, double d) {
  char text[40];
  const double size = std::fabs(d);
  const bool exponent = size != 0 && (size < 1e-6 || size >= 1e21);
  const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  const auto end = std::to_chars(text, text + sizeof text, d, format);
  std::string_view written(text, static_cast<size_t>(end.ptr - text));
  if (exponent && written.size() > 4 && written[written.size() - 4] == 'e' &&
      written[written.size() - 2] == '0') {  // e-09 → e-9
    out.append(written.substr(0, written.size() - 2));
    out.push_back(written.back());
    return;
  }
  out.append(written);
}

void append_base64(std::string& out, std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t i = 0;
  const auto byte = [&](size_t at) {
    return at < bytes.size() ? static_cast<uint32_t>(static_cast<unsigned char>(bytes[at])) : 0;
  };
  for (; i < bytes.size(); i += 3) {
    const uint32_t three = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out.push_back(kDigits[three >> 18]);
    out.push_back(kDigits[three >> 12 & 63]);
    out.push_back(i + 1 < bytes.size() ? kDigits[three >> 6 & 63] : '=');
    out.push_back(i + 2 < bytes.size() ? kDigits[three & 63] : '=');
  }
}

class Writer {
 public:
  Writer(std::string& out, const JsonStyle& style) : out_(out), style_(style) {}

  Result<void> write(const Value& v, int depth) {
    switch (v.kind()) {
      case ValueKind::kNull: out_ += "null"; break;
      case ValueKind::kBool: out_ += v.as_bool() ? "true" : "false"; break;
      case ValueKind::kInt: integer(v.as_int()); break;
      case ValueKind::kUint: integer(v.as_uint()); break;
      case ValueKind::kDouble: return real(v.as_double());
      case ValueKind::kNumber:
      case ValueKind::kJson: out_ += v.text(); break;
      case ValueKind::kString: append_json_string(out_, v.text(), style_.escape_html); break;
      case ValueKind::kBytes:
        out_.push_back('"');
        append_base64(out_, v.text());
        out_.push_back('"');
        break;
      case ValueKind::kTime:
        out_.push_back('"');
        append_rfc3339(out_, v.as_time());
        out_.push_back('"');
        break;
      case ValueKind::kDuration:
        out_ += '"' + format_duration(v.as_duration()) + '"';
        break;
      case ValueKind::kArray: return array(v, depth);
      case ValueKind::kMap: return map(v, depth);
    }
    return {};
  }

 private:
  template <class T>
  void integer(T value) {
    char text[24];
    out_.append(text, std::to_chars(text, text + sizeof text, value).ptr);
  }
  Result<void> real(double d) {
    if (!std::isfinite(d)) {
      return reject_error("not-json", std::string("JSON has no number for ") +
                                          (std::isnan(d) ? "NaN" : "infinity"));
    }
    if (style_.go_numbers) append_go_double(out_, d);
    else append_json_double(out_, d);
    return {};
  }
  static Error too_deep() {
    return reject_error("not-json", "the value is nested deeper than " +
                                        std::to_string(kJsonDepthMax) + " levels");
  }
  void line(int depth) {
    if (style_.indent == 0) return;
    out_.push_back('\n');
    out_.append(static_cast<size_t>(style_.indent * depth), ' ');
  }
  Result<void> array(const Value& v, int depth) {
    if (depth >= kJsonDepthMax) return too_deep();
    out_.push_back('[');
    bool first = true;
    for (const Value& item : v.items()) {
      if (!first) out_.push_back(',');
      first = false;
      line(depth + 1);
      PENSTOCK_TRY(write(item, depth + 1));
    }
    if (!first) line(depth);
    out_.push_back(']');
    return {};
  }
  Result<void> entry(const MapEntry& e, bool first, int depth) {
    if (!first) out_.push_back(',');
    line(depth + 1);
    append_json_string(out_, e.key, style_.escape_html);
    out_ += style_.indent > 0 ? ": " : ":";
    return write(e.value, depth + 1);
  }
  Result<void> map(const Value& v, int depth) {
    if (depth >= kJsonDepthMax) return too_deep();
    out_.push_back('{');
    bool first = true;
    if (style_.sort_keys) {
      std::vector<const MapEntry*> sorted;
      for (const MapEntry& e : v.entries()) sorted.push_back(&e);
      std::sort(sorted.begin(), sorted.end(),
                [](const MapEntry* a, const MapEntry* b) { return a->key < b->key; });
      for (const MapEntry* e : sorted) PENSTOCK_TRY(entry(*e, std::exchange(first, false), depth));
    } else {
      for (const MapEntry& e : v.entries()) {
        PENSTOCK_TRY(entry(e, std::exchange(first, false), depth));
      }
    }
    if (!first) line(depth);
    out_.push_back('}');
    return {};
  }

  std::string& out_;
  const JsonStyle& style_;
};

}  // namespace

Result<void> write_json(const Value& value, std::string& out, const JsonStyle& style) {
  return Writer(out, style).write(value, 0);
}

Result<Value> json_value(const Value& value, ValueArena& arena, const JsonStyle& style) {
  std::string text;
  PENSTOCK_TRY(write_json(value, text, style));
  return copy_string(arena, text);
}

void append_json_string(std::string& out, std::string_view text, bool escape_html) {
  out.push_back('"');
  size_t from = 0, at = 0;
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (plain_ascii(c, escape_html)) {
      ++at;
      continue;
    }
    if (c >= 0x80) {
      const size_t length = utf8_sequence(text, at);
      const bool separator = escape_html && length == 3 && c == 0xe2 && text[at + 1] == '\x80' &&
                             (text[at + 2] & '\xfe') == '\xa8';
      if (length > 0 && !separator) {
        at += length;
        continue;
      }
      out.append(text, from, at - from);
      if (separator) out.append(text[at + 2] == '\xa8' ? "\\u2028" : "\\u2029");
      else out.append("\xef\xbf\xbd");
      at += separator ? 3 : 1;
    } else {
      out.append(text, from, at - from);
      append_escape(out, c);
      ++at;
    }
    from = at;
  }
  out.append(text, from);
  out.push_back('"');
}

void append_json_double(std::string& out, double d) {
  char text[kNumberTextMax];
  out.append(text, static_cast<size_t>(write_double(text, d) - text));
}

std::string display(const Value& value) {
  std::string out;
  switch (value.kind()) {
    case ValueKind::kNull: return out;
    case ValueKind::kString:
    case ValueKind::kBytes:
    case ValueKind::kNumber:
    case ValueKind::kJson: return std::string(value.text());
    case ValueKind::kTime: return format_rfc3339(value.as_time());
    case ValueKind::kDuration: return format_duration(value.as_duration());
    case ValueKind::kDouble:
      if (std::isnan(value.as_double())) return "NaN";
      if (std::isinf(value.as_double())) return value.as_double() > 0 ? "+Inf" : "-Inf";
      append_json_double(out, value.as_double());
      return out;
    default:
      if (!write_json(value, out)) out += "…";
      return out;
  }
}

}  // namespace penstock
