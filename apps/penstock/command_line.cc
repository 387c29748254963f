// SPDX-License-Identifier: Apache-2.0
#include "penstock/command_line.h"

#include <algorithm>

#include "config/suggest.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

constexpr size_t kHelpColumns = 90;

bool is_help(std::string_view word) { return word == "--help" || word == "-h"; }

std::string full(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

Request problem(const Command* command, std::string what, const std::string& hint) {
  Request request;
  request.problem = "penstock: " + std::move(what) + "\n";
  if (!hint.empty()) request.problem += "  hint: " + hint + "\n";
  request.problem += "  see: penstock " + (command ? command->name + " " : "") + "--help\n";
  return request;
}

/// Commands whose names begin with these words, as far as they go.
std::vector<const Command*> under(const std::vector<Command>& commands, const std::string& words) {
  std::vector<const Command*> found;
  for (const Command& command : commands) {
    if (words.empty() || command.name == words || command.name.starts_with(words + " ")) {
      found.push_back(&command);
    }
  }
  return found;
}

/// The next words that can follow `words`.
std::vector<std::string> next_words(const std::vector<Command>& commands,
                                    const std::string& words) {
  std::vector<std::string> found;
  for (const Command* command : under(commands, words)) {
    const size_t from = words.empty() ? 0 : words.size() + 1;
    std::string word = command->name.substr(from, command->name.find(' ', from) - from);
    if (found.empty() || found.back() != word) found.push_back(std::move(word));
  }
  return found;
}

std::string group_help(const std::vector<Command>& commands, const std::string& words) {
  std::string out = "Usage: penstock " + words + " COMMAND\n\nCommands:\n";
  TextTable table;
  for (const Command* command : under(commands, words)) {
    table.row({"  " + command->name, command->summary});
  }
  return out + table.text();
}

/// Reads the values of one command. Made for one command line.
class ValueReader {
 public:
  ValueReader(const Command& command, const std::vector<std::string>& arguments, size_t from)
      : command_(command), arguments_(arguments), at_(from) {}

  Request read() {
    bool options_end = false;
    while (at_ < arguments_.size()) {
      const std::string& word = arguments_[at_++];
      if (!options_end && word == "--") {
        options_end = true;
      } else if (!options_end && is_help(word)) {
        return Request{nullptr, command_help(command_), {}};
      } else if (!options_end && word.size() > 1 && word[0] == '-') {
        if (!read_option(word)) return problem_;
      } else if (!read_positional(word)) {
        return problem_;
      }
    }
    if (positional_ < command_.positionals.size() && taken_ == 0 &&
        command_.positionals[positional_].required) {
      const CommandPositional& missing = command_.positionals[positional_];
      return problem(&command_, missing.name + " is missing: " + missing.about,
                     "usage: " + usage_line(command_));
    }
    return Request{&command_, {}, {}};
  }

 private:
  bool fail(std::string what, const std::string& hint = {}) {
    problem_ = problem(&command_, std::move(what), hint);
    return false;
  }

  bool read_option(const std::string& word) {
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    std::vector<std::string> known{"--help"};
    for (const CommandOption& option : command_.options) {
      if (option.name == name) return read_value(option, word, equals);
      known.push_back(option.name);
    }
    return fail("there is no option " + name + " of " + command_.name, suggestion(name, known));
  }

  bool read_value(const CommandOption& option, const std::string& word, size_t equals) {
    if (option.value.empty()) {
      if (equals != std::string::npos) return fail(option.name + " takes no value");
      return set(option.name, option.set, "");
    }
    std::string value;
    if (equals != std::string::npos) {
      value = word.substr(equals + 1);
    } else if (at_ < arguments_.size()) {
      value = arguments_[at_++];
    } else {
      return fail(option.name + " needs a value: " + option.name + " " + option.value);
    }
    const auto& words = option.words;
    if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end()) {
      return fail(option.name + " cannot be \"" + value + "\"", suggestion(value, words));
    }
    return set(option.name, option.set, value);
  }

  bool read_positional(const std::string& value) {
    if (positional_ == command_.positionals.size()) {
      return fail("\"" + value + "\" is one argument too many",
                  "usage: " + usage_line(command_));
    }
    const CommandPositional& positional = command_.positionals[positional_];
    ++taken_;
    if (!positional.repeated) ++positional_, taken_ = 0;
    return set(positional.name, positional.set, value);
  }

  bool set(const std::string& name, const SetValue& setter, const std::string& value) {
    const Result<void> done = setter(value);
    return done || fail(name + ": \"" + value + "\" " + done.error().message, done.error().hint);
  }

  const Command& command_;
  const std::vector<std::string>& arguments_;
  size_t at_;
  size_t positional_ = 0;
  size_t taken_ = 0;  // values of the current positional
  Request problem_;
};

std::string option_text(const CommandOption& option) {
  return option.name + (option.value.empty() ? "" : " " + option.value);
}

/// A two-column list, the second column wrapped.
std::string described(const std::vector<std::pair<std::string, std::string>>& rows) {
  size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.first.size());
  width = std::min<size_t>(width, 28);
  std::string out;
  for (const auto& [name, about] : rows) {
    out += "  " + name;
    if (name.size() > width) out += "\n" + std::string(width + 4, ' ');
    else out += std::string(width + 2 - name.size(), ' ');
    bool first = true;
    for (const std::string& line : wrapped(about, kHelpColumns - width - 4)) {
      out += (first ? "" : std::string(width + 4, ' ')) + line + "\n";
      first = false;
    }
  }
  return out;
}

}  // namespace

Request read_command_line(const std::vector<Command>& commands,
                          const std::vector<std::string>& arguments) {
  std::string words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string word = arguments[i];
    if (is_help(word) || (word == "help" && words.empty() && arguments.size() == 1)) {
      return Request{nullptr, words.empty() ? program_help(commands) : group_help(commands, words),
                     {}};
    }
    if (word == "help" && words.empty()) {  // penstock help run
      std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
      rest.push_back("--help");
      return read_command_line(commands, rest);
    }
    if (word == "--version" && words.empty()) word = "version";
    const std::string longer = words.empty() ? word : words + " " + word;
    const std::vector<const Command*> found = under(commands, longer);
    if (found.empty()) {
      const bool is_option = word.starts_with("-");
      return problem(nullptr,
                     "there is no " + std::string(is_option ? "option " : "command ") + longer +
                         (is_option ? " before the command" : ""),
                     suggestion(word, next_words(commands, words)));
    }
    words = longer;
    if (found.size() == 1 && found[0]->name == words) {
      return ValueReader(*found[0], arguments, i + 1).read();
    }
  }
  if (words.empty()) {
    Request request;
    request.problem = program_help(commands);
    return request;
  }
  return problem(nullptr, "penstock " + words + " needs one more word: " +
                              full(next_words(commands, words)), "");
}

std::string usage_line(const Command& command) {
  std::string out = "penstock " + command.name;
  if (!command.options.empty()) out += " [OPTION]...";
  for (const CommandPositional& positional : command.positionals) {
    const std::string name = positional.name + (positional.repeated ? "..." : "");
    out += positional.required ? " " + name : " [" + name + "]";
  }
  return out;
}

std::string program_help(const std::vector<Command>& commands) {
  std::string out =
      "Penstock runs data pipelines written as YAML.\n\n"
      "Usage: penstock COMMAND [ARGUMENT]...\n\nCommands:\n";
  std::vector<std::pair<std::string, std::string>> rows;
  for (const Command& command : commands) rows.emplace_back(command.name, command.summary);
  out += described(rows);
  out +=
      "\nExamples:\n"
      "  penstock run pipeline.yaml            run it, with a live view on a terminal\n"
      "  penstock validate pipeline.yaml       all its problems at once\n"
      "  penstock docs file_source             options and example of a component\n"
      "  penstock run --help                   options of a command\n\n"
      "Exit codes: 0 all delivered, 1 failed, 2 bad file or arguments,\n"
      "            3 stopped with records undelivered (they are read again)\n";
  return out;
}

std::string command_help(const Command& command) {
  std::string out;
  for (const std::string& line : wrapped(command.summary, kHelpColumns)) out += line + "\n";
  out += "\nUsage: " + usage_line(command) + "\n";
  if (!command.details.empty()) {
    out += "\n";
    for (const std::string& line : wrapped(command.details, kHelpColumns)) out += line + "\n";
  }
  std::vector<std::pair<std::string, std::string>> rows;
  for (const CommandPositional& p : command.positionals) rows.emplace_back(p.name, p.about);
  if (!rows.empty()) out += "\nArguments:\n" + described(rows);
  rows.clear();
  for (const CommandOption& o : command.options) rows.emplace_back(option_text(o), o.about);
  rows.emplace_back("--help", "Print this.");
  out += "\nOptions:\n" + described(rows);
  if (!command.examples.empty()) {
    out += "\nExamples:\n";
    for (const auto& [line, what] : command.examples) {
      out += "  " + line + "\n      " + what + "\n";
    }
  }
  return out;
}

}  // namespace penstock
