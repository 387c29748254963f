// SPDX-License-Identifier: Apache-2.0
#include "expr/evaluator.h"

#include <cmath>

#include "expr/closure_plan.h"
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
    std::vector<ItemRead> items;        // by Program::items, if it runs by columns
    JsonPlan plan;
    std::vector<Operand> plan_columns;  // of the last prepare_json()
    std::vector<JsonPart> parts;        // likewise, unless a part is constant for the batch
    size_t room = 0;                    // what all results need
    size_t copies = 0;                  // … and, if bounded, how often the payload's size
    bool simple = false;                // parts are there
    bool bounded = false;
    Operand result;                     // of the last column()

    void lay_out(const Rows& rows);
  };

  explicit State(const EvaluatorOptions& options, ExprDialect dialect, const EvalLimits& limits)
      : arena(limits.memory_max),
        context(arena, options.clock, options.seed, limits, options.outside.get(), dialect),
        projector(options.projector != nullptr ? options.projector
                                               : std::make_shared<Projector>(limits.memory_max)),
        reader(projector->add_reader()), engine(context, projector->arena()) {}

  void project() {
    if (projected) {
      CHECK(projector->holds(*batch));
      return;
    }
    projected = true;
    projector->read(reader, *batch, all_rows());
    for (const BadRow& bad : projector->bad_rows()) engine.fail(bad.row, bad.error);
  }
  Rows all_rows() const { return {batch->places(), batch->size()}; }
  Loaded& load(size_t program) {
    Loaded& loaded = *programs[program];
    if (!loaded.columns.empty()) project();
    engine.use_program(*loaded.program, loaded.columns.data(),
                       loaded.items.empty() ? nullptr : loaded.items.data());
    return loaded;
  }
  /// Rows whose result is not of the kind that was asked for fail.
  void check(const Loaded& loaded, const Operand& operand, Rows& rows);

  ValueArena arena;
  EvalContext context;
  std::shared_ptr<Projector> projector;
  size_t reader;
  VectorEngine engine;
  std::vector<std::unique_ptr<Loaded>> programs;
  std::vector<Value> variables;
  const Batch* batch = nullptr;
  const Column& with_failed(const Column& column, const Rows& all);

  Column constant;
  Value constant_value;
  Column failing;                 // of the last column()
  std::unique_ptr<Cell[]> cells;  // of it
  bool projected = false;
};

Evaluator::Evaluator(const EvaluatorOptions& options) : options_(options) {}
Evaluator::~Evaluator() = default;

namespace {

/// What a program makes of the paths it reads. `items`: whether closures get columns of items.
void find_uses(const ExprNode& node, bool copied, bool items, std::vector<PathUse>& uses) {
  if (node.items >= 0 && items) {
    for (const ExprNode* kid : node.kids[0]->kids) {
      if (kid != &array_of(node)) find_uses(*kid, false, items, uses);
    }
    return;
  }
  if (node.kind == NodeKind::kPath) {
    PathUse& use = uses[static_cast<size_t>(node.slot)];
    use.source |= copied;
    use.scalars |= !copied;
  }
  const bool coalesce = node.kind == NodeKind::kBinary && node.op == Op::kCoalesce;
  const bool chooses = coalesce || node.kind == NodeKind::kConditional;
  for (size_t i = 0; i < node.kids.size(); ++i) {
    const bool chosen = chooses && !node.in_closure && (coalesce || i > 0);
    find_uses(*node.kids[i], copied && chosen, items, uses);
  }
}

std::vector<PathUse> uses_of(const Program& program, const JsonPlan& plan, ResultUse use) {
  std::vector<PathUse> uses(program.facts.paths.size());
  if (use == ResultUse::kItems && program.root->kind == NodeKind::kPath) {
    uses[static_cast<size_t>(program.root->slot)].items = true;
  } else if (use != ResultUse::kWritten) {
    find_uses(*program.root, false, use != ResultUse::kEach, uses);
  } else {
    for (const JsonPiece& piece : plan) {
      if (piece.node != nullptr) find_uses(*piece.node, true, true, uses);
    }
  }
  return uses;
}

}  // namespace

size_t Evaluator::add(std::shared_ptr<const Program> program, ResultUse use) {
  if (state_ == nullptr) {
    state_ = std::make_unique<State>(options_, program->dialect, program->limits);
  }
  CHECK(state_->context.dialect() == program->dialect);
  auto loaded = std::make_unique<State::Loaded>();
  loaded->plan = plan_json(*program->root);
  const std::vector<PathUse> uses = uses_of(*program, loaded->plan, use);
  Projector& projector = *state_->projector;
  std::vector<size_t> columns;
  for (size_t i = 0; i < uses.size(); ++i) {
    columns.push_back(projector.add(state_->reader, program->facts.paths[i], uses[i]));
    loaded->columns.push_back(&projector.column(columns.back()));
  }
  for (const ItemPaths& of : program->items) {
    if (use == ResultUse::kEach) break;
    ItemColumns& items = projector.items(state_->reader, columns[static_cast<size_t>(of.array)]);
    ItemRead& read = loaded->items.emplace_back();
    read.items = &items;
    for (const DocumentPath& path : of.paths) read.columns.push_back(items.add(path));
  }
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

Rows Evaluator::all_rows() const { return state_->all_rows(); }

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

/// A column as it is, but for the rows that failed: nobody has written their cells.
const Column& Evaluator::State::with_failed(const Column& column, const Rows& all) {
  if (cells == nullptr) cells = std::make_unique<Cell[]>(kBatchRecordsMax);
  failing = column;
  failing.plain = false;
  failing.cells = cells.get();
  for (uint32_t i = 0; i < all.count; ++i) {
    const uint32_t row = all[i];
    cells[row] = engine.has_failed(row) ? Cell::kError : column.cell(row);
  }
  return failing;
}

const Column& Evaluator::column(size_t program, const Rows& all) {
  State::Loaded& loaded = state_->load(program);
  Rows rows = state_->engine.without_failed(all);
  loaded.result = state_->engine.eval(*loaded.program->root, rows);
  state_->check(loaded, loaded.result, rows);
  if (!loaded.result.is_constant()) {
    return rows.count == all.count ? *loaded.result.column
                                   : state_->with_failed(*loaded.result.column, all);
  }
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
  loaded.lay_out(rows);
  return rows;
}

namespace {

// A payload up to this size stands for each part of it that is copied: more room is asked for than
// is needed, but no cell has to be looked at for that.
constexpr uint32_t kBoundedBytes = 4096;

/// Whether each cell needs kCellBytes at most, or is a copy of a part of its payload.
bool is_bounded(const Column& column, const Rows& rows) {
  switch (column.type) {
    case ColumnType::kDouble:
      for (uint32_t i = 0; i < rows.count; ++i) {
        if (column.cell(rows[i]) == Cell::kValue && !std::isfinite(column.doubles[rows[i]])) {
          return false;
        }
      }
      return true;
    case ColumnType::kString:
    case ColumnType::kValue: return false;
    default: return true;
  }
}

}  // namespace

/// What is the same for all rows is looked at once.
void Evaluator::State::Loaded::lay_out(const Rows& rows) {
  parts.clear();
  room = 16;  // see put_cell()
  copies = 0;
  simple = bounded = true;
  size_t at = 0;
  for (const JsonPiece& piece : plan) {
    JsonPart& part = parts.emplace_back();
    part.before = piece.text();
    room += part.before.size() + kCellBytes;
    if (piece.node == nullptr) continue;
    const Operand& operand = plan_columns[at++];
    simple = simple && !operand.is_constant();
    part.column = operand.column;
    bounded = bounded && simple && is_bounded(*part.column, rows);
    if (!bounded) continue;
    copies += part.column->type == ColumnType::kText || part.column->sources != nullptr;
  }
}

int64_t Evaluator::json_room(size_t program, uint32_t row) const {
  const State::Loaded& loaded = *state_->programs[program];
  if (!loaded.simple) return -1;
  if (const uint32_t size = state_->batch->heads()[row].payload_size;
      loaded.bounded && size <= kBoundedBytes) {
    return static_cast<int64_t>(loaded.room + loaded.copies * size);
  }
  size_t bytes = loaded.room;
  for (const JsonPart& part : loaded.parts) {
    if (part.column == nullptr) continue;
    const int64_t more = more_cell_bytes(*part.column, row);
    if (more < 0) return -1;
    bytes += static_cast<size_t>(more);
  }
  return static_cast<int64_t>(bytes);
}

char* Evaluator::put_json(size_t program, uint32_t row, char* to) const {
  for (const JsonPart& part : state_->programs[program]->parts) {
    to = put_padded(to, part.before);
    if (part.column != nullptr) to = put_cell(to, *part.column, row);
  }
  return to;
}

Result<void> Evaluator::write_json(size_t program, uint32_t row, std::string& out) {
  const State::Loaded& loaded = *state_->programs[program];
  size_t at = 0;
  for (const JsonPiece& piece : loaded.plan) {
    out.append(piece.text());
    if (piece.node == nullptr) continue;
    const Operand& operand = loaded.plan_columns[at++];
    PENSTOCK_TRY(operand.is_constant() ? penstock::write_json(operand.constant, out)
                                       : append_cell(*operand.column, row, out));
  }
  return {};
}

Result<void> Evaluator::write_payload(size_t program, uint32_t row, std::string& out) {
  const State::Loaded& loaded = *state_->programs[program];
  if (loaded.plan.size() == 1 && loaded.plan[0].node != nullptr && loaded.plan[0].text().empty()) {
    const Operand& operand = loaded.plan_columns[0];
    Result<Value> value = operand.is_constant()
                              ? operand.constant
                              : cell_value(*operand.column, row, state_->arena);
    if (!value) return unexpected(value.error());
    if (value->is_text()) {
      out += value->text();
      return {};
    }
  }
  const ExprNode& root = *loaded.program->root;
  if (root.kind == NodeKind::kConstant && root.constant.is_text()) {
    out += root.constant.text();
    return {};
  }
  return write_json(program, row, out);
}

void Evaluator::set_variables(std::span<const Value> values) {
  CHECK(state_ != nullptr);
  state_->variables.assign(values.begin(), values.end());
  state_->engine.use_variables(state_->variables);
}

const std::vector<RowError>& Evaluator::errors() const { return state_->engine.errors(); }
EvalContext& Evaluator::context() { return state_->context; }

}  // namespace penstock
