// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include "penstock/commands.h"
#include "penstock/eval_prompt.h"
#include "penstock/eval_session.h"

namespace penstock {
namespace {

constexpr size_t kDocumentsAtOnce = 512;

struct EvalArguments {
  std::string expression;
  std::string file;
  std::string mapping;
  uint32_t dialect = 0;  // 1 = argo
  bool explain = false;
  bool raw = false;
};

int complain(Program& program, const std::string& what) {
  write_all(program.err, "penstock: " + what + "\n");
  return kExitBadInput;
}

/// Evaluates line by line; blank lines are no documents.
int eval_lines(Program& program, EvalSession& session, std::istream& in, bool explains) {
  std::string line, out, err;
  std::vector<std::string> documents;
  size_t first_line = 1, line_number = 0, failed = 0, count = 0;
  int64_t spent_ns = 0;
  const auto flush = [&] {
    if (documents.empty()) return true;
    const int64_t begin_ns = program.clock->monotonic_ns();
    failed += session.run(documents, first_line, out, err);
    spent_ns += program.clock->monotonic_ns() - begin_ns;
    count += documents.size();
    documents.clear();
    const bool written = explains || write_all(program.out, out);
    write_all(program.err, err);
    out.clear();
    err.clear();
    return written;
  };
  while (std::getline(in, line)) {
    ++line_number;
    const bool blank = line.find_first_not_of(" \t\r") == std::string::npos;
    // Numbers of lines in messages count on from the first of a batch.
    if (documents.size() == kDocumentsAtOnce || (blank && !documents.empty())) {
      if (!flush()) return kExitFailed;
    }
    if (blank) continue;
    if (documents.empty()) first_line = line_number;
    documents.push_back(line);
  }
  if (!flush()) return kExitFailed;
  if (explains && count > 0) {
    write_all(program.out, "cost:   " + std::to_string(spent_ns / static_cast<int64_t>(count)) +
                               " ns a record, reading and writing included, over " +
                               std::to_string(count) + " records\n");
  }
  return failed > 0 ? kExitFailed : kExitDone;
}

int eval(Program& program, EvalArguments& arguments) {
  EvalOptions options;
  options.argo = arguments.dialect == 1;
  options.raw = arguments.raw;
  std::string text = arguments.expression;
  if (!arguments.mapping.empty()) {
    std::ifstream file(arguments.mapping, std::ios::binary);
    if (!file) return complain(program, "cannot read " + arguments.mapping);
    std::ostringstream whole;
    whole << file.rdbuf();
    text = whole.str();
    options.mapping = true;
    if (!arguments.file.empty()) return complain(program, "with --mapping there is no EXPR");
    arguments.file = arguments.expression;
  } else if (text.empty()) {
    if (isatty(0) && isatty(program.out)) return eval_prompt(program, options.argo);
    return complain(program, "say what to evaluate: penstock eval EXPR [FILE]");
  }
  std::string problems;
  const auto session = EvalSession::make(text, options, *program.clock, problems);
  if (session == nullptr) {
    write_all(program.err, problems);
    return kExitBadInput;
  }
  if (arguments.explain) write_all(program.out, session->explain());
  if (!arguments.file.empty()) {
    std::ifstream file(arguments.file, std::ios::binary);
    if (!file) return complain(program, "cannot read " + arguments.file);
    return eval_lines(program, *session, file, arguments.explain);
  }
  if (arguments.explain && isatty(0)) return kExitDone;
  if (session->needs_input()) {
    std::ios::sync_with_stdio(false);
    return eval_lines(program, *session, std::cin, arguments.explain);
  }
  std::istringstream one("{}");
  return eval_lines(program, *session, one, arguments.explain);
}

}  // namespace

Command eval_command() {
  Command c;
  c.name = "eval";
  c.summary = "Evaluate an expression or a mapping over JSON documents.";
  c.details =
      "Documents are read from FILE or standard input, one a line; a result is written for each. "
      "An expression that reads nothing of them is evaluated once. Without EXPR, on a terminal, "
      "expressions are read one after another. Exit code 1: some documents failed (each is named "
      "on standard error); 2: the expression cannot be compiled.";
  auto arguments = std::make_shared<EvalArguments>();
  c.positional("EXPR", &arguments->expression, "The expression.").required = false;
  c.positional("FILE", &arguments->file, "Documents, one a line.", Complete::kFile).required =
      false;
  c.choice("--dialect", {"penstock", "argo"}, &arguments->dialect,
           "Whose meaning the expression has.");
  c.flag("--explain", &arguments->explain,
         "Show types, columns, kernels and the cost of a record instead of results.");
  c.option("--mapping", "FILE", &arguments->mapping, "Run the statements of this file instead.",
           Complete::kFile);
  c.flag("--raw", &arguments->raw, "Write results that are text without quotes.");
  c.example("penstock eval 'price * count' orders.ndjson", "A number for each order.");
  c.example("penstock eval 'upper(\"a\")'", "Prints \"A\".");
  c.example("penstock eval --mapping tidy.map < in.ndjson", "Tries the mapping of a map stage.");
  c.run = [arguments](Program& program) { return eval(program, *arguments); };
  return c;
}

}  // namespace penstock
