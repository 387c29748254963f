// SPDX-License-Identifier: Apache-2.0
#include "expr/parser.h"

#include "expr/expr_parser.h"

namespace penstock {
namespace {

/// Precedences of today's expr; expr v1.9 has `**` at 70.
constexpr BinaryOperator kBinaries[] = {
    {"or", Op::kOr, 10}, {"||", Op::kOr, 10}, {"and", Op::kAnd, 15}, {"&&", Op::kAnd, 15},
    {"==", Op::kEqual, 20}, {"!=", Op::kNotEqual, 20}, {"<", Op::kLess, 20},
    {"<=", Op::kLessEqual, 20}, {">", Op::kGreater, 20}, {">=", Op::kGreaterEqual, 20},
    {"in", Op::kIn, 20}, {"matches", Op::kMatches, 20}, {"contains", Op::kContains, 20},
    {"startsWith", Op::kStartsWith, 20}, {"endsWith", Op::kEndsWith, 20}, {"..", Op::kRange, 25},
    {"+", Op::kPlus, 30}, {"-", Op::kMinus, 30}, {"*", Op::kMultiply, 60},
    {"/", Op::kDivide, 60}, {"%", Op::kRemainder, 60}, {"**", Op::kPower, 100, true},
    {"^", Op::kPower, 100, true}, {"??", Op::kCoalesce, 500}};
constexpr int kComparison = 20;

constexpr PredicateName kPredicates[] = {
    {"all", Predicate::kAll, 2, 2}, {"any", Predicate::kAny, 2, 2}, {"one", Predicate::kOne, 2, 2},
    {"none", Predicate::kNoneOf, 2, 2}, {"filter", Predicate::kFilter, 2, 2},
    {"map", Predicate::kMap, 2, 2}, {"count", Predicate::kCount, 1, 2},
    {"sum", Predicate::kSum, 1, 2}, {"find", Predicate::kFind, 2, 2},
    {"findIndex", Predicate::kFindIndex, 2, 2}, {"findLast", Predicate::kFindLast, 2, 2},
    {"findLastIndex", Predicate::kFindLastIndex, 2, 2}, {"groupBy", Predicate::kGroupBy, 2, 2},
    {"sortBy", Predicate::kSortBy, 2, 3}, {"reduce", Predicate::kReduce, 2, 3},
    {"mapValues", Predicate::kMapValues, 2, 2},
    {"filterEntries", Predicate::kFilterEntries, 2, 2}};

}  // namespace

const PredicateName* predicate_row(std::string_view name) {
  for (const PredicateName& row : kPredicates) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

ExprNode* ExprParser::expression(int precedence) {
  if (failed_) return make(NodeKind::kConstant, 0);
  if (++nesting_ > kParseDepthMax) fail(current(), "the expression is nested too deep");
  ExprNode* node = nullptr;
  if (precedence == 0 && current().is_operator("let")) {
    node = let();
  } else {
    node = failed_ ? make(NodeKind::kConstant, 0) : operators(primary(), precedence);
    if (precedence == 0) node = conditional(node);
  }
  --nesting_;
  return node;
}

/// The binary operator at the current token, if it binds at least as tight; steps over the `not`
/// of `not in` and its like.
const BinaryOperator* ExprParser::binary_at(int precedence, bool& negated) {
  negated = current().is_operator("not");
  const Token& token = negated && at_ + 1 < tokens_.size() ? tokens_[at_ + 1] : current();
  if (!token.is(TokenKind::kOperator)) return nullptr;
  for (const BinaryOperator& binary : kBinaries) {
    if (binary.text != token.text) continue;
    const bool word = binary.op >= Op::kIn && binary.op <= Op::kEndsWith;
    if (negated && !word) return nullptr;
    const bool old_power = binary.op == Op::kPower && dialect_ == ExprDialect::kArgo;
    if ((old_power ? 70 : binary.precedence) < precedence) return nullptr;
    if (negated) advance();
    return &binary;
  }
  return nullptr;
}

ExprNode* ExprParser::operators(ExprNode* left, int precedence) {
  const Token* coalesce = nullptr;
  while (!failed_) {
    if (precedence == 0 && current().is_operator("|")) {
      advance();
      const Token& name = current();
      if (!name.is(TokenKind::kName)) {
        fail(name, "a function's name was expected after |");
        return left;
      }
      advance();
      std::string full(name.text);
      while (current().is_operator(".") && tokens_[at_ + 1].is(TokenKind::kName)) {
        advance();
        full += "." + std::string(current().text);
        advance();
      }
      left = postfix(call(name, full, left));
      continue;
    }
    bool negated = false;
    const BinaryOperator* binary = binary_at(precedence, negated);
    if (binary == nullptr) return left;
    const Token& token = current();
    if (coalesce != nullptr && binary->op != Op::kCoalesce) {
      fail(token, "?? and " + std::string(token.text) + " cannot be mixed",
           "put parentheses around one of them");
      return left;
    }
    coalesce = binary->op == Op::kCoalesce ? &token : nullptr;
    advance();
    if (binary->precedence == kComparison) {
      left = comparison(left, binary->op, negated);
      continue;
    }
    const int level = binary->op == Op::kPower && dialect_ == ExprDialect::kArgo
                          ? 70 : binary->precedence;
    ExprNode* right = expression(level + !binary->right);
    const size_t from = left->offset;
    left = make(NodeKind::kBinary, from, {left, right});
    left->op = binary->op;
  }
  return left;
}

/// `a < b <= c` means `a < b and b <= c`.
ExprNode* ExprParser::comparison(ExprNode* left, Op op, bool negated) {
  ExprNode* all = nullptr;
  for (;;) {
    ExprNode* right = expression(kComparison + 1);
    ExprNode* one = make(NodeKind::kBinary, left->offset, {left, right});
    one->op = op;
    if (negated) {
      one = make(NodeKind::kUnary, left->offset, {one});
      one->op = Op::kNot;
    }
    if (all == nullptr) {
      all = one;
    } else {
      all = make(NodeKind::kBinary, all->offset, {all, one});
      all->op = Op::kAnd;
    }
    const BinaryOperator* next = failed_ ? nullptr : binary_at(kComparison, negated);
    if (next == nullptr || next->precedence != kComparison) return all;
    if (dialect_ == ExprDialect::kArgo) {  // v1.9: (a < b) < c
      advance();
      op = next->op;
      left = all;
      all = nullptr;
      continue;
    }
    advance();
    op = next->op;
    left = right;
  }
}

ExprNode* ExprParser::let() {
  const Token& word = current();
  advance();
  const Token name = current();
  if (!name.is(TokenKind::kName)) {
    fail(name, "a name was expected after let");
    return make(NodeKind::kConstant, word.offset);
  }
  advance();
  expect_operator("=");
  ExprNode* value = expression(0);
  expect_operator(";");
  ExprNode* body = expression(0);
  ExprNode* node = make(NodeKind::kLet, word.offset, {value, body});
  node->name = name.text;
  node->offset = static_cast<uint32_t>(name.offset);
  node->length = static_cast<uint32_t>(name.text.size());
  return node;
}

ExprNode* ExprParser::conditional(ExprNode* node) {
  while (!failed_ && current().is_operator("?")) {
    advance();
    ExprNode* yes = node;
    if (!current().is_operator(":")) yes = expression(0);
    expect_operator(":");
    ExprNode* no = expression(0);
    node = make(NodeKind::kConditional, node->offset, {node, yes, no});
  }
  return node;
}

/// `if a { b } else { c }`, as in today's expr.
ExprNode* ExprParser::if_else() {
  const size_t from = current().offset;
  advance();
  ExprNode* condition = expression(0);
  ExprNode* branches[2] = {};
  for (ExprNode*& branch : branches) {
    if (&branch != branches) {
      if (!current().is(TokenKind::kName, "else")) fail(current(), "else was expected");
      else advance();
      if (current().is(TokenKind::kName, "if")) {
        branch = if_else();
        break;
      }
    }
    const Token opened = current();
    if (!take_bracket("{")) fail(opened, "{ was expected");
    branch = expression(0);
    expect_bracket("}", opened);
  }
  return make(NodeKind::kConditional, from, {condition, branches[0], branches[1]});
}

ExprNode* NodeStore::make(NodeKind kind, size_t offset, size_t length) {
  ExprNode& node = nodes_.emplace_back();
  node.kind = kind;
  node.offset = static_cast<uint32_t>(offset);
  node.length = static_cast<uint32_t>(length);
  return &node;
}

std::string_view symbol(Op op) {
  static constexpr std::string_view kSymbols[] = {
      "",   "not", "-",  "+",  "or", "and",     "==",       "!=",         "<",        "<=", ">",
      ">=", "in",  "matches",  "contains", "startsWith", "endsWith", "..",
      "*",  "/",   "%",  "**", "??"};
  return kSymbols[static_cast<size_t>(op)];
}

Predicate find_predicate(std::string_view name) {
  const PredicateName* row = predicate_row(name);
  return row == nullptr ? Predicate::kNone : row->predicate;
}

std::vector<std::string> predicate_names() {
  std::vector<std::string> names;
  for (const PredicateName& row : kPredicates) names.emplace_back(row.name);
  return names;
}

ExprNode* parse_expression(std::string_view text, ExprDialect dialect, NodeStore& store,
                           Problems& problems) {
  return ExprParser(text, dialect, store, problems).run();
}

}  // namespace penstock
