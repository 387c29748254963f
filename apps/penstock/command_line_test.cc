// SPDX-License-Identifier: Apache-2.0
#include "penstock/command_line.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

/// A program with two commands, and what was set in them.
struct Example {
  std::string file, state;
  std::vector<std::string> files;
  bool fresh = false;
  uint32_t workers = 0;
  Duration patience;
  int format = 0;
  std::vector<Command> commands;

  Example() {
    Command run;
    run.name = "run";
    run.summary = "Runs.";
    run.positional("FILE", &file, "What to run.");
    run.option("--state", "DIR", &state, "Where it remembers.");
    run.option("--workers", "N", &workers, "Threads.");
    run.option("--patience", "TIME", &patience, "How long.");
    run.flag("--fresh", &fresh, "Forgets.");
    run.choice("--output", {"text", "json"}, &format, "How.");
    commands.push_back(std::move(run));
    Command show;
    show.name = "positions show";
    show.summary = "Shows.";
    show.positionals_of("FILE", &files, "Which.", Complete::kFile);
    commands.push_back(show);
    Command reset;
    reset.name = "positions reset";
    reset.summary = "Resets.";
    commands.push_back(reset);
  }
  Request read(const std::vector<std::string>& arguments) {
    return read_command_line(commands, arguments);
  }
};

TEST(CommandLine, reads_options_and_positionals_in_any_order) {
  Example e;
  const Request r = e.read({"run", "--state", "there", "a.yaml", "--workers=3", "--fresh",
                            "--patience", "1m30s", "--output", "json"});
  ASSERT_EQ(r.command, &e.commands[0]) << r.problem;
  EXPECT_EQ(e.file, "a.yaml");
  EXPECT_EQ(e.state, "there");
  EXPECT_EQ(e.workers, 3u);
  EXPECT_EQ(e.patience, seconds(90));
  EXPECT_TRUE(e.fresh);
  EXPECT_EQ(e.format, 1);
}

TEST(CommandLine, takes_what_follows_two_dashes_as_it_is) {
  Example e;
  ASSERT_NE(e.read({"run", "--", "--fresh"}).command, nullptr);
  EXPECT_EQ(e.file, "--fresh");
  EXPECT_FALSE(e.fresh);
}

TEST(CommandLine, reads_commands_of_two_words_and_repeated_positionals) {
  Example e;
  ASSERT_EQ(e.read({"positions", "show", "a", "b"}).command, &e.commands[1]);
  EXPECT_EQ(e.files, (std::vector<std::string>{"a", "b"}));
}

TEST(CommandLine, says_what_is_wrong_and_what_was_meant) {
  const struct {
    std::vector<std::string> arguments;
    const char* what;
  } table[] = {
      {{"rnu"}, "there is no command rnu\n  hint: did you mean \"run\"?"},
      {{"positions", "shwo"}, "no command positions shwo\n  hint: did you mean \"show\"?"},
      {{"positions"}, "needs one more word: show reset"},
      {{"--fresh", "run"}, "there is no option --fresh before the command"},
      {{"run", "--frehs", "f"}, "no option --frehs of run\n  hint: did you mean \"--fresh\"?"},
      {{"run", "f", "--state"}, "--state needs a value: --state DIR"},
      {{"run", "f", "--fresh=1"}, "--fresh takes no value"},
      {{"run", "f", "--output", "jsno"}, "\"jsno\"\n  hint: did you mean \"json\"?"},
      {{"run", "f", "--workers", "-1"}, "--workers: \"-1\" is not a whole number"},
      {{"run", "f", "--workers", "4294967296"}, "\"4294967296\" is not a whole number"},
      {{"run", "f", "--patience", "soon"}, "\"soon\" is not a duration"},
      {{"run", "f", "g"}, "\"g\" is one argument too many"},
      {{"run"}, "FILE is missing: What to run."},
  };
  for (const auto& row : table) {
    Example e;
    const Request r = e.read(row.arguments);
    EXPECT_EQ(r.command, nullptr);
    EXPECT_NE(r.problem.find(row.what), std::string::npos) << r.problem;
  }
}

TEST(CommandLine, gives_help_at_every_level) {
  Example e;
  EXPECT_EQ(e.read({"--help"}).help, program_help(e.commands));
  EXPECT_EQ(e.read({"run", "f", "--help"}).help, command_help(e.commands[0]));
  EXPECT_EQ(e.read({"help", "run"}).help, command_help(e.commands[0]));
  EXPECT_NE(e.read({"positions", "-h"}).help.find("positions reset"), std::string::npos);
  EXPECT_NE(e.read({}).problem.find("Usage: penstock COMMAND"), std::string::npos);
  EXPECT_NE(command_help(e.commands[0]).find("--output text|json"), std::string::npos);
}

}  // namespace
}  // namespace penstock
