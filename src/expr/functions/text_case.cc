// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/unicode.h"

namespace penstock {
namespace {

/// The words of a name in any convention: cut at what is neither letter nor digit, before an upper
/// case letter that follows a lower case one or a digit, and before the last of several upper case
/// letters that a lower case one follows ("HTTPServer" = HTTP Server).
std::vector<std::u32string> name_words(std::string_view text) {
  std::u32string all;
  for (size_t at = 0; at < text.size();) all += next_code_point(text, at);
  std::vector<std::u32string> words;
  bool open = false;
  for (size_t i = 0; i < all.size(); ++i) {
    const char32_t c = all[i];
    if (!is_letter(c) && !is_digit(c)) {
      open = false;
      continue;
    }
    if (open && is_upper(c)) {
      const char32_t before = all[i - 1];
      const bool next_is_lower = i + 1 < all.size() && is_lower(all[i + 1]);
      if (!is_upper(before) || next_is_lower) open = false;
    }
    if (!open) words.emplace_back();
    open = true;
    words.back() += c;
  }
  return words;
}

enum class Join { kCamel, kPascal, kSnake, kKebab };

template <Join kJoin>
Result<Value> join_words(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size() * 4));
  TextBuilder out(context.arena(), args[0].size() + 8);
  bool first = true;
  for (const std::u32string& word : name_words(args[0].text())) {
    if (!first && (kJoin == Join::kSnake || kJoin == Join::kKebab)) {
      out.append(kJoin == Join::kSnake ? '_' : '-');
    }
    for (size_t i = 0; i < word.size(); ++i) {
      const bool capital = i == 0 && (kJoin == Join::kPascal || (kJoin == Join::kCamel && !first));
      append_utf8(out, capital ? to_title(word[i]) : to_lower(word[i]));
    }
    first = false;
  }
  return out.finish_string();
}

/// The letter without its accents, for Latin letters; the letter itself otherwise.
std::string_view plain_letter(char32_t c) {
  struct Row {
    std::string_view plain;
    std::u32string_view accented;
  };
  static constexpr Row kRows[] = {
      {"a", U"àáâãåāăą"}, {"ae", U"äæ"}, {"c", U"çćĉċč"}, {"d", U"ďđð"}, {"e", U"èéêëēĕėęě"},
      {"g", U"ĝğġģ"},     {"h", U"ĥħ"},  {"i", U"ìíîïĩīĭįı"}, {"j", U"ĵ"}, {"k", U"ķ"},
      {"l", U"ĺļľŀł"},    {"n", U"ñńņňŉ"}, {"o", U"òóôõøōŏő"}, {"oe", U"öœ"}, {"r", U"ŕŗř"},
      {"s", U"śŝşšș"},    {"ss", U"ß"},  {"t", U"ţťŧț"}, {"u", U"ùúûũūŭůűų"}, {"ue", U"ü"},
      {"w", U"ŵ"},        {"y", U"ýÿŷ"}, {"z", U"źżž"}, {"th", U"þ"}};
  for (const Row& row : kRows) {
    if (row.accented.find(c) != std::u32string_view::npos) return row.plain;
  }
  return {};
}

Result<Value> slug(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size() * 8));
  std::string out;
  bool gap = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = to_lower(next_code_point(text, at));
    const std::string_view plain = c < 0x80 ? std::string_view() : plain_letter(c);
    if (!is_letter(c) && !is_digit(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out += '-';
    gap = false;
    if (!plain.empty()) out += plain;
    else append_utf8(out, c);
  }
  return context.string(out);
}

Result<Value> capitalize(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  if (text.empty()) return Value::string("");
  size_t at = 0;
  std::string out;
  append_utf8(out, to_title(next_code_point(text, at)));
  out += text.substr(at);
  return context.string(out);
}

Result<Value> uncapitalize(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  if (text.empty()) return Value::string("");
  size_t at = 0;
  std::string out;
  append_utf8(out, to_lower(next_code_point(text, at)));
  out += text.substr(at);
  return context.string(out);
}

Result<Value> title(EvalContext& context, Arguments args) {
  const std::string_view text = args[0].text();
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  TextBuilder out(context.arena(), text.size());
  bool inside = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    append_utf8(out, inside ? to_lower(c) : to_title(c));
    inside = is_letter(c) || is_digit(c) || c == '\'' || c == U'’';
  }
  return out.finish_string();
}

constexpr Function kCases[] = {
    {.name = "capitalize", .signatures = {"(text: text) -> string"},
     .about = "The first letter in upper case, the rest as it is.", .body = capitalize,
     .examples = {{"capitalize('ñu iS')", "", R"("Ñu iS")"}, {"capitalize('')", "", R"("")"}}},
    {.name = "uncapitalize", .signatures = {"(text: text) -> string"},
     .about = "The first letter in lower case, the rest as it is.", .body = uncapitalize,
     .examples = {{"uncapitalize('HTTP')", "", R"("hTTP")"}, {"uncapitalize('')", "", R"("")"}}},
    {.name = "title", .aliases = {"initcap"}, .signatures = {"(text: text) -> string"},
     .about = "Every word with a capital, the rest in lower case.", .body = title,
     .examples = {{"title('hello WORLD')", "", R"("Hello World")"},
                  {"title(\"o'neil-smith\")", "", R"("O'neil-Smith")"}}},
    {.name = "camelCase", .signatures = {"(text: text) -> string"},
     .about = "A name as likeThis.", .body = join_words<Join::kCamel>,
     .examples = {{"camelCase('user_id')", "", R"("userId")"},
                  {"camelCase('HTTP Server')", "", R"("httpServer")"}}},
    {.name = "pascalCase", .signatures = {"(text: text) -> string"},
     .about = "A name as LikeThis.", .body = join_words<Join::kPascal>,
     .examples = {{"pascalCase('user_id')", "", R"("UserId")"},
                  {"pascalCase('')", "", R"("")"}}},
    {.name = "snakeCase", .signatures = {"(text: text) -> string"},
     .about = "A name as like_this.", .body = join_words<Join::kSnake>,
     .examples = {{"snakeCase('userID')", "", R"("user_id")"},
                  {"snakeCase('HTTPServer2 x')", "", R"("http_server2_x")"}}},
    {.name = "kebabCase", .signatures = {"(text: text) -> string"},
     .about = "A name as like-this.", .body = join_words<Join::kKebab>,
     .examples = {{"kebabCase('userID')", "", R"("user-id")"},
                  {"kebabCase('a  b')", "", R"("a-b")"}}},
    {.name = "slug", .signatures = {"(text: text) -> string"},
     .about = "For addresses: lower case, accents of Latin letters gone, hyphens between words.",
     .body = slug,
     .examples = {{"slug('Crème Brûlée & Öl!')", "", R"("creme-brulee-oel")"},
                  {"slug('  ')", "", R"("")"}}},
};

}  // namespace

void add_text_case_functions(FunctionTable& table) {
  add_rows(table, {"string"}, kCases);
}

}  // namespace penstock
