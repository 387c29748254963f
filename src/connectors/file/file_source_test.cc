// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "connectors/file/file.h"
#include "connectors/file/gzip.h"
#include "sdk/conformance/harness.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock {
namespace {

using namespace conformance;

class FileSourceTest : public testing::Test {
 protected:
  FileSourceTest() { register_file(catalog_); }
  std::shared_ptr<const Bound> source(const Node& options, const char* type = "file") {
    return bind(catalog_, type, ComponentKind::kSource, options);
  }
  /// All that one task reads.
  std::vector<std::string> read(const Node& options, const char* type = "file") {
    SourceHarness in(services_, source(options, type));
    EXPECT_TRUE(in.open());
    EXPECT_EQ(in.pull_all().state, Pull::State::kEnd);
    EXPECT_TRUE(in.out.errors.empty()) << to_string(in.out.errors[0]);
    return in.out.payloads();
  }
  std::string open_error(const Node& options) {
    SourceHarness in(services_, source(options));
    const Result<void> opened = in.open();
    return opened ? "" : opened.error().code;
  }

  Catalog catalog_;
  Services services_;
  TempFolder folder_;
};

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

/// Lines that all differ, some long, some short.
std::string text_of_lines(size_t lines, const std::string& mark, size_t longest = 120) {
  Random random(lines);
  std::string text;
  for (size_t i = 0; i < lines; ++i) {
    text += mark + std::to_string(i) + ":" + std::string(random.below(longest), '.') + "\n";
  }
  return text;
}

std::string packed(std::string_view text) {
  Gzip gzip(0);
  std::string out;
  gzip.add(text.data(), text.size() / 2, out);
  gzip.end_member(out);
  gzip.add(text.data() + text.size() / 2, text.size() - text.size() / 2, out);
  gzip.end_member(out);
  return out;
}

TEST_F(FileSourceTest, reads_every_line_of_a_large_file_in_order) {
  const std::string text = text_of_lines(60'000, "a");  // several pieces of read-ahead
  write_file(folder_ / "in", text);
  EXPECT_TRUE(read(map({{"path", folder_ / "in"}})) == lines_of(text));
}

/// Whether the system has that byte in memory.
bool in_memory(int fd, off_t at) {
  char byte = 0;
  iovec to{&byte, 1};
  return preadv2(fd, &to, 1, at, RWF_NOWAIT) == 1;
}

TEST_F(FileSourceTest, what_the_system_has_in_memory_is_read_without_the_pool) {
  const std::string text = text_of_lines(60'000, "m", 1200);  // 140 pieces of read-ahead
  const std::string path = folder_ / "in";
  write_file(path, text);
  for (const bool hole : {false, true}) {
    const int fd = ::open(path.c_str(), O_RDONLY);
    if (hole) {
      (void)fsync(fd);
      (void)posix_fadvise(fd, 30 << 20, 2 << 20, POSIX_FADV_DONTNEED);
    }
    const bool as_wished = in_memory(fd, 0) && in_memory(fd, 31 << 20) != hole;
    ::close(fd);
    if (!as_wished) GTEST_SKIP() << "this file system does not say what it would wait for";
    SourceHarness in(services_, source(map({{"path", path}})));
    ASSERT_TRUE(in.open());
    size_t work = 0;
    for (Pull pull = in.pull(); pull.state != Pull::State::kEnd; pull = in.pull()) {
      if (pull.state == Pull::State::kMore) continue;
      ASSERT_TRUE(services_.blocking.run_one());
      ++work;
    }
    EXPECT_TRUE(in.out.payloads() == lines_of(text));
    EXPECT_LT(work, 10u) << "to open each range, for its last line, and for the hole";
  }
}

TEST_F(FileSourceTest, gives_positions_and_the_last_line_without_end) {
  write_file(folder_ / "in", "ab\n\nlast");
  SourceHarness in(services_, source(map({{"path", folder_ / "in"}})));
  ASSERT_TRUE(in.open());
  in.pull_all();
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"ab", "", "last"}));
  EXPECT_EQ(in.out.records[1].position, 3);
  EXPECT_EQ(in.out.records[2].position, 4);
  EXPECT_FALSE(in.out.records[0].has_key);
}

TEST_F(FileSourceTest, reads_files_of_a_pattern_in_order_of_their_names) {
  write_file(folder_ / "b.txt", "b1\nb2");
  write_file(folder_ / "a.txt", "a1\na2\n");
  write_file(folder_ / "empty.txt", "");
  write_file(folder_ / "c.log", "no\n");
  std::filesystem::create_directory(folder_ / "d.txt");
  std::filesystem::create_symlink(folder_ / "a.txt", folder_ / "z.txt");
  EXPECT_EQ(read(map({{"path", folder_ / "*.txt"}})),
            (std::vector<std::string>{"a1", "a2", "b1", "b2"}));
}

TEST_F(FileSourceTest, refuses_what_is_not_there_or_not_a_file) {
  EXPECT_EQ(open_error(map({{"path", folder_ / "no"}})), "file-not-found");
  EXPECT_EQ(open_error(map({{"path", folder_.path()}})), "not-a-file");
  EXPECT_EQ(open_error(map({{"path", folder_ / "*.no"}})), "");
  EXPECT_NE(services_.logged().find("no file matches"), std::string::npos);
}

TEST_F(FileSourceTest, splits_at_the_delimiter_asked_for) {
  write_file(folder_ / "in", "a\nb;c;");
  EXPECT_EQ(read(map({{"path", folder_ / "in"}, {"delimiter", ";"}})),
            (std::vector<std::string>{"a\nb", "c"}));
}

TEST_F(FileSourceTest, ndjson_skips_blank_lines) {
  write_file(folder_ / "in", "{}\n\n  \r\n{\"a\":1}\n");
  EXPECT_EQ(read(map({{"path", folder_ / "in"}, {"framing", "ndjson"}})),
            (std::vector<std::string>{"{}", "{\"a\":1}"}));
}

TEST_F(FileSourceTest, rejects_a_line_that_is_too_long_and_reads_on) {
  write_file(folder_ / "in", "ok\n" + std::string(600'000, 'x') + "\nfine\n" +
                                 std::string(20, 'y'));
  SourceHarness in(services_, source(map({{"path", folder_ / "in"}, {"max_record_bytes", 10}})));
  ASSERT_TRUE(in.open());
  in.pull_all();
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"ok", "fine"}));
  ASSERT_EQ(in.out.rejected.size(), 2u);
  EXPECT_EQ(in.out.rejected[0].error.code, "record-too-large");
  EXPECT_EQ(in.out.rejected[0].error.reaction, Reaction::kRejectRecord);
  EXPECT_EQ(in.out.rejected[0].record.position, 3);
  EXPECT_EQ(in.out.rejected[1].record.payload, std::string(20, 'y'));
}

TEST_F(FileSourceTest, names_the_file_in_a_header_when_asked) {
  write_file(folder_ / "a", "a1\na2\n");
  write_file(folder_ / "b", "b1\n");
  SourceHarness in(services_, source(map({{"path", folder_ / "?"}, {"file_header", "file"}})));
  ASSERT_TRUE(in.open());
  in.pull_all();
  ASSERT_EQ(in.out.payloads(), (std::vector<std::string>{"a1", "a2", "b1"}));
  EXPECT_EQ(in.out.records[0].header("file"), folder_ / "a");
  EXPECT_EQ(in.out.records[1].header("file"), folder_ / "a");
  EXPECT_EQ(in.out.records[2].header("file"), folder_ / "b");
}

TEST_F(FileSourceTest, unpacks_gzip_by_name) {
  const std::string text = text_of_lines(30'000, "z");
  write_file(folder_ / "a.gz", packed(text));
  write_file(folder_ / "b", "plain\n");
  std::vector<std::string> wanted = lines_of(text);
  wanted.push_back("plain");
  EXPECT_TRUE(read(map({{"path", folder_ / "*"}, {"compression", "auto"}})) == wanted);
}

TEST_F(FileSourceTest, stops_at_gzip_that_is_damaged) {
  std::string damaged = packed(text_of_lines(3000, "z"));
  damaged.resize(damaged.size() - 3);
  write_file(folder_ / "a.gz", damaged);
  SourceHarness in(services_,
                   source(map({{"path", folder_ / "a.gz"}, {"compression", "gzip"}})));
  ASSERT_TRUE(in.open());
  in.pull_all();
  ASSERT_EQ(in.out.errors.size(), 1u);
  EXPECT_EQ(in.out.errors[0].code, "bad-gzip");
}

TEST_F(FileSourceTest, a_whole_file_is_one_record) {
  const std::string large = text_of_lines(20'000, "w");
  write_file(folder_ / "a", large);
  write_file(folder_ / "b", "small\nfile");
  write_file(folder_ / "c", "");
  const auto all = read(map({{"path", folder_ / "?"}, {"framing", "whole"}}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_TRUE(all[0] == large);
  EXPECT_EQ(all[1], "small\nfile");
  EXPECT_EQ(all[2], "");
}

TEST_F(FileSourceTest, file_source_reads_as_flow_pipe_does) {
  const std::string text = text_of_lines(5000, "w");
  write_file(folder_ / "a.gz", packed(text));
  write_file(folder_ / "a", text);
  for (const char* word : {"COMPRESSION_GZIP", "GZIP", "2", "COMPRESSION_AUTO"}) {
    const auto all = read(map({{"path", folder_ / "a.gz"}, {"compression", word}}), "file_source");
    ASSERT_EQ(all.size(), 1u);
    EXPECT_TRUE(all[0] == text) << word;
  }
  EXPECT_TRUE(read(map({{"path", folder_ / "a"}}), "file_source")[0] == text);
  for (const char* name : {"a", "a.gz"}) {
    SourceHarness in(services_, source(map({{"path", folder_ / name},
                                            {"compression", "COMPRESSION_AUTO"},
                                            {"max_bytes", text.size() - 1}}),
                                       "file_source"));
    ASSERT_TRUE(in.open());
    in.pull_all();
    EXPECT_TRUE(in.out.records.empty());
    ASSERT_EQ(in.out.rejected.size(), 1u);
    EXPECT_EQ(in.out.rejected[0].error.code, "record-too-large");
  }
}

TEST_F(FileSourceTest, goes_on_behind_a_barrier_wherever_it_was_killed) {
  const std::string text = text_of_lines(4000, "k");
  write_file(folder_ / "in", text + "last");
  write_file(folder_ / "in2.gz", packed(text));
  const auto lines = lines_of(text + "last");
  for (const char* name : {"in", "in2.gz"}) {
    const auto bound = source(map({{"path", folder_ / name}, {"compression", "auto"}}));
    Random random(5);
    Positions committed;
    std::vector<std::string> all;
    for (int run = 0; run < 1000; ++run) {
      SourceHarness in(services_, bound);
      in.context.batch_records_max = 50 + random.below(100);
      ASSERT_TRUE(in.open(committed));
      const size_t wanted = 1 + random.below(400);
      const Pull last = in.pull_all(wanted);
      merge(committed, in.barrier());
      for (const std::string& payload : in.out.payloads()) all.push_back(payload);
      if (last.state == Pull::State::kEnd) break;
      in.pull_all(in.out.records.size() + random.below(300));  // read, never committed
    }
    const size_t count = lines.size() - (name == std::string("in") ? 0 : 1);
    EXPECT_TRUE(all == std::vector<std::string>(lines.begin(), lines.begin() + count)) << name;
    SourceHarness again(services_, bound);
    ASSERT_TRUE(again.open(committed));
    EXPECT_EQ(again.pull_all().state, Pull::State::kEnd);
    EXPECT_TRUE(again.out.records.empty());
  }
}

/// Many tasks, killed at arbitrary moments and started in other numbers: what was read before
/// barriers is each line exactly once.
TEST_F(FileSourceTest, any_number_of_tasks_shares_the_rest_out) {
  std::string expected;
  for (int file = 0; file < 3; ++file) {
    const std::string text = text_of_lines(12'000, std::string(1, 'a' + file), 300);
    write_file(folder_ / ("in" + std::to_string(file)), text);
    expected += text;
  }
  for (const uint64_t seed : {1ull, 2ull, 3ull}) {
    Random random(seed);
    const auto bound =
        source(map({{"path", folder_ / "in*"}, {"range_bytes", 65536 + random.below(300'000)}}));
    Positions committed;
    std::vector<std::string> all;
    bool ended = false;
    for (int run = 0; run < 200 && !ended; ++run) {
      const auto tasks = static_cast<uint32_t>(1 + random.below(5));
      std::vector<std::unique_ptr<SourceHarness>> in;
      for (uint32_t task = 0; task < tasks; ++task) {
        in.push_back(std::make_unique<SourceHarness>(services_, bound));
        in.back()->context = services_.context(task, tasks);
        ASSERT_TRUE(in.back()->open(committed));
      }
      std::vector<bool> ends(tasks);
      const auto step = [&] {
        const size_t task = random.below(tasks);
        if (random.chance(1, 2)) services_.blocking.run_newest();
        if (!ends[task]) ends[task] = in[task]->pull().state == Pull::State::kEnd;
      };
      for (uint64_t i = random.below(2000); i > 0; --i) step();
      // The barrier reaches the tasks at different moments.
      for (auto& task : in) {
        merge(committed, task->barrier());
        for (const std::string& payload : task->out.payloads()) all.push_back(payload);
        task->out.records.clear();
        for (uint64_t i = random.below(20); i > 0; --i) step();
        for (auto& before : in) {
          if (before.get() == task.get()) break;
          before->out.records.clear();
        }
      }
      ended = std::all_of(ends.begin(), ends.end(), [](bool end) { return end; });
      for (auto& task : in) {
        ended = ended && task->out.records.empty();
        ASSERT_TRUE(task->out.errors.empty());
      }
      services_.blocking.drop_all();
    }
    EXPECT_TRUE(ended);
    EXPECT_EQ(all.size(), 36'000u);
    EXPECT_TRUE(sorted(all) == sorted(lines_of(expected))) << "seed " << seed;
  }
}

TEST_F(FileSourceTest, tasks_take_ever_smaller_pieces_so_that_they_end_together) {
  write_file(folder_ / "in", text_of_lines(200'000, "s", 60));
  const auto bound = source(map({{"path", folder_ / "in"}}));
  std::vector<std::unique_ptr<SourceHarness>> in;
  for (uint32_t task = 0; task < 2; ++task) {
    in.push_back(std::make_unique<SourceHarness>(services_, bound));
    in.back()->context = services_.context(task, 2);
    ASSERT_TRUE(in.back()->open());
  }
  bool more = true;
  while (more) {
    more = false;
    for (auto& task : in) {
      services_.blocking.run_all();
      more |= task->pull().state != Pull::State::kEnd;
    }
  }
  EXPECT_EQ(in[0]->out.records.size() + in[1]->out.records.size(), 200'000u);
  EXPECT_GT(in[0]->out.records.size(), 60'000u);
  EXPECT_GT(in[1]->out.records.size(), 60'000u);
}

TEST_F(FileSourceTest, gives_an_unfinished_last_line_again_whole_when_it_has_grown) {
  write_file(folder_ / "in", "one\ntw");
  const auto bound = source(map({{"path", folder_ / "in"}}));
  Positions committed;
  {
    SourceHarness in(services_, bound);
    ASSERT_TRUE(in.open());
    in.pull_all();
    EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"one", "tw"}));
    committed = in.barrier();
  }
  {
    SourceHarness in(services_, bound);
    ASSERT_TRUE(in.open(committed));
    in.pull_all();
    EXPECT_TRUE(in.out.records.empty());
    merge(committed, in.barrier());
  }
  append_file(folder_ / "in", "o\nthree\n");
  SourceHarness in(services_, bound);
  ASSERT_TRUE(in.open(committed));
  in.pull_all();
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"two", "three"}));
}

TEST_F(FileSourceTest, reads_a_file_anew_when_its_contents_are_others) {
  write_file(folder_ / "in", "one\ntwo\n");
  const auto bound = source(map({{"path", folder_ / "in"}}));
  SourceHarness first(services_, bound);
  ASSERT_TRUE(first.open());
  first.pull_all();
  Positions committed = first.barrier();
  write_file(folder_ / "in", "uno\ndue\ntre\n");  // the same inode
  SourceHarness second(services_, bound);
  ASSERT_TRUE(second.open(committed));
  second.pull_all();
  EXPECT_EQ(second.out.payloads(), (std::vector<std::string>{"uno", "due", "tre"}));
  merge(committed, second.barrier());
  SourceHarness third(services_, bound);
  ASSERT_TRUE(third.open(committed));
  third.pull_all();
  EXPECT_TRUE(third.out.records.empty());
}

TEST_F(FileSourceTest, knows_a_file_that_was_copied_or_renamed_between_runs) {
  const std::string text = text_of_lines(100, "m");
  write_file(folder_ / "a.log", text);
  const auto bound = source(map({{"path", folder_ / "*.log"}}));
  SourceHarness first(services_, bound);
  ASSERT_TRUE(first.open());
  first.pull_all();
  Positions committed = first.barrier();
  std::filesystem::rename(folder_ / "a.log", folder_ / "b.log");
  append_file(folder_ / "b.log", "more\n");
  SourceHarness second(services_, bound);
  ASSERT_TRUE(second.open(committed));
  second.pull_all();
  EXPECT_EQ(second.out.payloads(), (std::vector<std::string>{"more"}));
  merge(committed, second.barrier());
  write_file(folder_ / "copy", text + "more\nand more\n");
  std::filesystem::rename(folder_ / "copy", folder_ / "b.log");
  SourceHarness third(services_, bound);
  ASSERT_TRUE(third.open(committed));
  third.pull_all();
  EXPECT_EQ(third.out.payloads(), (std::vector<std::string>{"and more"}));
}

TEST_F(FileSourceTest, stops_when_a_file_vanishes_before_it_is_read) {
  write_file(folder_ / "in", "a\n");
  SourceHarness in(services_, source(map({{"path", folder_ / "in"}})));
  ASSERT_TRUE(in.open());
  std::filesystem::remove(folder_ / "in");
  in.pull_all();
  ASSERT_EQ(in.out.errors.size(), 1u);
  EXPECT_EQ(in.out.errors[0].code, "file-gone");
}

TEST_F(FileSourceTest, forgets_to_report_what_is_committed_and_keeps_reporting_the_rest) {
  for (const char* name : {"a", "b", "c"}) write_file(folder_ / name, "1\n2\n3\n");
  SourceHarness in(services_, source(map({{"path", folder_ / "?"}})));
  in.context.batch_records_max = 4;
  ASSERT_TRUE(in.open());
  in.pull_all(4);
  const Positions first = in.barrier();
  in.source().committed(first);
  in.pull_all();
  const Positions rest = in.barrier();
  Positions all = first;
  merge(all, rest);
  EXPECT_LT(rest.size(), 3u);
  ASSERT_EQ(all.size(), 3u);
  for (const auto& [partition, position] : all) EXPECT_TRUE(position.finished) << partition;
}

}  // namespace
}  // namespace penstock
