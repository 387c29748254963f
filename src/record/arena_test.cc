// SPDX-License-Identifier: Apache-2.0
#include "record/arena.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <utility>
#include <vector>

namespace penstock {
namespace {

TEST(ArenaPool, gives_back_the_arena_that_was_freed_last) {
  ArenaPool pool;
  ArenaRef a = pool.get();
  ArenaRef b = pool.get();
  Arena* first = a.get();
  Arena* second = b.get();
  a = ArenaRef();
  b = ArenaRef();
  EXPECT_EQ(pool.get().get(), second);
  b = pool.get();
  EXPECT_EQ(b.get(), second);
  EXPECT_EQ(pool.get().get(), first);
}

TEST(ArenaPool, counts_arenas_in_use) {
  ArenaPool pool;
  EXPECT_EQ(pool.outstanding(), 0u);
  {
    ArenaRef a = pool.get();
    ArenaRef b = a;
    EXPECT_EQ(pool.outstanding(), 1u);
    ArenaRef c = pool.get();
    EXPECT_EQ(pool.outstanding(), 2u);
  }
  EXPECT_EQ(pool.outstanding(), 0u);
}

TEST(ArenaPool, makes_standard_arenas_up_to_their_size_and_larger_ones_as_asked) {
  ArenaPool pool;
  EXPECT_EQ(pool.get(0)->capacity(), kArenaBytes);
  EXPECT_EQ(pool.get(kArenaBytes)->capacity(), kArenaBytes);
  EXPECT_EQ(pool.get(kArenaBytes + 1)->capacity(), kArenaBytes + 1);
}

TEST(ArenaPool, does_not_keep_oversized_arenas) {
  ArenaPool pool;
  pool.get(10 * kArenaBytes);
  EXPECT_EQ(pool.get()->capacity(), kArenaBytes);
  EXPECT_EQ(pool.outstanding(), 0u);
}

TEST(ArenaPool, pads_every_arena_with_readable_bytes) {
  ArenaPool pool;
  for (const size_t bytes : {size_t{1}, kArenaBytes + 1, 3 * kArenaBytes}) {
    ArenaRef arena = pool.get(bytes);
    const std::vector<char> zeros(kArenaPadding);
    EXPECT_EQ(std::memcmp(arena->data() + arena->capacity(), zeros.data(), kArenaPadding), 0);
  }
}

TEST(ArenaPool, frees_what_is_idle_beyond_its_bound) {
  constexpr size_t kMany = IdleList<Arena>::kOwnMax + IdleList<Arena>::kCommonMax + 10;
  ArenaPool pool;
  std::vector<ArenaRef> all;
  for (size_t i = 0; i < kMany; ++i) all.push_back(pool.get());
  all.clear();
  EXPECT_EQ(pool.outstanding(), 0u);
  for (size_t i = 0; i < kMany; ++i) all.push_back(pool.get());
  EXPECT_EQ(pool.outstanding(), kMany);
}

TEST(ArenaRef, knows_whether_it_is_the_only_one) {
  ArenaPool pool;
  ArenaRef a = pool.get();
  EXPECT_TRUE(a.unique());
  {
    const ArenaRef b = a;
    EXPECT_FALSE(a.unique());
    EXPECT_FALSE(b.unique());
  }
  EXPECT_TRUE(a.unique());
}

TEST(ArenaRef, keeps_its_arena_through_moves_and_assignment_to_itself) {
  ArenaPool pool;
  ArenaRef a = pool.get();
  Arena* arena = a.get();
  ArenaRef b = std::move(a);
  EXPECT_FALSE(a);  // NOLINT: a moved-from reference refers to nothing
  ArenaRef& alias = b;
  b = alias;
  EXPECT_EQ(b.get(), arena);
  EXPECT_TRUE(b.unique());
  EXPECT_EQ(pool.outstanding(), 1u);
}

TEST(ArenaRef, may_be_dropped_on_any_thread) {
  ArenaPool pool;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool] {
      for (int i = 0; i < 500; ++i) {
        ArenaRef mine = pool.get();
        mine->data()[0] = 'x';
        ArenaRef copy = mine;
        std::thread([last = std::move(copy)] {}).join();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.outstanding(), 0u);
}

}  // namespace
}  // namespace penstock
