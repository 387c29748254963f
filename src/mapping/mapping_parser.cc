// SPDX-License-Identifier: Apache-2.0
#include "mapping/mapping_parser.h"

#include <algorithm>
#include <charconv>

#include "config/suggest.h"

namespace penstock {
namespace {

constexpr std::string_view kStatementWords[] = {"let",    "if",   "match", "for",    "del",
                                                "delete", "drop", "nest",  "rename", "reject",
                                                "this",   "key",  "headers", "event_time"};

}  // namespace

MappingParser::MappingParser(std::string_view text, const ExprEnvironment& environment,
                             Problems& problems)
    : text_(text), environment_(environment), problems_(problems),
      mapping_(std::make_shared<Mapping>()) {
  environment_.result = kAnyType;
  environment_.variables.clear();
  mapping_->limits = environment.limits;
}

std::shared_ptr<const Mapping> MappingParser::run() {
  if (text_.size() > kMappingTextMax) {
    problems_.push_back({"bad-mapping", 0, 1,
                         "the mapping has " + std::to_string(text_.size()) +
                             " bytes; at most " + std::to_string(kMappingTextMax) + " are read",
                         "do it in two map stages"});
    return nullptr;
  }
  tokens_ = tokenize(text_, problems_);
  if (!problems_.empty()) return nullptr;
  statements(mapping_->block, "");
  if (mapping_->block.empty() && problems_.empty()) {
    fail(current(), "the mapping says nothing", "write this.field = … or delete(this.field)");
  }
  if (!problems_.empty()) {
    if (problems_.size() > kExprProblemsMax) problems_.resize(kExprProblemsMax);
    return nullptr;
  }
  settle_reads();
  if (mapping_->expressions.empty()) {  // an evaluator runs at least one program
    Problems none;
    mapping_->expressions.push_back({compile("nil", environment_, none), true, {}});
  }
  mapping_->variables = static_cast<uint32_t>(environment_.variables.size());
  return mapping_;
}

// Tokens -----------------------------------------------------------------------------------------

bool MappingParser::take(std::string_view text) {
  if (current().text != text || current().is(TokenKind::kString)) return false;
  advance();
  return true;
}

bool MappingParser::at_arrow(size_t i) const {
  return i + 1 < tokens_.size() && tokens_[i].is_operator("=") && tokens_[i + 1].is_operator(">") &&
         tokens_[i + 1].offset == tokens_[i].offset + 1;
}

bool MappingParser::new_line_before(size_t i) const {
  if (i == 0) return true;
  const size_t end = tokens_[i - 1].offset + tokens_[i - 1].text.size();
  return text_.substr(end, tokens_[i].offset - end).find('\n') != std::string_view::npos;
}

/// Whether the line break before token i is inside of an expression: an operator waits for its
/// right side, or stands there that cannot begin a statement.
bool MappingParser::continues(size_t i) const {
  if (tokens_[i - 1].is(TokenKind::kOperator)) return true;
  const Token& next = tokens_[i];
  if (!next.is(TokenKind::kOperator)) return false;
  for (const std::string_view begins : {"let", "!", "not", "-", "+", "#"}) {
    if (next.text == begins) return false;
  }
  return true;
}

bool MappingParser::ends_statement() const {
  return current().is(TokenKind::kEnd) || current().is_operator(";") || current().is_bracket("}") ||
         new_line_before(at_);
}

void MappingParser::fail(const Token& at, std::string what, std::string hint) {
  if (!failed_ && problems_.size() < kExprProblemsMax) {
    problems_.push_back({"bad-mapping", at.offset, std::max<size_t>(at.text.size(), 1),
                         std::move(what), std::move(hint)});
  }
  failed_ = true;
}

void MappingParser::expect(std::string_view text, const char* where) {
  if (failed_ || take(text)) return;
  const Token& at = current();
  const std::string found = at.is(TokenKind::kEnd) ? "the end" : "\"" + std::string(at.text) + "\"";
  fail(at, "\"" + std::string(text) + "\" was expected " + where + ", not " + found);
}

/// To the next line that is not inside of brackets opened on this one.
void MappingParser::skip_statement() {
  size_t depth = 0;
  for (; !current().is(TokenKind::kEnd); advance()) {
    if (depth == 0 && at_ > 0 && (new_line_before(at_) || current().is_operator(";"))) return;
    if (!current().is(TokenKind::kBracket)) continue;
    const char c = current().text[0];
    if (c == '{' || c == '(' || c == '[') ++depth;
    else if (depth == 0) return;
    else --depth;
  }
}

// Statements -------------------------------------------------------------------------------------

void MappingParser::statements(MappingBlock& into, std::string_view end) {
  for (;;) {
    while (take(";")) {
    }
    if (current().is(TokenKind::kEnd)) {
      if (!end.empty()) fail(current(), "a block is not closed: \"}\" is missing");
      return;
    }
    if (!end.empty() && current().is_bracket(end)) return;
    const size_t before = at_;
    statement(into);
    if (!failed_ && !ends_statement() && !current().is_operator(",")) {
      fail(current(), "a statement ends here, but the line goes on",
           "put each statement on its own line, or ; between them");
    }
    if (failed_) {
      if (at_ == before) advance();
      skip_statement();
      failed_ = false;
      if (problems_.size() >= kExprProblemsMax) return;
      if (end.empty() && current().is_bracket("}")) advance();
    } else if (current().is_operator(",")) {
      return;  // of a match's arm
    }
  }
}

void MappingParser::statement(MappingBlock& into) {
  const Token from = current();
  if (take("let")) return let(into);
  if (at_target() && !(at_word("delete") || at_word("del"))) {
    MappingTarget to = target();
    return assign(into, std::move(to), from);
  }
  if (!from.is(TokenKind::kName)) {
    return fail(from, "a statement was expected, not \"" + std::string(from.text) + "\"",
                "statements begin with this, let, if, match, for, delete, rename, nest, reject, "
                "drop, key, header or event_time");
  }
  if (at_word("if")) return choice(into, nullptr);
  if (at_word("match")) return match(into, nullptr);
  if (take("for")) return loop(into);
  if (take("delete") || take("del")) return remove(into);
  if (take("rename")) return rename(into);
  if (take("nest")) return nest(into);
  if (take("reject")) return reject(into);
  if (take("drop")) return into.push_back(make(Kind::kDrop, from));
  const bool assigns = ahead(1).is_operator("=") || ahead(1).is_operator(".");
  std::vector<std::string> words(std::begin(kStatementWords), std::end(kStatementWords));
  std::string hint = assigns ? "to set a field of the document write this." +
                                   std::string(from.text) + " = …; let " +
                                   std::string(from.text) + " = … makes a variable"
                             : suggestion(from.text, words);
  fail(from, "\"" + std::string(from.text) + "\" begins no statement", std::move(hint));
}

MappingStatement MappingParser::make(Kind kind, const Token& at) const {
  MappingStatement statement;
  statement.kind = kind;
  statement.place = place_of(text_, at.offset);
  return statement;
}

void MappingParser::assign(MappingBlock& into, MappingTarget target, const Token&) {
  if (failed_) return;
  if (at_arrow(at_)) return fail(current(), "=> stands only in a match", "write =");
  expect("=", "behind what is set");
  if (failed_) return;
  value_of(into, target);
  note_edit(target);
}

void MappingParser::value_of(MappingBlock& into, const MappingTarget& target) {
  if (at_word("if")) return choice(into, &target);
  if (at_word("match")) return match(into, &target);
  MappingStatement set = make(Kind::kSet, current());
  set.target = target;
  set.value = expression(Until::kLine);
  into.push_back(std::move(set));
}

void MappingParser::let(MappingBlock& into) {
  const Token name = current();
  if (!name.is(TokenKind::kName)) return fail(name, "a name was expected behind let");
  advance();
  expect("=", "behind the variable's name");
  if (failed_) return;
  // The name is not known in its own value.
  MappingTarget target;
  target.kind = MappingTarget::Kind::kVariable;
  target.slot = static_cast<uint32_t>(environment_.variables.size());
  environment_.variables.push_back({});
  value_of(into, target);
  if (failed_) return;
  if (environment_.variables.size() > kMappingVariablesMax) {
    return fail(name, "there are more than " + std::to_string(kMappingVariablesMax) +
                          " variables");
  }
  Declared made{target.slot, find_variable(name.text), std::string(name.text)};
  if (made.hidden >= 0) environment_.variables[static_cast<size_t>(made.hidden)].name.clear();
  environment_.variables[made.slot].name = made.name;
  declared_.push_back(std::move(made));
}

void MappingParser::remove(MappingBlock& into) {
  const bool brackets = take("(");
  do {
    const Token at = current();
    MappingStatement statement = make(Kind::kDelete, at);
    statement.target = target();
    if (failed_) return;
    if (statement.target.kind == MappingTarget::Kind::kVariable ||
        (statement.target.kind == MappingTarget::Kind::kDocument &&
         statement.target.steps.empty())) {
      return fail(at, "\"" + std::string(at.text) + "\" cannot be deleted",
                  "a field (this.name), a header or the key can; drop ends the whole record");
    }
    note_edit(statement.target);
    into.push_back(std::move(statement));
  } while (take(","));
  if (brackets) expect(")", "behind what is deleted");
}

void MappingParser::add_rename(MappingBlock& into, MappingTarget from, MappingTarget to,
                               const Token& at) {
  using K = MappingTarget::Kind;
  if (failed_) return;
  if (from.kind != K::kDocument || to.kind != K::kDocument || from.steps.empty() ||
      to.steps.empty()) {
    return fail(at, "only fields of the document can be renamed", "write rename this.a to this.b");
  }
  MappingStatement statement = make(Kind::kRename, at);
  note_edit(from);
  note_edit(to);
  statement.target = std::move(from);
  statement.to = std::move(to);
  into.push_back(std::move(statement));
}

void MappingParser::rename(MappingBlock& into) {
  const bool brackets = take("(");
  const Token at = current();
  const size_t from_token = at_;
  MappingTarget from = target();
  note_read(from, from_token, at_);
  if (!failed_ && !take(",") && !(!brackets && take("to"))) {
    fail(current(), "where to? \"to\" was expected", "write rename this.a to this.b");
  }
  if (failed_) return;
  MappingTarget to = target();
  if (brackets) expect(")", "behind the new name");
  add_rename(into, std::move(from), std::move(to), at);
}

/// nest this.a, this.b into this.c
void MappingParser::nest(MappingBlock& into) {
  std::vector<MappingTarget> fields;
  const Token at = current();
  do {
    const size_t from = at_;
    fields.push_back(target());
    note_read(fields.back(), from, at_);
  } while (!failed_ && take(","));
  if (!failed_ && !take("into")) {
    fail(current(), "into what? \"into\" was expected", "write nest this.a, this.b into this.c");
  }
  if (failed_) return;
  const MappingTarget outer = target();
  for (MappingTarget& field : fields) {
    if (failed_) return;
    if (field.steps.empty() || field.steps.back().index >= 0 ||
        field.steps.back().computed != kNoExpression) {
      return fail(at, "only fields by name can be nested", "write nest this.a, this.b into this.c");
    }
    MappingTarget to = outer;
    to.steps.push_back(field.steps.back());
    add_rename(into, std::move(field), std::move(to), at);
  }
}

/// `{` statements `}`, or, where a value is wanted, `{` lets and then a value `}`.
void MappingParser::braced(MappingBlock& into, const MappingTarget* value) {
  if (++depth_ > kMappingDepthMax) fail(current(), "blocks are nested too deep");
  expect("{", "at the start of a block");
  if (!failed_) {
    Scope scope(*this);
    if (value == nullptr) {
      statements(into, "}");
    } else {
      while (!failed_ && take("let")) {
        let(into);
        while (take(";")) {
        }
      }
      if (!failed_ && current().is_bracket("}")) fail(current(), "the block gives no value");
      if (!failed_) value_of(into, *value);
    }
    expect("}", "at the end of a block");
  }
  --depth_;
}

void MappingParser::choice(MappingBlock& into, const MappingTarget* target) {
  MappingStatement statement = make(Kind::kIf, current());
  bool more = true;
  while (more && !failed_) {
    more = false;
    MappingBranch branch;
    if (take("if")) {
      branch.tests.push_back(expression(Until::kBrace));
      more = true;
    }
    braced(branch.block, target);
    statement.branches.push_back(std::move(branch));
    if (more) more = take("else");
  }
  into.push_back(std::move(statement));
}

void MappingParser::match(MappingBlock& into, const MappingTarget* target) {
  MappingStatement statement = make(Kind::kMatch, current());
  take("match");
  if (!current().is_bracket("{")) statement.value = expression(Until::kBrace);
  if (++depth_ > kMappingDepthMax) fail(current(), "blocks are nested too deep");
  expect("{", "at the start of a match");
  while (!failed_ && !current().is_bracket("}")) {
    if (current().is(TokenKind::kEnd)) fail(current(), "a match is not closed: \"}\" is missing");
    else arm(statement, target);
    while (take(";") || take(",")) {
    }
  }
  if (!failed_ && statement.branches.empty()) fail(current(), "the match has no case");
  expect("}", "at the end of a match");
  --depth_;
  into.push_back(std::move(statement));
}

/// test, test => { … }   or   _ => statement
void MappingParser::arm(MappingStatement& statement, const MappingTarget* target) {
  MappingBranch branch;
  if (at_word("_") && at_arrow(at_ + 1)) {
    advance();
  } else {
    do branch.tests.push_back(expression(Until::kArrow));
    while (!failed_ && take(","));
  }
  if (failed_) return;
  if (!at_arrow(at_)) {
    return fail(current(), "=> was expected behind the case",
                "write value => { … }, and _ => { … } for everything else");
  }
  advance();
  advance();
  if (current().is_bracket("{") && (target == nullptr || !ahead(1).is(TokenKind::kString))) {
    braced(branch.block, target);
  } else {
    Scope scope(*this);
    if (target != nullptr) value_of(branch.block, *target);
    else this->statement(branch.block);
  }
  statement.branches.push_back(std::move(branch));
}

void MappingParser::loop(MappingBlock& into) {
  MappingStatement statement = make(Kind::kFor, current());
  const Token first = current();
  if (!first.is(TokenKind::kName)) return fail(first, "a name was expected behind for");
  advance();
  Token second;
  if (take(",")) {
    second = current();
    if (!second.is(TokenKind::kName)) return fail(second, "a name was expected behind the comma");
    advance();
  }
  expect("in", "behind the variable of a loop");
  if (failed_) return;
  ++loops_;
  const size_t first_expression = mapping_->expressions.size();
  statement.value = expression(Until::kBrace);
  {
    Scope scope(*this);
    if (second.is(TokenKind::kName)) statement.key_slot = static_cast<int32_t>(declare(first));
    statement.slot = declare(second.is(TokenKind::kName) ? second : first);
    braced(statement.block, nullptr);
  }
  if (--loops_ == 0) {  // what comes later in a loop also comes before
    for (size_t i = first_expression + 1; i < edited_before_.size(); ++i) {
      edited_before_[i] = edited_.size();
    }
  }
  into.push_back(std::move(statement));
}

void MappingParser::reject(MappingBlock& into) {
  MappingStatement statement = make(Kind::kReject, current());
  if (!ends_statement()) statement.value = expression(Until::kLine);
  into.push_back(std::move(statement));
}

// Variables --------------------------------------------------------------------------------------

uint32_t MappingParser::declare(const Token& name) {
  const auto slot = static_cast<uint32_t>(environment_.variables.size());
  Declared made{slot, find_variable(name.text), std::string(name.text)};
  if (made.hidden >= 0) environment_.variables[static_cast<size_t>(made.hidden)].name.clear();
  environment_.variables.push_back({made.name, kAnyType});
  declared_.push_back(std::move(made));
  return slot;
}

int32_t MappingParser::find_variable(std::string_view name) const {
  for (size_t i = 0; i < environment_.variables.size(); ++i) {
    if (environment_.variables[i].name == name) return static_cast<int32_t>(i);
  }
  return -1;
}

void MappingParser::leave(size_t declared) {
  while (declared_.size() > declared) {
    const Declared& last = declared_.back();
    environment_.variables[last.slot].name.clear();
    if (last.hidden >= 0) environment_.variables[static_cast<size_t>(last.hidden)].name = last.name;
    declared_.pop_back();
  }
}

std::shared_ptr<const Mapping> compile_mapping(std::string_view text,
                                               const ExprEnvironment& environment,
                                               Problems& problems) {
  return MappingParser(text, environment, problems).run();
}

}  // namespace penstock
