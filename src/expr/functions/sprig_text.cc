// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/go_text.h"
#include "expr/functions/go_values.h"
#include "expr/functions/library.h"
#include "expr/functions/split.h"
#include "expr/functions/unicode.h"

// The strings of sprig 2.22. It counts bytes, and some of its functions take a byte for a
// character.
namespace penstock {
namespace {

Error out_of_range() { return eval_error("slice bounds out of range"); }

/// text[from:to] as Go checks it.
Result<Value> cut(std::string_view text, int64_t from, int64_t to) {
  if (from < 0 || to < from || to > static_cast<int64_t>(text.size())) return out_of_range();
  return Value::string(text.substr(static_cast<size_t>(from), static_cast<size_t>(to - from)));
}

Result<Value> abbreviate(EvalContext& context, std::string_view text, int64_t offset,
                         int64_t width) {
  const auto size = static_cast<int64_t>(text.size());
  if (text.empty() || width < 4) return Value::string("");
  if (size <= width) return Value::string(text);
  offset = std::min(offset, size);
  if (size - offset < width - 3) offset = size - (width - 3);
  const auto first = [&](std::string_view from, int64_t n) {
    return std::string(from.substr(0, static_cast<size_t>(n))) + "...";
  };
  if (offset <= 4) return context.string(first(text, width - 3));
  if (width < 7) return Value::string("");
  if (offset + width - 3 < size) {
    return context.string("..." + first(text.substr(static_cast<size_t>(offset)), width - 6));
  }
  return context.string("..." + std::string(text.substr(static_cast<size_t>(size - width + 3))));
}

Result<Value> abbrev(EvalContext& context, Arguments args) {
  if (whole(args[0]) < 4) return args[1];
  return abbreviate(context, args[1].text(), 0, whole(args[0]));
}
Result<Value> abbrev_both(EvalContext& context, Arguments args) {
  const int64_t left = whole(args[0]), right = whole(args[1]);
  if (right < 4 || (left > 0 && right < 7)) return args[2];
  return abbreviate(context, args[2].text(), left, right);
}

Result<Value> trunc(EvalContext&, Arguments args) {
  const std::string_view text = args[1].text();
  if (static_cast<int64_t>(text.size()) <= whole(args[0])) return args[1];
  return cut(text, 0, whole(args[0]));
}

Result<Value> substr(EvalContext&, Arguments args) {
  const std::string_view text = args[2].text();
  const int64_t from = whole(args[0]), to = whole(args[1]);
  const auto size = static_cast<int64_t>(text.size());
  if (from < 0) return cut(text, 0, to);
  return cut(text, from, to < 0 || to > size ? size : to);
}

Result<Value> repeat(EvalContext& context, Arguments args) {
  const int64_t times = whole(args[0]);
  const std::string_view text = args[1].text();
  if (times < 0) return eval_error("negative Repeat count");
  if (text.empty()) return Value::string("");
  if (static_cast<uint64_t>(times) > context.limits().memory_max / text.size()) {
    return memory_limit_error(context.limits().memory_max);
  }
  TextBuilder out(context.arena(), text.size() * static_cast<size_t>(times));
  for (int64_t i = 0; i < times; ++i) out.append(text);
  PENSTOCK_TRY(context.spend(out.size() / 64));
  return out.finish_string();
}

Result<Value> trim_all(EvalContext& context, Arguments args) {
  const std::string_view set = args[0].text(), text = args[1].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  size_t from = 0, to = text.size();
  for (size_t next = from; from < to; from = next) {
    next_code_point(text, next);
    if (set.find(text.substr(from, next - from)) == std::string_view::npos) break;
  }
  while (to > from) {
    size_t start = to - 1;
    while (start > from && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80) --start;
    if (set.find(text.substr(start, to - start)) == std::string_view::npos) break;
    to = start;
  }
  return Value::string(text.substr(from, to - from));
}
Result<Value> trim_prefix(EvalContext&, Arguments args) {
  std::string_view text = args[1].text();
  if (text.starts_with(args[0].text())) text.remove_prefix(args[0].size());
  return Value::string(text);
}
Result<Value> trim_suffix(EvalContext&, Arguments args) {
  std::string_view text = args[1].text();
  if (text.ends_with(args[0].text())) text.remove_suffix(args[0].size());
  return Value::string(text);
}

bool is_byte_space(uint8_t byte) { return is_space(byte); }

Result<Value> nospace(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  std::string out;
  size_t kept = 0;
  for (const char c : text) {
    if (is_byte_space(static_cast<uint8_t>(c))) continue;
    append_utf8(out, static_cast<uint8_t>(c));
    ++kept;
  }
  return kept == text.size() ? args[0] : context.string(out);
}

Result<Value> initials(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  std::string out;
  bool gap = true;
  for (const char c : args[0].text()) {
    const auto byte = static_cast<uint8_t>(c);
    if (is_byte_space(byte)) gap = true;
    else if (std::exchange(gap, false)) append_utf8(out, byte);
  }
  return context.string(out);
}

Result<Value> contains(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[1].size()));
  return Value::boolean(args[1].text().find(args[0].text()) != std::string_view::npos);
}
Result<Value> has_prefix(EvalContext&, Arguments args) {
  return Value::boolean(args[1].text().starts_with(args[0].text()));
}
Result<Value> has_suffix(EvalContext&, Arguments args) {
  return Value::boolean(args[1].text().ends_with(args[0].text()));
}

Result<Value> joined(EvalContext& context, Arguments args, std::string (*print)(const Value&)) {
  std::string out;
  bool first = true;
  for (const Value& v : args) {
    if (v.is_null()) continue;
    PENSTOCK_TRY(context.spend(1 + v.size() / 16));
    if (!first) out += ' ';
    first = false;
    out += print(v);
    PENSTOCK_TRY(may_make(context, out.size()));
  }
  return context.string(out);
}
Result<Value> quote(EvalContext& context, Arguments args) {
  return joined(context, args, [](const Value& v) { return go_quote(sprig_text(v)); });
}
Result<Value> squote(EvalContext& context, Arguments args) {
  return joined(context, args, [](const Value& v) { return "'" + go_value(v) + "'"; });
}
Result<Value> cat(EvalContext& context, Arguments args) {
  return joined(context, args, go_value);
}

template <bool kNewline>
Result<Value> indent(EvalContext& context, Arguments args) {
  const int64_t spaces = whole(args[0]);
  if (spaces < 0) return eval_error("negative Repeat count");
  if (spaces > static_cast<int64_t>(context.limits().memory_max)) {
    return memory_limit_error(context.limits().memory_max);
  }
  TextBuilder out(context.arena(), args[1].size());
  if (kNewline) out.append('\n');
  out.append(static_cast<size_t>(spaces), ' ');
  for (const char c : args[1].text()) {
    out.append(c);
    if (c != '\n') continue;
    PENSTOCK_TRY(context.spend(1 + static_cast<uint64_t>(spaces) / 64));
    out.append(static_cast<size_t>(spaces), ' ');
  }
  return out.finish_string();
}

Result<Value> replace(EvalContext& context, Arguments args) {
  return replace_text(context, args[2].text(), args[0].text(), args[1].text(), -1);
}
Result<Value> plural(EvalContext&, Arguments args) {
  return whole(args[2]) == 1 ? args[0] : args[1];
}
Result<Value> to_string(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  return context.string(sprig_text(args[0]));
}

Result<Value> split_map(EvalContext& context, std::string_view separator, std::string_view text,
                        int64_t parts) {
  const auto list = split_text(context, text, separator, parts, false);
  if (!list) return list;
  MapBuilder out(context.arena(), list->size());
  for (size_t i = 0; i < list->size(); ++i) {
    const auto key = context.string("_" + std::to_string(i));
    if (!key) return key;
    out.add_new(key->text(), list->items()[i]);
  }
  return out.finish();
}
Result<Value> split(EvalContext& context, Arguments args) {
  return split_map(context, args[0].text(), args[1].text(), -1);
}
Result<Value> splitn(EvalContext& context, Arguments args) {
  return split_map(context, args[0].text(), args[2].text(), whole(args[1]));
}
Result<Value> split_list(EvalContext& context, Arguments args) {
  return split_text(context, args[1].text(), args[0].text(), -1, false);
}
Result<Value> hello(EvalContext&, Arguments) { return Value::string("Hello!"); }

constexpr Function kCutting[] = {
    {.name = "hello",
     .signatures = {"() -> string"},
     .about = "\"Hello!\".",
     .body = hello,
     .examples = {{"sprig.hello()", "", R"("Hello!")"}, {"sprig.hello(1)", "", "", "hello"}}},
    {.name = "abbrev",
     .signatures = {"(width: int, text: string) -> string"},
     .about = "Cut to a width in bytes, with … as three dots; widths below 4 do nothing.",
     .body = abbrev,
     .examples = {{"sprig.abbrev(8, 'hello world')", "", R"("hello...")"},
                  {"sprig.abbrev(3, 'hello')", "", R"("hello")"}}},
    {.name = "abbrevboth",
     .signatures = {"(left: int, right: int, text: string) -> string"},
     .about = "Cut at both ends.",
     .body = abbrev_both,
     .examples = {{"sprig.abbrevboth(5, 10, '1234 5678 9123')", "", R"("...5678...")"},
                  {"sprig.abbrevboth(5, 5, 'abcdef')", "", R"("abcdef")"}}},
    {.name = "trunc",
     .signatures = {"(length: int, text: string) -> string"},
     .about = "The first so many bytes.",
     .body = trunc,
     .examples = {{"sprig.trunc(3, 'hello')", "", R"("hel")"},
                  {"sprig.trunc(-1, 'hello')", "", "", "out of range"}}},
    {.name = "substr",
     .signatures = {"(start: int, end: int, text: string) -> string"},
     .about = "Bytes from start to before end; a negative end is the end of the text.",
     .body = substr,
     .examples = {{"sprig.substr(1, 3, 'hello')", "", R"("el")"},
                  {"sprig.substr(2, -1, 'hello')", "", R"("llo")"},
                  {"sprig.substr(9, -1, 'hello')", "", "", "out of range"}}},
    {.name = "repeat",
     .signatures = {"(times: int, text: string) -> string"},
     .about = "The text so many times.",
     .body = repeat,
     .examples = {{"sprig.repeat(2, 'ab')", "", R"("abab")"},
                  {"sprig.repeat(-1, 'ab')", "", "", "negative"}}},
    {.name = "trimAll",
     .aliases = {"trimall"},
     .signatures = {"(set: string, text: string) -> string"},
     .about = "Without any of the characters at both ends.",
     .body = trim_all,
     .examples = {{"sprig.trimAll('$', '$5.00$')", "", R"("5.00")"},
                  {"sprig.trimall('ab', 'abba')", "", R"("")"}}},
    {.name = "trimPrefix",
     .signatures = {"(prefix: string, text: string) -> string"},
     .about = "Without the prefix.",
     .body = trim_prefix,
     .examples = {{"sprig.trimPrefix('-', '-5')", "", R"("5")"},
                  {"sprig.trimPrefix('-', '5')", "", R"("5")"}}},
    {.name = "trimSuffix",
     .signatures = {"(suffix: string, text: string) -> string"},
     .about = "Without the suffix.",
     .body = trim_suffix,
     .examples = {{"sprig.trimSuffix('-', '5-')", "", R"("5")"},
                  {"sprig.trimSuffix('', '5')", "", R"("5")"}}},
    {.name = "nospace",
     .signatures = {"(text: string) -> string"},
     .about = "Without white space; letters beyond ASCII come out broken, as in sprig.",
     .body = nospace,
     .examples = {{"sprig.nospace(' a b ')", "", R"("ab")"},
                  {"sprig.nospace('ñ b')", "", R"("Ã±b")"}}},
    {.name = "initials",
     .signatures = {"(text: string) -> string"},
     .about = "The first byte of each word.",
     .body = initials,
     .examples = {{"sprig.initials('First Try')", "", R"("FT")"},
                  {"sprig.initials('')", "", R"("")"}}},
};
constexpr Function kAsking[] = {
    {.name = "contains", .signatures = {"(part: string, text: string) -> bool"},
     .about = "Whether the part stands in the text.", .body = contains,
     .examples = {{"sprig.contains('cat', 'catch')", "", "true"},
                  {"sprig.contains('x', 'catch')", "", "false"}}},
    {.name = "hasPrefix", .signatures = {"(prefix: string, text: string) -> bool"},
     .about = "Whether the text starts so.", .body = has_prefix,
     .examples = {{"sprig.hasPrefix('cat', 'catch')", "", "true"},
                  {"sprig.hasPrefix('x', 'catch')", "", "false"}}},
    {.name = "hasSuffix", .signatures = {"(suffix: string, text: string) -> bool"},
     .about = "Whether the text ends so.", .body = has_suffix,
     .examples = {{"sprig.hasSuffix('ch', 'catch')", "", "true"},
                  {"sprig.hasSuffix('x', 'catch')", "", "false"}}},
    {.name = "quote", .signatures = {"(values...: any) -> string"},
     .about = "Each in double quotes, escaped; nil is left out.", .body = quote,
     .examples = {{"sprig.quote('a\"b', 5)", "", R"("\"a\\\"b\" \"5\"")"},
                  {"sprig.quote(nil)", "", R"("")"}}},
    {.name = "squote", .signatures = {"(values...: any) -> string"},
     .about = "Each in single quotes.", .body = squote,
     .examples = {{"sprig.squote('a', nil, 1.5)", "", R"("'a' '1.5'")"},
                  {"sprig.squote()", "", R"("")"}}},
    {.name = "cat", .signatures = {"(values...: any) -> string"},
     .about = "All with blanks between; nil is left out.", .body = cat,
     .examples = {{"sprig.cat('a', nil, 1, [2])", "", R"("a 1 [2]")"},
                  {"sprig.cat()", "", R"("")"}}},
    {.name = "indent", .signatures = {"(spaces: int, text: string) -> string"},
     .about = "Every line moved right.", .body = indent<false>,
     .examples = {{"sprig.indent(2, 'a\\nb')", "", R"("  a\n  b")"},
                  {"sprig.indent(-1, 'a')", "", "", "negative"}}},
    {.name = "nindent", .signatures = {"(spaces: int, text: string) -> string"},
     .about = "As indent, on a new line.", .body = indent<true>,
     .examples = {{"sprig.nindent(1, 'a')", "", R"("\n a")"},
                  {"sprig.nindent(0, '')", "", R"("\n")"}}},
    {.name = "replace", .signatures = {"(old: string, new: string, text: string) -> string"},
     .about = "Every `old` replaced.", .body = replace,
     .examples = {{"sprig.replace(' ', '-', 'a b c')", "", R"("a-b-c")"},
                  {"sprig.replace('', '-', 'ab')", "", R"("-a-b-")"}}},
    {.name = "plural", .signatures = {"(one: string, many: string, count: int) -> string"},
     .about = "The first text for 1, the second for every other count.", .body = plural,
     .examples = {{"sprig.plural('one', 'many', 1)", "", R"("one")"},
                  {"sprig.plural('one', 'many', 0)", "", R"("many")"}}},
    {.name = "toString", .signatures = {"(value: any) -> string"},
     .about = "Text as it is, anything else as Go prints it.", .body = to_string,
     .examples = {{"sprig.toString([1, 'a'])", "", R"("[1 a]")"},
                  {"sprig.toString(nil)", "", R"("<nil>")"}}},
    {.name = "split", .signatures = {"(separator: string, text: string) -> map"},
     .about = "The parts as a map: _0, _1, ….", .body = split,
     .examples = {{"sprig.split('$', 'a$b')", "", R"({"_0":"a","_1":"b"})"},
                  {"sprig.split('$', '')", "", R"({"_0":""})"}}},
    {.name = "splitn", .signatures = {"(separator: string, parts: int, text: string) -> map"},
     .about = "As split, with at most so many parts.", .body = splitn,
     .examples = {{"sprig.splitn('$', 2, 'a$b$c')", "", R"({"_0":"a","_1":"b$c"})"},
                  {"sprig.splitn('$', 0, 'a')", "", "{}"}}},
    {.name = "splitList", .signatures = {"(separator: string, text: string) -> array[string]"},
     .about = "The parts as a list.", .body = split_list,
     .examples = {{"sprig.splitList('$', 'a$b')", "", R"(["a","b"])"},
                  {"sprig.splitList('', 'ab')", "", R"(["a","b"])"}}},
};

}  // namespace

void add_sprig_text_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kCutting);
  add_rows(table, {"sprig", "sprig"}, kAsking);
}

}  // namespace penstock
