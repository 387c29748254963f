// SPDX-License-Identifier: Apache-2.0
#include "penstock/summary.h"

#include <gtest/gtest.h>

#include "penstock/status_json.h"
#include "spec/json_reader.h"

namespace penstock {
namespace {

RunEnd ended(Outcome outcome, RunState state) {
  RunEnd end;
  end.name = "words";
  end.path = "words.yaml";
  end.outcome = outcome;
  end.status.state = state;
  end.status.running_ns = 2'000'000'000;
  StageStatus read;
  read.name = "read";
  read.kind = ComponentKind::kSource;
  read.records_out = 40'000;
  StageStatus write;
  write.name = "write";
  write.kind = ComponentKind::kSink;
  write.records_in = 40'000;
  write.rejected = 2;
  end.status.stages = {read, write};
  return end;
}

TEST(Summary, of_a_finished_run_shows_what_went_through) {
  EXPECT_EQ(summary_text(ended(Outcome::kDelivered, RunState::kDone)),
            "words: done after 2.0 s; everything is delivered\n"
            "  stage      in     out  records/s\n"
            "  read           40 000     20.0 k\n"
            "  write  40 000             20.0 k  2 rejected\n");
}

TEST(Summary, says_what_may_repeat_and_what_to_do_next) {
  const std::string stopped = summary_text(ended(Outcome::kUndelivered, RunState::kStopped));
  EXPECT_NE(stopped.find("stopped after 2.0 s with records undelivered\n"), std::string::npos);
  EXPECT_NE(stopped.find("next: penstock run words.yaml   goes on"), std::string::npos);
  EXPECT_NE(stopped.find("may arrive twice"), std::string::npos);

  RunEnd failed = ended(Outcome::kFailed, RunState::kFailed);
  failed.status.error = "io-error: no room";
  failed.status.notes = {"resuming read"};
  EXPECT_NE(summary_text(failed).find("failed after 2.0 s: io-error: no room\n"),
            std::string::npos);
  EXPECT_NE(summary_text(failed).find("note: resuming read\n"), std::string::npos);
  failed.remembers = false;
  EXPECT_NE(summary_text(failed).find("nothing was remembered"), std::string::npos);
}

TEST(Summary, of_a_drained_run_does_not_claim_the_end_of_input) {
  EXPECT_NE(summary_text(ended(Outcome::kDelivered, RunState::kStopped))
                .find("stopped after 2.0 s; everything that was read is delivered\n"),
            std::string::npos);
}

TEST(Summary, of_a_pipeline_that_never_began_is_its_error) {
  const Error error = stop_error("no-such-file", "lines.txt does not exist", "name another");
  RunEnd end = ended(Outcome::kFailed, RunState::kFailed);
  end.refused = &error;
  EXPECT_EQ(summary_text(end),
            "penstock: words could not start: lines.txt does not exist\n  hint: name another\n");
}

TEST(Summary, gives_programs_one_line_of_json) {
  const std::string line = summary_line(ended(Outcome::kUndelivered, RunState::kStopped));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  Diagnostics diagnostics;
  const auto json = read_json(line, "line", diagnostics);
  ASSERT_TRUE(json.has_value()) << line;
  EXPECT_EQ(json->find("kind")->text, "summary");
  EXPECT_EQ(json->find("outcome")->text, "undelivered");
  EXPECT_EQ(json->find("exit_code")->text, "3");
  EXPECT_EQ(json->find("stages")->items[1].find("records_in")->text, "40000");
}

TEST(ExitCode, is_the_worst_of_all_pipelines) {
  using O = Outcome;
  const auto of = [](std::initializer_list<O> outcomes) {
    int code = 0;
    for (const O outcome : outcomes) code = worse(code, outcome);
    return code;
  };
  EXPECT_EQ(of({O::kDelivered, O::kDelivered}), 0);
  EXPECT_EQ(of({O::kDelivered, O::kUndelivered}), 3);
  EXPECT_EQ(of({O::kUndelivered, O::kFailed}), 1);
  EXPECT_EQ(of({O::kFailed, O::kUndelivered}), 1);
}

TEST(StatusLine, is_json_whatever_the_names_are) {
  LivePipeline pipeline;
  Plan plan;
  pipeline.plan = &plan;
  pipeline.name = "a \"b\"\n";
  pipeline.now = ended(Outcome::kDelivered, RunState::kRunning).status;
  RegionStatus region;
  region.laggards = {"write/0"};
  pipeline.now.regions = {region};
  pipeline.now.edges.resize(1);
  const std::string line = status_line(pipeline, 1'500'000);
  Diagnostics diagnostics;
  const auto json = read_json(line, "line", diagnostics);
  ASSERT_TRUE(json.has_value()) << line;
  EXPECT_EQ(json->find("pipeline")->text, pipeline.name);
  EXPECT_EQ(json->find("at")->text, "1.500");
  EXPECT_EQ(json->find("state")->text, "running");
  EXPECT_EQ(json->find("stages")->items[0].find("records_per_second")->text, "20000.000");
  EXPECT_EQ(json->find("regions")->items[0].find("laggards")->items[0].text, "write/0");
}

}  // namespace
}  // namespace penstock
