// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/split.h"
#include "expr/functions/unicode.h"

namespace penstock {
namespace {



Result<Value> length(EvalContext& context, Arguments args) {
  const Value& v = args[0];
  if (!v.is(ValueKind::kString) || context.dialect() == ExprDialect::kArgo) {
    return Value::integer(v.size());
  }
  PENSTOCK_TRY(spend_bytes(context, v.size()));
  return Value::integer(static_cast<int64_t>(count_code_points(v.text())));
}

Result<Value> upper(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return upper_case(context, args[0].text());
}

Result<Value> lower(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return lower_case(context, args[0].text());
}

bool contains_code_point(std::string_view set, std::string_view one) {
  return set.find(one) != std::string_view::npos;
}

std::string_view trim_left_of(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    size_t next = 0;
    next_code_point(text, next);
    if (!contains_code_point(set, text.substr(0, next))) break;
    text.remove_prefix(next);
  }
  return text;
}

std::string_view trim_right_of(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    size_t start = text.size() - 1;
    while (start > 0 && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80) --start;
    if (!contains_code_point(set, text.substr(start))) break;
    text = text.substr(0, start);
  }
  return text;
}

constexpr int kLeft = 1, kRight = 2;

template <int kSides>
Result<Value> trim(EvalContext& context, Arguments args) {
  std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  if (args.size() > 1) {
    if (kSides & kLeft) text = trim_left_of(text, args[1].text());
    if (kSides & kRight) text = trim_right_of(text, args[1].text());
    return Value::string(text);
  }
  const std::string_view both = trim_space(text);
  const char* from = kSides & kLeft ? both.data() : text.data();
  const char* to = kSides & kRight ? both.data() + both.size() : text.data() + text.size();
  return Value::string(both.empty() ? both
                                    : std::string_view(from, static_cast<size_t>(to - from)));
}

Result<Value> trim_prefix(EvalContext&, Arguments args) {
  std::string_view text = args[0].text();
  const std::string_view prefix = text_or(args, 1, " ");
  if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  return Value::string(text);
}

Result<Value> trim_suffix(EvalContext&, Arguments args) {
  std::string_view text = args[0].text();
  const std::string_view suffix = text_or(args, 1, " ");
  if (text.ends_with(suffix)) text.remove_suffix(suffix.size());
  return Value::string(text);
}

Result<Value> split(EvalContext& context, Arguments args) {
  return split_text(context, args[0].text(), args[1].text(), whole_or(args, 2, -1), false);
}

Result<Value> split_after(EvalContext& context, Arguments args) {
  return split_text(context, args[0].text(), args[1].text(), whole_or(args, 2, -1), true);
}

Result<Value> replace(EvalContext& context, Arguments args) {
  return replace_text(context, args[0].text(), args[1].text(), args[2].text(),
                      whole_or(args, 3, -1));
}

Result<Value> repeat(EvalContext& context, Arguments args) {
  const int64_t times = whole(args[1]);
  if (times < 0) return eval_error("repeat needs a count of 0 or more, not " +
                                   std::to_string(times));
  const std::string_view text = args[0].text();
  if (text.empty() || times == 0) return Value::string("");
  if (static_cast<uint64_t>(times) > context.limits().memory_max / text.size()) {
    return memory_limit_error(context.limits().memory_max);
  }
  PENSTOCK_TRY(may_make(context, text.size() * static_cast<uint64_t>(times)));
  TextBuilder out(context.arena(), text.size() * static_cast<size_t>(times));
  for (int64_t i = 0; i < times; ++i) out.append(text);
  return out.finish_string();
}

/// Places count code points for strings, as len() does; bytes in the Argo dialect and for bytes.
int64_t place(EvalContext& context, const Value& text, size_t found) {
  if (found == std::string_view::npos) return -1;
  if (text.is(ValueKind::kBytes) || context.dialect() == ExprDialect::kArgo) {
    return static_cast<int64_t>(found);
  }
  return static_cast<int64_t>(count_code_points(text.text().substr(0, found)));
}

Result<Value> index_of(EvalContext& context, Arguments args) {
  if (args[0].is(ValueKind::kArray)) {
    PENSTOCK_TRY(context.spend(args[0].size()));
    for (size_t i = 0; i < args[0].size(); ++i) {
      if (equal(args[0].items()[i], args[1])) return Value::integer(static_cast<int64_t>(i));
    }
    return Value::integer(-1);
  }
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::integer(place(context, args[0], args[0].text().find(args[1].text())));
}

Result<Value> last_index_of(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::integer(place(context, args[0], args[0].text().rfind(args[1].text())));
}

Result<Value> has_prefix(EvalContext&, Arguments args) {
  return Value::boolean(args[0].text().starts_with(args[1].text()));
}
Result<Value> has_suffix(EvalContext&, Arguments args) {
  return Value::boolean(args[0].text().ends_with(args[1].text()));
}

Result<Value> count_of(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text(), part = args[1].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  if (part.empty()) return Value::integer(static_cast<int64_t>(count_code_points(text)) + 1);
  int64_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return Value::integer(count);
}

Result<Value> equals_fold(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size() + args[1].size()));
  const auto fold = [](char32_t c) { return to_lower(to_upper(c)); };
  return Value::boolean(map_code_points(args[0].text(), fold) ==
                        map_code_points(args[1].text(), fold));
}

Result<Value> levenshtein(EvalContext& context, Arguments args) {
  std::u32string a, b;
  const auto decode = [](std::string_view text, std::u32string& out) {
    for (size_t at = 0; at < text.size();) out.push_back(next_code_point(text, at));
  };
  decode(args[0].text(), a);
  decode(args[1].text(), b);
  PENSTOCK_TRY(context.spend(a.size() * b.size() / 4));
  std::vector<uint32_t> row(b.size() + 1);
  for (size_t j = 0; j < row.size(); ++j) row[j] = static_cast<uint32_t>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    uint32_t diagonal = row[0];
    row[0] = static_cast<uint32_t>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const uint32_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return Value::integer(row[b.size()]);
}

constexpr Function kLength[] = {
    {.name = "len", .signatures = {"(value: text|array|map) -> int"},
     .about = "How many code points a string has, bytes, items or entries. The Argo dialect counts "
              "the bytes of a string.",
     .body = length,
     .examples = {{"len('añ')", "", "2"}, {"len([1, 2, 3])", "", "3"}, {"len({})", "", "0"},
                  {"len(n)", R"({"n":5})", "", "len"}},
    },
};
constexpr Function kTrimming[] = {
    {.name = "trim",
     .signatures = {"(text: text, characters?: text) -> string"},
     .about = "Without white space, or without any of the given characters, at both ends.",
     .body = trim < kLeft | kRight >,
     .examples = {{"trim('  hi ')", "", R"("hi")"}, {"trim('__hi_', '_')", "", R"("hi")"}}},
    {.name = "trimLeft",
     .aliases = {"ltrim", "trimStart"},
     .signatures = {"(text: text, characters?: text) -> string"},
     .about = "Without white space, or any of the given characters, at the start.",
     .body = trim<kLeft>,
     .examples = {{"trimLeft('  hi ')", "", R"("hi ")"},
                  {"trimLeft('xyhi', 'yx')", "", R"("hi")"}}},
    {.name = "trimRight",
     .aliases = {"rtrim", "trimEnd"},
     .signatures = {"(text: text, characters?: text) -> string"},
     .about = "Without white space, or any of the given characters, at the end.",
     .body = trim<kRight>,
     .examples = {{"trimRight('  hi ')", "", R"("  hi")"},
                  {"trimRight('1.500', '0')", "", R"("1.5")"}}},
    {.name = "trimPrefix",
     .signatures = {"(text: text, prefix?: text) -> string"},
     .about = "Without the prefix (a blank if none is given), if the text starts with it.",
     .body = trim_prefix,
     .examples = {{"trimPrefix('v1.2', 'v')", "", R"("1.2")"},
                  {"trimPrefix('1.2', 'v')", "", R"("1.2")"}}},
    {.name = "trimSuffix",
     .signatures = {"(text: text, suffix?: text) -> string"},
     .about = "Without the suffix (a blank if none is given), if the text ends with it.",
     .body = trim_suffix,
     .examples = {{"trimSuffix('a.json', '.json')", "", R"("a")"},
                  {"trimSuffix('a ')", "", R"("a")"}}},
};
constexpr Function kText[] = {
    {.name = "upper", .signatures = {"(text: text) -> string"},
     .about = "The text in upper case.", .body = upper,
     .examples = {{"upper('añß')", "", R"("AÑß")"}, {"upper(5)", "", "", "upper"}}},
    {.name = "lower", .signatures = {"(text: text) -> string"},
     .about = "The text in lower case.", .body = lower,
     .examples = {{"lower('AÑ')", "", R"("añ")"}, {"lower('')", "", R"("")"}}},
    {.name = "split", .signatures = {"(text: text, separator: text, parts?: int) -> array[string]"},
     .about = "The parts between the separators, at most `parts` of them; code points if the "
              "separator is empty.",
     .body = split,
     .examples = {{"split('a,b,c', ',')", "", R"(["a","b","c"])"},
                  {"split('a,b,c', ',', 2)", "", R"(["a","b,c"])"},
                  {"split('añ', '')", "", R"(["a","ñ"])"}, {"split('', ',')", "", R"([""])"}}},
    {.name = "splitAfter",
     .signatures = {"(text: text, separator: text, parts?: int) -> array[string]"},
     .about = "As split, each part with the separator behind it.", .body = split_after,
     .examples = {{"splitAfter('a,b', ',')", "", R"(["a,","b"])"},
                  {"splitAfter('a,b,c', ',', 2)", "", R"(["a,","b,c"])"}}},
    {.name = "replace",
     .signatures = {"(text: text, old: text, new: text, times?: int) -> string"},
     .about = "With `old` replaced by `new`, everywhere or the first `times` times.",
     .body = replace,
     .examples = {{"replace('a-b-c', '-', '+')", "", R"("a+b+c")"},
                  {"replace('a-b-c', '-', '+', 1)", "", R"("a+b-c")"},
                  {"replace('ab', '', '.')", "", R"(".a.b.")"}}},
    {.name = "repeat", .signatures = {"(text: text, times: int) -> string"},
     .about = "The text, so many times.", .body = repeat,
     .examples = {{"repeat('ab', 3)", "", R"("ababab")"},
                  {"repeat('ab', -1)", "", "", "0 or more"},
                  {"repeat('ab', 1000000000)", "", "", "MiB"}}},
};
constexpr Function kSearch[] = {
    {.name = "indexOf",
     .signatures = {"(text: text, part: text) -> int", "(items: array, item: any) -> int"},
     .about =
         "Where the part first stands, from 0; −1 if nowhere. Code points; in the Argo dialect "
         "bytes.",
     .body = index_of,
     .examples = {{"indexOf('hello', 'l')", "", "2"},
                  {"indexOf('hello', 'x')", "", "-1"},
                  {"indexOf([1, 2], 2)", "", "1"}}},
    {.name = "lastIndexOf",
     .signatures = {"(text: text, part: text) -> int"},
     .about = "Where the part last stands, from 0; −1 if nowhere.",
     .body = last_index_of,
     .examples = {{"lastIndexOf('hello', 'l')", "", "3"}, {"lastIndexOf('', 'l')", "", "-1"}}},
    {.name = "hasPrefix",
     .signatures = {"(text: text, prefix: text) -> bool"},
     .about = "Whether the text starts so.",
     .body = has_prefix,
     .examples = {{"hasPrefix('hello', 'he')", "", "true"}, {"hasPrefix('', 'he')", "", "false"}}},
    {.name = "hasSuffix",
     .signatures = {"(text: text, suffix: text) -> bool"},
     .about = "Whether the text ends so.",
     .body = has_suffix,
     .examples = {{"hasSuffix('a.json', '.json')", "", "true"},
                  {"hasSuffix('a.json', '.csv')", "", "false"}}},
    {.name = "countOf",
     .signatures = {"(text: text, part: text) -> int"},
     .about = "How often the part stands in the text, without overlaps.",
     .body = count_of,
     .examples = {{"countOf('banana', 'an')", "", "2"}, {"countOf('ñu', '')", "", "3"}}},
    {.name = "equalsFold",
     .signatures = {"(a: text, b: text) -> bool"},
     .about = "Whether two texts differ at most in case.",
     .body = equals_fold,
     .examples = {{"equalsFold('Straße', 'STRAßE')", "", "true"},
                  {"equalsFold('a', 'b')", "", "false"}}},
    {.name = "levenshtein",
     .signatures = {"(a: text, b: text) -> int"},
     .about = "How many characters must be changed, added or removed to make one of the other.",
     .body = levenshtein,
     .examples = {{"levenshtein('kitten', 'sitting')", "", "3"},
                  {"levenshtein('', 'ñu')", "", "2"}}},
};

}  // namespace

void add_text_functions(FunctionTable& table) {
  const FunctionGroup group{"string"};
  add_rows(table, group, kLength);
  add_rows(table, group, kText);
  add_rows(table, group, kTrimming);
  add_rows(table, group, kSearch);
}

}  // namespace penstock
