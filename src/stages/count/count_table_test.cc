// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count_table.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace penstock {
namespace {

/// Keys with the padding behind them that the table may read, filled with other bytes each time.
class Keys {
 public:
  explicit Keys(const CountTable& table) : table_(table) {}
  CountKey operator()(const std::string& key) {
    bytes_ = key + std::string(CountTable::kPadding, static_cast<char>(++filler_));
    return table_.prepare({bytes_.data(), key.size()});
  }

 private:
  const CountTable& table_;
  std::string bytes_;
  int filler_ = 0;
};

std::map<std::string, uint64_t> contents(const CountTable& table) {
  std::map<std::string, uint64_t> all;
  CountTable::Cursor cursor;
  table.scan(cursor, SIZE_MAX, [&](const CountTable::Slot& slot) {
    EXPECT_TRUE(all.emplace(slot.key(), slot.count).second) << slot.key();
  });
  EXPECT_EQ(all.size(), table.keys());
  return all;
}

TEST(CountTable, counts_like_a_map_whatever_the_length_of_keys) {
  CountTable table(1);
  Keys key(table);
  Random random(3);
  std::map<std::string, uint64_t> expected;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = std::to_string(random.below(30'000));
    text.resize(random.below(34), '\0');  // 0 to 33 bytes, zero bytes count
    table.add(key(text), 1 + i % 3);
    expected[text] += 1 + i % 3;
  }
  EXPECT_EQ(contents(table), expected);
}

TEST(CountTable, keys_that_differ_only_in_length_are_different) {
  CountTable table(1);
  Keys key(table);
  std::map<std::string, uint64_t> expected;
  for (size_t size = 0; size < 40; ++size) {
    for (size_t n = 0; n <= size; ++n) table.add(key(std::string(size, '\0')), 1);
    expected[std::string(size, '\0')] = size + 1;
  }
  EXPECT_EQ(contents(table), expected);
}

TEST(CountTable, a_scan_in_small_turns_sees_every_key_once) {
  CountTable table(1);
  Keys key(table);
  for (int i = 0; i < 5000; ++i) table.add(key(std::to_string(i)), 1);
  CountTable::Cursor cursor;
  size_t seen = 0, turns = 1;
  while (!table.scan(cursor, 7, [&](const CountTable::Slot&) { ++seen; })) ++turns;
  EXPECT_EQ(seen, 5000u);
  EXPECT_GE(turns, 5000u / 7);
}

TEST(CountTable, taking_a_shard_forgets_its_keys_and_no_others) {
  CountTable table(1);
  Keys key(table);
  for (int i = 0; i < 5000; ++i) table.add(key(std::to_string(i) + " is a rather long key"), 2);
  const auto before = contents(table);
  std::map<std::string, uint64_t> taken;
  for (uint32_t shard = 0; shard < CountTable::kShards / 2; ++shard) {
    table.take_shard(shard, [&](const CountTable::Slot& slot) {
      taken.emplace(slot.key(), slot.count);
    });
  }
  const auto after = contents(table);
  EXPECT_EQ(taken.size() + after.size(), before.size());
  EXPECT_GT(taken.size(), 2000u);
  for (const auto& [text, count] : taken) table.add(key(text), count);
  EXPECT_EQ(contents(table), before);
}

TEST(CountTable, keys_in_the_order_of_another_table_do_not_pile_up) {
  CountTable from(1), to(1);
  Keys key(from), copied(to);
  for (int i = 0; i < 300'000; ++i) from.add(key(std::to_string(i)), 1);
  CountTable::Cursor cursor;
  from.scan(cursor, SIZE_MAX, [&](const CountTable::Slot& slot) {
    to.add(copied(std::string(slot.key())), slot.count);
  });
  EXPECT_EQ(contents(to), contents(from));
  EXPECT_EQ(to.memory_bytes(), from.memory_bytes());
}

TEST(CountTable, memory_is_given_back_when_shards_are_taken) {
  CountTable table(1);
  Keys key(table);
  const uint64_t empty = table.memory_bytes();
  const std::string big(1000, 'k');
  for (int i = 0; i < 500; ++i) table.add(key(big + std::to_string(i)), 1);
  EXPECT_GT(table.memory_bytes(), empty + 500'000);
  for (uint32_t shard = 0; shard < CountTable::kShards; ++shard) {
    table.take_shard(shard, [](const CountTable::Slot&) {});
  }
  EXPECT_EQ(table.keys(), 0u);
  EXPECT_EQ(table.memory_bytes(), empty);
}

}  // namespace
}  // namespace penstock
