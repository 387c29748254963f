// SPDX-License-Identifier: Apache-2.0
#include "state/disk.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "state/sim_disk.h"

namespace penstock {
namespace {

/// A folder of this test, removed at its end. On the machine's disk.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "penstock-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// The contract of Disk, held against every implementation.
class DiskContract : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "System") disk_ = make_system_disk();
    if (GetParam() == "Memory") disk_ = make_memory_disk();
    if (GetParam() == "Simulated") disk_ = std::make_unique<SimDisk>(1);
    root_ = folder_.path() + "/state/a";
    ASSERT_TRUE(disk_->make_folders(root_));
  }
  std::string at(const std::string& name) const { return root_ + "/" + name; }
  Folder folder_;
  std::string root_;
  std::unique_ptr<Disk> disk_;
};
INSTANTIATE_TEST_SUITE_P(All, DiskContract, testing::Values("System", "Memory", "Simulated"),
                         [](const auto& info) { return info.param; });

TEST_P(DiskContract, gives_back_what_was_written_last) {
  ASSERT_TRUE(disk_->write(at("f"), "a longer text", false));
  const std::string second("a\0b", 3);
  ASSERT_TRUE(disk_->write(at("f"), second, true));
  auto read = disk_->read(at("f"), 100);
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, second);
}

TEST_P(DiskContract, reads_up_to_the_limit_and_refuses_one_byte_more) {
  ASSERT_TRUE(disk_->write(at("f"), "12345", false));
  EXPECT_TRUE(disk_->read(at("f"), 5));
  auto read = disk_->read(at("f"), 4);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "file-too-large");
}

TEST_P(DiskContract, says_that_a_file_is_not_there) {
  EXPECT_FALSE(disk_->read(at("f"), 1));
  EXPECT_FALSE(disk_->rename(at("f"), at("g"), false));
  EXPECT_FALSE(disk_->write(at("no/f"), "x", false));
  EXPECT_FALSE(*disk_->exists(at("f")));
  EXPECT_TRUE(disk_->remove(at("f")));
  EXPECT_FALSE(disk_->list(at("no")));
}

TEST_P(DiskContract, rename_replaces_the_target) {
  ASSERT_TRUE(disk_->write(at("f"), "new", true));
  ASSERT_TRUE(disk_->write(at("g"), "old", true));
  ASSERT_TRUE(disk_->rename(at("f"), at("g"), true));
  EXPECT_FALSE(*disk_->exists(at("f")));
  EXPECT_EQ(*disk_->read(at("g"), 10), "new");
}

TEST_P(DiskContract, lists_files_sorted_and_no_folders) {
  ASSERT_TRUE(disk_->make_folders(at("folder")));
  ASSERT_TRUE(disk_->make_folders(at("folder")));
  for (const char* name : {"b", "a", "c"}) ASSERT_TRUE(disk_->write(at(name), "", false));
  ASSERT_TRUE(disk_->remove(at("c")));
  auto names = disk_->list(root_);
  ASSERT_TRUE(names);
  EXPECT_EQ(*names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(*disk_->exists(at("folder")));
}

TEST_P(DiskContract, a_lock_has_one_holder_until_it_is_dropped) {
  auto lock = disk_->lock(at("lock"));
  ASSERT_TRUE(lock);
  auto second = disk_->lock(at("lock"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "state-locked");
  lock->reset();
  EXPECT_TRUE(disk_->lock(at("lock")));
}

TEST(SystemDisk, a_lock_names_the_process_that_holds_it_and_dies_with_it) {
  const Folder folder;
  const std::string path = folder.path() + "/lock";
  int locked[2], finish[2];
  ASSERT_EQ(::pipe(locked), 0);
  ASSERT_EQ(::pipe(finish), 0);
  const pid_t child = ::fork();
  char byte = 0;
  if (child == 0) {
    auto lock = make_system_disk()->lock(path);
    byte = lock ? 'y' : 'n';
    (void)!::write(locked[1], &byte, 1);
    (void)!::read(finish[0], &byte, 1);
    ::_exit(0);
  }
  ASSERT_EQ(::read(locked[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto disk = make_system_disk();
  const auto refused = disk->lock(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "state-locked");
  EXPECT_NE(refused.error().message.find("process " + std::to_string(child)), std::string::npos)
      << refused.error().message;
  ASSERT_EQ(::write(finish[1], &byte, 1), 1);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(disk->lock(path));
  for (const int fd : {locked[0], locked[1], finish[0], finish[1]}) ::close(fd);
}

TEST(SystemDisk, a_full_disk_asks_to_try_again_later) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "this machine has no /dev/full";
  const auto written = make_system_disk()->write("/dev/full", "x", false);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, "disk-full");
  EXPECT_EQ(written.error().reaction, Reaction::kRetryLater);
}

TEST(SimDisk, a_kill_keeps_what_was_written_and_frees_locks) {
  SimDisk disk(1);
  ASSERT_TRUE(disk.make_folders("s"));
  auto lock = disk.lock("s/lock");
  ASSERT_TRUE(disk.write("s/f", "bytes", false));
  disk.crash(SimDisk::Crash::kKill);
  EXPECT_EQ(*disk.read("s/f", 10), "bytes");
  auto second = disk.lock("s/lock");
  ASSERT_TRUE(second);
  lock->reset();  // the dead process's lock says nothing any more
  EXPECT_FALSE(disk.lock("s/lock"));
}

TEST(SimDisk, a_power_cut_may_lose_what_was_not_synced_and_nothing_else) {
  int lost = 0, kept = 0, entry_lost = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SimDisk disk(seed);
    ASSERT_TRUE(disk.make_folders("s"));
    ASSERT_TRUE(disk.write("s/tmp", "synced", true));
    ASSERT_TRUE(disk.rename("s/tmp", "s/safe", true));
    ASSERT_TRUE(disk.write("s/risky", "unsynced", false));
    disk.crash(SimDisk::Crash::kPower);
    ASSERT_EQ(*disk.read("s/safe", 100), "synced");
    if (!*disk.exists("s/risky")) {
      ++entry_lost;
    } else if (*disk.read("s/risky", 100) == "unsynced") {
      ++kept;
    } else {
      ++lost;
    }
  }
  EXPECT_GT(lost, 10);
  EXPECT_GT(kept, 10);
  EXPECT_GT(entry_lost, 10);
}

TEST(SimDisk, the_same_seed_and_calls_give_the_same_disk) {
  const auto run = [](uint64_t seed) {
    SimDisk disk(seed, {100, 50, 100, 100});
    std::string seen;
    for (int i = 0; i < 100; ++i) {
      seen += disk.make_folders("s") ? 'y' : 'n';
      auto written = disk.write("s/" + std::to_string(i % 7), std::string(50, 'a'), i % 2 == 0);
      seen += written ? "ok" : written.error().code;
      seen += disk.rename("s/" + std::to_string(i % 7), "s/x", i % 3 == 0) ? 'y' : 'n';
    }
    disk.crash(SimDisk::Crash::kPower);
    disk.set_faults({});
    const auto names = disk.list("s");
    for (const std::string& name : *names) seen += name + *disk.read("s/" + name, 100);
    return seen;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
}

TEST(SimDisk, every_kind_of_fault_occurs) {
  SimDisk disk(3, {.full = 200, .failed = 200, .torn = 200, .failed_but_done = 200});
  while (!disk.make_folders("s")) continue;
  std::map<std::string, int> seen;
  for (int i = 0; i < 300; ++i) {
    const std::string text = "text " + std::to_string(i);
    const auto written = disk.write("s/f", text, false);
    auto read = disk.read("s/f", 100);
    while (!read) read = disk.read("s/f", 100);
    std::string kind = written ? "ok" : written.error().code;
    if (!written) kind += *read == text ? " done" : text.starts_with(*read) ? " part" : " not";
    ++seen[kind];
  }
  for (const char* kind :
       {"ok", "disk-full part", "io-error part", "io-error done", "io-error not"}) {
    EXPECT_GT(seen[kind], 10) << kind;
  }
}

}  // namespace
}  // namespace penstock
