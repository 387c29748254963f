// SPDX-License-Identifier: Apache-2.0
#include "penstock/eval_prompt.h"

#include <editline/readline.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "penstock/eval_session.h"

namespace penstock {
namespace {

constexpr char kHelp[] =
    "Type an expression; its result over the document is shown.\n"
    "  :doc JSON      another document (at first {})\n"
    "  :explain EXPR  types, columns and kernels\n"
    "  :help          this\n"
    "  :quit          or the end of input\n";
constexpr int kHistoryMax = 1000;

// The library calls back without a pointer of ours.
bool completes_argo = false;  // set once, before the first line is read

/// The n-th completion of `text`, in memory that the library frees.
char* completion(const char* text, int n) {
  const std::vector<std::string> names = eval_completions(text, completes_argo);
  return static_cast<size_t>(n) < names.size() ? strdup(names[static_cast<size_t>(n)].c_str())
                                               : nullptr;
}

/// Called once the prompt is about to be shown. The library itself turns off the terminal's own
/// editing only afterwards, and what is typed in between is lost or echoed twice.
int take_terminal() {
  rl_prep_terminal(1);
  return 0;
}

/// One line without its end; false at the end of input.
bool read_line(std::string& line) {
  char* typed = readline("> ");
  if (typed == nullptr) return false;
  line = typed;
  if (!line.empty()) add_history(typed);
  std::free(typed);
  return true;
}

void evaluate(Program& program, const std::string& text, const std::string& document, bool argo,
              bool explains) {
  std::string out, err;
  EvalOptions options;
  options.argo = argo;
  const auto session = EvalSession::make(text, options, *program.clock, err);
  if (session != nullptr && explains) out = session->explain();
  else if (session != nullptr) session->run({document}, 1, out, err);
  write_all(program.out, out);
  write_all(program.err, err);
}

}  // namespace

int eval_prompt(Program& program, bool argo) {
  completes_argo = argo;
  using_history();
  stifle_history(kHistoryMax);
  rl_pre_input_hook = take_terminal;
  rl_completion_entry_function = completion;
  rl_completion_append_character = '(';  // all that is completed is called
  write_all(program.out, "penstock " + std::string(kVersion) + ": :help says what can be typed\n");
  std::string line, document = "{}";
  while (read_line(line)) {
    const size_t blank = line.find(' ');
    const std::string word = line.substr(0, blank);
    const std::string rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (line.empty()) continue;
    if (word == ":quit" || word == ":q") break;
    if (word == ":help") write_all(program.out, kHelp);
    else if (word == ":explain") evaluate(program, rest, document, argo, true);
    else if (word == ":doc") document = rest;
    else if (line[0] == ':') write_all(program.err, "there is no " + word + "; see :help\n");
    else evaluate(program, line, document, argo, false);
  }
  return kExitDone;
}

}  // namespace penstock
