// SPDX-License-Identifier: Apache-2.0
#include "state/log_disk.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "state/sim_disk.h"

namespace penstock {
namespace {

std::string contents(LogFile& file) {
  std::string bytes(1 << 20, '\0');
  bytes.resize(*file.read_at(0, bytes.data(), bytes.size()));
  return bytes;
}

Result<void> append(LogFile& file, std::string_view bytes) {
  const std::string_view pieces[] = {bytes};
  return file.append(pieces);
}

/// What holds of any LogDisk.
void check_contract(LogDisk& disk, const std::string& root) {
  ASSERT_TRUE(disk.make_folders(root + "/a/b"));
  EXPECT_EQ(*disk.folders(root + "/a"), std::vector<std::string>{"b"});
  const std::string path = root + "/a/log";
  EXPECT_FALSE(disk.open(path, LogDisk::Open::kRead));
  auto writer = disk.open(path, LogDisk::Open::kWrite);
  ASSERT_TRUE(writer);
  const std::string_view pieces[] = {"one", "", "two", "three"};
  ASSERT_TRUE((*writer)->append(pieces));
  auto reader = disk.open(path, LogDisk::Open::kRead);
  ASSERT_TRUE(reader);
  EXPECT_EQ(contents(**reader), "onetwothree");
  ASSERT_TRUE((*writer)->truncate(6));
  ASSERT_TRUE(append(**writer, "TWO"));
  ASSERT_TRUE((*writer)->sync());
  ASSERT_TRUE(disk.sync_folder(root + "/a"));
  EXPECT_EQ(contents(**reader), "onetwoTWO");
  EXPECT_EQ(*(*reader)->size(), 9u);
  char two[2];
  EXPECT_EQ(*(*reader)->read_at(8, two, 2), 1u);
  EXPECT_EQ(*(*reader)->read_at(9, two, 2), 0u);
  auto again = disk.open(path, LogDisk::Open::kWrite);
  ASSERT_TRUE(append(**again, "!"));
  ASSERT_TRUE(disk.remove(path));
  EXPECT_EQ(contents(**reader), "onetwoTWO!");
  EXPECT_FALSE(disk.open(path, LogDisk::Open::kRead));
  ASSERT_TRUE(disk.remove_folder(root + "/a/b"));
  EXPECT_EQ(*disk.folders(root + "/a"), std::vector<std::string>{});
}

TEST(LogDisk, files_grow_are_cut_and_stay_readable_without_a_name) {
  std::string pattern = (std::filesystem::temp_directory_path() / "penstock-XXXXXX").string();
  const std::string root = ::mkdtemp(pattern.data());
  check_contract(*make_system_log_disk(), root);
  std::filesystem::remove_all(root);
  SimDisk simulated(1);
  check_contract(simulated, "/root");
}

TEST(LogDisk, a_power_cut_leaves_what_was_synced_and_any_mixture_behind_it) {
  std::set<std::string> seen;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SimDisk disk(seed);
    ASSERT_TRUE(disk.make_folders("/d"));
    auto file = disk.open("/d/log", LogDisk::Open::kWrite);
    ASSERT_TRUE(append(**file, std::string(700, 'a')));
    ASSERT_TRUE((*file)->sync());
    ASSERT_TRUE(disk.sync_folder("/d"));
    ASSERT_TRUE(append(**file, std::string(700, 'b')));
    disk.crash(SimDisk::Crash::kPower);
    const auto again = disk.open("/d/log", LogDisk::Open::kRead);
    ASSERT_TRUE(again);
    const std::string bytes = contents(**again);
    ASSERT_LE(bytes.size(), 1400u);
    ASSERT_EQ(bytes.substr(0, 700), std::string(700, 'a'));
    seen.insert(bytes);
  }
  EXPECT_GT(seen.size(), 50u);
  EXPECT_TRUE(seen.contains(std::string(700, 'a')));
  EXPECT_TRUE(seen.contains(std::string(700, 'a') + std::string(700, 'b')));
}

TEST(LogDisk, a_new_file_needs_a_synced_folder_to_survive) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SimDisk disk(seed);
    ASSERT_TRUE(disk.make_folders("/d"));
    auto file = disk.open("/d/log", LogDisk::Open::kWrite);
    ASSERT_TRUE((*file)->sync());
    disk.crash(SimDisk::Crash::kPower);
    lost += *disk.exists("/d/log") ? 0 : 1;
  }
  EXPECT_GT(lost, 0);
  EXPECT_LT(lost, 50);
}

}  // namespace
}  // namespace penstock
