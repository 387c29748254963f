// SPDX-License-Identifier: Apache-2.0
#include "expr/evaluator.h"

#include "expr/json_plan.h"
#include "expr/program.h"
#include "expr/vector.h"
#include "value/write_json.h"

namespace penstock {

struct Evaluator::State {
  /// A program and where its columns are.
  struct Loaded {
    std::shared_ptr<const Program> program;
    std::vector<const Column*> columns;
    JsonPlan plan;
    std::vector<Operand> plan_columns;  // of the last prepare_json()
    Operand result;                     // of the last column()
  };

  explicit State(const EvaluatorOptions& options, ExprDialect dialect, const EvalLimits& limits)
      : arena(limits.memory_max),
        context(arena, options.clock, options.seed, limits, options.outside, dialect),
        projector(arena), engine(context) {}

  void project() {
    if (projected || projector.empty()) return;
    projected = true;
    projector.project(*batch);
    for (const BadRow& bad : projector.bad_rows()) engine.fail(bad.row, bad.error);
  }
  Loaded& load(size_t program) {
    Loaded& loaded = *programs[program];
    if (!loaded.columns.empty()) project();
    engine.use_program(*loaded.program, loaded.columns.data());
    return loaded;
  }
  /// Rows whose result is not of the kind that was asked for fail.
  void check(const Loaded& loaded, const Operand& operand, Rows& rows);

  bool assemble(const Loaded& loaded, uint32_t row);

  ValueArena arena;
  EvalContext context;
  Projector projector;
  VectorEngine engine;
  std::vector<std::unique_ptr<Loaded>> programs;
  std::vector<Value> variables;
  const Batch* batch = nullptr;
  JsonAssembly assembly;
  Column constant;
  Value constant_value;
  bool projected = false;
};

Evaluator::Evaluator(const EvaluatorOptions& options) : options_(options) {}
Evaluator::~Evaluator() = default;

size_t Evaluator::add(std::shared_ptr<const Program> program) {
  if (state_ == nullptr) {
    state_ = std::make_unique<State>(options_, program->dialect, program->limits);
  }
  CHECK(state_->context.dialect() == program->dialect);
  auto loaded = std::make_unique<State::Loaded>();
  for (const DocumentPath& path : program->facts.paths) {
    loaded->columns.push_back(&state_->projector.column(state_->projector.add(path)));
  }
  loaded->plan = plan_json(*program->root);
  loaded->program = std::move(program);
  state_->programs.push_back(std::move(loaded));
  return state_->programs.size() - 1;
}

void Evaluator::begin(const Batch& batch) {
  CHECK(state_ != nullptr);
  for (auto& loaded : state_->programs) {
    loaded->plan_columns.clear();
    loaded->result = Operand();
  }
  state_->arena.reset();
  state_->context.begin_record();
  state_->batch = &batch;
  state_->projected = false;
  state_->engine.begin(batch);
}

Rows Evaluator::all_rows() const { return {nullptr, state_->batch->size()}; }

void Evaluator::State::check(const Loaded& loaded, const Operand& operand, Rows& rows) {
  const TypeSet wanted = loaded.program->wanted;
  if (wanted == kAnyType) return;
  bool failed = false;
  for (uint32_t i = 0; i < rows.count; ++i) {
    Value value;
    if (!engine.value_at(*loaded.program->root, operand, rows[i], value)) {
      failed = true;
    } else if ((type_of(value.kind()) & wanted) == 0) {
      engine.fail(rows[i], eval_error("the result must be " + describe(wanted) + ", not " +
                                      std::string(kind_name(value.kind()))));
      failed = true;
    }
  }
  if (failed) rows = engine.without_failed(rows);
}

Rows Evaluator::filter(size_t program, const Rows& rows) {
  State::Loaded& loaded = state_->load(program);
  return state_->engine.filter(*loaded.program->root, state_->engine.without_failed(rows));
}

const Column& Evaluator::column(size_t program, const Rows& all) {
  State::Loaded& loaded = state_->load(program);
  Rows rows = state_->engine.without_failed(all);
  loaded.result = state_->engine.eval(*loaded.program->root, rows);
  state_->check(loaded, loaded.result, rows);
  if (!loaded.result.is_constant()) return *loaded.result.column;
  state_->constant_value = loaded.result.constant;
  Column& column = state_->constant;
  column.constant = true;
  column.plain = !state_->constant_value.is_null();
  static const Cell kNullCell = Cell::kNull;
  column.cells = const_cast<Cell*>(&kNullCell);
  column.type = ColumnType::kValue;
  column.values = &state_->constant_value;
  return column;
}

Result<Value> Evaluator::value(size_t program, uint32_t row) {
  State::Loaded& loaded = state_->load(program);
  if (state_->engine.has_failed(row)) {
    for (const RowError& e : state_->engine.errors()) {
      if (e.row == row) return e.error;
    }
  }
  state_->context.begin_record();
  state_->engine.use_row(row);
  Interpreter& interpreter = state_->engine.interpreter();
  Value value;
  if (!interpreter.eval(*loaded.program->root, value)) return interpreter.take_error();
  if ((type_of(value.kind()) & loaded.program->wanted) == 0) {
    return eval_error("the result must be " + describe(loaded.program->wanted) + ", not " +
                      std::string(kind_name(value.kind())));
  }
  return value;
}

Rows Evaluator::prepare_json(size_t program, const Rows& all) {
  State::Loaded& loaded = state_->load(program);
  Rows rows = state_->engine.without_failed(all);
  loaded.plan_columns.clear();
  for (const JsonPiece& piece : loaded.plan) {
    if (piece.node == nullptr) continue;
    loaded.plan_columns.push_back(state_->engine.eval(*piece.node, rows));
  }
  return rows;
}

Result<void> Evaluator::write_json(size_t program, uint32_t row, std::string& out) {
  const State::Loaded& loaded = *state_->programs[program];
  size_t at = 0;
  if (state_->assemble(loaded, row)) {
    out.append(state_->assembly.view());
    return {};
  }
  for (const JsonPiece& piece : loaded.plan) {
    out.append(piece.text);
    if (piece.node == nullptr) continue;
    const Operand& operand = loaded.plan_columns[at++];
    PENSTOCK_TRY(operand.is_constant() ? penstock::write_json(operand.constant, out)
                                       : append_cell(*operand.column, row, out));
  }
  return {};
}

/// The usual case: every part is of a type that needs no more room than can be said beforehand.
bool Evaluator::State::assemble(const Loaded& loaded, uint32_t row) {
  size_t bytes = 0;
  for (const JsonPiece& piece : loaded.plan) bytes += piece.text.size();
  for (const Operand& operand : loaded.plan_columns) {
    const int64_t more = operand.is_constant() ? -1 : cell_bytes(*operand.column, row);
    if (more < 0) return false;
    bytes += static_cast<size_t>(more);
  }
  assembly.begin(bytes);
  size_t at = 0;
  for (const JsonPiece& piece : loaded.plan) {
    assembly.add(piece.text);
    if (piece.node != nullptr) assembly.add_cell(*loaded.plan_columns[at++].column, row);
  }
  return true;
}

void Evaluator::set_variables(std::span<const Value> values) {
  CHECK(state_ != nullptr);
  state_->variables.assign(values.begin(), values.end());
  state_->engine.use_variables(state_->variables);
}

const std::vector<RowError>& Evaluator::errors() const { return state_->engine.errors(); }
EvalContext& Evaluator::context() { return state_->context; }

}  // namespace penstock
