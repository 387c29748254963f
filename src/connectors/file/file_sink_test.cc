// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "base/random.h"
#include "connectors/file/file.h"
#include "connectors/file/gzip.h"
#include "sdk/conformance/harness.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock {
namespace {

using namespace conformance;
using Names = std::vector<std::string>;

class FileSinkTest : public testing::Test {
 protected:
  FileSinkTest() { register_file(catalog_); }
  std::unique_ptr<SinkHarness> sink(const Node& options, bool fresh = true,
                                    const char* type = "file") {
    auto made = std::make_unique<SinkHarness>(
        services_, bind(catalog_, type, ComponentKind::kSink, options));
    made->context.fresh = fresh;
    return made;
  }
  std::string read(std::string_view name) { return read_file(folder_ / name); }

  Catalog catalog_;
  Services services_;
  TempFolder folder_;
};

std::string unpacked(std::string_view packed) {
  Gunzip gunzip;
  std::string text, out(1 << 16, '\0');
  while (!packed.empty()) {
    Result<Gunzip::Step> step = gunzip.step(packed.data(), packed.size(), out.data(), out.size());
    EXPECT_TRUE(step);
    if (!step) break;
    text.append(out, 0, step->made);
    packed.remove_prefix(step->used);
  }
  EXPECT_TRUE(gunzip.between_members());
  return text;
}

TEST_F(FileSinkTest, writes_lines_and_delivers_when_the_kernel_has_them) {
  auto out = sink(map({{"path", folder_ / "new/folder/out"}}));
  ASSERT_TRUE(out->open());
  EXPECT_EQ(read("new/folder/out"), "");
  out->write({"a", "", "bc"});
  const Epoch epoch = out->barrier();
  EXPECT_TRUE(out->out.delivered.empty());
  out->settle();
  EXPECT_EQ(out->out.delivered, (std::vector<Epoch>{epoch}));
  EXPECT_EQ(read("new/folder/out"), "a\n\nbc\n");
}

TEST_F(FileSinkTest, writes_a_large_amount_in_order_and_takes_only_so_much_ahead) {
  auto out = sink(map({{"path", folder_ / "out"}}));
  ASSERT_TRUE(out->open());
  std::string expected;
  uint64_t ahead = 0, most = 0;
  for (int i = 0; i < 30'000; ++i) {
    const std::string line = std::to_string(i) + std::string(i % 500, 'x');
    expected += line + "\n";
    ahead += line.size() + 1;
    out->write({line});
    most = std::max(most, ahead);
    if (out->sink().full()) {
      out->settle();
      EXPECT_FALSE(out->sink().full());
      ahead = 0;
    }
  }
  EXPECT_TRUE(out->deliver());
  EXPECT_TRUE(read("out") == expected);
  EXPECT_LT(most, 6u << 20);
  EXPECT_EQ(services_.pool.outstanding(), 0u);
}

TEST_F(FileSinkTest, an_idle_barrier_needs_no_work) {
  auto out = sink(map({{"path", folder_ / "out"}}));
  ASSERT_TRUE(out->open());
  out->barrier();
  EXPECT_EQ(services_.blocking.waiting(), 0u);
  EXPECT_EQ(out->out.delivered, (std::vector<Epoch>{1}));
}

TEST_F(FileSinkTest, a_fresh_start_replaces_only_when_told) {
  for (const bool append : {true, false}) {
    write_file(folder_ / "out", "old");
    auto out = sink(map({{"path", folder_ / "out"}, {"append", append}}));
    ASSERT_TRUE(out->open());
    out->write({"new"});
    EXPECT_TRUE(out->deliver());
    EXPECT_EQ(read("out"), append ? "old\nnew\n" : "new\n");
  }
}

TEST_F(FileSinkTest, going_on_appends_and_cuts_what_the_kill_left_unfinished) {
  for (const bool append : {true, false}) {
    write_file(folder_ / "out", "one\ntwo\nthr");
    auto out = sink(map({{"path", folder_ / "out"}, {"append", append}}), false);
    ASSERT_TRUE(out->open());
    EXPECT_EQ(read("out"), "one\ntwo\n");
    out->write({"three"});
    EXPECT_TRUE(out->deliver());
    EXPECT_EQ(read("out"), "one\ntwo\nthree\n");
  }
}

TEST_F(FileSinkTest, refuses_several_tasks_on_one_file_and_a_file_in_use) {
  auto out = sink(map({{"path", folder_ / "out"}}));
  out->context.tasks = 2;
  EXPECT_EQ(out->open().error().code, "one-file-many-tasks");
  auto first = sink(map({{"path", folder_ / "out"}}));
  ASSERT_TRUE(first->open());
  auto second = sink(map({{"path", folder_ / "out"}}));
  EXPECT_EQ(second->open().error().code, "file-in-use");
}

TEST_F(FileSinkTest, refuses_options_that_contradict_each_other) {
  for (const Node& options :
       {map({{"path", "out"}, {"part_bytes", "1KiB"}}), map({{"path", "out-{what}"}}),
        map({{"path", "out"}, {"delimiter", "ab"}}), map({{"framing", "lines"}})}) {
    EXPECT_NE(bind_problems(catalog_, "file", ComponentKind::kSink, options), "");
  }
}

TEST_F(FileSinkTest, rolls_parts_by_size_and_by_age) {
  auto out = sink(map({{"path", folder_ / "out-{task}-{part}"},
                       {"part_bytes", "10"},
                       {"part_interval", "5s"}}));
  ASSERT_TRUE(out->open());
  out->write({"0123456789"});
  out->write({"a"});
  EXPECT_TRUE(out->deliver());
  EXPECT_EQ(folder_.files(), (Names{"out-0-00000", "out-0-00001"}));
  out->advance(seconds(6));
  out->write({"b"});
  EXPECT_TRUE(out->deliver());
  EXPECT_EQ(read("out-0-00000"), "0123456789\n");
  EXPECT_EQ(read("out-0-00001"), "a\n");
  EXPECT_EQ(read("out-0-00002"), "b\n");
  auto next = sink(map({{"path", folder_ / "out-{task}-{part}"}}), false);
  out.reset();
  ASSERT_TRUE(next->open());
  next->write({"c"});
  EXPECT_TRUE(next->deliver());
  EXPECT_EQ(read("out-0-00003"), "c\n");
}

TEST_F(FileSinkTest, replacing_removes_parts_of_the_older_result) {
  for (const char* name : {"out-0-00000", "out-0-00007", "out-3-00000", "out-x", "out-1-00001"}) {
    write_file(folder_ / name, "old\n");
  }
  auto out = sink(map({{"path", folder_ / "out-{task}-{part}"}, {"append", false}}));
  out->context.tasks = 2;
  ASSERT_TRUE(out->open());
  EXPECT_EQ(folder_.files(), (Names{"out-0-00000", "out-1-00001", "out-x"}));
  EXPECT_EQ(read("out-0-00000"), "");
}

TEST_F(FileSinkTest, packs_with_gzip_so_that_every_barrier_can_be_read) {
  auto out = sink(map({{"path", folder_ / "out.gz"}, {"compression", "gzip"}}));
  ASSERT_TRUE(out->open());
  std::string expected;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> lines;
    for (int i = 0; i < 500; ++i) {
      lines.push_back("line " + std::to_string(round * 1000 + i));
      expected += lines.back() + "\n";
    }
    out->write(lines);
    EXPECT_TRUE(out->deliver());
    EXPECT_EQ(unpacked(read("out.gz")), expected);
  }
  out.reset();
  const std::string whole = read("out.gz");
  append_file(folder_ / "out.gz", whole.substr(0, 40));  // a member that a kill cut off
  auto next = sink(map({{"path", folder_ / "out.gz"}, {"compression", "gzip"}}), false);
  ASSERT_TRUE(next->open());
  next->write({"more"});
  EXPECT_TRUE(next->deliver());
  EXPECT_EQ(unpacked(read("out.gz")), expected + "more\n");
}

TEST_F(FileSinkTest, file_sink_writes_as_flow_pipe_does) {
  write_file(folder_ / "out", "old");
  auto out = sink(map({{"path", folder_ / "out"}, {"append", true}}), true, "file_sink");
  ASSERT_TRUE(out->open());
  out->write({"a", "b"});
  EXPECT_TRUE(out->deliver());
  EXPECT_EQ(read("out"), "oldab");
  out.reset();
  auto next = sink(map({{"path", folder_ / "out"}, {"compression", "COMPRESSION_GZIP"},
                        {"compression_level", 6}}),
                   true, "file_sink");
  ASSERT_TRUE(next->open());
  next->write({"packed"});
  EXPECT_TRUE(next->deliver());
  EXPECT_EQ(unpacked(read("out")), "packed");
}

TEST_F(FileSinkTest, threads_of_a_file_sink_share_the_file) {
  std::vector<std::unique_ptr<SinkHarness>> tasks;
  for (uint32_t task = 0; task < 3; ++task) {
    tasks.push_back(sink(map({{"path", folder_ / "out"}}), true, "file_sink"));
    tasks.back()->context = services_.context(task, 3);
    tasks.back()->context.fresh = true;
    ASSERT_TRUE(tasks.back()->open());
  }
  for (int round = 0; round < 2; ++round) {
    for (auto& task : tasks) {
      task->write({"<" + std::to_string(round) + ">"});
      EXPECT_TRUE(task->deliver());
    }
  }
  EXPECT_EQ(read("out"), "<0><0><0><1><1><1>");
}

/// Bounds the size of files, as a full disk would; the error is EFBIG instead of ENOSPC, so that
/// this stands for errors that cannot be waited out.
TEST_F(FileSinkTest, stops_at_an_error_that_waiting_does_not_cure) {
  auto out = sink(map({{"path", folder_ / "out"}}));
  ASSERT_TRUE(out->open());
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  out->write({std::string(5000, 'x')});
  EXPECT_FALSE(out->deliver());
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_EQ(out->out.errors.size(), 1u);
  EXPECT_EQ(out->out.errors[0].reaction, Reaction::kStopPipeline);
  EXPECT_TRUE(out->out.delivered.empty());
  EXPECT_EQ(out->sink().next_timer_ns(), kNever);
}

TEST_F(FileSinkTest, waits_for_room_on_a_full_disk_and_loses_nothing) {
  auto out = sink(map({{"path", "/dev/full"}}));
  ASSERT_TRUE(out->open());
  out->write({"a"});
  EXPECT_FALSE(out->deliver());
  EXPECT_TRUE(out->out.errors.empty());
  const int64_t first = out->sink().next_timer_ns() - services_.clock.monotonic_ns();
  EXPECT_EQ(first, 100'000'000);
  out->advance(milliseconds(100));
  const int64_t second = out->sink().next_timer_ns() - services_.clock.monotonic_ns();
  EXPECT_GT(second, first);
  out->advance(seconds(60));
  EXPECT_LE(out->sink().next_timer_ns() - services_.clock.monotonic_ns(), 5'000'000'000);
  while (!out->sink().full()) out->write({std::string(100'000, 'x')});
  EXPECT_TRUE(out->out.delivered.empty());
  EXPECT_NE(services_.logged().find("disk-full"), std::string::npos) << services_.logged();
}

}  // namespace
}  // namespace penstock
