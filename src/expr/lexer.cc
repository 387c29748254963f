// SPDX-License-Identifier: Apache-2.0
#include "expr/lexer.h"

#include <algorithm>
#include <array>

#include "value/utf8.h"

namespace penstock {
namespace {

constexpr std::string_view kWords[] = {"not",      "in",  "matches", "contains", "startsWith",
                                       "endsWith", "and", "or",      "let"};
/// Longest first.
constexpr std::string_view kOperators[] = {
    "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "..", "**", "::", "+", "-", "*", "/", "%", "^",
    "<",  ">",  "!",  "?",  ":",  ".",  "|",  ",",  ";",  "=",  "#",  "&"};

bool digit(char c) { return c >= '0' && c <= '9'; }
bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         (c & '\x80') != 0;
}
int hex_value(char c) {
  if (digit(c)) return c - '0';
  c = static_cast<char>(c | 0x20);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

class Lexer {
 public:
  Lexer(std::string_view text, Problems& problems) : text_(text), problems_(problems) {}

  std::vector<Token> run() {
    while (skip_blanks()) one();
    Token end;
    end.offset = text_.size();
    tokens_.push_back(std::move(end));
    return std::move(tokens_);
  }

 private:
  char at(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void problem(size_t offset, size_t length, std::string what, std::string hint = {}) {
    if (problems_.size() < 20) {
      problems_.push_back({"bad-expression", offset, length, std::move(what), std::move(hint)});
    }
  }
  void add(TokenKind kind, size_t from, std::string string = {}) {
    tokens_.push_back({kind, text_.substr(from, at_ - from), std::move(string), from});
  }

  bool skip_blanks() {
    while (at_ < text_.size()) {
      if (at() == ' ' || at() == '\t' || at() == '\n' || at() == '\r') {
        ++at_;
      } else if (at() == '/' && at(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (at() == '/' && at(1) == '*') {
        const size_t end = text_.find("*/", at_ + 2);
        if (end == std::string_view::npos) problem(at_, 2, "this comment does not end", "add */");
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  void one() {
    const size_t from = at_;
    const char c = at();
    if (name_start(c)) return name(from);
    if (digit(c) || (c == '.' && digit(at(1)))) return number(from);
    if (c == '"' || c == '\'') return string(from, c);
    if (c == '`') return raw_string(from);
    if (std::string_view("()[]{}").find(c) != std::string_view::npos) {
      ++at_;
      return add(TokenKind::kBracket, from);
    }
    for (const std::string_view op : kOperators) {
      if (text_.substr(at_).starts_with(op)) {
        at_ += op.size();
        return add(TokenKind::kOperator, from);
      }
    }
    next_code_point(text_, at_);
    const std::string shown = static_cast<unsigned char>(c) < 0x20
                                  ? "a control character"
                                  : "\"" + std::string(text_.substr(from, at_ - from)) + "\"";
    problem(from, at_ - from, shown + " has no meaning here");
  }

  void name(size_t from) {
    while (at_ < text_.size() && (name_start(at()) || digit(at()))) ++at_;
    const std::string_view word = text_.substr(from, at_ - from);
    if (!is_utf8(word)) return problem(from, word.size(), "this is not UTF-8");
    add(is_operator_word(word) ? TokenKind::kOperator : TokenKind::kName, from);
  }

  void number(size_t from) {
    const auto more = [&](auto&& accept) {
      while (accept(at()) || (at() == '_' && accept(at(1)))) ++at_;
    };
    const char base = static_cast<char>(at(1) | 0x20);
    if (at() == '0' && (base == 'x' || base == 'b' || base == 'o')) {
      at_ += 2;
      more([](char c) { return hex_value(c) >= 0; });
    } else {
      more(digit);
      if (at() == '.' && digit(at(1))) {
        ++at_;
        more(digit);
      } else if (at() == '.' && at(1) != '.' && !name_start(at(1))) {
        ++at_;  // "1." is 1.0
      }
      const size_t sign = at(1) == '-' || at(1) == '+' ? 1 : 0;
      if ((at() == 'e' || at() == 'E') && digit(at(1 + sign))) {
        at_ += 1 + sign;
        more(digit);
      }
    }
    if (name_start(at()) || digit(at())) {
      while (name_start(at()) || digit(at())) ++at_;
      return problem(from, at_ - from,
                     "\"" + std::string(text_.substr(from, at_ - from)) + "\" is not a number");
    }
    add(TokenKind::kNumber, from);
  }

  void raw_string(size_t from) {
    const size_t end = text_.find('`', from + 1);
    at_ = end == std::string_view::npos ? text_.size() : end + 1;
    if (end == std::string_view::npos) return problem(from, 1, "this string does not end");
    add(TokenKind::kString, from, std::string(text_.substr(from + 1, end - from - 1)));
  }

  void string(size_t from, char quote) {
    std::string out;
    ++at_;
    while (at() != quote) {
      if (at_ >= text_.size() || at() == '\n') {
        return problem(from, 1, "this string does not end",
                       std::string("close it with ") + quote + ", or use `…` for several lines");
      }
      if (at() != '\\') {
        out.push_back(text_[at_++]);
      } else if (!escape(out)) {
        problem(at_, 2, "this escape is not known", "write \\\\ for a backslash");
        at_ += 2;
      }
    }
    ++at_;
    if (!is_utf8(out)) return problem(from, at_ - from, "this string is not UTF-8");
    add(TokenKind::kString, from, std::move(out));
  }

  /// At a backslash. Those of Go's strings.
  bool escape(std::string& out) {
    static constexpr std::string_view kShort = "abfnrtv\\'\"`", kMeaning = "\a\b\f\n\r\t\v\\'\"`";
    const char c = at(1);
    if (const size_t which = kShort.find(c); c != '\0' && which != std::string_view::npos) {
      out.push_back(kMeaning[which]);
      at_ += 2;
      return true;
    }
    const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits > 0) return code(out, 2, digits, 16);
    return c >= '0' && c <= '3' && code(out, 1, 3, 8);
  }
  bool code(std::string& out, size_t from, size_t digits, int base) {
    uint32_t value = 0;
    for (size_t i = 0; i < digits; ++i) {
      const int digit = hex_value(at(from + i));
      if (digit < 0 || digit >= base) return false;
      value = value * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
    }
    if (value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) return false;
    append_utf8(out, value);
    at_ += from + digits;
    return true;
  }

  std::string_view text_;
  Problems& problems_;
  size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

bool is_operator_word(std::string_view word) {
  return std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords);
}

std::vector<Token> tokenize(std::string_view text, Problems& problems) {
  return Lexer(text, problems).run();
}

}  // namespace penstock
