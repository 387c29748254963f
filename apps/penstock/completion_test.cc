// SPDX-License-Identifier: Apache-2.0
#include "penstock/completion.h"

#include <gtest/gtest.h>

#include "penstock/catalog.h"
#include "penstock/commands.h"

namespace penstock {
namespace {

TEST(Completion, names_every_command_and_option_in_every_shell) {
  const std::vector<Command> commands = all_commands(make_catalog());
  ASSERT_FALSE(commands.empty());
  const std::string bash = bash_completion(commands), zsh = zsh_completion(commands);
  const std::string fish = fish_completion(commands);
  for (const Command& command : commands) {
    EXPECT_NE(bash.find("'" + command.name + "')"), std::string::npos) << command.name;
    EXPECT_NE(zsh.find("'" + command.name + "')"), std::string::npos) << command.name;
    EXPECT_NE(fish.find(command.name.substr(0, command.name.find(' '))), std::string::npos);
    for (const CommandOption& option : command.options) {
      EXPECT_NE(bash.find(option.name + " "), std::string::npos) << option.name;
      EXPECT_NE(zsh.find("'" + option.name + "["), std::string::npos) << option.name;
      EXPECT_NE(fish.find("-l " + option.name.substr(2)), std::string::npos) << option.name;
    }
  }
}

TEST(Commands, each_has_a_summary_an_example_and_something_to_run) {
  for (const Command& command : all_commands(make_catalog())) {
    EXPECT_FALSE(command.summary.empty()) << command.name;
    EXPECT_FALSE(command.examples.empty()) << command.name;
    EXPECT_TRUE(command.run) << command.name;
    for (const CommandOption& option : command.options) {
      EXPECT_TRUE(option.name.starts_with("--")) << option.name;
      EXPECT_TRUE(option.about.ends_with(".")) << option.name << ": " << option.about;
    }
  }
}

}  // namespace
}  // namespace penstock
