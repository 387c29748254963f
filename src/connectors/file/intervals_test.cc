// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/intervals.h"

#include <gtest/gtest.h>

#include <bitset>

#include "base/random.h"

namespace penstock {
namespace {

TEST(Intervals, unites_what_overlaps_or_touches) {
  Intervals set;
  set.add({10, 20});
  set.add({30, 40});
  set.add({20, 25});
  EXPECT_EQ(set.all(), (std::vector<Stretch>{{10, 25}, {30, 40}}));
  set.add({5, 100});
  EXPECT_EQ(set.all(), (std::vector<Stretch>{{5, 100}}));
  set.add({7, 7});
  EXPECT_EQ(set.all(), (std::vector<Stretch>{{5, 100}}));
}

TEST(Intervals, gaps_are_what_is_missing_below_the_size) {
  Intervals set;
  EXPECT_EQ(set.gaps(0), std::vector<Stretch>());
  EXPECT_EQ(set.gaps(9), (std::vector<Stretch>{{0, 9}}));
  set.add({0, 3});
  set.add({5, 6});
  EXPECT_EQ(set.gaps(9), (std::vector<Stretch>{{3, 5}, {6, 9}}));
  EXPECT_EQ(set.gaps(6), (std::vector<Stretch>{{3, 5}}));
  EXPECT_EQ(set.gaps(4), (std::vector<Stretch>{{3, 4}}));
}

TEST(Intervals, agree_with_a_set_of_bits) {
  Random random(1);
  for (int round = 0; round < 200; ++round) {
    Intervals set;
    std::bitset<64> bits;
    for (int i = 0; i < 8; ++i) {
      const uint64_t begin = random.below(64), end = begin + random.below(65 - begin);
      set.add({begin, end});
      for (uint64_t b = begin; b < end; ++b) bits.set(b);
    }
    std::bitset<64> covered, missing;
    for (const Stretch& s : set.all()) {
      for (uint64_t b = s.begin; b < s.end; ++b) covered.set(b);
    }
    for (const Stretch& s : set.gaps(64)) {
      for (uint64_t b = s.begin; b < s.end; ++b) missing.set(b);
    }
    EXPECT_EQ(covered, bits);
    EXPECT_EQ(missing, ~bits);
  }
}

}  // namespace
}  // namespace penstock
