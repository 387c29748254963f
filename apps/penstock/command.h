// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "penstock/program.h"

namespace penstock {

/// What a shell offers for a value.
enum class Complete : uint8_t { kNothing, kFile, kFolder, kFileOrFolder, kWords };

/// Puts a value from the command line where its subcommand reads it, or says what is wrong with it
/// ("is not a number").
using SetValue = std::function<Result<void>(const std::string& value)>;

struct CommandOption {
  std::string name;   ///< "--state"
  std::string value;  ///< what stands for its value in help: "DIR"; empty = a switch
  std::string about;
  std::vector<std::string> words;  ///< the only values, if not empty
  Complete complete = Complete::kNothing;
  SetValue set;
};

struct CommandPositional {
  std::string name;  ///< "FILE"
  std::string about;
  bool required = true;
  bool repeated = false;  ///< takes all that follow as well
  std::vector<std::string> words;  ///< what a shell offers; others may be right, too
  Complete complete = Complete::kNothing;
  SetValue set;
};

/// One subcommand, declared once in its own file: parsing, help, completion and the reference page
/// all come from here. The setters fill an argument struct that `run` reads.
struct Command {
  std::string name;     ///< "positions show"
  std::string summary;  ///< one line
  std::string details;  ///< further paragraphs for its own help; may be empty
  std::vector<CommandPositional> positionals;
  std::vector<CommandOption> options;
  std::vector<std::pair<std::string, std::string>> examples;  ///< command line, what it does
  std::function<int(Program&)> run;  ///< the exit code

  // What a subcommand's file says. Each returns the entry, for further changes.
  CommandPositional& positional(std::string name_in, std::string* to, std::string about,
                                Complete complete = Complete::kNothing);
  CommandPositional& positionals_of(std::string name_in, std::vector<std::string>* to,
                                    std::string about, Complete complete);
  CommandOption& flag(std::string name_in, bool* to, std::string about);
  CommandOption& option(std::string name_in, std::string value, std::string* to, std::string about,
                        Complete complete = Complete::kNothing);
  CommandOption& option(std::string name_in, std::string value, uint32_t* to, std::string about);
  CommandOption& option(std::string name_in, std::string value, Duration* to, std::string about);
  /// An option whose values are words; `to` is set to the word's number in the list.
  template <class E>
  CommandOption& choice(std::string name_in, std::vector<std::string> words, E* to,
                        std::string about) {
    return add_choice(std::move(name_in), std::move(words),
                      [to](size_t i) { *to = static_cast<E>(i); }, std::move(about));
  }
  void example(std::string line, std::string what) {
    examples.emplace_back(std::move(line), std::move(what));
  }

 private:
  CommandOption& add(std::string name_in, std::string value, std::string about, SetValue set);
  CommandOption& add_choice(std::string name_in, std::vector<std::string> words,
                            std::function<void(size_t)> set, std::string about);
};

}  // namespace penstock
