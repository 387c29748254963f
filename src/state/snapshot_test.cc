// SPDX-License-Identifier: Apache-2.0
#include "state/snapshot.h"

#include <gtest/gtest.h>

#include <map>

#include "base/hash.h"
#include "state/store.h"

namespace penstock {
namespace {

using Entries = std::map<std::string, std::string>;

Entries sample(int count) {
  Entries entries;
  for (int i = 0; i < count; ++i) {
    entries["key " + std::to_string(i)] = std::string(static_cast<size_t>(i % 5), 'v');
  }
  return entries;
}

std::string written(const Entries& entries) {
  SnapshotWriter writer;
  for (const auto& [key, value] : entries) writer.put(key, value);
  return writer.take();
}

Result<Entries> read(std::vector<std::string> snapshots, uint32_t task, uint32_t tasks) {
  Entries entries;
  SnapshotReader reader(std::move(snapshots), task, tasks);
  PENSTOCK_TRY(reader.for_each([&](std::string_view key, std::string_view value) -> Result<void> {
    if (!entries.emplace(key, value).second) return stop_error("twice", std::string(key));
    return {};
  }));
  return entries;
}

TEST(Snapshot, comes_back_whole_to_a_single_task) {
  Entries entries = sample(1000);
  entries[""] = "the empty key";
  entries[std::string("\0\n", 2)] = std::string("\0", 1);
  auto back = read({written(entries)}, 0, 1);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, entries);
}

TEST(Snapshot, each_key_goes_to_exactly_its_owner_at_any_other_parallelism) {
  const Entries entries = sample(2000);
  for (const uint32_t before : {1u, 2u, 3u, 8u}) {
    std::vector<Entries> split(before);
    for (const auto& [key, value] : entries) {
      split[group_owner(key_group(hash64(key)), before)][key] = value;
    }
    std::vector<std::string> snapshots;
    for (const Entries& part : split) snapshots.push_back(written(part));
    for (const uint32_t after : {1u, 2u, 5u, 256u}) {
      Entries joined;
      for (uint32_t task = 0; task < after; ++task) {
        auto part = read(snapshots, task, after);
        ASSERT_TRUE(part);
        for (const auto& [key, value] : *part) {
          ASSERT_EQ(group_owner(key_group(hash64(key)), after), task);
          ASSERT_TRUE(joined.emplace(key, value).second);
        }
      }
      EXPECT_EQ(joined, entries);
    }
  }
}

TEST(Snapshot, a_writer_is_empty_after_take) {
  SnapshotWriter writer;
  writer.put("a", "1");
  writer.take();
  auto none = read({writer.take(), ""}, 0, 1);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  writer.put("b", "2");
  EXPECT_EQ(*read({writer.take()}, 0, 1), (Entries{{"b", "2"}}));
}

TEST(Snapshot, the_order_of_puts_within_a_group_is_kept) {
  SnapshotWriter writer;
  std::string same_group;  // many keys of one group
  for (int i = 0, found = 0; found < 3; ++i) {
    const std::string key = std::to_string(i);
    if (key_group(hash64(key)) != 9) continue;
    writer.put(key, std::to_string(found++));
  }
  SnapshotReader reader({writer.take()}, 0, 1);
  ASSERT_TRUE(reader.for_each([&](std::string_view, std::string_view value) -> Result<void> {
    same_group += value;
    return {};
  }));
  EXPECT_EQ(same_group, "012");
}

TEST(Snapshot, a_changed_byte_gives_an_error_and_never_wrong_entries) {
  const Entries entries = sample(40);
  const std::string good = written(entries);
  for (size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    const auto back = read({bad}, 0, 1);
    ASSERT_FALSE(back) << at;
    EXPECT_TRUE(back.error().code == "state-damaged" || back.error().code == "state-too-new");
  }
}

TEST(Snapshot, a_cut_gives_an_error_except_between_blocks) {
  const std::string good = written(sample(20));
  size_t clean = 0;
  for (size_t size = 1; size < good.size(); ++size) {
    clean += read({good.substr(0, size)}, 0, 1).has_value();
  }
  EXPECT_LE(clean, 20u);  // the manifest's size and checksum notice these
}

TEST(Snapshot, the_error_of_the_reader_function_ends_the_reading) {
  SnapshotReader reader({written(sample(10))}, 0, 1);
  int calls = 0;
  const auto result = reader.for_each([&](std::string_view, std::string_view) -> Result<void> {
    ++calls;
    return stop_error("no", "no");
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "no");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace penstock
