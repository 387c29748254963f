// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/lexer.h"
#include "mapping/statement.h"

namespace penstock {

/// Reads statements; expressions within are cut out and compiled by expr. One use.
class MappingParser {
 public:
  MappingParser(std::string_view text, const ExprEnvironment& environment, Problems& problems);
  /// Null if there were problems.
  std::shared_ptr<const Mapping> run();

 private:
  using Kind = MappingStatement::Kind;
  /// What ends an expression, beside the end of its line, `;` and a closing bracket.
  enum class Until : uint8_t { kLine, kBrace, kComma, kArrow };

  // Tokens.
  const Token& current() const { return tokens_[at_]; }
  const Token& ahead(size_t n) const { return tokens_[std::min(at_ + n, tokens_.size() - 1)]; }
  void advance() { at_ += at_ + 1 < tokens_.size(); }
  bool take(std::string_view text);
  bool at_word(std::string_view word) const { return current().is(TokenKind::kName, word); }
  bool at_arrow(size_t i) const;
  bool new_line_before(size_t i) const;
  bool continues(size_t i) const;
  bool ends_statement() const;
  /// Reports once per statement, and skips to where the next may begin.
  void fail(const Token& at, std::string what, std::string hint = {});
  void expect(std::string_view text, const char* where);
  void skip_statement();

  // Statements.
  void block(MappingBlock& into);       // up to the closing brace, which it takes
  void statements(MappingBlock& into, std::string_view end);
  void statement(MappingBlock& into);
  void braced(MappingBlock& into, const MappingTarget* value_of);
  void assign(MappingBlock& into, MappingTarget target, const Token& from);
  /// An expression, `if` or `match` that gives the target its value.
  void value_of(MappingBlock& into, const MappingTarget& target);
  void let(MappingBlock& into);
  void remove(MappingBlock& into);
  void rename(MappingBlock& into);
  void nest(MappingBlock& into);
  void add_rename(MappingBlock& into, MappingTarget from, MappingTarget to, const Token& at);
  void choice(MappingBlock& into, const MappingTarget* target);
  void match(MappingBlock& into, const MappingTarget* target);
  void arm(MappingStatement& match, const MappingTarget* target);
  void loop(MappingBlock& into);
  void reject(MappingBlock& into);
  MappingStatement make(Kind kind, const Token& at) const;

  // Targets and expressions.
  bool at_target() const;
  MappingTarget target();
  void steps(MappingTarget& target);
  ExpressionIndex expression(Until until);
  size_t expression_end(Until until) const;
  ExpressionIndex compile_text(size_t from, size_t to);
  void note_edit(const MappingTarget& target);
  void note_read(MappingTarget& target, size_t from, size_t to);

  // Variables.
  uint32_t declare(const Token& name);
  int32_t find_variable(std::string_view name) const;
  struct Scope {
    MappingParser& parser;
    size_t declared;
    explicit Scope(MappingParser& p) : parser(p), declared(p.declared_.size()) {}
    ~Scope() { parser.leave(declared); }
  };
  void leave(size_t declared);

  std::string_view text_;
  ExprEnvironment environment_;
  Problems& problems_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  uint32_t depth_ = 0;
  uint32_t loops_ = 0;
  bool failed_ = false;  // in this statement
  std::shared_ptr<Mapping> mapping_;

  struct Declared {
    uint32_t slot;
    int32_t hidden;  // the slot of the same name outside; -1 = none
    std::string name;
  };
  std::vector<Declared> declared_;
  /// Paths that were edited so far; for each expression how many came before it.
  std::vector<DocumentPath> edited_;
  std::vector<size_t> edited_before_;
  void settle_reads();
};

}  // namespace penstock
