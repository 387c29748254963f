// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"
#include "expr/functions/unicode.h"
#include "value/write_json.h"

// Small formats within a field; whole payloads have codecs.
namespace penstock {
namespace {

/// One line of CSV (RFC 4180); a quoted field may contain line ends.
Result<Value> parse_csv(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text(), separator = text_or(args, 1, ",");
  if (separator.size() != 1) return eval_error("a CSV separator is one byte");
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  ArrayBuilder out(context.arena());
  for (size_t at = 0;;) {
    PENSTOCK_TRY(context.spend(1));
    std::string field;
    if (at < text.size() && text[at] == '"') {
      for (++at;; ++at) {
        if (at >= text.size()) return eval_error("a quote of the CSV line is not closed");
        if (text[at] == '"' && (at + 1 >= text.size() || text[at + 1] != '"')) break;
        if (text[at] == '"') ++at;
        field += text[at];
      }
      ++at;
      if (at < text.size() && text[at] != separator[0] && text[at] != '\r' && text[at] != '\n') {
        return eval_error("text follows a quoted field of the CSV line");
      }
    }
    const size_t end = std::min(text.find_first_of(std::string(separator) + "\r\n", at),
                                text.size());
    field += text.substr(at, end - at);
    const auto value = context.string(field);
    if (!value) return value;
    out.push(*value);
    if (end >= text.size() || text[end] != separator[0]) return out.finish();
    at = end + 1;
  }
}

Result<Value> format_csv(EvalContext& context, Arguments args) {
  const std::string separator(text_or(args, 1, ","));
  TextBuilder out(context.arena());
  bool first = true;
  for (const Value& item : args[0].items()) {
    const std::string text = display(item);
    PENSTOCK_TRY(context.spend(1 + text.size() / 64));
    if (!first) out.append(separator);
    first = false;
    if (text.find_first_of("\"\r\n" + separator) == std::string::npos) {
      out.append(text);
      continue;
    }
    out.append('"');
    for (const char c : text) {
      if (c == '"') out.append('"');
      out.append(c);
    }
    out.append('"');
  }
  return out.finish_string();
}

std::string_view unquoted(std::string_view text) {
  text = trim_space(text);
  if (text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0]) {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

/// The end of a pair: the mark, but not within quotes.
size_t pair_end(std::string_view text, std::string_view mark) {
  char quote = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text.substr(i).starts_with(mark)) {
      return i;
    }
  }
  return text.size();
}

Result<Value> parse_pairs(EvalContext& context, Arguments args) {
  std::string_view text = args[0].text();
  const std::string_view between = text_or(args, 1, " "), inside = text_or(args, 2, "=");
  if (between.empty() || inside.empty()) return eval_error("the marks may not be empty");
  PENSTOCK_TRY(spend_bytes(context, text.size() * 4));
  MapBuilder out(context.arena());
  while (!text.empty()) {
    PENSTOCK_TRY(context.spend(1));
    const size_t end = pair_end(text, between);
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + between.size(), text.size()));
    if (trim_space(pair).empty()) continue;
    const size_t equals = pair.find(inside);
    const std::string_view key = unquoted(pair.substr(0, equals));
    out.set(key, equals == std::string_view::npos
                     ? Value::boolean(true)
                     : Value::string(unquoted(pair.substr(equals + inside.size()))));
  }
  return out.finish();
}

Result<Value> format_pairs(EvalContext& context, Arguments args) {
  const std::string_view between = text_or(args, 1, " "), inside = text_or(args, 2, "=");
  TextBuilder out(context.arena());
  for (const MapEntry& entry : args[0].entries()) {
    const std::string text = display(entry.value);
    PENSTOCK_TRY(context.spend(1 + text.size() / 64));
    if (out.size() > 0) out.append(between);
    out.append(entry.key);
    out.append(inside);
    const bool quote = text.find(between) != std::string::npos ||
                       text.find_first_of("\" ") != std::string::npos || text.empty();
    out.append(quote ? go_quote(text) : text);
  }
  return out.finish_string();
}

/// "10MiB", "1.5 GB", "512": decimal and binary units, B optional.
Result<Value> parse_bytes(EvalContext&, Arguments args) {
  const std::string_view text = trim_space(args[0].text());
  const size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = go_parse_float(text.substr(0, end));
  std::string unit = map_code_points(trim_space(text.substr(end)), to_lower);
  if (unit.ends_with('b')) unit.pop_back();
  const bool binary = unit.ends_with('i');
  if (binary) unit.pop_back();
  const size_t power = unit.empty() ? 0 : std::string_view(" kmgtpe").find(unit);
  if (!number || unit.size() > 1 || power == std::string_view::npos || (binary && power == 0)) {
    return eval_error("\"" + std::string(text.substr(0, 40)) + "\" is not a number of bytes");
  }
  const double bytes = *number * std::pow(binary ? 1024.0 : 1000.0, static_cast<double>(power));
  if (bytes > 9e18) return eval_error("more bytes than an int can count");
  return Value::integer(static_cast<int64_t>(bytes));
}

Result<Value> format_bytes(EvalContext& context, Arguments args) {
  static constexpr const char* kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double n = nearest_double(args[0]);
  if (!(n >= 0) || std::isinf(n)) return eval_error("a number of bytes is 0 or more");
  size_t unit = 0;
  for (; n >= 1024 && unit < 6; n /= 1024) ++unit;
  if (n > 9e17) return eval_error("more EiB than an int can count");
  const auto tenths = static_cast<int64_t>(std::round(n * 10));
  std::string text = std::to_string(tenths / 10);
  if (unit > 0 && tenths % 10 != 0) text += "." + std::to_string(tenths % 10);
  return context.string(text + " " + kUnits[unit]);
}

constexpr Function kParsing[] = {
    {.name = "parseCsv", .signatures = {"(line: text, separator?: text) -> array[string]"},
     .about = "The fields of one CSV line (RFC 4180).", .body = parse_csv,
     .examples = {{"parseCsv('a,\"b,\"\"c\"\"\",')", "", R"(["a","b,\"c\"",""])"},
                  {"parseCsv('a;b', ';')", "", R"(["a","b"])"},
                  {"parseCsv('\"a')", "", "", "not closed"}}},
    {.name = "formatCsv", .signatures = {"(fields: array, separator?: text) -> string"},
     .about = "One CSV line of an array, fields quoted where they must be.", .body = format_csv,
     .examples = {{"formatCsv(['a', 'b,c', 1, nil])", "", R"("a,\"b,c\",1,")"},
                  {"formatCsv(['say \"x\"'], ';')", "", R"("\"say \"\"x\"\"\"")"}}},
    {.name = "parseKeyValue",
     .signatures = {"(text: text, between?: text, inside?: text) -> map"},
     .about = "Pairs as in \"a=1 b='x y'\"; a key alone is true.", .body = parse_pairs,
     .examples = {{"parseKeyValue('a=1 b=\"x y\" c')", "", R"({"a":"1","b":"x y","c":true})"},
                  {"parseKeyValue('a:1, b:2', ',', ':')", "", R"({"a":"1","b":"2"})"},
                  {"parseKeyValue('a', '')", "", "", "empty"}}},
    {.name = "formatKeyValue",
     .signatures = {"(map: map, between?: text, inside?: text) -> string"},
     .about = "A map as pairs, values in quotes where they must be.", .body = format_pairs,
     .examples = {{"formatKeyValue({a: 1, b: 'x y'})", "", R"("a=1 b=\"x y\"")"},
                  {"formatKeyValue({})", "", R"("")"}}},
    {.name = "parseBytes", .signatures = {"(text: text) -> int"},
     .about = "A size such as \"10MiB\" or \"1.5 GB\" in bytes.", .body = parse_bytes,
     .examples = {{"parseBytes('1.5 kB')", "", "1500"}, {"parseBytes('2MiB')", "", "2097152"},
                  {"parseBytes('2 apples')", "", "", "not a number of bytes"}}},
    {.name = "formatBytes", .signatures = {"(bytes: number) -> string"},
     .about = "A size for people: \"1.5 KiB\".", .body = format_bytes,
     .examples = {{"formatBytes(1536)", "", R"("1.5 KiB")"}, {"formatBytes(5)", "", R"("5 B")"},
                  {"formatBytes(-1)", "", "", "0 or more"}}},
};

}  // namespace

void add_parse_functions(FunctionTable& table) { add_rows(table, {"parsing"}, kParsing); }

}  // namespace penstock
