// SPDX-License-Identifier: Apache-2.0
#include "config/codes.h"
#include "penstock/commands.h"

namespace penstock {
namespace {

std::string list_of_codes() {
  size_t width = 0;
  for (const CodeInfo& info : all_codes()) width = std::max(width, info.code.size());
  std::string out;
  for (const CodeInfo& info : all_codes()) {
    out += std::string(info.code) + std::string(width + 2 - info.code.size(), ' ') +
           std::string(info.title) + "\n";
  }
  return out;
}

}  // namespace

Command explain_command() {
  Command c;
  c.name = "explain";
  c.summary = "Say what a diagnostic code means and what to do about it.";
  auto code = std::make_shared<std::string>();
  CommandPositional& positional =
      c.positional("CODE", code.get(), "The word in brackets of a message; without it, all codes.");
  positional.required = false;
  for (const CodeInfo& info : all_codes()) positional.words.emplace_back(info.code);
  c.example("penstock explain unknown-field", "Explains `error[unknown-field]`.");
  c.run = [code](Program& program) {
    if (code->empty()) return write_all(program.out, list_of_codes()), kExitDone;
    const bool known = find_code(*code) != nullptr;
    write_all(known ? program.out : program.err, explain(*code));
    return known ? kExitDone : kExitBadInput;
  };
  return c;
}

}  // namespace penstock
