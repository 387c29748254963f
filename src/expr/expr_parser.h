// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "expr/lexer.h"
#include "expr/parser.h"

namespace penstock {

/// A builtin that takes a closure.
struct PredicateName {
  std::string_view name;
  Predicate predicate;
  int least, most;  ///< arguments, the items among them
};
const PredicateName* predicate_row(std::string_view name);

/// A binary operator and how tight it binds.
struct BinaryOperator {
  std::string_view text;
  Op op;
  int precedence;
  bool right = false;
};

/// Precedence climbing over the tokens of one expression; the first problem ends it. Its operators
/// are in parser.cc, its operands in parser_primary.cc.
class ExprParser {
 public:
  ExprParser(std::string_view text, ExprDialect dialect, NodeStore& store, Problems& problems)
      : text_(text), dialect_(dialect), store_(store), problems_(problems),
        tokens_(tokenize(text, problems)) {}

  ExprNode* run() {
    if (!problems_.empty()) return nullptr;
    ExprNode* node = expression(0);
    if (!failed_ && !current().is(TokenKind::kEnd)) fail_at_current();
    return failed_ ? nullptr : node;
  }

 private:
  const Token& current() const { return tokens_[at_]; }
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  bool take_operator(std::string_view op) {
    if (!current().is_operator(op)) return false;
    advance();
    return true;
  }
  bool take_bracket(std::string_view bracket) {
    if (!current().is_bracket(bracket)) return false;
    advance();
    return true;
  }
  void fail(const Token& token, std::string what, std::string hint = {}) {
    if (failed_) return;
    failed_ = true;
    const size_t length = std::max<size_t>(1, token.text.size());
    problems_.push_back({"bad-expression", token.offset, length, std::move(what), std::move(hint)});
  }
  void fail_at_current() {
    const Token& token = current();
    if (token.is(TokenKind::kEnd)) return fail(token, "the expression ends too early");
    if (token.is_operator("=")) return fail(token, "= has no meaning here", "compare with ==");
    if (token.is_operator("&")) return fail(token, "& has no meaning here", "write && or `and`");
    if (token.is_operator(";")) {
      return fail(token, "; has no meaning here", "it ends a `let name = value;`");
    }
    std::string what(token.text.substr(0, 40));
    fail(token, "unexpected " + (token.is(TokenKind::kString) ? "string " + what : what));
  }
  void expect_bracket(std::string_view bracket, const Token& opened) {
    if (failed_ || take_bracket(bracket)) return;
    if (current().is(TokenKind::kEnd)) {
      return fail(opened, std::string(opened.text) + " is never closed",
                  "add " + std::string(bracket));
    }
    fail_at_current();
  }
  void expect_operator(std::string_view op) {
    if (failed_ || take_operator(op)) return;
    if (current().is(TokenKind::kEnd)) {
      return fail(current(), "the expression ends too early", std::string(op) + " is missing");
    }
    fail(current(), "expected " + std::string(op) + " before " + std::string(current().text));
  }

  /// A node over a span of the text that starts at `from` and ends before the current token.
  ExprNode* make(NodeKind kind, size_t from, std::vector<ExprNode*> kids = {}) {
    const Token& last = tokens_[at_ > 0 ? at_ - 1 : 0];
    const size_t to = std::max(last.offset + last.text.size(), from + 1);
    ExprNode* node = store_.make(kind, from, to - from);
    node->kids = std::move(kids);
    for (const ExprNode* kid : node->kids) {
      if (kid == nullptr) continue;
      node->depth = std::max<uint16_t>(node->depth, static_cast<uint16_t>(kid->depth + 1));
    }
    if (node->depth > kTreeDepthMax) fail(current(), "the expression is nested too deep");
    if (node->depth > kTreeDepthMax) node->depth = kTreeDepthMax;
    return node;
  }
  ExprNode* constant(Value value, size_t from) {
    ExprNode* node = make(NodeKind::kConstant, from);
    node->constant = value;
    return node;
  }
  ExprNode* string_constant(std::string_view text, size_t from) {
    auto copy = copy_string(store_.arena(), text);
    if (!copy) {
      fail(current(), "the expression has too many constants");
      return constant(Value(), from);
    }
    return constant(*copy, from);
  }

  ExprNode* expression(int precedence);
  ExprNode* operators(ExprNode* left, int precedence);
  ExprNode* comparison(ExprNode* left, Op op, bool negated);
  ExprNode* let();
  ExprNode* conditional(ExprNode* node);
  ExprNode* if_else();
  ExprNode* primary();
  ExprNode* name_or_call();
  ExprNode* call(const Token& name, std::string full_name, ExprNode* piped);
  ExprNode* predicate_call(const Token& name, const PredicateName& row, ExprNode* piped);
  ExprNode* closure();
  ExprNode* number();
  ExprNode* array();
  ExprNode* map();
  ExprNode* postfix(ExprNode* node);
  ExprNode* member(ExprNode* node, bool optional);
  ExprNode* index(ExprNode* node, bool optional);
  const BinaryOperator* binary_at(int precedence, bool& negated);

  std::string_view text_;
  ExprDialect dialect_;
  NodeStore& store_;
  Problems& problems_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
  int closures_ = 0;
  std::string_view calling_;  // the function whose arguments are being read
  bool failed_ = false;
};

}  // namespace penstock
