// SPDX-License-Identifier: Apache-2.0
#include "penstock/live_view.h"

#include <gtest/gtest.h>

#include "penstock/text_table.h"

namespace penstock {
namespace {

constexpr int64_t kWallUs = 1'700'000'010'000'000;

StageStatus stage(const std::string& name, ComponentKind kind, uint64_t in, uint64_t out) {
  StageStatus status;
  status.name = name;
  status.type = name + "_type";
  status.kind = kind;
  status.records_in = in;
  status.records_out = out;
  return status;
}

/// read → work → write; the second edge is chained; one second between the views.
struct Running {
  Plan plan;
  LivePipeline live;

  Running() {
    plan.stages.resize(3);
    plan.stages[1].inputs = {0};
    plan.stages[2].inputs = {1};
    live.plan = &plan;
    live.name = "words";
    live.before.running_ns = 1'000'000'000;
    live.before.stages = {stage("read", ComponentKind::kSource, 0, 1000),
                          stage("work", ComponentKind::kStage, 1000, 5000),
                          stage("write", ComponentKind::kSink, 5000, 0)};
    live.now = live.before;
    live.now.state = RunState::kRunning;
    live.now.running_ns = 2'000'000'000;
    live.now.stages[0].records_out = 3000;
    live.now.stages[1].records_in = 2500;
    live.now.stages[1].records_out = 12'500;
    live.now.stages[1].busy_ns = 800'000'000;
    live.now.stages[2].records_in = 12'500;
    EdgeStatus queue{"lines", 64, 100, 128, 1 << 20, false};
    EdgeStatus chained;
    chained.chained = true;
    live.now.edges = {queue, chained};
    RegionStatus region;
    region.name = "read";
    region.epoch = 12;
    region.committed = 11;
    region.commit_age_ns = 83'000'000;
    live.now.regions = {region};
  }
  std::vector<std::string> lines(const Terminal& terminal) const {
    return live_lines(live, terminal, kWallUs);
  }
  std::string text(size_t columns = 120) const {
    std::string out;
    for (const std::string& line : lines({true, false, false, columns, 24})) out += line + "\n";
    return out;
  }
};

TEST(LiveView, shows_rates_totals_and_queues_of_each_stage) {
  EXPECT_EQ(Running().text(),
            "words  running 0:02  epoch 12, committed 11 83 ms ago\n"
            "  stage  type        tasks    in/s   out/s  records  queue       busy\n"
            "  read   read_type       1          2.00 k   3.00 k               0 %\n"
            "  work   work_type       1  1.50 k  7.50 k   2.50 k  [####....]  80 %\n"
            "  write  write_type      1  7.50 k           12.5 k  chained      0 %\n");
}

TEST(LiveView, gives_up_the_least_important_columns_on_a_narrow_terminal) {
  const Running running;
  EXPECT_EQ(running.text(60).find("write_type"), std::string::npos);
  EXPECT_NE(running.text(60).find("busy"), std::string::npos);
  EXPECT_EQ(running.text(45).find("busy"), std::string::npos);
  EXPECT_NE(running.text(45).find("in/s"), std::string::npos);
  for (size_t columns = 12; columns < 100; ++columns) {
    const std::vector<std::string> lines = running.lines({true, false, false, columns, 24});
    for (size_t i = 1; i < lines.size(); ++i) EXPECT_LT(columns_of(lines[i]), columns);
  }
}

TEST(LiveView, leaves_out_what_does_not_fit_the_rows) {
  const std::vector<std::string> lines = Running().lines({true, false, false, 80, 4});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[2], "  and 3 more lines");
}

TEST(LiveView, shows_trouble_lag_and_laggards_only_if_there_are_any) {
  Running running;
  EXPECT_EQ(running.text().find("errors"), std::string::npos);
  EXPECT_EQ(running.text().find("lag"), std::string::npos);
  StageStatus& write = running.live.now.stages[2];
  write.rejected = 5;
  write.dead_lettered = 3;
  write.parked = 7;
  write.watermark_us = kWallUs - 2'500'000;
  running.live.now.regions[0].laggards = {"write/0"};
  running.live.now.regions[0].resets = 1;
  running.live.now.error = "io-error: disk is gone";
  const std::string text = running.text();
  for (const char* part : {"2 rejected, 3 dead-lettered, 7 to retry", "2.5 s",
                           "waiting for write/0", "1 reset", "io-error: disk is gone"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  write.watermark_us = kEndOfTime;
  EXPECT_NE(running.text().find("  end"), std::string::npos);
}

TEST(LiveView, uses_colours_and_blocks_only_where_they_can_be_shown) {
  const Running running;
  EXPECT_EQ(running.text().find('\x1b'), std::string::npos);
  std::string rich;
  for (const std::string& line : running.lines({true, true, true, 120, 24})) rich += line + "\n";
  EXPECT_NE(rich.find("\x1b[32m▕████    ▏\x1b[0m"), std::string::npos) << rich;
}

TEST(LiveView, shows_a_pipeline_of_which_nothing_is_known_yet) {
  Plan plan;
  EXPECT_EQ(live_lines({&plan, "new", {}, {}}, {}, kWallUs),
            std::vector<std::string>{"new  starting 0:00"});
}

TEST(LiveView, says_all_on_one_plain_line) {
  Running running;
  running.live.now.stages[2].rejected = 2;
  EXPECT_EQ(plain_line(running.live, kWallUs),
            "words: running 0:02, read 3.00 k (2.00 k/s), work 2.50 k (1.50 k/s), "
            "write 12.5 k (7.50 k/s) [2 rejected]");
}

TEST(InPlace, goes_up_over_what_it_drew_before) {
  InPlace view;
  Terminal terminal{true, false, false, 20, 10};
  EXPECT_EQ(view.draw({"one", "two"}, terminal), "one\x1b[K\ntwo\x1b[K\n");
  EXPECT_EQ(view.draw({"three"}, terminal, "log\n"), "\r\x1b[2A\x1b[Jlog\nthree\x1b[K\n");
  EXPECT_EQ(view.erase(terminal), "\r\x1b[1A\x1b[J");
  EXPECT_EQ(view.erase(terminal), "");
}

TEST(InPlace, counts_the_rows_of_lines_that_a_narrower_terminal_folded) {
  InPlace view;
  view.draw({"0123456789", "x"}, {true, false, false, 20, 10});
  EXPECT_EQ(view.erase({true, false, false, 4, 10}), "\r\x1b[4A\x1b[J");
  view.draw({"0123456789", "x"}, {true, false, false, 20, 10});
  EXPECT_EQ(view.erase({true, false, false, 4, 3}), "\r\x1b[2A\x1b[J");
}

TEST(InPlace, cuts_lines_and_rows_to_the_terminal) {
  InPlace view;
  EXPECT_EQ(view.draw({"äbcdef", "x", "y"}, {true, false, false, 5, 3}),
            "äbcd\x1b[K\nx\x1b[K\n");
  InPlace colours;
  EXPECT_EQ(colours.draw({coloured(Colour::kRed, "abcdef", true)}, {true, true, false, 4, 3}),
            "\x1b[31mabc\x1b[0m\x1b[K\n");
}

}  // namespace
}  // namespace penstock
