// SPDX-License-Identifier: Apache-2.0
#include "expression_generator.h"

#include <iterator>
#include <vector>

#include "expression_forms.h"
#include "sprig_forms.h"

namespace penstock {
namespace {

template <size_t kCount>
std::string one_of(Random& random, const char* const (&texts)[kCount]) {
  return texts[random.below(kCount)];
}

constexpr const char* kTexts[] = {"",
                                  "a",
                                  "b",
                                  "A",
                                  "ab",
                                  "abc",
                                  "hello world",
                                  "Hello World",
                                  " x ",
                                  "a,b,c",
                                  "1",
                                  "42",
                                  "-7",
                                  "1.5",
                                  "1e3",
                                  "0x10",
                                  "añb",
                                  "Ñandú",
                                  "日本語",
                                  "ß",
                                  "ǆ",
                                  "a b  c",
                                  "/a/b.txt",
                                  "../x/./y",
                                  "k",
                                  "v",
                                  "true",
                                  "nil",
                                  "FirstName",
                                  "HTTPServer2x",
                                  "some_words-here",
                                  "aGVsbG8=",
                                  "NBUQ====",
                                  "%",
                                  "$1",
                                  "it's \\\"q\\\"",
                                  "tab\\tline\\n",
                                  "<b>&</b>",
                                  "😀x",
                                  "a-b_c",
                                  "ÀÉ",
                                  "İi"};
constexpr const char* kPatterns[] = {"a",  "^a",     "b$",   "[0-9]+",    "(a)(b)?",
                                     "x*", "\\\\w+", "[^a]", "(?i)HELLO", "a|b",
                                     "",   "(",      "ñ",    ".",         "\\\\s"};
constexpr const char* kTimes[] = {"2024-05-01",
                                  "2024-02-29T23:59:59Z",
                                  "1999-12-31T10:00:00.5+02:00",
                                  "2024-01-15 12:30:00",
                                  "15:04:05",
                                  "x",
                                  "2023-02-29"};
constexpr const char* kEpochs[] = {"0",          "1714557600",   "-1",
                                   "4102444800", "-62135596800", "951782400"};
constexpr const char* kLayouts[] = {"2006-01-02",
                                    "Jan _2 15:04:05 2006",
                                    "Mon, 02 Jan 2006 03:04 PM",
                                    "2006-01-02T15:04:05.000Z07:00",
                                    "06/1/2 -0700",
                                    "Monday January",
                                    "15h04",
                                    "2006-01-02T15:04:05Z07:00",
                                    "__2 002 .999"};
constexpr const char* kZones[] = {"UTC", "Europe/Zurich", "America/New_York", "Asia/Kolkata",
                                  "No/Where"};
constexpr const char* kUrls[] = {"http://user:pa%20ss@host.example:8080/a%20b/c?x=1&y=2#frag",
                                 "https://example.org",
                                 "mailto:a@b.c",
                                 "/path?q",
                                 "//h/p",
                                 "%zz",
                                 "http://[::1]:80/",
                                 "http://h:x/",
                                 "a:b",
                                 "?q=1#f",
                                 "http://ñ.org/ü"};
constexpr const char* kVersions[] = {"1.2.3", "v1.2", "2.0.0-rc.1", "1.10.0", "0.0.0", "x", "3"};
constexpr const char* kConstraints[] = {"^1.2",     "~1.2.3", ">= 1.0, < 2.0.0", "1.x || 3",
                                        "!= 1.2.3", "*",      "1.0 - 2.0",       "> 1.2.3-alpha",
                                        "what",     "=2"};
constexpr const char* kJsons[] = {"{\\\"a\\\":1}",
                                  "{\\\"a\\\":[1.5,null,\\\"x\\\"]}",
                                  "[1]",
                                  "null",
                                  "{",
                                  "{\\\"b\\\":1e3,\\\"a\\\":true}",
                                  "5",
                                  "\\\"s\\\"",
                                  "{\\\"a\\\":{\\\"b\\\":{}}}"};

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

}  // namespace

std::string ExpressionGenerator::text_literal() { return quoted(one_of(random_, kTexts)); }
std::string ExpressionGenerator::json_text() { return quoted(one_of(random_, kJsons)); }

std::string ExpressionGenerator::fill(std::string_view form, int depth) {
  std::string out;
  for (size_t at = 0; at < form.size(); ++at) {
    if (form[at] != '%' || at + 1 == form.size() || form[at + 1] == ' ') {
      out += form[at];
      continue;
    }
    switch (form[++at]) {
      case 'l':
        out += text_literal();
        break;
      case 'j':
        out += json_text();
        break;
      case 'r':
        out += quoted(one_of(random_, kPatterns));
        break;
      case 't':
        out += quoted(one_of(random_, kTimes));
        break;
      case 'f':
        out += quoted(one_of(random_, kLayouts));
        break;
      case 'h':
        out += one_of(random_, kEpochs);
        break;
      case 'z':
        out += quoted(one_of(random_, kZones));
        break;
      case 'u':
        out += quoted(one_of(random_, kUrls));
        break;
      case 'v':
        out += quoted(one_of(random_, kVersions));
        break;
      case 'c':
        out += quoted(one_of(random_, kConstraints));
        break;
      default:
        out += make(form[at], depth - 1);
    }
  }
  return out;
}

std::string ExpressionGenerator::make(char type, int depth) {
  if (random_.chance(1, 150))
    type = "idsbISDmn"[random_.below(9)];  // of the wrong type, now and then
  std::vector<std::string_view> fitting;
  const auto collect = [&](std::span<const ExpressionForm> forms) {
    for (const ExpressionForm& form : forms) {
      if (form.type != type || !has_dialect(form.dialects, dialect_)) continue;
      const size_t inner = form.text.find('%');
      const bool leaf = inner == std::string_view::npos || form.text == "%l";
      if (leaf == (depth <= 0) || (leaf && random_.chance(1, 4))) fitting.push_back(form.text);
    }
  };
  collect(kForms);
  if (dialect_ == ExprDialect::kArgo) collect(kSprigForms);
  return fill(fitting[random_.below(fitting.size())], depth);
}

std::string ExpressionGenerator::document() {
  static constexpr const char* kInts[] = {"0",  "1",         "-3",         "5",
                                          "12", "123456789", "2147483648", "-9007199254740991"};
  static constexpr const char* kDoubles[] = {"0.5", "-2.25", "1e21", "3.0", "1e-7", "100.125"};
  const auto number = [&] { return one_of(random_, kInts); };
  const auto real = [&] { return one_of(random_, kDoubles); };
  const auto text = [&] { return quoted(one_of(random_, kTexts)); };
  const auto list = [&](const auto& item) {
    std::string out = "[";
    for (uint64_t n = random_.below(4); n > 0; --n) out += item() + (n > 1 ? "," : "");
    return out + "]";
  };
  std::string out = "{\"i\":" + number() + ",\"j\":" + number() + ",\"d\":" + real();
  out += ",\"e\":" + real() + ",\"s\":" + text() + ",\"t\":" + text();
  out += std::string(",\"b\":") + (random_.chance(1, 2) ? "true" : "false") + ",\"z\":null";
  out += ",\"xs\":" + list(number) + ",\"ds\":" + list(real) + ",\"ss\":" + list(text);
  return out + ",\"m\":{\"k\":" + number() + ",\"v\":" + text() + ",\"n\":{\"x\":" + real() + "}}}";
}

GeneratedCase ExpressionGenerator::next() {
  dialect_ = random_.chance(1, 2) ? ExprDialect::kPenstock : ExprDialect::kArgo;
  GeneratedCase out{dialect_, "", document()};
  out.expression = make("idsbISDmn"[random_.below(9)], 1 + static_cast<int>(random_.below(3)));
  return out;
}

size_t ExpressionGenerator::form_count() { return std::size(kForms) + std::size(kSprigForms); }

GeneratedCase ExpressionGenerator::of_form(size_t form) {
  const bool sprig = form >= std::size(kForms);
  const ExpressionForm& one = sprig ? kSprigForms[form - std::size(kForms)] : kForms[form];
  const bool argo = sprig || !has_dialect(one.dialects, ExprDialect::kPenstock) ||
                    (has_dialect(one.dialects, ExprDialect::kArgo) && random_.chance(1, 3));
  dialect_ = argo ? ExprDialect::kArgo : ExprDialect::kPenstock;
  GeneratedCase out{dialect_, fill(one.text, 1), "{}"};
  const std::string whole = document();
  const bool reads = argo ? out.expression.find("msg") != std::string::npos : true;
  if (reads) out.input = whole;
  return out;
}

}  // namespace penstock
