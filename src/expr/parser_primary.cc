// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "config/suggest.h"
#include "expr/expr_parser.h"
#include "expr/function.h"
#include "value/decimal.h"

namespace penstock {

ExprNode* ExprParser::primary() {
  const Token& token = current();
  const bool argo = dialect_ == ExprDialect::kArgo;
  const auto unary = [&](Op op, int precedence) {
    advance();
    ExprNode* operand = expression(precedence);
    ExprNode* node = make(NodeKind::kUnary, token.offset, {operand});
    node->op = op;
    return postfix(node);
  };
  if (token.is_operator("not") || token.is_operator("!")) return unary(Op::kNot, 50);
  if (token.is_operator("-")) return unary(Op::kMinus, argo ? 500 : 90);
  if (token.is_operator("+")) return unary(Op::kPlus, argo ? 500 : 90);
  if (token.is_operator("#") || token.is_operator(".")) {
    if (closures_ == 0) {
      const std::string near = calling_.empty() ? "" : closest(calling_, predicate_names());
      fail(token, std::string(token.text) + " stands for an item: it needs a closure around it",
           near.empty() ? "as in filter(items, {.price > 10})" : "did you mean \"" + near + "\"?");
      return make(NodeKind::kConstant, token.offset);
    }
    ExprNode* item = nullptr;
    if (take_operator("#")) {
      const bool named = current().is(TokenKind::kName) &&
                         current().offset == token.offset + token.text.size();
      item = make(NodeKind::kItem, token.offset);
      if (named) {
        if (current().text == "index") item->kind = NodeKind::kItemIndex;
        else if (current().text == "acc") item->kind = NodeKind::kTotal;
        else fail(current(), "only #, #index and #acc are known");
        advance();
      }
    } else {
      item = make(NodeKind::kItem, token.offset);
    }
    item->slot = 0;
    return postfix(item);
  }
  if (token.is_bracket("(")) {
    advance();
    ExprNode* inner = expression(0);
    expect_bracket(")", token);
    return postfix(inner);
  }
  switch (token.kind) {
    case TokenKind::kName: return name_or_call();
    case TokenKind::kNumber: return postfix(number());
    case TokenKind::kString: {
      advance();
      return postfix(string_constant(token.string, token.offset));
    }
    default: break;
  }
  if (token.is_bracket("[")) return postfix(array());
  if (token.is_bracket("{")) return postfix(map());
  if (token.is_operator("::")) {
    advance();
    if (current().is(TokenKind::kName)) return name_or_call();
  }
  fail_at_current();
  return make(NodeKind::kConstant, token.offset);
}

ExprNode* ExprParser::name_or_call() {
  const Token& name = current();
  if (name.text == "if" && !tokens_[at_ + 1].is_bracket("(") &&
      !tokens_[at_ + 1].is(TokenKind::kOperator) && !tokens_[at_ + 1].is(TokenKind::kEnd)) {
    return if_else();
  }
  advance();
  if (name.text == "true" || name.text == "false") {
    return constant(Value::boolean(name.text == "true"), name.offset);
  }
  if (name.text == "nil" || (name.text == "null" && dialect_ == ExprDialect::kPenstock)) {
    return constant(Value(), name.offset);
  }
  if (current().is_bracket("(")) return postfix(call(name, std::string(name.text), nullptr));
  // sprig.upper(…): a name with a dot that is called
  const Token& second = tokens_[std::min(at_ + 1, tokens_.size() - 1)];
  const bool word = second.is(TokenKind::kName) ||
                    (second.is(TokenKind::kOperator) && is_operator_word(second.text));
  if (is_function_space(name.text) && current().is_operator(".") && word &&
      tokens_[at_ + 2].is_bracket("(")) {
    advance();
    const std::string full = std::string(name.text) + "." + std::string(current().text);
    advance();
    return postfix(call(name, full, nullptr));
  }
  ExprNode* node = make(NodeKind::kName, name.offset);
  node->name = name.text;
  return postfix(node);
}

ExprNode* ExprParser::call(const Token& name, std::string full_name, ExprNode* piped) {
  if (const PredicateName* row = predicate_row(full_name)) {
    return predicate_call(name, *row, piped);
  }
  ExprNode* node = make(NodeKind::kCall, name.offset);
  const Token opened = current();
  if (!take_bracket("(")) {
    fail(current(), "( was expected after the name of a function", "write " + full_name + "()");
    return node;
  }
  const std::string_view outer = std::exchange(calling_, name.text);
  std::vector<ExprNode*> arguments;
  if (piped != nullptr) arguments.push_back(piped);
  bool first = true;
  while (!failed_ && !current().is_bracket(")")) {
    if (!first) {
      if (current().is(TokenKind::kEnd)) break;
      expect_operator(",");
      if (current().is_bracket(")")) break;
    }
    first = false;
    arguments.push_back(expression(0));
  }
  calling_ = outer;
  expect_bracket(")", opened);
  ExprNode* result = make(NodeKind::kCall, piped != nullptr ? piped->offset : name.offset,
                          std::move(arguments));
  result->offset = static_cast<uint32_t>(name.offset);
  result->length =
      static_cast<uint32_t>(full_name.size() - (full_name.starts_with('.') ? 1 : 0));
  result->name = std::move(full_name);
  return result;
}

ExprNode* ExprParser::predicate_call(const Token& name, const PredicateName& row, ExprNode* piped) {
  std::vector<ExprNode*> arguments;
  if (piped != nullptr) arguments.push_back(piped);
  const Token opened = current();
  if (!take_bracket("(")) fail(current(), "( was expected after the name of a function");
  while (!failed_ && !current().is_bracket(")")) {
    if (arguments.size() > (piped != nullptr ? 1u : 0u)) {
      if (current().is(TokenKind::kEnd)) break;
      expect_operator(",");
      if (current().is_bracket(")")) break;
    }
    if (static_cast<int>(arguments.size()) == row.most) {
      fail(current(), std::string(row.name) + "() takes at most " + std::to_string(row.most) +
                          " arguments");
    }
    arguments.push_back(arguments.size() == 1 ? closure() : expression(0));
  }
  if (!failed_ && static_cast<int>(arguments.size()) < row.least && current().is_bracket(")")) {
    fail(current(), std::string(row.name) + "() needs a closure after the items",
         "as in " + std::string(row.name) + "(items, {.price > 10})");
  }
  expect_bracket(")", opened);
  ExprNode* node = make(NodeKind::kPredicate, name.offset, std::move(arguments));
  node->predicate = row.predicate;
  node->name = row.name;
  node->length = static_cast<uint32_t>(row.name.size());
  return node;
}

ExprNode* ExprParser::closure() {
  const Token opened = current();
  const bool braces = take_bracket("{");
  ++closures_;
  ExprNode* body = expression(0);
  --closures_;
  if (braces) expect_bracket("}", opened);
  return body;
}

ExprNode* ExprParser::number() {
  const Token& token = current();
  advance();
  std::string digits(token.text);
  digits.erase(std::remove(digits.begin(), digits.end(), '_'), digits.end());
  const char base = digits.size() > 1 && digits[0] == '0' ? static_cast<char>(digits[1] | 0x20)
                                                          : '\0';
  const int radix = base == 'x' ? 16 : base == 'b' ? 2 : base == 'o' ? 8 : 10;
  const char* from = digits.data() + (radix == 10 ? 0 : 2);
  const char* to = digits.data() + digits.size();
  if (radix == 10 && digits.find_first_of(".eE") != std::string::npos) {
    if (digits.back() == '.') digits.push_back('0');
    const double d = decimal_to_double(digits);
    if (d > 1.7976931348623157e308) fail(token, "this number is too large");
    return constant(Value::real(d), token.offset);
  }
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(from, to, value, radix);
  const bool too_large = error == std::errc::result_out_of_range ||
                         (dialect_ == ExprDialect::kArgo && value > uint64_t{INT64_MAX});
  if (too_large) fail(token, "this integer is too large");
  else if (error != std::errc() || end != to) {
    fail(token, "\"" + std::string(token.text) + "\" is not a number");
  }
  return constant(Value::unsigned_integer(value), token.offset);
}

ExprNode* ExprParser::array() {
  const Token opened = current();
  advance();
  std::vector<ExprNode*> items;
  while (!failed_ && !current().is_bracket("]")) {
    if (!items.empty()) {
      if (current().is(TokenKind::kEnd)) break;
      expect_operator(",");
      if (current().is_bracket("]")) break;
    }
    items.push_back(expression(0));
  }
  expect_bracket("]", opened);
  return make(NodeKind::kArray, opened.offset, std::move(items));
}

ExprNode* ExprParser::map() {
  const Token opened = current();
  advance();
  std::vector<ExprNode*> kids;
  while (!failed_ && !current().is_bracket("}")) {
    if (!kids.empty()) {
      if (current().is(TokenKind::kEnd)) break;
      expect_operator(",");
      if (current().is_bracket("}")) break;
    }
    const Token& key = current();
    if (key.is(TokenKind::kName) || key.is(TokenKind::kNumber) ||
        (key.is(TokenKind::kOperator) && is_operator_word(key.text))) {
      advance();
      kids.push_back(string_constant(key.text, key.offset));
    } else if (key.is(TokenKind::kString)) {
      advance();
      kids.push_back(string_constant(key.string, key.offset));
    } else if (key.is_bracket("(")) {
      kids.push_back(primary());
    } else if (key.is(TokenKind::kEnd)) {
      break;
    } else {
      fail(key, "a key was expected", "a name, a string, a number or (an expression)");
      break;
    }
    expect_operator(":");
    kids.push_back(expression(0));
  }
  expect_bracket("}", opened);
  return make(NodeKind::kMap, opened.offset, std::move(kids));
}

ExprNode* ExprParser::postfix(ExprNode* node) {
  // In a closure, `.Field` begins a primary; right behind it the member's name stands bare.
  if (node->kind == NodeKind::kItem && current().is_operator(".") &&
      text_[node->offset] == '.' && current().offset == node->offset) {
    advance();
    node = member(node, false);
  }
  while (!failed_) {
    if (take_operator("?.")) {
      node = take_bracket("[") ? index(node, true) : member(node, true);
    } else if (current().is_operator(".")) {
      advance();
      node = member(node, false);
    } else if (current().is_bracket("[")) {
      advance();
      node = index(node, false);
    } else {
      break;
    }
  }
  return node;
}

/// At the name behind the dot.
ExprNode* ExprParser::member(ExprNode* node, bool optional) {
  const Token& name = current();
  const bool word = name.is(TokenKind::kOperator) && is_operator_word(name.text);
  if (!name.is(TokenKind::kName) && !word) {
    fail(name, "a member's name was expected after the dot");
    return node;
  }
  advance();
  if (current().is_bracket("(")) return call(name, "." + std::string(name.text), node);
  ExprNode* result = make(NodeKind::kMember, node->offset, {node});
  result->name = name.text;
  result->optional = optional;
  return result;
}

/// Behind the opening bracket.
ExprNode* ExprParser::index(ExprNode* node, bool optional) {
  const Token opened = tokens_[at_ - 1];
  const auto bound = [&]() {
    return current().is_bracket("]") || current().is_operator(":")
               ? constant(Value(), current().offset)
               : expression(0);
  };
  if (current().is_bracket("]")) {
    fail(current(), "an index was expected");
    return node;
  }
  ExprNode* first = bound();
  if (take_operator(":")) {
    ExprNode* second = bound();
    expect_bracket("]", opened);
    return make(NodeKind::kSlice, node->offset, {node, first, second});
  }
  expect_bracket("]", opened);
  ExprNode* result = make(NodeKind::kIndex, node->offset, {node, first});
  result->optional = optional;
  return result;
}

}  // namespace penstock
