// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/random.h"
#include "connectors/file/file.h"
#include "connectors/file/part_writer.h"
#include "sdk/conformance/harness.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock {
namespace {

using namespace conformance;
using Names = std::vector<std::string>;

/// The file sink under exactly_once, with an engine played by hand.
class FileCommitTest : public testing::Test {
 protected:
  FileCommitTest() { register_file(catalog_); }

  /// The tasks of a new run, brought back to the commit point.
  void start(const Node& options, uint32_t tasks) {
    tasks_.clear();
    services_.blocking.drop_all();
    const auto bound = bind(catalog_, "file", ComponentKind::kSink, options);
    for (uint32_t task = 0; task < tasks; ++task) {
      tasks_.push_back(std::make_unique<SinkHarness>(services_, bound));
      SinkHarness& sink = *tasks_.back();
      sink.context = services_.context(task, tasks);
      sink.context.exactly_once = true;
      sink.context.fresh = epoch_ == 1 && committed_.empty();
      sink.epoch = epoch_;
      opened_ = sink.open();
      if (opened_) opened_ = sink.sink().commit(epoch_ - 1, committed_);
      if (opened_) opened_ = sink.recover(committed_);
      if (!opened_) return;
    }
  }
  /// A checkpoint: all tasks prepare. Returns the handles; they are the commit point at once.
  void checkpoint(bool last = false) {
    SinkHandles handles;
    for (auto& task : tasks_) {
      if (last) task->end();
      EXPECT_TRUE(task->deliver(true));
      for (std::string& handle : task->sink().prepare(task->epoch - 1)) {
        handles.push_back(std::move(handle));
      }
    }
    ++epoch_;
    committed_ = handles;
  }
  void commit() {
    for (auto& task : tasks_) {
      EXPECT_TRUE(task->sink().commit(epoch_ - 1, committed_));
    }
  }
  std::string all_published() {
    std::string all;
    for (const std::string& name : folder_.files()) {
      if (!name.ends_with(".inprogress")) all += read_file(folder_ / name);
    }
    return all;
  }

  Catalog catalog_;
  Services services_;
  TempFolder folder_;
  std::vector<std::unique_ptr<SinkHarness>> tasks_;
  Result<void> opened_;
  Epoch epoch_ = 1;
  SinkHandles committed_;
};

TEST_F(FileCommitTest, publishes_a_part_with_the_commit_after_it_was_rolled) {
  start(map({{"path", folder_ / "out-{part}"}, {"part_bytes", "4"}}), 1);
  ASSERT_TRUE(opened_);
  tasks_[0]->write({"abcd"});
  tasks_[0]->write({"e"});
  checkpoint();
  EXPECT_EQ(folder_.files(), (Names{"out-00000.inprogress", "out-00001.inprogress"}));
  commit();
  commit();  // again, as a restart does
  EXPECT_EQ(folder_.files(), (Names{"out-00000", "out-00001.inprogress"}));
  checkpoint(true);
  commit();
  EXPECT_EQ(folder_.files(), (Names{"out-00000", "out-00001"}));
  EXPECT_EQ(read_file(folder_ / "out-00001"), "e\n");
}

TEST_F(FileCommitTest, cuts_back_what_was_written_after_the_commit_point) {
  const Node options = map({{"path", folder_ / "out"}});
  start(options, 1);
  tasks_[0]->write({"one"});
  checkpoint();
  commit();
  tasks_[0]->write({"two"});
  tasks_[0]->deliver(true);  // prepared, never committed
  tasks_[0]->write({"three"});
  tasks_[0]->deliver();
  start(options, 1);
  ASSERT_TRUE(opened_);
  EXPECT_EQ(read_file(folder_ / "out.inprogress"), "one\n");
  tasks_[0]->write({"two"});
  checkpoint(true);
  commit();
  EXPECT_EQ(folder_.files(), (Names{"out"}));
  EXPECT_EQ(read_file(folder_ / "out"), "one\ntwo\n");
}

TEST_F(FileCommitTest, a_checkpoint_knows_only_what_came_before_its_barrier) {
  start(map({{"path", folder_ / "out"}}), 1);
  SinkHarness& sink = *tasks_[0];
  sink.write({"one"});
  sink.barrier(true);
  sink.write({"two"});
  sink.barrier(true);
  sink.settle();
  ASSERT_EQ(sink.out.delivered, (std::vector<Epoch>{1, 2}));
  // The harness prepared nothing in between, so that the newest stands; the lengths must differ.
  const Result<PartHandle> newest = PartHandle::parse(sink.sink().prepare(2)[0]);
  EXPECT_EQ(newest->length, 8u);
  EXPECT_FALSE(newest->done);
}

TEST_F(FileCommitTest, an_empty_result_is_an_empty_file) {
  start(map({{"path", folder_ / "out"}}), 1);
  checkpoint(true);
  commit();
  EXPECT_EQ(folder_.files(), (Names{"out"}));
  EXPECT_EQ(read_file(folder_ / "out"), "");
}

TEST_F(FileCommitTest, replaces_the_old_result_only_when_the_new_one_is_complete) {
  write_file(folder_ / "out", "old\n");
  start(map({{"path", folder_ / "out"}, {"append", false}}), 1);
  ASSERT_TRUE(opened_);
  tasks_[0]->write({"new"});
  checkpoint();
  commit();
  EXPECT_EQ(read_file(folder_ / "out"), "old\n");
  checkpoint(true);
  commit();
  EXPECT_EQ(read_file(folder_ / "out"), "new\n");
}

TEST_F(FileCommitTest, refuses_to_add_to_a_file_that_is_complete) {
  write_file(folder_ / "out", "old\n");
  start(map({{"path", folder_ / "out"}}), 1);
  ASSERT_FALSE(opened_);
  EXPECT_EQ(opened_.error().code, "file-exists");
}

TEST_F(FileCommitTest, says_when_a_part_that_was_delivered_into_is_missing) {
  const Node options = map({{"path", folder_ / "out"}});
  start(options, 1);
  tasks_[0]->write({"one"});
  checkpoint();
  commit();
  write_file(folder_ / "out.inprogress", "on");
  start(options, 1);
  EXPECT_EQ(opened_.error().code, "file-gone");
  std::filesystem::remove(folder_ / "out.inprogress");
  start(options, 1);
  EXPECT_EQ(opened_.error().code, "file-gone");
}

TEST_F(FileCommitTest, a_reader_may_fetch_published_parts_at_once) {
  const Node options = map({{"path", folder_ / "out-{part}"}, {"part_bytes", "1"}});
  start(options, 1);
  tasks_[0]->write({"a"});
  checkpoint();
  commit();
  std::filesystem::remove(folder_ / "out-00000");
  start(options, 1);
  ASSERT_TRUE(opened_);
  tasks_[0]->write({"b"});
  checkpoint(true);
  commit();
  EXPECT_EQ(folder_.files(), (Names{"out-00001"}));
}

TEST_F(FileCommitTest, refuses_handles_that_it_did_not_write) {
  for (const char* text : {"", "done", "open 1", "open x 0 0 p", "open 1 0 0 ", "gone 1 0 0 p"}) {
    const Result<PartHandle> handle = PartHandle::parse(text);
    ASSERT_FALSE(handle) << text;
    EXPECT_EQ(handle.error().code, "state-damaged");
  }
  const PartHandle good{true, 12, 3, 4, "/a b/c"};
  EXPECT_EQ(PartHandle::parse(good.text())->text(), good.text());
}

/// Killed at arbitrary moments, with any number of tasks: the published parts hold what was
/// committed, each record once, in order.
TEST_F(FileCommitTest, a_part_that_is_old_enough_asks_for_the_commit_that_publishes_it) {
  start(map({{"path", folder_ / "out-{part}"}, {"part_interval", "5s"}}), 1);
  ASSERT_TRUE(opened_);
  tasks_[0]->write({"a"});
  checkpoint();
  commit();
  EXPECT_EQ(all_published(), "");
  EXPECT_EQ(tasks_[0]->out.commits_requested, 0);
  tasks_[0]->advance(seconds(6));
  EXPECT_EQ(tasks_[0]->out.commits_requested, 1);
  checkpoint();
  commit();
  EXPECT_EQ(all_published(), "a\n");
}

TEST_F(FileCommitTest, every_committed_record_is_published_exactly_once) {
  for (const bool gzip : {false, true}) {
    Random random(gzip ? 8 : 7);
    committed_.clear();
    epoch_ = 1;
    const std::string prefix = gzip ? "z" : "p";
    const Node options = map({{"path", folder_ / (prefix + "-{task}-{part}")},
                              {"part_bytes", "300"},
                              {"compression", gzip ? "gzip" : "none"}});
    std::vector<std::string> wanted;
    int number = 0;
    for (int run = 0; run < 60; ++run) {
      start(options, 1 + static_cast<uint32_t>(random.below(4)));
      ASSERT_TRUE(opened_) << to_string(opened_.error());
      for (uint64_t round = random.below(5); round > 0; --round) {
        std::vector<std::string> written;
        for (auto& task : tasks_) {
          for (uint64_t n = random.below(6); n > 0; --n) {
            const std::string record =
                prefix + std::to_string(number++) + std::string(random.below(200), '.');
            written.push_back(record);
            task->write({record});
            if (random.chance(1, 3)) services_.blocking.run_one();
            if (random.chance(1, 3)) task->wake();
          }
        }
        if (random.chance(1, 4)) break;  // killed before the checkpoint
        checkpoint();
        wanted.insert(wanted.end(), written.begin(), written.end());
        if (random.chance(1, 3)) break;  // killed before the commit was carried out
        commit();
      }
    }
    start(options, 2);
    ASSERT_TRUE(opened_);
    checkpoint(true);
    commit();
    std::string all;
    for (const std::string& name : folder_.files()) {
      EXPECT_FALSE(name.ends_with(".inprogress")) << name;
      if (!name.starts_with(prefix)) continue;
      std::string text = read_file(folder_ / name);
      if (gzip) {
        Gunzip gunzip;
        std::string out(1 << 20, '\0');
        std::string_view rest = text;
        size_t made = 0;
        while (!rest.empty()) {
          auto step = gunzip.step(rest.data(), rest.size(), out.data() + made, out.size() - made);
          ASSERT_TRUE(step);
          made += step->made;
          rest.remove_prefix(step->used);
        }
        text = out.substr(0, made);
      }
      all += text;
    }
    std::vector<std::string> got = lines_of(all);
    std::sort(got.begin(), got.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(got.size(), wanted.size());
    EXPECT_TRUE(got == wanted);
  }
}

}  // namespace
}  // namespace penstock
