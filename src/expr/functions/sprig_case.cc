// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/name_words.h"
#include "expr/functions/unicode.h"

namespace penstock {
namespace {

Result<Value> trim(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return Value::string(trim_space(args[0].text()));
}
Result<Value> upper(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return upper_case(context, args[0].text());
}
Result<Value> lower(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  return lower_case(context, args[0].text());
}

/// Go's strings.Title: a letter behind anything but a letter, a digit or an underscore; beyond
/// ASCII only white space separates.
Result<Value> title(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto separates = [](char32_t c) {
    if (c < 0x80) return !is_letter(c) && !is_digit(c) && c != '_';
    return !is_letter(c) && !is_digit(c) && is_space(c);
  };
  TextBuilder out(context.arena(), args[0].size());
  char32_t before = ' ';
  for (size_t at = 0; at < args[0].size();) {
    const char32_t c = next_code_point(args[0].text(), at);
    append_utf8(out, separates(before) ? to_title(c) : c);
    before = c;
  }
  return out.finish_string();
}

Result<Value> untitle(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  TextBuilder out(context.arena(), args[0].size());
  bool next = true;
  for (size_t at = 0; at < args[0].size();) {
    const char32_t c = next_code_point(args[0].text(), at);
    append_utf8(out, next && !is_space(c) ? to_lower(c) : c);
    next = is_space(c);
  }
  return out.finish_string();
}

Result<Value> swapcase(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  TextBuilder out(context.arena(), args[0].size());
  bool space = true;
  for (size_t at = 0; at < args[0].size();) {
    const char32_t c = next_code_point(args[0].text(), at);
    if (is_upper(c) || (c != to_lower(c) && c == to_title(c))) {
      append_utf8(out, to_lower(c));
      space = false;
    } else if (is_lower(c)) {
      append_utf8(out, space ? to_title(c) : to_upper(c));
      space = false;
    } else {
      append_utf8(out, c);
      space = is_space(c);
    }
  }
  return out.finish_string();
}

Result<Value> snake(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size() * 4));
  return context.string(lower_case_name(args[0].text(), '_'));
}
Result<Value> kebab(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size() * 4));
  return context.string(lower_case_name(args[0].text(), '-'));
}
Result<Value> camel(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size() * 4));
  return context.string(camel_case_name(args[0].text()));
}

/// goutils.WrapCustom: lines of at most `width` bytes, cut at blanks.
Result<Value> wrap_text(EvalContext& context, std::string_view text, int64_t wanted,
                        std::string_view line, bool cut_words) {
  PENSTOCK_TRY(spend_bytes(context, text.size() * 2));
  if (line.empty()) line = "\n";
  const auto width = static_cast<size_t>(std::clamp<int64_t>(wanted, 1, INT32_MAX));
  TextBuilder out(context.arena(), text.size());
  size_t at = 0;
  while (text.size() - at > width) {
    PENSTOCK_TRY(context.spend(1));
    if (text[at] == ' ') {
      ++at;
      continue;
    }
    const size_t blank = text.substr(at, width + 1).rfind(' ');
    if (blank != std::string_view::npos) {
      out.append(text.substr(at, blank));
      out.append(line);
      at += blank + 1;
    } else if (cut_words) {
      out.append(text.substr(at, width));
      out.append(line);
      at += width;
    } else {
      const size_t next = text.find(' ', at + width);
      out.append(text.substr(at, next == std::string_view::npos ? next : next - at));
      at = next == std::string_view::npos ? text.size() : next + 1;
      if (next != std::string_view::npos) out.append(line);
    }
  }
  out.append(text.substr(at));
  return out.finish_string();
}
Result<Value> wrap(EvalContext& context, Arguments args) {
  return wrap_text(context, args[1].text(), whole(args[0]), "", false);
}
Result<Value> wrap_with(EvalContext& context, Arguments args) {
  return wrap_text(context, args[2].text(), whole(args[0]), args[1].text(), true);
}

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz";
constexpr std::string_view kUpper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kDigits = "0123456789";

enum class Letters { kAll, kAlpha, kNumeric, kAscii };

template <Letters kLetters>
Result<Value> random_text(EvalContext& context, Arguments args) {
  const int64_t count = whole(args[0]);
  if (count <= 0) return Value::string("");
  if (count > static_cast<int64_t>(context.limits().memory_max)) {
    return memory_limit_error(context.limits().memory_max);
  }
  PENSTOCK_TRY(context.spend(static_cast<uint64_t>(count)));
  std::string set;
  if (kLetters == Letters::kAll || kLetters == Letters::kAlpha) set.append(kLower).append(kUpper);
  if (kLetters == Letters::kAll || kLetters == Letters::kNumeric) set.append(kDigits);
  if (kLetters == Letters::kAscii) {
    for (char c = 32; c < 127; ++c) set += c;
  }
  TextBuilder out(context.arena(), static_cast<size_t>(count));
  for (int64_t i = 0; i < count; ++i) out.append(set[context.random().below(set.size())]);
  return out.finish_string();
}

Result<Value> shuffle(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  std::u32string all;
  for (size_t at = 0; at < args[0].size();) all += next_code_point(args[0].text(), at);
  for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[context.random().below(i)]);
  std::string out;
  for (const char32_t c : all) append_utf8(out, c);
  return context.string(out);
}

constexpr Function kCases[] = {
    {.name = "trim", .signatures = {"(text: string) -> string"},
     .about = "Without white space at both ends.", .body = trim,
     .examples = {{"sprig.trim('  a ')", "", R"("a")"}, {"sprig.trim(nil)", "", "", "trim"}}},
    {.name = "upper", .signatures = {"(text: string) -> string"}, .about = "In upper case.",
     .body = upper,
     .examples = {{"sprig.upper('añ')", "", R"("AÑ")"}, {"sprig.upper(5)", "", "", "upper"}}},
    {.name = "lower", .signatures = {"(text: string) -> string"}, .about = "In lower case.",
     .body = lower,
     .examples = {{"sprig.lower('AÑ')", "", R"("añ")"}, {"sprig.lower('')", "", R"("")"}}},
    {.name = "title", .signatures = {"(text: string) -> string"},
     .about = "Every word with a capital.", .body = title,
     .examples = {{"sprig.title('hello wORLD')", "", R"("Hello WORLD")"},
                  {"sprig.title(\"o'neil\")", "", R"("O'Neil")"}}},
    {.name = "untitle", .signatures = {"(text: string) -> string"},
     .about = "Every word without its capital.", .body = untitle,
     .examples = {{"sprig.untitle('Hello WORLD')", "", R"("hello wORLD")"},
                  {"sprig.untitle('')", "", R"("")"}}},
    {.name = "swapcase", .signatures = {"(text: string) -> string"},
     .about = "Upper case becomes lower case and the other way; words start with a capital.",
     .body = swapcase,
     .examples = {{"sprig.swapcase('This Is A.Test')", "", R"("tHIS iS a.tEST")"},
                  {"sprig.swapcase('is ok')", "", R"("IS OK")"}}},
    {.name = "snakecase", .signatures = {"(text: string) -> string"},
     .about = "A name as like_this.", .body = snake,
     .examples = {{"sprig.snakecase('FirstName')", "", R"("first_name")"},
                  {"sprig.snakecase('HTTP20xOK')", "", R"("http_20x_ok")"}}},
    {.name = "kebabcase", .signatures = {"(text: string) -> string"},
     .about = "A name as like-this.", .body = kebab,
     .examples = {{"sprig.kebabcase('FirstName')", "", R"("first-name")"},
                  {"sprig.kebabcase('GO PATH')", "", R"("go-path")"}}},
    {.name = "camelcase", .signatures = {"(text: string) -> string"},
     .about = "A name as LikeThis.", .body = camel,
     .examples = {{"sprig.camelcase('http_server')", "", R"("HttpServer")"},
                  {"sprig.camelcase('_complex__case_')", "", R"("_Complex_Case_")"}}},
    {.name = "wrap", .signatures = {"(width: int, text: string) -> string"},
     .about = "Lines of at most so many bytes, cut at blanks.", .body = wrap,
     .examples = {{"sprig.wrap(5, 'hello big world')", "", R"("hello\nbig\nworld")"},
                  {"sprig.wrap(3, 'abcdef')", "", R"("abcdef")"}}},
    {.name = "wrapWith", .signatures = {"(width: int, line: string, text: string) -> string"},
     .about = "As wrap, with another end of a line; long words are cut.", .body = wrap_with,
     .examples = {{"sprig.wrapWith(3, '|', 'abcdefg')", "", R"("abc|def|g")"},
                  {"sprig.wrapWith(0, '', 'ab')", "", R"("a\nb")"}}},
};
constexpr Purity kEach = Purity::kPerRecord;
constexpr Function kRandom[] = {
    {.name = "randAlphaNum", .signatures = {"(count: int) -> string"},
     .about = "Random letters and digits; repeatable where the run is seeded, not for keys.",
     .purity = kEach, .body = random_text<Letters::kAll>,
     .examples = {{"len(sprig.randAlphaNum(5))", "", "5"}, {"sprig.randAlphaNum(0)", "",
                                                           R"("")"}}},
    {.name = "randAlpha", .signatures = {"(count: int) -> string"}, .about = "Random letters.",
     .purity = kEach, .body = random_text<Letters::kAlpha>,
     .examples = {{"sprig.regexMatch('^[a-zA-Z]+$', sprig.randAlpha(9))", "", "true"},
                  {"sprig.randAlpha(-1)", "", R"("")"}}},
    {.name = "randNumeric", .signatures = {"(count: int) -> string"}, .about = "Random digits.",
     .purity = kEach, .body = random_text<Letters::kNumeric>,
     .examples = {{"sprig.regexMatch('^[0-9]+$', sprig.randNumeric(9))", "", "true"},
                  {"len(sprig.randNumeric(3))", "", "3"}}},
    {.name = "randAscii", .signatures = {"(count: int) -> string"},
     .about = "Random printable characters of ASCII.", .purity = kEach,
     .body = random_text<Letters::kAscii>,
     .examples = {{"len(sprig.randAscii(3))", "", "3"}, {"sprig.randAscii(0)", "", R"("")"}}},
    {.name = "shuffle", .signatures = {"(text: string) -> string"},
     .about = "The characters in any order.", .purity = kEach, .body = shuffle,
     .examples = {{"len(sprig.shuffle('hello'))", "", "5"}, {"sprig.shuffle('')", "", R"("")"}}},
};

}  // namespace

void add_sprig_case_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kCases);
  add_rows(table, {"sprig", "sprig"}, kRandom);
}

}  // namespace penstock
