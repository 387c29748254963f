// SPDX-License-Identifier: Apache-2.0
#include "penstock/completion.h"

#include "penstock/commands.h"

namespace penstock {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

/// For inside single quotes of any of the three shells.
std::string in_quotes(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') out += "'\\''";
    else out += c;
  }
  return out;
}

/// What a shell has room for beside an option: "How to print it." of a longer text.
std::string first_sentence(const std::string& about) {
  return about.substr(0, about.find(". "));
}

/// The first words of all commands, each once.
std::vector<std::string> first_words(const std::vector<Command>& commands) {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    std::string word = command.name.substr(0, command.name.find(' '));
    if (words.empty() || words.back() != word) words.push_back(std::move(word));
  }
  return words;
}

/// "show reset" for "positions"; empty for a command of one word.
std::vector<std::string> second_words(const std::vector<Command>& commands,
                                      const std::string& first) {
  std::vector<std::string> words;
  for (const Command& command : commands) {
    if (!command.name.starts_with(first + " ")) continue;
    words.push_back(command.name.substr(first.size() + 1));
  }
  return words;
}

std::string option_names(const Command& command) {
  std::string names;
  for (const CommandOption& option : command.options) names += option.name + " ";
  return names + "--help";
}

/// What bash's compgen offers for a value.
std::string compgen(Complete complete, const std::vector<std::string>& words) {
  if (!words.empty()) return "-W '" + in_quotes(joined(words, " ")) + "'";
  switch (complete) {
    case Complete::kFolder: return "-d";
    case Complete::kFile:
    case Complete::kFileOrFolder: return "-f";
    default: return "";
  }
}

std::string bash_case(const Command& command) {
  std::string out = "    '" + command.name + "')\n      case \"$previous\" in\n";
  for (const CommandOption& option : command.options) {
    if (option.value.empty()) continue;
    const std::string offer = compgen(option.complete, option.words);
    out += "        " + option.name + ") ";
    out += (offer.empty() ? "COMPREPLY=()" : "COMPREPLY=($(compgen " + offer + " -- \"$word\"))");
    out += "; return ;;\n";
  }
  out += "      esac\n";
  std::string rest;
  for (const CommandPositional& p : command.positionals) rest = compgen(p.complete, p.words);
  out += "      if [[ $word == -* ]]; then COMPREPLY=($(compgen -W '" + option_names(command) +
         "' -- \"$word\"))\n";
  if (!rest.empty()) out += "      else COMPREPLY=($(compgen " + rest + " -- \"$word\"))\n";
  return out + "      fi ;;\n";
}

std::string zsh_action(Complete complete, const std::vector<std::string>& words) {
  if (!words.empty()) return "(" + joined(words, " ") + ")";
  switch (complete) {
    case Complete::kFolder: return "_files -/";
    case Complete::kFile:
    case Complete::kFileOrFolder: return "_files";
    default: return " ";
  }
}

/// For the parts of an _arguments specification, inside single quotes.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return in_quotes(out);
}

std::string zsh_case(const Command& command) {
  std::string out = "    '" + command.name + "')\n      _arguments";
  for (const CommandOption& option : command.options) {
    out += " \\\n        '" + option.name + "[" + zsh_text(first_sentence(option.about)) + "]";
    if (!option.value.empty()) {
      out += ":" + zsh_text(option.value) + ":" + zsh_action(option.complete, option.words);
    }
    out += "'";
  }
  for (const CommandPositional& p : command.positionals) {
    out += " \\\n        '" + std::string(p.repeated ? "*" : "") + ":" + zsh_text(p.name) + ":" +
           zsh_action(p.complete, p.words) + "'";
  }
  return out + " \\\n        '--help[Print help.]' ;;\n";
}

std::string fish_line(const std::string& condition, const std::string& what) {
  return "complete -c penstock -n '" + condition + "' " + what + "\n";
}

std::string fish_command(const Command& command) {
  std::string seen = "__fish_seen_subcommand_from " + command.name;
  const size_t blank = command.name.find(' ');
  if (blank != std::string::npos) {
    seen = "__fish_seen_subcommand_from " + command.name.substr(0, blank) +
           "; and __fish_seen_subcommand_from " + command.name.substr(blank + 1);
  }
  std::string out;
  for (const CommandOption& option : command.options) {
    std::string what = "-l " + option.name.substr(2);
    if (!option.value.empty()) what += " -r";
    if (!option.words.empty()) what += " -f -a '" + in_quotes(joined(option.words, " ")) + "'";
    else if (option.complete == Complete::kNothing) what += " -f";
    out += fish_line(seen, what + " -d '" + in_quotes(first_sentence(option.about)) + "'");
  }
  for (const CommandPositional& p : command.positionals) {
    if (!p.words.empty()) out += fish_line(seen, "-f -a '" + in_quotes(joined(p.words, " ")) + "'");
    else if (p.complete != Complete::kNothing) out += fish_line(seen, "-F");
  }
  return out;
}

}  // namespace

std::string bash_completion(const std::vector<Command>& commands) {
  std::string out =
      "# bash completion for penstock; use: source <(penstock completion bash)\n"
      "_penstock() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}\n"
      "  local command=${COMP_WORDS[1]}\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W '" + joined(first_words(commands), " ") +
      " --help --version' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"$command\" in\n";
  for (const std::string& first : first_words(commands)) {
    const std::vector<std::string> second = second_words(commands, first);
    if (second.empty()) continue;
    out += "    " + first + ")\n"
           "      if ((COMP_CWORD == 2)); then\n"
           "        COMPREPLY=($(compgen -W '" + joined(second, " ") + "' -- \"$word\"))\n"
           "        return\n"
           "      fi\n"
           "      command=\"$command ${COMP_WORDS[2]}\" ;;\n";
  }
  out += "  esac\n  case \"$command\" in\n";
  for (const Command& command : commands) out += bash_case(command);
  return out + "  esac\n}\ncomplete -o filenames -F _penstock penstock\n";
}

std::string zsh_completion(const std::vector<Command>& commands) {
  std::string out =
      "#compdef penstock\n"
      "# zsh completion for penstock; use: penstock completion zsh > \"${fpath[1]}/_penstock\"\n"
      "_penstock() {\n"
      "  local command=${words[2]}\n"
      "  if ((CURRENT == 2)); then\n"
      "    local -a commands=(\n";
  for (const std::string& first : first_words(commands)) {
    for (const Command& command : commands) {
      if (command.name != first && !command.name.starts_with(first + " ")) continue;
      out += "      '" + first + ":" + zsh_text(command.summary) + "'\n";
      break;
    }
  }
  out += "    )\n    _describe command commands\n    return\n  fi\n  case \"$command\" in\n";
  for (const std::string& first : first_words(commands)) {
    const std::vector<std::string> second = second_words(commands, first);
    if (second.empty()) continue;
    out += "    " + first + ")\n"
           "      if ((CURRENT == 3)); then\n"
           "        compadd " + joined(second, " ") + "\n"
           "        return\n"
           "      fi\n"
           "      command=\"$command ${words[3]}\"\n"
           "      words=(\"${words[1]} ${words[2]}\" \"${words[@]:2}\")\n"
           "      ((CURRENT--)) ;;\n";
  }
  out += "  esac\n  words=(\"${words[@]:1}\")\n  ((CURRENT--))\n  case \"$command\" in\n";
  for (const Command& command : commands) out += zsh_case(command);
  return out + "  esac\n}\n_penstock \"$@\"\n";
}

std::string fish_completion(const std::vector<Command>& commands) {
  std::string out = "# fish completion for penstock; use: penstock completion fish | source\n";
  for (const std::string& first : first_words(commands)) {
    std::string about;
    for (const Command& command : commands) {
      const bool inside = command.name == first || command.name.starts_with(first + " ");
      if (inside && about.empty()) about = command.summary;
    }
    out += fish_line("__fish_use_subcommand", "-f -a " + first + " -d '" + in_quotes(about) + "'");
    for (const std::string& second : second_words(commands, first)) {
      out += fish_line("__fish_seen_subcommand_from " + first, "-f -a " + second);
    }
  }
  for (const Command& command : commands) out += fish_command(command);
  return out;
}

Command completion_command() {
  Command c;
  c.name = "completion";
  c.summary = "Print a script that completes penstock's arguments in a shell.";
  auto shell = std::make_shared<std::string>();
  c.positional("SHELL", shell.get(), "bash, zsh or fish.").words = {"bash", "zsh", "fish"};
  c.example("source <(penstock completion bash)", "For the bash that runs now.");
  c.example("penstock completion zsh > \"${fpath[1]}/_penstock\"", "For every zsh from now on.");
  c.example("penstock completion fish | source", "For the fish that runs now.");
  c.run = [shell](Program& program) {
    const std::vector<Command> commands = all_commands(*program.catalog);
    if (*shell == "bash") write_all(program.out, bash_completion(commands));
    else if (*shell == "zsh") write_all(program.out, zsh_completion(commands));
    else if (*shell == "fish") write_all(program.out, fish_completion(commands));
    else {
      write_all(program.err, "penstock: \"" + *shell + "\" is not one of bash, zsh, fish\n");
      return kExitBadInput;
    }
    return kExitDone;
  };
  return c;
}

}  // namespace penstock
