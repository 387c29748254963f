// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/regex_search.h"

// Regular expressions as RE2 and Go read them; constant patterns are compiled once.
namespace penstock {
namespace {

/// The text to be searched; never without an address, by which absent groups are told.
std::string_view subject(const Value& text) { return text.size() == 0 ? "" : text.text(); }

Value text_or_nil(std::string_view found) {
  return found.data() == nullptr ? Value() : Value::string(found);
}

Result<Value> match(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  return Value::boolean((*regex)->matches(args[0].text()));
}

Result<Value> find(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  const int64_t group = whole_or(args, 2, 0);
  if (group < 0 || group > (*regex)->group_count()) {
    return eval_error("the pattern has no group " + std::to_string(group));
  }
  RegexMatch groups(static_cast<size_t>((*regex)->group_count()) + 1);
  if (!(*regex)->find(subject(args[0]), 0, groups)) return Value();
  return text_or_nil(groups[static_cast<size_t>(group)]);
}

Result<Value> find_all(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  ArrayBuilder out(context.arena());
  PENSTOCK_TRY(each_match(context, **regex, subject(args[0]), whole_or(args, 2, -1),
                          [&](const RegexMatch& m) -> Result<void> {
                            out.push(Value::string(m[0]));
                            return {};
                          }));
  return out.finish();
}

/// A map of the named groups if there are any, else an array of all.
Result<Value> groups_of(EvalContext& context, const Regex& regex, const RegexMatch& m) {
  MapBuilder named(context.arena());
  ArrayBuilder all(context.arena(), m.size());
  for (int group = 0; group <= regex.group_count(); ++group) {
    const Value value = text_or_nil(m[static_cast<size_t>(group)]);
    all.push(value);
    if (group == 0) continue;
    const std::string name = regex.group_name(group);
    if (name.empty()) continue;
    const auto key = context.string(name);
    if (!key) return key;
    named.set(key->text(), value);
  }
  return named.size() > 0 ? named.finish() : all.finish();
}

Result<Value> find_groups(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  RegexMatch m(static_cast<size_t>((*regex)->group_count()) + 1);
  if (!(*regex)->find(subject(args[0]), 0, m)) return Value();
  return groups_of(context, **regex, m);
}

Result<Value> find_all_groups(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  ArrayBuilder out(context.arena());
  PENSTOCK_TRY(each_match(context, **regex, subject(args[0]), whole_or(args, 2, -1),
                          [&](const RegexMatch& m) -> Result<void> {
                            auto made = groups_of(context, **regex, m);
                            if (!made) return made.error();
                            out.push(*made);
                            return {};
                          }));
  return out.finish();
}

Result<Value> count(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  int64_t n = 0;
  PENSTOCK_TRY(each_match(context, **regex, subject(args[0]), -1,
                          [&](const RegexMatch&) -> Result<void> {
                            ++n;
                            return {};
                          }));
  return Value::integer(n);
}

Result<Value> replace(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  return replace_matches(context, **regex, subject(args[0]), args[2].text(), false);
}

Result<Value> split(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[1].text());
  if (!regex) return regex.error();
  return split_matches(context, **regex, subject(args[0]), whole_or(args, 2, -1));
}

Result<Value> escape(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  TextBuilder out(context.arena(), args[0].size());
  for (const char c : args[0].text()) {
    if (std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos) out.append('\\');
    out.append(c);
  }
  return out.finish_string();
}

constexpr Function kRegex[] = {
    {.name = "regexMatch",
     .signatures = {"(text: text, pattern: text) -> bool"},
     .about = "Whether the pattern is found anywhere in the text (as `matches`).",
     .body = match,
     .examples = {{"regexMatch('abc', '^a.c$')", "", "true"},
                  {"regexMatch('abc', '^b')", "", "false"},
                  {"regexMatch('a', '(')", "", "", "pattern"}}},
    {.name = "regexFind",
     .aliases = {"regexExtract"},
     .signatures = {"(text: text, pattern: text, group?: int) -> string|nil"},
     .about = "The first match, or one group of it; nil if there is none.",
     .body = find,
     .examples = {{"regexFind('id=42;', '[0-9]+')", "", R"("42")"},
                  {"regexFind('id=42;', 'id=([0-9]+)', 1)", "", R"("42")"},
                  {"regexFind('x', '[0-9]')", "", "null"}, {"regexFind('', '')", "", R"("")"},
                  {"regexFind('x', 'x', 1)", "", "", "no group 1"}}},
    {.name = "regexFindAll",
     .signatures = {"(text: text, pattern: text, most?: int) -> array[string]"},
     .about = "All matches, or the first so many.",
     .body = find_all,
     .examples = {{"regexFindAll('a1b22', '[0-9]+')", "", R"(["1","22"])"},
                  {"regexFindAll('a1b22', '[0-9]', 2)", "", R"(["1","2"])"},
                  {"regexFindAll('abc', 'x*')", "", R"(["","","",""])"}}},
    {.name = "regexGroups",
     .signatures = {"(text: text, pattern: text) -> map|array|nil"},
     .about =
         "The groups of the first match: a map if they have names, else an array with the whole "
         "match first; nil if there is none.",
     .body = find_groups,
     .examples = {{"regexGroups('2024-05', '(?P<year>\\\\d+)-(?P<month>\\\\d+)')", "",
                   R"({"year":"2024","month":"05"})"},
                  {"regexGroups('ab', '(a)(x)?')", "", R"(["a","a",null])"},
                  {"regexGroups('', 'a')", "", "null"}}},
    {.name = "regexAllGroups",
     .signatures = {"(text: text, pattern: text, most?: int) -> array"},
     .about = "The groups of every match.",
     .body = find_all_groups,
     .examples = {{"regexAllGroups('a=1,b=2', '(?P<k>\\\\w)=(?P<v>\\\\d)')", "",
                   R"([{"k":"a","v":"1"},{"k":"b","v":"2"}])"},
                  {"regexAllGroups('x', '(y)')", "", "[]"}}},
    {.name = "regexCount",
     .signatures = {"(text: text, pattern: text) -> int"},
     .about = "How many matches there are.",
     .body = count,
     .examples = {{"regexCount('a1b22', '[0-9]')", "", "3"}, {"regexCount('', 'a')", "", "0"}}},
    {.name = "regexReplace",
     .signatures = {"(text: text, pattern: text, replacement: text) -> string"},
     .about = "Every match replaced; $1, ${1} and ${name} stand for groups, $$ for $.",
     .body = replace,
     .examples = {{"regexReplace('2024-05', '(\\\\d+)-(\\\\d+)', '${2}/$1')", "", R"("05/2024")"},
                  {"regexReplace('a.b', '[.]', '$$')", "", R"("a$b")"},
                  {"regexReplace('abc', 'x*', '-')", "", R"("-a-b-c-")"}}},
    {.name = "regexSplit",
     .signatures = {"(text: text, pattern: text, parts?: int) -> array[string]"},
     .about = "What stands between the matches.",
     .body = split,
     .examples = {{"regexSplit('a1b22c', '[0-9]+')", "", R"(["a","b","c"])"},
                  {"regexSplit('a1b2c', '[0-9]', 2)", "", R"(["a","b2c"])"},
                  {"regexSplit('', 'x')", "", R"([""])"}}},
    {.name = "regexEscape",
     .aliases = {"regexQuoteMeta"},
     .signatures = {"(text: text) -> string"},
     .about = "A pattern that matches exactly this text.",
     .body = escape,
     .examples = {{"regexEscape('a.b*')", "", R"("a\\.b\\*")"}, {"regexEscape('')", "", R"("")"}}},
};

}  // namespace

void add_regex_functions(FunctionTable& table) { add_rows(table, {"regexp"}, kRegex); }

}  // namespace penstock
