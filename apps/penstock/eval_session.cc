// SPDX-License-Identifier: Apache-2.0
#include "penstock/eval_session.h"

#include <algorithm>

#include "expr/evaluator.h"
#include "expr/machine.h"
#include "expr/parser.h"
#include "mapping/mapping.h"
#include "mapping/option.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {
namespace {

ExprDialect dialect_of(bool argo) { return argo ? ExprDialect::kArgo : ExprDialect::kPenstock; }

std::string paths_text(const std::vector<DocumentPath>& paths, bool whole) {
  std::string out;
  for (const DocumentPath& path : paths) out += (out.empty() ? "" : ", ") + to_string(path);
  if (whole) out += out.empty() ? "the whole document" : ", and the whole document";
  return out.empty() ? "none" : out;
}

}  // namespace

struct EvalSession::State {
  EvalOptions options;
  std::shared_ptr<const Program> program;  // expr's; null for a mapping
  std::shared_ptr<const Mapping> mapping;
  BatchPool pool;
  std::unique_ptr<Evaluator> evaluator;
  std::unique_ptr<MappingRunner> runner;
  size_t index = 0;

  Result<bool> write(const Record& record, uint32_t row, std::string& out) {
    if (runner != nullptr) {
      const Result<MappingOutcome> outcome = runner->run(record, row, out);
      if (!outcome) return unexpected(outcome.error());
      if (outcome->kind == MappingOutcome::Kind::kUnchanged) out += record.payload_view();
      return outcome->kind != MappingOutcome::Kind::kDropped;
    }
    const Result<Value> value = evaluator->value(index, row);
    if (!value) return unexpected(value.error());
    if (options.raw && value->is_text()) {
      out += value->text();
      return true;
    }
    const Result<void> written = write_json(*value, out);
    if (!written) return unexpected(written.error());
    return true;
  }
};

EvalSession::EvalSession(std::unique_ptr<State> state) : state_(std::move(state)) {}
EvalSession::~EvalSession() = default;

std::unique_ptr<EvalSession> EvalSession::make(std::string_view text, const EvalOptions& options,
                                               const Clock& clock, std::string& problems) {
  auto state = std::make_unique<State>();
  state->options = options;
  ExprEnvironment environment = option_environment(dialect_of(options.argo));
  environment.outside_by_constants = false;  // who types the expression has the documents as well
  Problems found;
  if (options.mapping) state->mapping = compile_mapping(text, environment, found);
  else state->program = compile(text, environment, found);
  if (state->mapping == nullptr && state->program == nullptr) {
    problems = to_string(found, text) + "\n";
    return nullptr;
  }
  EvaluatorOptions evaluator;
  evaluator.clock = &clock;
  evaluator.outside = std::make_shared<Machine>(clock);
  state->evaluator = std::make_unique<Evaluator>(evaluator);
  if (options.mapping) {
    state->runner = std::make_unique<MappingRunner>(state->mapping, *state->evaluator);
  } else {
    state->index = state->evaluator->add(state->program, ResultUse::kEach);
  }
  return std::unique_ptr<EvalSession>(new EvalSession(std::move(state)));
}

bool EvalSession::needs_input() const {
  if (state_->mapping != nullptr) return true;
  const ProgramFacts& read = facts(*state_->program);
  return !read.paths.empty() || read.whole_document || read.reads_payload || read.reads_key ||
         read.reads_headers || read.reads_time;
}

size_t EvalSession::run(const std::vector<std::string>& documents, size_t first_line,
                        std::string& out, std::string& err) {
  BatchBuilder builder(state_->pool);
  for (const std::string& document : documents) builder.append(document);
  const Batch batch = builder.take();
  state_->evaluator->begin(batch);
  size_t failed = 0;
  for (uint32_t row = 0; row < batch.size(); ++row) {
    const size_t before = out.size();
    const Result<bool> written = state_->write(batch[row], row, out);
    if (written) {
      if (*written) out += '\n';
      continue;
    }
    out.resize(before);
    ++failed;
    err += "line " + std::to_string(first_line + row) + ": " + to_string(written.error()) + "\n";
  }
  return failed;
}

std::string EvalSession::explain() const {
  if (state_->mapping != nullptr) {
    const MappingFacts read = facts(*state_->mapping);
    return "statements:  " + std::to_string(read.statements) + "\nexpressions: " +
           std::to_string(read.expressions) + "\nreads:       " +
           paths_text(read.paths, read.whole_document) + "\n";
  }
  const ProgramFacts& read = facts(*state_->program);
  std::string out = "result: " + describe(read.result) + "\n";
  if (read.constant) out += "the result never changes: it was worked out when compiled\n";
  out += "reads:  " + paths_text(read.paths, read.whole_document);
  const std::pair<bool, const char*> parts[] = {{read.reads_payload, ", payload"},
                                                {read.reads_key, ", key"},
                                                {read.reads_headers, ", headers"},
                                                {read.reads_time, ", event_time"}};
  for (const auto& [reads, name] : parts) out += reads ? name : "";
  return out + "\n" + read.tree + (read.tree.ends_with('\n') ? "" : "\n");
}

std::vector<std::string> eval_completions(std::string_view prefix, bool argo) {
  const ExprDialect dialect = dialect_of(argo);
  std::vector<std::string> names = option_environment(dialect).functions->names(dialect);
  for (std::string& name : predicate_names()) names.push_back(std::move(name));
  std::erase_if(names, [&](const std::string& name) {
    return !name.starts_with(prefix) || name.starts_with('.');
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace penstock
