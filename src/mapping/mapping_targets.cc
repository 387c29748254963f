// SPDX-License-Identifier: Apache-2.0
// The left side of statements, and where expressions end.
#include <algorithm>
#include <charconv>

#include "mapping/mapping_parser.h"

namespace penstock {

using Place = MappingTarget::Kind;

/// Whether a target begins here, not a function of the same name.
bool MappingParser::at_target() const {
  if (!current().is(TokenKind::kName)) return false;
  if (at_word("this") || at_word("key") || at_word("event_time") || at_word("headers")) return true;
  return find_variable(current().text) >= 0;
}

MappingTarget MappingParser::target() {
  MappingTarget target;
  if (failed_) return target;
  const Token from = current();
  if (!at_target()) {
    fail(from, from.is(TokenKind::kEnd) ? "a field was expected here"
                                        : "\"" + std::string(from.text) + "\" is not a field",
         from.is(TokenKind::kName) ? "fields of the document are written this." +
                                         std::string(from.text)
                                   : "write this.name");
    return target;
  }
  advance();
  if (from.text == "key") {
    target.kind = Place::kKey;
  } else if (from.text == "event_time") {
    target.kind = Place::kEventTime;
  } else if (from.text == "headers") {
    steps(target);
    target.kind = target.steps.empty() ? Place::kHeaders : Place::kHeader;
    if (target.steps.size() > 1 || (!target.steps.empty() && target.steps[0].index >= 0)) {
      fail(from, "a header has a name, and no members", "write headers.name or headers[\"name\"]");
    }
  } else if (from.text == "this") {
    steps(target);
  } else {
    target.kind = Place::kVariable;
    target.slot = static_cast<uint32_t>(find_variable(from.text));
  }
  return target;
}

void MappingParser::steps(MappingTarget& target) {
  while (!failed_) {
    MappingTarget::Step step;
    if (take(".")) {
      const Token name = current();
      if (!name.is(TokenKind::kName) && !is_operator_word(name.text)) {
        return fail(name, "a field's name was expected behind the dot",
                    "other names are written this[\"…\"]");
      }
      step.key = name.text;
      advance();
    } else if (current().is_bracket("[")) {
      advance();
      const Token inner = current();
      const bool alone = ahead(1).is_bracket("]");
      if (alone && inner.is(TokenKind::kString)) {
        step.key = inner.string;
        advance();
      } else if (alone && inner.is(TokenKind::kNumber) &&
                 std::from_chars(inner.text.data(), inner.text.data() + inner.text.size(),
                                 step.index).ptr == inner.text.data() + inner.text.size()) {
        advance();
      } else {
        step.computed = expression(Until::kComma);
      }
      expect("]", "behind the place in an array or map");
    } else {
      return;
    }
    target.steps.push_back(std::move(step));
  }
}

size_t MappingParser::expression_end(Until until) const {
  size_t depth = 0;
  for (size_t i = at_;; ++i) {
    const Token& token = tokens_[i];
    if (token.is(TokenKind::kEnd)) return i;
    if (depth == 0 && i > at_ && new_line_before(i) && !continues(i)) return i;
    if (depth == 0 && token.is_operator(";")) return i;
    if (depth == 0 && until != Until::kBrace && token.is_operator(",")) return i;
    if (depth == 0 && until == Until::kArrow && at_arrow(i)) return i;
    if (!token.is(TokenKind::kBracket)) continue;
    const char c = token.text[0];
    if (c == '{' || c == '(' || c == '[') {
      if (depth == 0 && until == Until::kBrace && c == '{') return i;
      ++depth;
    } else if (depth-- == 0) {
      return i;
    }
  }
}

ExpressionIndex MappingParser::expression(Until until) {
  if (failed_) return kNoExpression;
  const size_t end = expression_end(until);
  if (end == at_) {
    const Token& at = current();
    fail(at, at.is(TokenKind::kEnd) ? "an expression was expected at the end"
                                    : "an expression was expected before \"" +
                                          std::string(at.text) + "\"");
    return kNoExpression;
  }
  const ExpressionIndex made = compile_text(at_, end);
  at_ = end;
  return made;
}

/// Compiles tokens [from, to) with so many line breaks and blanks before them that places in
/// messages are those in the mapping.
ExpressionIndex MappingParser::compile_text(size_t from, size_t to) {
  const size_t begin = tokens_[from].offset;
  const size_t end = tokens_[to - 1].offset + tokens_[to - 1].text.size();
  Mapping::Expression made;
  made.place = place_of(text_, begin);
  std::string padded(static_cast<size_t>(made.place.line - 1), '\n');
  padded.append(static_cast<size_t>(made.place.column - 1), ' ');
  const size_t before = padded.size();
  padded += text_.substr(begin, end - begin);
  Problems found;
  made.program = compile(padded, environment_, found);
  for (Problem& problem : found) {
    if (problems_.size() >= kExprProblemsMax) break;
    problem.offset = begin + std::max(problem.offset, before) - before;
    problems_.push_back(std::move(problem));
  }
  mapping_->expressions.push_back(std::move(made));
  edited_before_.push_back(edited_.size());
  return static_cast<ExpressionIndex>(mapping_->expressions.size() - 1);
}

void MappingParser::note_edit(const MappingTarget& target) {
  if (failed_ || target.kind != Place::kDocument) return;
  DocumentPath path;
  for (const MappingTarget::Step& step : target.steps) {
    // An item may be any other, counted from the end; a computed step is anything.
    if (step.computed != kNoExpression || step.index >= 0) break;
    path.push_back({step.key, -1});
  }
  edited_.push_back(std::move(path));
}

/// Lets the value of a target be read: the same text is an expression, too.
void MappingParser::note_read(MappingTarget& target, size_t from, size_t to) {
  if (!failed_ && to > from) target.read = compile_text(from, to);
}

/// Which expressions can be evaluated over the document as it came.
void MappingParser::settle_reads() {
  const auto overlap = [](const DocumentPath& a, const DocumentPath& b) {
    return std::equal(a.begin(), a.begin() + static_cast<ptrdiff_t>(std::min(a.size(), b.size())),
                      b.begin());
  };
  for (size_t i = 0; i < mapping_->expressions.size(); ++i) {
    Mapping::Expression& expression = mapping_->expressions[i];
    const ProgramFacts& read = facts(*expression.program);
    for (size_t k = 0; k < edited_before_[i] && expression.original; ++k) {
      expression.original = !read.whole_document;
      for (const DocumentPath& path : read.paths) {
        expression.original = expression.original && !overlap(path, edited_[k]);
      }
    }
  }
}

}  // namespace penstock
