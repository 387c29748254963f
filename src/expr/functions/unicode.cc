// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/unicode.h"

#include <locale.h>
#include <wctype.h>

#include "base/check.h"
#include "value/utf8.h"

namespace penstock {
namespace {

/// glibc has the Unicode tables built in for this locale, whatever is installed.
locale_t unicode_locale() {
  static const locale_t locale = [] {
    locale_t made = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    CHECK(made != nullptr);
    return made;
  }();
  return locale;
}

}  // namespace

char32_t to_upper(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z' ? c - 32 : c;
  return static_cast<char32_t>(towupper_l(static_cast<wint_t>(c), unicode_locale()));
}

char32_t to_lower(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z' ? c + 32 : c;
  // The one lower case that glibc leaves out: dotted capital I.
  if (c == 0x130) return 'i';
  return static_cast<char32_t>(towlower_l(static_cast<wint_t>(c), unicode_locale()));
}

char32_t to_title(char32_t c) {
  if (c >= 0x1c4 && c <= 0x1cc) return c <= 0x1c6 ? 0x1c5 : c <= 0x1c9 ? 0x1c8 : 0x1cb;
  if (c >= 0x1f1 && c <= 0x1f3) return 0x1f2;
  return to_upper(c);
}

bool is_upper(char32_t c) {
  if (c < 0x80) return c >= 'A' && c <= 'Z';
  if (c == 0x1c5 || c == 0x1c8 || c == 0x1cb || c == 0x1f2) return false;  // title case
  return iswupper_l(static_cast<wint_t>(c), unicode_locale()) != 0;
}

bool is_lower(char32_t c) {
  if (c < 0x80) return c >= 'a' && c <= 'z';
  return iswlower_l(static_cast<wint_t>(c), unicode_locale()) != 0;
}

bool is_letter(char32_t c) {
  return iswalpha_l(static_cast<wint_t>(c), unicode_locale()) != 0 && !is_digit(c);
}

bool is_digit(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  // glibc counts the digits of other scripts as letters: their blocks of ten.
  static constexpr char32_t kZeros[] = {0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66,
                                        0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20, 0x1040,
                                        0x17e0, 0x1810, 0xff10};
  for (const char32_t zero : kZeros) {
    if (c >= zero && c < zero + 10) return true;
  }
  return false;
}

bool is_punctuation(char32_t c) {
  if (c < 0x80) {
    return std::string_view("!\"#%&'()*,-./:;?@[\\]_{}").find(static_cast<char>(c)) !=
           std::string_view::npos && c != 0;
  }
  // glibc's class has symbols as well: the blocks where punctuation is common.
  struct Range {
    char32_t from, to;
  };
  static constexpr Range kRanges[] = {
      {0xa1, 0xa1},     {0xa7, 0xa7},     {0xab, 0xab},     {0xb6, 0xb7},     {0xbb, 0xbb},
      {0xbf, 0xbf},     {0x55a, 0x55f},   {0x589, 0x58a},   {0x5be, 0x5be},   {0x60c, 0x60d},
      {0x61b, 0x61b},   {0x61e, 0x61f},   {0x66a, 0x66d},   {0x964, 0x965},   {0x2010, 0x2027},
      {0x2030, 0x2043}, {0x2045, 0x2051}, {0x2053, 0x205e}, {0x207d, 0x207e}, {0x2329, 0x232a},
      {0x3001, 0x3003}, {0x3008, 0x3011}, {0x3014, 0x301f}, {0x3030, 0x3030}, {0x30fb, 0x30fb},
      {0xff01, 0xff03}, {0xff05, 0xff0a}, {0xff0c, 0xff0f}, {0xff1a, 0xff1b}, {0xff1f, 0xff20},
      {0xff3b, 0xff3d}, {0xff5b, 0xff5b}, {0xff5d, 0xff5d}, {0xff5f, 0xff65}};
  for (const Range& range : kRanges) {
    if (c >= range.from && c <= range.to) return true;
  }
  return false;
}

bool is_space(char32_t c) {
  if (c <= 0x20) return c == 0x20 || (c >= 9 && c <= 13);
  return c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 ||
         c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::string map_code_points(std::string_view text, char32_t (*map)(char32_t)) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) append_utf8(out, map(next_code_point(text, at)));
  return out;
}

namespace {

/// Nearly all text is ASCII, whose letters differ in one bit.
Result<Value> change_case(EvalContext& context, std::string_view text, char first,
                          char32_t (*map)(char32_t)) {
  if (text.empty()) return Value::string("");
  char* const to = static_cast<char*>(context.arena().allocate(text.size()));
  if (to == nullptr) return memory_limit_error(context.arena().limit());
  unsigned char all = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    all |= c;
    to[i] = static_cast<char>(c ^ (static_cast<unsigned char>(c - first) < 26 ? 0x20 : 0));
  }
  if (all < 0x80) return Value::string({to, text.size()});
  return context.string(map_code_points(text, map));
}

}  // namespace

Result<Value> upper_case(EvalContext& context, std::string_view text) {
  return change_case(context, text, 'a', to_upper);
}
Result<Value> lower_case(EvalContext& context, std::string_view text) {
  return change_case(context, text, 'A', to_lower);
}

std::string_view trim_space(std::string_view text) {
  size_t from = 0;
  while (from < text.size()) {
    size_t next = from;
    if (!is_space(next_code_point(text, next))) break;
    from = next;
  }
  size_t to = text.size();
  while (to > from) {
    size_t start = to - 1;
    while (start > from && (static_cast<uint8_t>(text[start]) & 0xc0) == 0x80) --start;
    size_t next = start;
    if (!is_space(next_code_point(text.substr(0, to), next)) || next != to) break;
    to = start;
  }
  return text.substr(from, to - from);
}

}  // namespace penstock
