// SPDX-License-Identifier: Apache-2.0
#include "penstock/run_view.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace penstock {
namespace {

/// A pipe that is read at once.
struct Pipe {
  int ends[2];
  Pipe() { EXPECT_EQ(pipe2(ends, O_NONBLOCK), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  std::string take() {
    char bytes[4096];
    const ssize_t n = read(ends[0], bytes, sizeof bytes);
    return n > 0 ? std::string(bytes, static_cast<size_t>(n)) : std::string();
  }
};

LivePipeline pipeline_at(int64_t seconds, uint64_t records, const Plan& plan) {
  LivePipeline pipeline{&plan, "words", {}, {}};
  pipeline.now.state = RunState::kRunning;
  pipeline.now.running_ns = seconds * 1'000'000'000;
  pipeline.now.stages.resize(1);
  pipeline.now.stages[0].name = "read";
  pipeline.now.stages[0].records_in = records;
  return pipeline;
}

TEST(RunView, writes_plain_lines_only_while_something_happens_or_a_minute_has_passed) {
  Pipe pipe;
  const Plan plan;
  const auto view = make_run_view(ViewMode::kText, pipe.ends[1], false);
  view->show({pipeline_at(5, 0, plan)}, 0);
  EXPECT_NE(pipe.take().find("words: running 0:05"), std::string::npos);
  view->show({pipeline_at(10, 0, plan)}, 0);
  EXPECT_EQ(pipe.take(), "");
  view->show({pipeline_at(15, 3, plan)}, 0);
  EXPECT_NE(pipe.take().find("running 0:15, read 3"), std::string::npos);
  view->show({pipeline_at(74, 3, plan)}, 0);
  EXPECT_EQ(pipe.take(), "");
  view->show({pipeline_at(75, 3, plan)}, 0);
  EXPECT_NE(pipe.take().find("running 1:15"), std::string::npos);
}

TEST(RunView, gives_a_notice_in_the_form_of_all_else) {
  Pipe pipe;
  make_run_view(ViewMode::kText, pipe.ends[1], false)->notice("stopping");
  EXPECT_EQ(pipe.take(), "stopping\n");
  make_run_view(ViewMode::kJson, pipe.ends[1], false)->notice("a \"b\"");
  EXPECT_EQ(pipe.take(), "{\"kind\": \"notice\", \"message\": \"a \\\"b\\\"\"}\n");
  make_run_view(ViewMode::kNone, pipe.ends[1], false)->notice("stopping");
  EXPECT_EQ(pipe.take(), "stopping\n");
  make_run_view(ViewMode::kNone, pipe.ends[1], true)->notice("stopping");
  EXPECT_EQ(pipe.take(), "");
}

TEST(RunView, is_live_only_on_a_screen_of_its_own) {
  EXPECT_EQ(chosen_view(ViewMode::kAuto, true, false), ViewMode::kLive);
  EXPECT_EQ(chosen_view(ViewMode::kAuto, true, true), ViewMode::kNone);
  EXPECT_EQ(chosen_view(ViewMode::kAuto, false, true), ViewMode::kText);
  EXPECT_EQ(chosen_view(ViewMode::kLive, false, true), ViewMode::kLive);
}

}  // namespace
}  // namespace penstock
