// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "connectors/file/file.h"
#include "sdk/conformance/harness.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock {
namespace {

using namespace conformance;
using Lines = std::vector<std::string>;

/// Follows *.log in a folder of its own.
class FileFollowTest : public testing::Test {
 protected:
  FileFollowTest() {
    register_file(catalog_);
    bind_with({});
  }
  void bind_with(std::initializer_list<std::pair<std::string, NodeValue>> more) {
    Node options = map({{"path", folder_ / "*.log"}, {"follow", true}});
    for (const auto& [key, value] : more) options.entries.push_back({key, {}, value.node()});
    bound_ = bind(catalog_, "file", ComponentKind::kSource, options);
  }
  std::unique_ptr<SourceHarness> start() {
    auto in = std::make_unique<SourceHarness>(services_, bound_);
    EXPECT_TRUE(in->open(committed_));
    return in;
  }
  /// What has come after a second.
  Lines take(SourceHarness& in) {
    in.out.records.clear();
    EXPECT_EQ(in.pull_for(seconds(1)).state, Pull::State::kIdle);
    EXPECT_TRUE(in.out.errors.empty());
    return in.out.payloads();
  }
  void commit(SourceHarness& in) {
    const Positions at = in.barrier();
    merge(committed_, at);
    in.source().committed(at);
  }
  void rename(const char* from, const char* to) {
    std::filesystem::rename(folder_ / from, folder_ / to);
  }

  Catalog catalog_;
  Services services_;
  TempFolder folder_;
  std::shared_ptr<const Bound> bound_;
  Positions committed_;
};

TEST_F(FileFollowTest, reads_what_is_appended_line_by_line) {
  write_file(folder_ / "a.log", "one\ntwo");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"one"}));
  append_file(folder_ / "a.log", "!\nthr");
  EXPECT_EQ(take(*in), (Lines{"two!"}));
  append_file(folder_ / "a.log", "ee\n");
  EXPECT_EQ(take(*in), (Lines{"three"}));
  EXPECT_EQ(take(*in), Lines());
}

TEST_F(FileFollowTest, finds_files_that_appear_later) {
  auto in = start();
  EXPECT_EQ(take(*in), Lines());
  write_file(folder_ / "b.log", "b1\n");
  EXPECT_EQ(take(*in), (Lines{"b1"}));
  write_file(folder_ / "a.log", "a1\n");
  append_file(folder_ / "b.log", "b2\n");
  Lines got = take(*in);
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (Lines{"a1", "b2"}));
}

TEST_F(FileFollowTest, an_unfinished_line_is_not_committed) {
  write_file(folder_ / "a.log", "one\ntw");
  {
    auto in = start();
    EXPECT_EQ(take(*in), (Lines{"one"}));
    commit(*in);
  }
  append_file(folder_ / "a.log", "o\n");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"two"}));
}

TEST_F(FileFollowTest, reads_the_old_file_to_its_end_across_a_rotation) {
  write_file(folder_ / "a.log", "1\n");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"1"}));
  append_file(folder_ / "a.log", "2\n");
  rename("a.log", "a.log.1");
  write_file(folder_ / "a.log", "3\n");
  append_file(folder_ / "a.log.1", "late\n");
  Lines got = take(*in);
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (Lines{"2", "3", "late"}));
  append_file(folder_ / "a.log.1", "no end");
  EXPECT_EQ(take(*in), Lines());
  Lines rest;
  for (int i = 0; i < 10; ++i) {
    for (std::string& line : take(*in)) rest.push_back(std::move(line));
  }
  EXPECT_EQ(rest, (Lines{"no end"}));
}

TEST_F(FileFollowTest, goes_on_in_a_file_that_was_renamed_while_it_was_down) {
  write_file(folder_ / "a.log", "1\n");
  {
    auto in = start();
    EXPECT_EQ(take(*in), (Lines{"1"}));
    commit(*in);
  }
  append_file(folder_ / "a.log", "2\n");
  rename("a.log", "old.log");
  write_file(folder_ / "a.log", "3\n");
  {
    auto in = start();
    Lines got = take(*in);
    std::sort(got.begin(), got.end());
    EXPECT_EQ(got, (Lines{"2", "3"}));
    commit(*in);
  }
  auto in = start();
  EXPECT_EQ(take(*in), Lines());
}

TEST_F(FileFollowTest, starts_again_in_a_file_that_was_cut_off) {
  write_file(folder_ / "a.log", "1\n2\n");
  {
    auto in = start();
    EXPECT_EQ(take(*in), (Lines{"1", "2"}));
    commit(*in);
    write_file(folder_ / "a.log", "x\n");
    EXPECT_EQ(take(*in), (Lines{"x"}));
    commit(*in);
    append_file(folder_ / "a.log", "y\n");
  }
  {
    auto in = start();
    EXPECT_EQ(take(*in), (Lines{"y"}));
    commit(*in);
  }
  write_file(folder_ / "a.log", "1\n2\n");  // as it was at first
  {
    auto in = start();
    EXPECT_EQ(take(*in), (Lines{"1", "2"}));
    commit(*in);
  }
  auto in = start();
  EXPECT_EQ(take(*in), Lines());
}

TEST_F(FileFollowTest, notices_new_contents_that_are_longer_than_the_old_ones) {
  write_file(folder_ / "a.log", "1\n2\n");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"1", "2"}));
  write_file(folder_ / "a.log", "new one\nnew two\n");
  EXPECT_EQ(take(*in), (Lines{"new one", "new two"}));
}

TEST_F(FileFollowTest, a_file_that_vanished_makes_room_for_another_of_the_same_inode) {
  write_file(folder_ / "a.log", "1\n");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"1"}));
  std::filesystem::remove(folder_ / "a.log");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(take(*in), Lines());
  for (int i = 0; i < 20; ++i) {  // one of them gets the inode
    write_file(folder_ / ("new" + std::to_string(i) + ".log"), std::to_string(i) + "!\n");
  }
  EXPECT_EQ(take(*in).size(), 20u);
}

TEST_F(FileFollowTest, from_end_leaves_out_what_was_there_and_only_at_the_first_start) {
  bind_with({{"from", "end"}});
  write_file(folder_ / "a.log", "old\nunfini");
  {
    auto in = start();
    EXPECT_EQ(take(*in), Lines());
    append_file(folder_ / "a.log", "shed\nnew\n");
    EXPECT_EQ(take(*in), (Lines{"unfinished", "new"}));
    commit(*in);
  }
  append_file(folder_ / "a.log", "while it was down\n");
  write_file(folder_ / "b.log", "another\n");
  auto in = start();
  Lines got = take(*in);
  std::sort(got.begin(), got.end());
  EXPECT_EQ(got, (Lines{"another", "while it was down"}));
}

TEST_F(FileFollowTest, from_end_is_remembered_even_if_nothing_was_read) {
  bind_with({{"from", "end"}});
  write_file(folder_ / "a.log", "old\n");
  {
    auto in = start();
    EXPECT_EQ(take(*in), Lines());
    commit(*in);
  }
  append_file(folder_ / "a.log", "new\n");
  auto in = start();
  EXPECT_EQ(take(*in), (Lines{"new"}));
}

TEST_F(FileFollowTest, one_busy_file_does_not_keep_the_others_waiting) {
  std::string busy;
  for (int i = 0; i < 3'000'000; ++i) busy += "busy\n";  // 15 MB
  write_file(folder_ / "a.log", busy);
  write_file(folder_ / "b.log", "b1\n");
  auto in = start();
  size_t at = 0;
  while (at == 0 && in->out.records.size() < 3'000'001) {
    in->pull_all(in->out.records.size() + 1);
    const auto& records = in->out.records;
    if (records.back().payload == "b1") at = records.size();
  }
  EXPECT_GT(at, 0u);
  EXPECT_LT(at, 2'000'000u);
}

TEST_F(FileFollowTest, keeps_no_buffers_while_nothing_comes) {
  write_file(folder_ / "a.log", "one\ntwo");
  auto in = start();
  take(*in);
  take(*in);
  EXPECT_EQ(services_.pool.arenas().outstanding(), 0u);
}

/// Writers append, rotate and cut; the follower is killed at any moment and starts again.
TEST_F(FileFollowTest, loses_nothing_whatever_happens_to_the_files) {
  Random random(17);
  std::string expected;
  Lines all;
  int count = 0, rotations = 0;
  auto in = start();
  const auto write_some = [&](const std::string& path) {
    std::string text;
    for (uint64_t i = random.below(30); i > 0; --i) {
      text += "line" + std::to_string(count++) + std::string(random.below(50), '-') + "\n";
    }
    expected += text;
    append_file(path, text);
  };
  write_some(folder_ / "0.log");
  for (int round = 0; round < 600; ++round) {
    write_some(folder_ / (random.chance(1, 2) ? "0.log" : "b.log"));
    if (random.chance(1, 15)) {
      rename("0.log", ("rotated" + std::to_string(rotations++) + ".log").c_str());
      write_some(folder_ / "0.log");
    }
    in->out.records.clear();
    in->pull_for(milliseconds(static_cast<int64_t>(random.below(700))));
    ASSERT_TRUE(in->out.errors.empty());
    if (!random.chance(1, 4)) {
      commit(*in);
      for (std::string& line : in->out.payloads()) all.push_back(std::move(line));
    } else {
      services_.blocking.drop_all();
      in = start();
    }
  }
  for (std::string& line : take(*in)) all.push_back(std::move(line));
  std::sort(all.begin(), all.end());
  Lines wanted = lines_of(expected);
  std::sort(wanted.begin(), wanted.end());
  EXPECT_EQ(all.size(), wanted.size());
  EXPECT_TRUE(all == wanted);
}

}  // namespace
}  // namespace penstock
