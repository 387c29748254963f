// SPDX-License-Identifier: Apache-2.0
#include "penstock/command.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

Error bad_value(std::string what) { return stop_error("bad-argument", std::move(what)); }

Result<void> read_number(const std::string& text, uint32_t* to) {
  const char* end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(text.data(), end, *to);
  if (problem == std::errc() && at == end) return {};
  return bad_value("is not a whole number from 0 to 4294967295");
}

}  // namespace

CommandPositional& Command::positional(std::string name_in, std::string* to, std::string about,
                                       Complete complete) {
  const SetValue set = [to](const std::string& value) -> Result<void> { *to = value; return {}; };
  positionals.push_back({std::move(name_in), std::move(about), true, false, {}, complete, set});
  return positionals.back();
}

CommandPositional& Command::positionals_of(std::string name_in, std::vector<std::string>* to,
                                           std::string about, Complete complete) {
  const SetValue set = [to](const std::string& value) -> Result<void> {
    to->push_back(value);
    return {};
  };
  positionals.push_back({std::move(name_in), std::move(about), true, true, {}, complete, set});
  return positionals.back();
}

CommandOption& Command::add(std::string name_in, std::string value, std::string about,
                            SetValue set) {
  options.push_back({std::move(name_in), std::move(value), std::move(about), {},
                     Complete::kNothing, std::move(set)});
  return options.back();
}

CommandOption& Command::flag(std::string name_in, bool* to, std::string about) {
  return add(std::move(name_in), "", std::move(about),
             [to](const std::string&) -> Result<void> { *to = true; return {}; });
}

CommandOption& Command::option(std::string name_in, std::string value, std::string* to,
                               std::string about, Complete complete) {
  CommandOption& made =
      add(std::move(name_in), std::move(value), std::move(about),
          [to](const std::string& text) -> Result<void> { *to = text; return {}; });
  made.complete = complete;
  return made;
}

CommandOption& Command::option(std::string name_in, std::string value, uint32_t* to,
                               std::string about) {
  return add(std::move(name_in), std::move(value), std::move(about),
             [to](const std::string& text) { return read_number(text, to); });
}

CommandOption& Command::option(std::string name_in, std::string value, Duration* to,
                               std::string about) {
  return add(std::move(name_in), std::move(value), std::move(about),
             [to](const std::string& text) -> Result<void> {
               const Result<Duration> read = parse_duration(text);
               if (!read || read->us < 0) return bad_value("is not a duration such as 1m30s");
               *to = *read;
               return {};
             });
}

CommandOption& Command::add_choice(std::string name_in, std::vector<std::string> words,
                                   std::function<void(size_t)> set, std::string about) {
  std::string value;
  for (const std::string& word : words) value += (value.empty() ? "" : "|") + word;
  CommandOption& made = add(std::move(name_in), value, std::move(about),
                            [words, set](const std::string& text) -> Result<void> {
                              const auto at = std::find(words.begin(), words.end(), text);
                              set(static_cast<size_t>(at - words.begin()));
                              return {};
                            });
  made.words = std::move(words);
  made.complete = Complete::kWords;
  return made;
}

}  // namespace penstock
