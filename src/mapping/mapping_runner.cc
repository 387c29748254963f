// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "expr/interpreter.h"
#include "mapping/edits.h"
#include "mapping/record_change.h"
#include "mapping/statement.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string at_place(const LineColumn& place) {
  return "at " + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace

struct MappingRunner::State {
  std::shared_ptr<const Mapping> mapping;
  Evaluator& evaluator;
  JsonParser parser;
  std::vector<size_t> programs;      ///< of the evaluator, by expression
  std::vector<Value> variables;
  Edits edits;
  std::vector<EditStep> path, other_path;

  // Of the current record.
  const Record* record = nullptr;
  uint32_t row = 0;
  uint64_t steps = 0;
  bool document_known = false;
  bool dropped = false;
  bool variables_changed = false;    ///< since the evaluator was told
  Value document;                    ///< with all edits, if known
  struct Change {
    std::vector<EditStep> path;
    std::optional<Value> value;      ///< none = removed
  };
  std::vector<Change> changes;       ///< of the document; the first `change_count`
  size_t change_count = 0;
  bool key_set = false, headers_set = false, time_set = false;
  std::optional<Value> key;
  HeaderChanges headers;
  bool headers_replaced = false;
  int64_t event_time_us = kNoEventTime;

  std::optional<Interpreter> edited;  ///< reads the document as it is by now

  State(std::shared_ptr<const Mapping> m, Evaluator& e) : mapping(std::move(m)), evaluator(e) {
    for (const Mapping::Expression& expression : mapping->expressions) {
      programs.push_back(evaluator.add(expression.program, ResultUse::kEach));
    }
    variables.resize(mapping->variables);
    edited.emplace(evaluator.context());
  }

  ValueArena& arena() { return evaluator.context().arena(); }
  void begin(const Record& of, uint32_t at);
  Result<void> run(const MappingBlock& block);
  Result<void> run(const MappingStatement& statement);
  Result<Value> eval(ExpressionIndex index);
  Result<const Value*> whole();
  Result<void> resolve(const MappingTarget& target, std::vector<EditStep>& into);
  Result<void> change(const std::vector<EditStep>& at, const std::optional<Value>& value);
  Result<void> set(const MappingTarget& target, const Value& value);
  Result<void> set_header(const MappingTarget& target, const std::optional<Value>& value);
  Result<void> set_headers(const Value& value);
  Result<void> remove(const MappingTarget& target);
  Result<void> rename(const MappingStatement& statement);
  Result<bool> holds(const MappingStatement& statement, const MappingBranch& branch,
                     const Value& subject);
  Result<void> loop(const MappingStatement& statement);
  Result<void> finish(MappingOutcome& outcome, std::string& out);
};

void MappingRunner::State::begin(const Record& of, uint32_t at) {
  record = &of;
  row = at;
  steps = 0;
  document_known = dropped = false;
  change_count = 0;
  edits.clear();
  key_set = headers_set = time_set = headers_replaced = false;
  key.reset();
  headers.clear();
  std::fill(variables.begin(), variables.end(), Value());
  variables_changed = !variables.empty();
}

/// The document with what was changed so far.
Result<const Value*> MappingRunner::State::whole() {
  if (!document_known) {
    Result<Value> parsed = parser.parse_padded(record->payload_view(), arena());
    // What is replaced as a whole need not be JSON.
    const bool replaced = change_count > 0 && changes[0].path.empty();
    if (!parsed && !replaced) return unexpected(parsed.error());
    document = parsed ? *parsed : Value();
    document_known = true;
    for (size_t i = 0; i < change_count; ++i) {
      Result<Value> next = changes[i].value
                               ? with_value(document, changes[i].path, *changes[i].value, arena())
                               : without_value(document, changes[i].path, arena());
      if (!next) return unexpected(next.error());
      document = *next;
    }
  }
  return &document;
}

Result<Value> MappingRunner::State::eval(ExpressionIndex index) {
  const Mapping::Expression& expression = mapping->expressions[index];
  if (variables_changed) evaluator.set_variables(variables);
  variables_changed = false;
  if (expression.original || change_count == 0) return evaluator.value(programs[index], row);
  Result<const Value*> now = whole();
  if (!now) return unexpected(now.error());
  evaluator.context().begin_record();
  edited->use_program(*expression.program);
  edited->use_row(row, record);
  edited->use_document(**now);
  edited->use_variables(variables);
  Value value;
  if (!edited->eval(*expression.program->root, value)) return edited->take_error();
  return value;
}

Result<void> MappingRunner::State::resolve(const MappingTarget& target,
                                           std::vector<EditStep>& into) {
  into.clear();
  for (const MappingTarget::Step& step : target.steps) {
    if (step.computed == kNoExpression) {
      into.push_back({step.key, step.index});
      continue;
    }
    Result<Value> value = eval(step.computed);
    if (!value) return unexpected(value.error());
    if (value->is(ValueKind::kString)) {
      into.push_back({value->text(), -1});
      continue;
    }
    std::optional<int64_t> index = exact_int(*value);
    if (!index) {
      return eval_error("a place in a document is a string or an int, not " +
                        std::string(kind_name(value->kind())));
    }
    if (*index < 0) {  // counted from the end
      Result<const Value*> now = whole();
      if (!now) return unexpected(now.error());
      Value at = **now;
      for (const EditStep& up : into) {
        if (up.index >= 0) {
          at = at.is(ValueKind::kArray) && up.index < int64_t{at.size()}
                   ? at.items()[static_cast<size_t>(up.index)] : Value();
        } else {
          const Value* found = at.is(ValueKind::kMap) ? at.find(up.key) : nullptr;
          at = found == nullptr ? Value() : *found;
        }
      }
      const int64_t size = at.is(ValueKind::kArray) ? at.size() : 0;
      if (*index + size < 0) return eval_error("there is no item " + std::to_string(*index));
      *index += size;
    }
    into.push_back({{}, *index});
  }
  return {};
}

/// Sets (or removes) a place in the document.
Result<void> MappingRunner::State::change(const std::vector<EditStep>& at,
                                          const std::optional<Value>& value) {
  if (!value && at.back().index >= 0) {
    // Items behind it move up, so the array is written anew.
    Result<const Value*> now = whole();
    if (!now) return unexpected(now.error());
    Result<Value> next = without_value(**now, at, arena());
    if (!next) return unexpected(next.error());
    Value array = *next;
    for (size_t i = 0; i + 1 < at.size(); ++i) {
      const Value* inner = at[i].index >= 0
                               ? (array.is(ValueKind::kArray) && at[i].index < array.size()
                                      ? &array.items()[static_cast<size_t>(at[i].index)] : nullptr)
                               : (array.is(ValueKind::kMap) ? array.find(at[i].key) : nullptr);
      if (inner == nullptr) return {};  // nothing was there
      array = *inner;
    }
    if (!array.is(ValueKind::kArray)) return {};
    return change({at.begin(), at.end() - 1}, array);
  }
  steps += change_count / 32 + (document_known && document.is(ValueKind::kMap)
                                    ? document.size() / 32 : 0);  // what an edit looks through
  PENSTOCK_TRY(value ? edits.set(at, *value, arena()) : edits.remove(at, arena()));
  if (document_known) {
    Result<Value> next = value ? with_value(document, at, *value, arena())
                               : without_value(document, at, arena());
    if (!next) return unexpected(next.error());
    document = *next;
  }
  if (changes.size() == change_count) changes.emplace_back();
  changes[change_count].path.assign(at.begin(), at.end());
  changes[change_count].value = value;
  ++change_count;
  return {};
}

Result<void> MappingRunner::State::set_header(const MappingTarget& target,
                                              const std::optional<Value>& value) {
  PENSTOCK_TRY(resolve(target, path));
  if (path[0].index >= 0) return eval_error("the name of a header is a string");
  headers_set = true;
  if (!value || value->is_null()) {
    headers.emplace_back(path[0].key, std::nullopt);
    return {};
  }
  Result<std::string_view> text = record_text(*value, arena());
  if (!text) return unexpected(text.error());
  headers.emplace_back(path[0].key, *text);
  return {};
}

Result<void> MappingRunner::State::set_headers(const Value& value) {
  if (!value.is(ValueKind::kMap) && !value.is_null()) {
    return eval_error("headers are a map, not " + std::string(kind_name(value.kind())));
  }
  headers_set = headers_replaced = true;
  headers.clear();
  if (value.is_null()) return {};
  for (const MapEntry& entry : value.entries()) {
    if (entry.value.is_null()) continue;
    Result<std::string_view> text = record_text(entry.value, arena());
    if (!text) return unexpected(text.error());
    headers.emplace_back(entry.key, *text);
  }
  return {};
}

Result<void> MappingRunner::State::set(const MappingTarget& target, const Value& value) {
  switch (target.kind) {
    case MappingTarget::Kind::kDocument:
      PENSTOCK_TRY(resolve(target, path));
      return change(path, value);
    case MappingTarget::Kind::kVariable:
      variables[target.slot] = value;
      variables_changed = true;
      return {};
    case MappingTarget::Kind::kKey:
      key_set = true;
      key.reset();
      if (!value.is_null()) key = value;
      return {};
    case MappingTarget::Kind::kHeader: return set_header(target, value);
    case MappingTarget::Kind::kHeaders: return set_headers(value);
    case MappingTarget::Kind::kEventTime: {
      const Result<int64_t> time = record_event_time(value);
      if (!time) return unexpected(time.error());
      time_set = true;
      event_time_us = *time;
      return {};
    }
  }
  return {};
}

Result<void> MappingRunner::State::remove(const MappingTarget& target) {
  if (target.kind == MappingTarget::Kind::kHeader) return set_header(target, std::nullopt);
  if (target.kind != MappingTarget::Kind::kDocument) return set(target, Value());
  PENSTOCK_TRY(resolve(target, path));
  return change(path, std::nullopt);
}

Result<void> MappingRunner::State::rename(const MappingStatement& statement) {
  Result<Value> value = eval(statement.target.read);
  if (!value) return unexpected(value.error());
  if (value->is_null()) return {};  // what is not there keeps not being there
  PENSTOCK_TRY(resolve(statement.target, path));
  PENSTOCK_TRY(resolve(statement.to, other_path));
  PENSTOCK_TRY(change(path, std::nullopt));
  return change(other_path, *value);
}

Result<bool> MappingRunner::State::holds(const MappingStatement& statement,
                                         const MappingBranch& branch, const Value& subject) {
  const bool compares = statement.kind == MappingStatement::Kind::kMatch &&
                        statement.value != kNoExpression;
  for (const ExpressionIndex test : branch.tests) {
    Result<Value> value = eval(test);
    if (!value) return unexpected(value.error());
    if (compares) {
      if (equal(*value, subject)) return true;
    } else if (!value->is(ValueKind::kBool)) {
      return eval_error("a condition is true or false, not " +
                            std::string(kind_name(value->kind())) + " " +
                            at_place(mapping->expressions[test].place));
    } else if (value->as_bool()) {
      return true;
    }
  }
  return branch.tests.empty();
}

Result<void> MappingRunner::State::loop(const MappingStatement& statement) {
  Result<Value> over = eval(statement.value);
  if (!over) return unexpected(over.error());
  if (over->is_null()) return {};
  const auto once = [&](const Value& place, const Value& item) {
    variables_changed = true;
    variables[statement.slot] = item;
    if (statement.key_slot >= 0) variables[static_cast<size_t>(statement.key_slot)] = place;
    return run(statement.block);
  };
  if (over->is(ValueKind::kMap)) {
    for (const MapEntry& entry : over->entries()) {
      PENSTOCK_TRY(once(Value::string(entry.key), entry.value));
      if (dropped) break;
    }
    return {};
  }
  if (!over->is(ValueKind::kArray)) {
    return eval_error("for takes an array or a map, not " +
                      std::string(kind_name(over->kind())) + " " + at_place(statement.place));
  }
  int64_t index = 0;
  for (const Value& item : over->items()) {
    PENSTOCK_TRY(once(Value::integer(index++), item));
    if (dropped) break;
  }
  return {};
}

Result<void> MappingRunner::State::run(const MappingBlock& block) {
  for (const MappingStatement& statement : block) {
    if (++steps > kMappingSteps) {
      return reject_error("expression-steps",
                          "the mapping took more than " + std::to_string(kMappingSteps) +
                              " steps for this record");
    }
    Result<void> done = run(statement);
    if (!done) {
      Error error = std::move(done).error();
      if (error.detail.empty()) error.detail = at_place(statement.place);
      return error;
    }
    if (dropped) return {};
  }
  return {};
}

Result<void> MappingRunner::State::run(const MappingStatement& statement) {
  Value value;
  if (statement.value != kNoExpression && statement.kind != MappingStatement::Kind::kFor) {
    Result<Value> result = eval(statement.value);
    if (!result) return unexpected(result.error());
    value = *result;
  }
  switch (statement.kind) {
    case MappingStatement::Kind::kSet: return set(statement.target, value);
    case MappingStatement::Kind::kDelete: return remove(statement.target);
    case MappingStatement::Kind::kRename: return rename(statement);
    case MappingStatement::Kind::kIf:
    case MappingStatement::Kind::kMatch:
      for (const MappingBranch& branch : statement.branches) {
        Result<bool> yes = holds(statement, branch, value);
        if (!yes) return unexpected(yes.error());
        if (*yes) return run(branch.block);
      }
      return {};
    case MappingStatement::Kind::kFor: return loop(statement);
    case MappingStatement::Kind::kReject: {
      const std::string why = value.is_null() ? "" : display(value);
      return reject_error("rejected", why.empty() ? "rejected by the mapping" : why);
    }
    case MappingStatement::Kind::kDrop: dropped = true; return {};
  }
  return {};
}

Result<void> MappingRunner::State::finish(MappingOutcome& outcome, std::string& out) {
  if (key_set) {
    outcome.key_set = true;
    if (key) {
      Result<std::string_view> text = record_text(*key, arena());
      if (!text) return unexpected(text.error());
      outcome.key = *text;
    }
  }
  if (time_set) outcome.event_time_us = event_time_us;
  if (headers_set) {
    Result<std::string_view> encoded = changed_headers(
        headers_replaced ? std::string_view() : record->headers_view(), headers, arena());
    if (!encoded) return unexpected(encoded.error());
    outcome.headers_set = true;
    outcome.headers = *encoded;
  }
  if (change_count == 0) return {};
  outcome.kind = MappingOutcome::Kind::kChanged;
  return edits.apply(record->payload_view(), arena(), out);
}

MappingRunner::MappingRunner(std::shared_ptr<const Mapping> mapping, Evaluator& evaluator)
    : state_(std::make_unique<State>(std::move(mapping), evaluator)) {}
MappingRunner::~MappingRunner() = default;

Result<MappingOutcome> MappingRunner::run(const Record& record, uint32_t row, std::string& out) {
  state_->begin(record, row);
  PENSTOCK_TRY(state_->run(state_->mapping->block));
  MappingOutcome outcome;
  if (state_->dropped) {
    outcome.kind = MappingOutcome::Kind::kDropped;
    return outcome;
  }
  PENSTOCK_TRY(state_->finish(outcome, out));
  return outcome;
}

MappingFacts facts(const Mapping& mapping) {
  MappingFacts all;
  const auto count = [&](const auto& self, const MappingBlock& block) -> void {
    all.statements += block.size();
    for (const MappingStatement& statement : block) {
      self(self, statement.block);
      for (const MappingBranch& branch : statement.branches) self(self, branch.block);
    }
  };
  count(count, mapping.block);
  all.expressions = mapping.expressions.size();
  for (const Mapping::Expression& expression : mapping.expressions) {
    const ProgramFacts& read = facts(*expression.program);
    all.whole_document |= read.whole_document || !expression.original;
    for (const DocumentPath& path : read.paths) {
      if (std::find(all.paths.begin(), all.paths.end(), path) == all.paths.end()) {
        all.paths.push_back(path);
      }
    }
  }
  return all;
}

}  // namespace penstock
