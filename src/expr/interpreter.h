// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <vector>

#include "expr/eval_context.h"
#include "expr/node.h"
#include "expr/program.h"
#include "json/column.h"
#include "json/parse.h"
#include "record/record.h"

namespace penstock {

/// Evaluates a tree for one record at a time: the generic path, and what folds constants. Nodes
/// that stand for the document look into columns if there are any, else into `document`.
class Interpreter {
 public:
  explicit Interpreter(EvalContext& context) : Interpreter(context, context.arena()) {}
  /// `columns`: memory that lives as long as what use_columns() names.
  Interpreter(EvalContext& context, ValueArena& columns)
      : context_(context), column_arena_(columns) {}

  /// Where kPath nodes find their values: one column a slot, read at `row`.
  void use_columns(const Column* const* columns) { columns_ = columns; }
  void use_row(uint32_t row, const Record* record) {
    row_ = row;
    record_ = record;
    document_known_ = false;
  }
  void use_document(const Value& document) {
    document_ = document;
    document_known_ = true;
  }
  void use_variables(std::span<const Value> variables) { variables_ = variables; }
  /// Room for the locals and closures of a program.
  void use_program(const Program& program);

  /// False = failed, see error().
  bool eval(const ExprNode& node, Value& out);
  const Error& error() const { return error_; }
  Error take_error() { return std::move(error_); }
  bool fail(const ExprNode& node, Error error);
  bool fail(const ExprNode& node, std::string message, std::string hint = {}) {
    return fail(node, eval_error(std::move(message), std::move(hint)));
  }
  EvalContext& context() { return context_; }
  /// What a kCall gives for these arguments, which may be changed. `fit`: arguments of the same
  /// kinds were taken before as they were.
  bool apply(const ExprNode& node, std::span<Value> args, Value& out, bool fit = false);
  /// A member, an item of a value.
  bool member(const ExprNode& node, const Value& of, std::string_view name, Value& out);
  bool item(const ExprNode& node, const Value& of, const Value& index, Value& out);
  /// A text of the payload that nobody has looked into yet. `kept`: the value goes into a projected
  /// column. `document`: what it is a part of, for the offset in messages.
  bool json(const ExprNode& node, std::string_view text, Value& out, bool kept = false,
            std::string_view document = {});

 private:
  /// The item a closure looks at.
  struct Item {
    Value value, total;
    int64_t index = 0;
  };

  bool path(const ExprNode& node, Value& out);
  bool other_path(const ExprNode& node, const Column& column, Value& out);
  bool path_of_document(const ExprNode& node, Value& out);
  bool operand(const ExprNode& node, Value& out);
  bool integer(const ExprNode& node, int64_t& out) const;
  bool integers(const ExprNode& node, Value& out);
  bool binary_of(const ExprNode& node, const Value& a, const Value& b, Value& out);
  bool document(const ExprNode& node, Value& out);
  bool record(const ExprNode& node, Value& out);
  bool context_map(Value& out, const ExprNode& node);
  bool headers(const ExprNode& node, Value& out);
  bool slice(const ExprNode& node, Value& out);
  bool unary(const ExprNode& node, Value& out);
  bool binary(const ExprNode& node, Value& out);
  bool logic(const ExprNode& node, Value& out);
  bool conditional(const ExprNode& node, Value& out);
  bool array(const ExprNode& node, Value& out);
  bool map(const ExprNode& node, Value& out);
  bool call(const ExprNode& node, Value& out);

  bool predicate(const ExprNode& node, Value& out);
  bool closure_true(const ExprNode& body, bool& out);
  bool search(const ExprNode& node, std::span<const Value> items, Value& out);
  bool count(const ExprNode& node, std::span<const Value> items, Value& out);
  bool filter(const ExprNode& node, std::span<const Value> items, Value& out);
  bool sum(const ExprNode& node, std::span<const Value> items, Value& out);
  bool group(const ExprNode& node, std::span<const Value> items, Value& out);
  bool sort(const ExprNode& node, std::span<const Value> items, Value& out);
  bool reduce(const ExprNode& node, std::span<const Value> items, Value& out);
  bool entries(const ExprNode& node, const Value& map, Value& out);

  EvalContext& context_;
  ValueArena& column_arena_;
  const Column* const* columns_ = nullptr;
  uint32_t row_ = 0;
  const Record* record_ = nullptr;
  Value document_;
  bool document_known_ = false;
  std::span<const Value> variables_;
  std::vector<Value> locals_;
  std::vector<Item> items_;
  std::unique_ptr<JsonParser> parser_;
  std::string_view text_;  // of the program, for messages
  Error error_;
};

/// Picks the signature that takes these arguments and makes whole doubles ints where it asks for
/// ints. False if none does.
bool fit_arguments(const FunctionEntry& function, std::span<Value> args);

}  // namespace penstock
