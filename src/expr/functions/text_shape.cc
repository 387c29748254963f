// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/unicode.h"

// Parts and shapes of text: places count code points.
namespace penstock {
namespace {

std::string_view code_points(std::string_view text, int64_t from, int64_t to) {
  if (to <= from) return {};
  text.remove_prefix(code_point_offset(text, static_cast<size_t>(from)));
  return text.substr(0, code_point_offset(text, static_cast<size_t>(to - from)));
}

Result<Value> substring(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  int64_t from = whole(args[1]), to = whole_or(args, 2, INT64_MAX);
  if (from < 0 || to < 0) {
    const auto size = static_cast<int64_t>(count_code_points(text));
    if (from < 0) from = std::max<int64_t>(0, size + std::max(from, -size));
    if (to < 0) to = size + std::max(to, -size);
  }
  return Value::string(code_points(text, from, to));
}

Result<Value> left(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::string(code_points(args[0].text(), 0, whole(args[1])));
}

Result<Value> right(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto size = static_cast<int64_t>(count_code_points(args[0].text()));
  const int64_t count = std::clamp<int64_t>(whole(args[1]), 0, size);
  return Value::string(code_points(args[0].text(), size - count, size));
}

Result<Value> char_at(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  int64_t at = whole(args[1]);
  if (at < 0) at += static_cast<int64_t>(count_code_points(args[0].text()));
  const bool within = at >= 0 && at < static_cast<int64_t>(args[0].size());
  return Value::string(within ? code_points(args[0].text(), at, at + 1) : "");
}

/// Repeats `fill` to exactly `count` code points.
void append_fill(TextBuilder& out, std::string_view fill, int64_t count) {
  size_t at = 0;
  for (; count > 0 && !out.failed(); --count) {
    const size_t from = at;
    next_code_point(fill, at);
    out.append(fill.substr(from, at - from));
    if (at >= fill.size()) at = 0;
  }
}

enum class Side { kLeft, kRight, kBoth };

template <Side kSide>
Result<Value> pad(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text(), fill = text_or(args, 2, " ");
  const auto size = static_cast<int64_t>(count_code_points(text));
  if (whole(args[1]) <= size) return Value::string(text);
  const int64_t missing = whole(args[1]) - size;
  if (fill.empty()) return eval_error("there is nothing to fill up with");
  if (missing > static_cast<int64_t>(context.limits().memory_max) / 4) {
    return memory_limit_error(context.limits().memory_max);
  }
  PENSTOCK_TRY(context.spend(static_cast<uint64_t>(missing)));
  const int64_t before = kSide == Side::kLeft ? missing : kSide == Side::kBoth ? missing / 2 : 0;
  TextBuilder out(context.arena(), text.size() + static_cast<size_t>(missing));
  append_fill(out, fill, before);
  out.append(text);
  append_fill(out, fill, missing - before);
  return out.finish_string();
}

Result<Value> truncate(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text(), mark = text_or(args, 2, "…");
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  const int64_t most = std::max<int64_t>(0, whole(args[1]));
  if (static_cast<int64_t>(count_code_points(text)) <= most) return Value::string(text);
  const int64_t kept = most - static_cast<int64_t>(count_code_points(mark));
  if (kept <= 0) return Value::string(code_points(mark, 0, most));
  return context.string(std::string(code_points(text, 0, kept)) + std::string(mark));
}

Result<Value> reverse_text(EvalContext& context, std::string_view text) {
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  std::string out(text.size(), ' ');
  size_t to = text.size();
  for (size_t at = 0; at < text.size();) {
    const size_t from = at;
    next_code_point(text, at);
    to -= at - from;
    text.substr(from, at - from).copy(out.data() + to, at - from);
  }
  return context.string(out);
}

Result<Value> reverse(EvalContext& context, Arguments args) {
  if (args[0].is_text()) return reverse_text(context, args[0].text());
  PENSTOCK_TRY(context.spend(args[0].size()));
  ArrayBuilder out(context.arena(), args[0].size());
  for (size_t i = args[0].size(); i-- > 0;) out.push(args[0].items()[i]);
  return out.finish();
}

Result<Value> lines(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  ArrayBuilder out(context.arena());
  for (size_t from = 0; from < text.size();) {
    PENSTOCK_TRY(context.spend(1));
    const size_t end = std::min(text.find('\n', from), text.size());
    std::string_view line = text.substr(from, end - from);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push(Value::string(line));
    from = end + 1;
  }
  return out.finish();
}

Result<Value> words(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  ArrayBuilder out(context.arena());
  size_t start = std::string_view::npos;
  for (size_t at = 0; at <= text.size();) {
    size_t next = at;
    const bool gap = at == text.size() || is_space(next_code_point(text, next));
    if (gap && start != std::string_view::npos) {
      PENSTOCK_TRY(context.spend(1));
      out.push(Value::string(text.substr(start, at - start)));
      start = std::string_view::npos;
    } else if (!gap && start == std::string_view::npos) {
      start = at;
    }
    at = at == text.size() ? at + 1 : next;
  }
  return out.finish();
}

Result<Value> squeeze(EvalContext& context, Arguments args) {
  auto parts = words(context, args);
  if (!parts) return parts;
  TextBuilder out(context.arena(), args[0].size());
  for (const Value& word : parts->items()) {
    if (out.size() > 0) out.append(' ');
    out.append(word.text());
  }
  return out.finish_string();
}

Result<Value> indent(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  const int64_t width = whole(args[1]);
  if (width < 0 || width > 1000) return eval_error("indent needs a width of 0 to 1000");
  const std::string pad(static_cast<size_t>(width), ' ');
  TextBuilder out(context.arena(), text.size());
  out.append(pad);
  for (const char c : text) {
    out.append(c);
    if (c == '\n') {
      PENSTOCK_TRY(context.spend(1 + pad.size() / 64));
      out.append(pad);
    }
  }
  return out.finish_string();
}

Result<Value> translate(EvalContext& context, Arguments args) {
  std::u32string from, to;
  for (size_t at = 0; at < args[1].size();) from += next_code_point(args[1].text(), at);
  for (size_t at = 0; at < args[2].size();) to += next_code_point(args[2].text(), at);
  PENSTOCK_TRY(context.spend(args[0].size() * (1 + from.size() / 16) / 16));
  TextBuilder out(context.arena(), args[0].size());
  for (size_t at = 0; at < args[0].size();) {
    const char32_t c = next_code_point(args[0].text(), at);
    const size_t found = from.find(c);
    if (found == std::u32string::npos) append_utf8(out, c);
    else if (found < to.size()) append_utf8(out, to[found]);
  }
  return out.finish_string();
}

Result<Value> character(EvalContext& context, Arguments args) {
  const int64_t c = whole(args[0]);
  if (c < 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
    return eval_error(std::to_string(c) + " is not a code point");
  }
  std::string out;
  append_utf8(out, static_cast<char32_t>(c));
  return context.string(out);
}

Result<Value> code_point(EvalContext&, Arguments args) {
  size_t at = 0;
  if (args[0].size() == 0) return eval_error("an empty text has no code point");
  return Value::integer(next_code_point(args[0].text(), at));
}

constexpr Function kParts[] = {
    {.name = "substring", .aliases = {"substr"},
     .signatures = {"(text: text, from: int, to?: int) -> string"},
     .about = "From one place to before another, in code points; negative ones count from the end.",
     .body = substring,
     .examples = {{"substring('señor', 1, 3)", "", R"("eñ")"},
                  {"substring('hello', -3)", "", R"("llo")"},
                  {"substring('hello', 4, 2)", "", R"("")"},
                  {"substring('hello', 1, -1)", "", R"("ell")"}}},
    {.name = "left", .signatures = {"(text: text, count: int) -> string"},
     .about = "The first so many code points.", .body = left,
     .examples = {{"left('señor', 3)", "", R"("señ")"}, {"left('a', 5)", "", R"("a")"}}},
    {.name = "right", .signatures = {"(text: text, count: int) -> string"},
     .about = "The last so many code points.", .body = right,
     .examples = {{"right('señor', 3)", "", R"("ñor")"}, {"right('a', -5)", "", R"("")"}}},
    {.name = "charAt", .signatures = {"(text: text, at: int) -> string"},
     .about = "One code point, as a string; empty beyond the ends.", .body = char_at,
     .examples = {{"charAt('señor', 2)", "", R"("ñ")"}, {"charAt('a', 7)", "", R"("")"},
                  {"charAt('abc', -1)", "", R"("c")"}}},
    {.name = "lines", .signatures = {"(text: text) -> array[string]"},
     .about = "The lines of a text, without their ends (LF or CRLF).", .body = lines,
     .examples = {{"lines('a\\nb\\r\\n')", "", R"(["a","b"])"}, {"lines('')", "", "[]"}}},
    {.name = "words", .signatures = {"(text: text) -> array[string]"},
     .about = "What stands between white space.", .body = words,
     .examples = {{"words(' a  b\\tc')", "", R"(["a","b","c"])"}, {"words(' ')", "", "[]"}}},
    {.name = "chr", .signatures = {"(code: int) -> string"},
     .about = "The character of a Unicode code point.", .body = character,
     .examples = {{"chr(241)", "", R"("ñ")"}, {"chr(55296)", "", "", "not a code point"}}},
    {.name = "ord", .signatures = {"(text: text) -> int"},
     .about = "The Unicode code point of the first character.", .body = code_point,
     .examples = {{"ord('ñu')", "", "241"}, {"ord('')", "", "", "empty"}}},
};
constexpr Function kShapes[] = {
    {.name = "padLeft", .aliases = {"lpad", "padStart"},
     .signatures = {"(text: text, width: int, fill?: text) -> string"},
     .about = "Filled up at the start to a width in code points, with blanks or the given text.",
     .body = pad<Side::kLeft>,
     .examples = {{"padLeft('7', 3, '0')", "", R"("007")"}, {"padLeft('long', 2)", "",
                                                             R"("long")"}}},
    {.name = "padRight", .aliases = {"rpad", "padEnd"},
     .signatures = {"(text: text, width: int, fill?: text) -> string"},
     .about = "Filled up at the end to a width in code points.", .body = pad<Side::kRight>,
     .examples = {{"padRight('ñ', 3, 'ab')", "", R"("ñab")"},
                  {"padRight('a', 3, '')", "", "", "nothing to fill"}}},
    {.name = "center", .signatures = {"(text: text, width: int, fill?: text) -> string"},
     .about = "Filled up at both ends to a width in code points.", .body = pad<Side::kBoth>,
     .examples = {{"center('ab', 5, '*')", "", R"("*ab**")"}, {"center('abc', 2)", "",
                                                              R"("abc")"}}},
    {.name = "truncate", .signatures = {"(text: text, width: int, mark?: text) -> string"},
     .about = "Cut to a width in code points, a mark (…) standing for what is cut.",
     .body = truncate,
     .examples = {{"truncate('hello world', 6)", "", R"("hello…")"},
                  {"truncate('hello world', 8, '...')", "", R"("hello...")"},
                  {"truncate('hello', 5)", "", R"("hello")"}}},
    {.name = "reverse", .signatures = {"(items: array) -> array", "(text: text) -> string"},
     .about = "Backwards.", .body = reverse,
     .examples = {{"reverse([1, 2, 3])", "", "[3,2,1]"}, {"reverse('señ')", "", R"("ñes")"}}},
    {.name = "squeeze", .signatures = {"(text: text) -> string"},
     .about = "Trimmed, every run of white space a single blank.", .body = squeeze,
     .examples = {{"squeeze('  a \\n b ')", "", R"("a b")"}, {"squeeze('')", "", R"("")"}}},
    {.name = "indent", .signatures = {"(text: text, width: int) -> string"},
     .about = "Every line moved right by so many blanks.", .body = indent,
     .examples = {{"indent('a\\nb', 2)", "", R"("  a\n  b")"},
                  {"indent('a', -1)", "", "", "0 to 1000"}}},
    {.name = "translate", .signatures = {"(text: text, from: text, to: text) -> string"},
     .about = "Each character of `from` replaced by the one at its place in `to`, or removed.",
     .body = translate,
     .examples = {{"translate('añb', 'ñb', 'n')", "", R"("an")"},
                  {"translate('2024', '024', 'abc')", "", R"("babc")"}}},
};

}  // namespace

void add_text_shape_functions(FunctionTable& table) {
  add_rows(table, {"string"}, kParts);
  add_rows(table, {"string"}, kShapes);
}

}  // namespace penstock
