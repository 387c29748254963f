// SPDX-License-Identifier: Apache-2.0
#include "record/batch.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "record/batch_builder.h"

namespace penstock {
namespace {

Batch numbers(BatchPool& pool, int n, Epoch epoch = 1, uint32_t source = 0) {
  BatchBuilder builder(pool);
  for (int i = 0; i < n; ++i) builder.append(std::to_string(i)).position = i;
  Batch batch = builder.take();
  batch.set_epoch(epoch);
  batch.set_source(source);
  return batch;
}

std::vector<int64_t> positions(const Batch& batch) {
  std::vector<int64_t> all;
  batch.for_each([&](const Record& record) { all.push_back(record.position); });
  // Both ways of reading agree.
  for (uint32_t i = 0; i < batch.size(); ++i) EXPECT_EQ(batch[i].position, all[i]);
  EXPECT_EQ(all.size(), batch.size());
  return all;
}

using Positions = std::vector<int64_t>;

TEST(Batch, is_empty_when_nothing_was_put_in) {
  const Batch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.weight(), 0u);
  EXPECT_EQ(batch.epoch(), kNoEpoch);
  EXPECT_TRUE(batch.share().empty());
  EXPECT_TRUE(batch.heads().empty());
}

TEST(Batch, filter_marks_and_moves_no_head) {
  BatchPool pool;
  Batch batch = numbers(pool, 6);
  const Record* first = &batch.heads()[0];
  batch.filter([](const Record& record) { return record.position % 2 == 1; });
  EXPECT_EQ(positions(batch), (Positions{1, 3, 5}));
  EXPECT_TRUE(batch.has_selection());
  EXPECT_EQ(&batch.heads()[0], first);
  EXPECT_EQ(batch.heads().size(), 6u);
}

TEST(Batch, filter_on_a_filtered_batch_narrows_the_selection) {
  BatchPool pool;
  Batch batch = numbers(pool, 10);
  batch.filter([](const Record& record) { return record.position >= 3; });
  batch.filter([](const Record&) { return true; });
  EXPECT_EQ(positions(batch), (Positions{3, 4, 5, 6, 7, 8, 9}));
  batch.filter([](const Record& record) { return record.position != 5 && record.position != 9; });
  EXPECT_EQ(positions(batch), (Positions{3, 4, 6, 7, 8}));
  batch.filter([](const Record&) { return false; });
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.weight(), 0u);
}

TEST(Batch, filter_that_keeps_everything_makes_no_selection) {
  BatchPool pool;
  Batch batch = numbers(pool, 4);
  batch.filter([](const Record&) { return true; });
  EXPECT_FALSE(batch.has_selection());
  EXPECT_EQ(batch.size(), 4u);
}

TEST(Batch, filter_of_every_kind_at_the_largest_size) {
  BatchPool pool;
  for (const int64_t kept : {int64_t{0}, int64_t{kBatchRecordsMax - 1}}) {
    Batch batch = numbers(pool, kBatchRecordsMax);
    batch.filter([&](const Record& record) { return record.position == kept; });
    EXPECT_EQ(positions(batch), (Positions{kept}));
    batch = numbers(pool, kBatchRecordsMax);
    batch.filter([&](const Record& record) { return record.position != kept; });
    EXPECT_EQ(batch.size(), kBatchRecordsMax - 1);
  }
}

TEST(Batch, weight_is_in_proportion_to_what_is_selected) {
  BatchPool pool;
  BatchBuilder builder(pool);
  for (int i = 0; i < 4; ++i) builder.append(std::string(100, 'x')).position = i;
  Batch batch = builder.take();
  EXPECT_EQ(batch.bytes(), 400u);
  EXPECT_EQ(batch.weight(), 400u + 4 * sizeof(Record));
  batch.filter([](const Record& record) { return record.position == 0; });
  EXPECT_EQ(batch.weight(), 100u + sizeof(Record));
}

TEST(Batch, share_is_a_second_handle_with_the_same_records_epoch_and_source) {
  BatchPool pool;
  Batch batch = numbers(pool, 3, 7, 2);
  Batch other = batch.share();
  EXPECT_EQ(pool.outstanding(), 1u);
  EXPECT_EQ(positions(other), (Positions{0, 1, 2}));
  EXPECT_EQ(other.epoch(), 7u);
  EXPECT_EQ(other.source(), 2u);
  EXPECT_EQ(&other[0], &batch[0]);
}

TEST(Batch, a_filter_of_one_handle_leaves_the_others_alone) {
  BatchPool pool;
  Batch batch = numbers(pool, 4);
  batch.filter([](const Record& record) { return record.position != 0; });
  Batch other = batch.share();
  other.filter([](const Record& record) { return record.position == 2; });
  EXPECT_EQ(positions(other), (Positions{2}));
  EXPECT_EQ(positions(batch), (Positions{1, 2, 3}));
}

TEST(Batch, part_is_a_window_on_what_is_selected) {
  BatchPool pool;
  Batch batch = numbers(pool, 8, 5, 3);
  const Batch middle = batch.part(2, 3);
  EXPECT_EQ(positions(middle), (Positions{2, 3, 4}));
  EXPECT_EQ(middle.epoch(), 5u);
  EXPECT_EQ(middle.source(), 3u);
  batch.filter([](const Record& record) { return record.position % 2 == 0; });
  EXPECT_EQ(positions(batch.part(1, 2)), (Positions{2, 4}));
  EXPECT_EQ(positions(batch.part(0, 4)), (Positions{0, 2, 4, 6}));
  EXPECT_TRUE(batch.part(4, 0).empty());
  EXPECT_EQ(pool.outstanding(), 1u);
}

TEST(Batch, parts_outlive_the_batch_they_were_cut_from) {
  BatchPool pool;
  Batch part;
  {
    const Batch batch = numbers(pool, 100);
    part = batch.part(98, 2);
  }
  EXPECT_EQ(part[1].payload_view(), "99");
  EXPECT_EQ(pool.outstanding(), 1u);
  part = Batch();
  EXPECT_EQ(pool.outstanding(), 0u);
  EXPECT_EQ(pool.arenas().outstanding(), 0u);
}

TEST(Batch, mutable_heads_changes_in_place_when_there_is_one_handle) {
  BatchPool pool;
  Batch batch = numbers(pool, 3);
  const Record* before = &batch[0];
  batch.mutable_heads()[0].position = 42;
  EXPECT_EQ(&batch[0], before);
  EXPECT_EQ(batch[0].position, 42);
}

TEST(Batch, mutable_heads_copies_heads_that_another_handle_sees) {
  BatchPool pool;
  Batch batch = numbers(pool, 3, 9);
  Batch other = batch.share();
  for (Record& head : other.mutable_heads()) head.position += 10;
  EXPECT_EQ(positions(batch), (Positions{0, 1, 2}));
  EXPECT_EQ(positions(other), (Positions{10, 11, 12}));
  EXPECT_EQ(other.epoch(), 9u);
  EXPECT_EQ(other.bytes(), batch.bytes());
  EXPECT_EQ(pool.outstanding(), 2u);
  batch = Batch();  // the copied heads keep the arenas alive by themselves
  EXPECT_EQ(other[2].payload_view(), "2");
  EXPECT_EQ(pool.arenas().outstanding(), 1u);
}

TEST(Batch, mutable_heads_keeps_the_selection) {
  BatchPool pool;
  Batch batch = numbers(pool, 5);
  Batch other = batch.share();
  other.filter([](const Record& record) { return record.position >= 3; });
  other.mutable_heads()[3].position = 33;
  EXPECT_EQ(positions(other), (Positions{33, 4}));
  EXPECT_EQ(positions(batch), (Positions{0, 1, 2, 3, 4}));
}

TEST(Batch, attach_keeps_an_arena_alive_for_this_handle_only) {
  BatchPool pool;
  Batch batch = numbers(pool, 1);
  Batch other = batch.share();
  ArenaRef arena = pool.arenas().get();
  arena->data()[0] = 'x';
  other.attach(arena);
  Record& head = other.mutable_heads()[0];
  head.payload = arena->data();
  head.payload_size = 1;
  arena = ArenaRef();
  EXPECT_EQ(batch[0].payload_view(), "0");
  EXPECT_EQ(other[0].payload_view(), "x");
  EXPECT_EQ(pool.arenas().outstanding(), 2u);
  other = Batch();
  EXPECT_EQ(pool.arenas().outstanding(), 1u);
}

TEST(Batch, contents_are_the_same_until_a_head_may_change) {
  BatchPool pool;
  Batch batch = numbers(pool, 6);
  const Batch::Contents before = batch.contents();
  Batch part = batch.part(2, 3);
  EXPECT_EQ(part.contents(), before) << "another selection of the same heads";
  part.filter([](const Record& record) { return record.position != 3; });
  EXPECT_EQ(part.contents(), before);
  part.mutable_heads()[2].position = 7;
  EXPECT_NE(part.contents(), before) << "a copy";
  EXPECT_EQ(batch.contents(), before);
  batch.mutable_heads()[0].position = 9;
  EXPECT_NE(batch.contents(), before) << "in place";
  EXPECT_EQ(pool.outstanding(), 2u);
  batch = Batch();
  part = Batch();
  EXPECT_EQ(pool.outstanding(), 0u);
  EXPECT_NE(numbers(pool, 6).contents(), before) << "recycled";
  EXPECT_EQ(Batch().contents(), Batch::Contents());
}

TEST(Batch, selects_places_among_its_heads) {
  BatchPool pool;
  Batch batch = numbers(pool, 8);
  EXPECT_EQ(batch.places(), nullptr);
  EXPECT_EQ(batch.place(5), 5u);
  const uint16_t odd[] = {1, 3, 5, 7};
  batch.select(odd, 4);
  EXPECT_EQ(positions(batch), (Positions{1, 3, 5, 7}));
  const uint16_t some[] = {3, 7};
  batch.select(some, 2);
  EXPECT_EQ(positions(batch), (Positions{3, 7}));
  EXPECT_EQ(batch.place(1), 7u);
  EXPECT_EQ(batch.places()[0], 3);
  batch.select(nullptr, 0);
  EXPECT_TRUE(batch.empty());
}

TEST(Batch, moves_leave_an_empty_batch_behind) {
  BatchPool pool;
  Batch batch = numbers(pool, 3, 4);
  Batch moved = std::move(batch);
  EXPECT_TRUE(batch.empty());  // NOLINT: what a moved-from batch is, is part of the contract
  EXPECT_EQ(moved.size(), 3u);
  Batch& alias = moved;
  moved = std::move(alias);
  EXPECT_EQ(moved.size(), 3u);
  moved = numbers(pool, 1);
  EXPECT_EQ(moved.size(), 1u);
  EXPECT_EQ(pool.outstanding(), 1u);
}

TEST(BatchPool, recycles_heads_without_what_they_held) {
  BatchPool pool;
  const Record* heads = nullptr;
  {
    const Batch batch = numbers(pool, 5);
    heads = &batch[0];
  }
  EXPECT_EQ(pool.outstanding(), 0u);
  const Batch again = numbers(pool, 1);
  EXPECT_EQ(&again[0], heads);
  EXPECT_EQ(again.size(), 1u);
  EXPECT_EQ(again.arenas().size(), 1u);
  EXPECT_EQ(again.bytes(), 1u);
}

}  // namespace
}  // namespace penstock
