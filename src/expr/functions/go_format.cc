// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/go_format.h"

#include <charconv>

#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

struct Spec {
  bool plus = false, minus = false, sharp = false, blank = false, zero = false;
  int width = -1, precision = -1;
  char32_t verb = 0;
};

std::string pad(const Spec& spec, std::string text, bool number) {
  const auto size = static_cast<int>(count_code_points(text));
  if (spec.width <= size) return text;
  const auto missing = static_cast<size_t>(spec.width - size);
  if (spec.minus) return text + std::string(missing, ' ');
  if (spec.zero && number) {
    const size_t sign = text.starts_with('-') || text.starts_with('+') || text.starts_with(' ');
    return text.substr(0, sign) + std::string(missing, '0') + text.substr(sign);
  }
  return std::string(missing, ' ') + text;
}

std::string signed_text(const Spec& spec, std::string text) {
  if (text.starts_with('-') || text.starts_with('+')) return text;
  return (spec.plus ? "+" : spec.blank ? " " : "") + text;
}

std::string upper_ascii(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return text;
}

std::string integer_text(const Spec& spec, const Value& v, int base) {
  char buffer[72];
  const auto done = v.is(ValueKind::kUint)
                        ? std::to_chars(buffer, buffer + sizeof buffer, v.as_uint(), base)
                        : std::to_chars(buffer, buffer + sizeof buffer, v.as_int(), base);
  std::string digits(buffer, done.ptr);
  const std::string sign = digits[0] == '-' ? "-" : "";
  digits.erase(0, sign.size());
  if (static_cast<int>(digits.size()) < spec.precision) {
    digits.insert(0, static_cast<size_t>(spec.precision) - digits.size(), '0');
  }
  if (spec.sharp) digits.insert(0, base == 16 ? "0x" : base == 8 ? "0" : base == 2 ? "0b" : "");
  return signed_text(spec, sign + digits);
}

std::string hex_text(std::string_view bytes) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kHex[static_cast<uint8_t>(c) >> 4];
    out += kHex[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

std::string bad_verb(const Spec& spec, const Value& v) {
  std::string out = "%!";
  append_utf8(out, spec.verb);
  if (v.is_null()) return out + "(<nil>)";
  return out + "(" + std::string(go_type(v)) + "=" + go_value(v) + ")";
}

std::string print_integer(const Spec& spec, const Value& v) {
  switch (spec.verb) {
    case 'v':
    case 'd': return pad(spec, integer_text(spec, v, 10), true);
    case 'x': return pad(spec, integer_text(spec, v, 16), true);
    case 'X': return pad(spec, upper_ascii(integer_text(spec, v, 16)), true);
    case 'o': return pad(spec, integer_text(spec, v, 8), true);
    case 'b': return pad(spec, integer_text(spec, v, 2), true);
    case 'c':
    case 'q':
    case 'U': {
      const int64_t code = whole(v);
      std::string c;
      append_utf8(c, code < 0 || code > 0x10ffff ? 0xfffd : static_cast<char32_t>(code));
      if (spec.verb == 'c') return pad(spec, c, false);
      if (spec.verb == 'q') return pad(spec, "'" + c + "'", false);
      Spec digits;
      digits.precision = 4;
      return pad(spec, "U+" + upper_ascii(integer_text(digits, v, 16)), false);
    }
    default: return bad_verb(spec, v);
  }
}

std::string print_double(const Spec& spec, double d, const Value& v) {
  const int precision = spec.precision;
  switch (spec.verb) {
    case 'v':
    case 'g': return pad(spec, signed_text(spec, go_float(d, 'g', precision)), true);
    case 'G': return pad(spec, signed_text(spec, upper_ascii(go_float(d, 'g', precision))), true);
    case 'e': return pad(spec, signed_text(spec, go_float(d, 'e', precision < 0 ? 6 : precision)),
                         true);
    case 'f':
    case 'F': return pad(spec, signed_text(spec, go_float(d, 'f', precision < 0 ? 6 : precision)),
                         true);
    default: return bad_verb(spec, v);
  }
}

std::string print_text(const Spec& spec, const Value& v, std::string_view text) {
  if (spec.precision >= 0 && (spec.verb == 's' || spec.verb == 'v' || spec.verb == 'q')) {
    text = text.substr(0, code_point_offset(text, static_cast<size_t>(spec.precision)));
  }
  switch (spec.verb) {
    case 'v':
    case 's': return pad(spec, std::string(text), false);
    case 'q': return pad(spec, go_quote(text), false);
    case 'x': return pad(spec, hex_text(text), false);
    case 'X': return pad(spec, upper_ascii(hex_text(text)), false);
    default: return bad_verb(spec, v);
  }
}

std::string print(const Spec& spec, const Value& v) {
  if (spec.verb == 'T') return pad(spec, std::string(go_type(v)), false);
  switch (v.kind()) {
    case ValueKind::kNull:
      return spec.verb == 'v' ? pad(spec, "<nil>", false) : bad_verb(spec, v);
    case ValueKind::kBool:
      if (spec.verb != 'v' && spec.verb != 't') return bad_verb(spec, v);
      return pad(spec, v.as_bool() ? "true" : "false", false);
    case ValueKind::kInt:
    case ValueKind::kUint: return print_integer(spec, v);
    case ValueKind::kDouble: return print_double(spec, v.as_double(), v);
    case ValueKind::kNumber: return print_double(spec, nearest_double(v), v);
    case ValueKind::kString: return print_text(spec, v, v.text());
    case ValueKind::kBytes:
      return spec.verb == 'v' ? pad(spec, go_value(v), false) : print_text(spec, v, v.text());
    case ValueKind::kTime:
    case ValueKind::kDuration: return print_text(spec, v, go_value(v));
    case ValueKind::kArray: {
      std::string out = "[";
      for (size_t i = 0; i < v.size(); ++i) out += (i ? " " : "") + print(spec, v.items()[i]);
      return out + "]";
    }
    default: return spec.verb == 'v' || spec.verb == 's' ? go_value(v) : bad_verb(spec, v);
  }
}

/// Reads flags, width and precision behind a %; moves `at` behind the verb.
void read_spec(std::string_view format, size_t& at, std::span<const Value> args, size_t& next,
               Spec& spec) {
  for (; at < format.size(); ++at) {
    if (format[at] == '+') spec.plus = true;
    else if (format[at] == '-') spec.minus = true;
    else if (format[at] == '#') spec.sharp = true;
    else if (format[at] == ' ') spec.blank = true;
    else if (format[at] == '0') spec.zero = true;
    else break;
  }
  const auto number = [&](int& out) {
    if (at < format.size() && format[at] == '*') {
      ++at;
      if (next < args.size() && args[next].is(ValueKind::kInt)) {
        out = static_cast<int>(std::clamp<int64_t>(args[next].as_int(), -10000, 10000));
      }
      ++next;
      return;
    }
    int n = -1;
    for (; at < format.size() && format[at] >= '0' && format[at] <= '9'; ++at) {
      n = std::min(10000, std::max(n, 0) * 10 + (format[at] - '0'));
    }
    if (n >= 0) out = n;
  };
  number(spec.width);
  if (spec.width < -1) {
    spec.minus = true;
    spec.width = -spec.width;
  }
  if (at < format.size() && format[at] == '.') {
    ++at;
    spec.precision = 0;
    number(spec.precision);
  }
  if (at < format.size()) spec.verb = next_code_point(format, at);
}

Result<Value> format(EvalContext& context, Arguments args) {
  auto text = go_format(context, args[0].text(), args.subspan(1));
  if (!text) return text.error();
  return context.string(*text);
}

constexpr Function kFormat[] = {
    {.name = "format", .aliases = {"printf", "sprintf"},
     .signatures = {"(format: text, values...: any) -> string"},
     .about = "As Go's fmt.Sprintf: %v %d %s %q %t %x %o %b %c %e %f %g %T, flags, width and "
              "precision.",
     .body = format,
     .examples = {{"format('%s is %d', 'a', 5)", "", R"("a is 5")"},
                  {"format('%05.1f|%-4s|%x', 3.14159, 'ab', 255)", "", R"("003.1|ab  |ff")"},
                  {"format('%d', 'x')", "", "\"%!d(string=x)\""},
                  {"format('%v %v', [1, 'a'], {b: 1, a: nil})", "",
                   R"("[1 a] map[a:<nil> b:1]")"}}},
};

}  // namespace

Result<std::string> go_format(EvalContext& context, std::string_view format,
                              std::span<const Value> args) {
  std::string out;
  size_t next = 0;
  PENSTOCK_TRY(spend_bytes(context, format.size()));
  for (size_t at = 0; at < format.size();) {
    const size_t percent = std::min(format.find('%', at), format.size());
    out += format.substr(at, percent - at);
    at = percent + 1;
    if (percent == format.size()) break;
    Spec spec;
    read_spec(format, at, args, next, spec);
    if (spec.verb == 0) {
      out += "%!(NOVERB)";
    } else if (spec.verb == '%') {
      out += '%';
    } else if (next >= args.size()) {
      out += "%!";
      append_utf8(out, spec.verb);
      out += "(MISSING)";
    } else {
      out += print(spec, args[next++]);
    }
    PENSTOCK_TRY(may_make(context, out.size()));
  }
  if (next < args.size()) {
    out += "%!(EXTRA ";
    for (size_t i = next; i < args.size(); ++i) {
      if (i > next) out += ", ";
      out += std::string(go_type(args[i]));
      if (!args[i].is_null()) out += "=" + go_value(args[i]);
    }
    out += ")";
  }
  return out;
}

void add_format_functions(FunctionTable& table) { add_rows(table, {"string"}, kFormat); }

}  // namespace penstock
