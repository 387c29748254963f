// SPDX-License-Identifier: Apache-2.0
#include "record/batch_builder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>

#include "record/headers.h"

namespace penstock {
namespace {

TEST(BatchBuilder, copies_payloads_keys_and_headers) {
  BatchPool pool;
  BatchBuilder builder(pool);
  std::string payload = "payload", headers;
  append_header(headers, "a", "b");
  Record& record = builder.append(payload);
  builder.set_key(record, "key");
  builder.set_headers(record, headers);
  payload.assign(payload.size(), 'x');
  const Batch batch = builder.take();
  EXPECT_EQ(batch[0].payload_view(), "payload");
  EXPECT_EQ(batch[0].key_view(), "key");
  EXPECT_EQ(batch[0].headers_view(), headers);
  EXPECT_EQ(batch.bytes(), 7 + 3 + headers.size());
}

TEST(BatchBuilder, tells_an_empty_key_from_none) {
  BatchPool pool;
  BatchBuilder builder(pool);
  EXPECT_FALSE(builder.append("a").has_key());
  Record& record = builder.append("b");
  builder.set_key(record, "");
  EXPECT_TRUE(record.has_key());
  EXPECT_EQ(record.key_view(), "");
}

TEST(BatchBuilder, a_copy_of_a_tombstone_is_one) {
  BatchPool pool;
  BatchBuilder builder(pool);
  Record tombstone, empty;
  tombstone.key = "k";
  tombstone.key_size = 1;
  empty.payload = "";
  builder.append_copy(tombstone);
  builder.append_copy(empty);
  const Batch batch = builder.take();
  EXPECT_EQ(batch[0].payload, nullptr);
  EXPECT_EQ(batch[0].key_view(), "k");
  EXPECT_NE(batch[1].payload, nullptr);
}

TEST(BatchBuilder, takes_records_without_a_byte) {
  BatchPool pool;
  BatchBuilder builder(pool);
  builder.append("");
  builder.append("x");
  const Batch batch = builder.take();
  EXPECT_EQ(batch.size(), 2u);
  EXPECT_EQ(batch[0].payload_view(), "");
  EXPECT_EQ(batch[1].payload_view(), "x");
}

TEST(BatchBuilder, makes_records_of_bytes_written_in_place) {
  BatchPool pool;
  BatchBuilder builder(pool);
  char* to = builder.reserve(100);
  std::memcpy(to, "hello", 5);
  builder.commit(5);
  EXPECT_EQ(builder.reserve(1), to + 5);  // what was not used is used next
  *builder.reserve(1) = '!';
  builder.commit(1);
  const Batch batch = builder.take();
  EXPECT_EQ(batch[0].payload_view(), "hello");
  EXPECT_EQ(batch[1].payload_view(), "!");
  EXPECT_EQ(batch.arenas().size(), 1u);
}

TEST(BatchBuilder, gives_an_oversized_record_an_arena_of_its_own) {
  BatchPool pool;
  BatchBuilder builder(pool, kBatchRecordsMax, 100 * kArenaBytes);
  const std::string big(3 * kArenaBytes + 7, 'b');
  builder.append("before");
  builder.append(big);
  builder.append("after");
  const Batch batch = builder.take();
  EXPECT_EQ(batch[0].payload_view(), "before");
  EXPECT_EQ(batch[1].payload_view(), big);
  EXPECT_EQ(batch[2].payload_view(), "after");
  EXPECT_EQ(batch.arenas().size(), 3u);
  EXPECT_EQ(batch.arenas()[1]->capacity(), big.size());
}

TEST(BatchBuilder, fills_an_arena_to_the_last_byte) {
  BatchPool pool;
  BatchBuilder builder(pool);
  builder.append(std::string(kArenaBytes, 'a'));
  EXPECT_TRUE(builder.full());
  const Batch whole = builder.take();
  EXPECT_EQ(whole.arenas().size(), 1u);
  builder.append("b");
  const Batch next = builder.take();
  EXPECT_EQ(next[0].payload_view(), "b");
  EXPECT_NE(next.arenas()[0].get(), whole.arenas()[0].get());
}

TEST(BatchBuilder, is_full_by_records_or_by_bytes) {
  BatchPool pool;
  BatchBuilder by_records(pool, 2);
  EXPECT_FALSE(by_records.full());
  by_records.append("a");
  EXPECT_FALSE(by_records.full());
  by_records.append("b");
  EXPECT_TRUE(by_records.full());
  by_records.take();
  EXPECT_FALSE(by_records.full());

  BatchBuilder by_bytes(pool, kBatchRecordsMax, 10);
  by_bytes.append("123456789");
  EXPECT_FALSE(by_bytes.full());
  by_bytes.append("0");
  EXPECT_TRUE(by_bytes.full());
}

TEST(BatchBuilder, goes_on_in_the_same_arena_after_take) {
  BatchPool pool;
  BatchBuilder builder(pool);
  builder.append("one");
  const Batch first = builder.take();
  builder.append("two");
  const Batch second = builder.take();
  EXPECT_EQ(first.arenas()[0].get(), second.arenas()[0].get());
  EXPECT_EQ(first[0].payload_view(), "one");
  EXPECT_EQ(second[0].payload_view(), "two");
  EXPECT_EQ(pool.arenas().outstanding(), 1u);
}

TEST(BatchBuilder, gives_an_empty_batch_when_nothing_was_added) {
  BatchPool pool;
  BatchBuilder builder(pool);
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(builder.take().empty());
  builder.append("x");
  builder.take();
  EXPECT_TRUE(builder.take().empty());
}

TEST(BatchBuilder, borrows_slices_of_attached_arenas) {
  BatchPool pool;
  BatchBuilder first(pool);
  first.append("alpha beta");
  Batch input = first.take();
  BatchBuilder second(pool);
  second.attach_all(input);
  second.attach_all(input);  // in a row: attached once
  second.append_slice(input[0].payload_view().substr(6));
  const Batch output = second.take();
  EXPECT_EQ(output.arenas().size(), 1u);
  EXPECT_EQ(output[0].payload, input[0].payload + 6);
  input = Batch();
  EXPECT_EQ(output[0].payload_view(), "beta");
}

TEST(BatchBuilder, append_head_copies_the_head_and_counts_its_bytes) {
  BatchPool pool;
  BatchBuilder first(pool);
  Record& record = first.append("payload");
  first.set_key(record, "key");
  record.event_time_us = 5;
  record.attempts = 2;
  const Batch input = first.take();
  BatchBuilder second(pool);
  second.attach_all(input);
  second.append_head(input[0]);
  const Batch output = second.take();
  EXPECT_EQ(output[0].payload, input[0].payload);
  EXPECT_EQ(output[0].key_view(), "key");
  EXPECT_EQ(output[0].event_time_us, 5);
  EXPECT_EQ(output[0].attempts, 2u);
  EXPECT_EQ(output.bytes(), input.bytes());
}

TEST(BatchBuilder, append_copy_owns_every_byte) {
  BatchPool pool;
  std::string headers;
  append_header(headers, "a", "b");
  Batch copy;
  {
    BatchPool other;
    BatchBuilder from(other);
    Record& record = from.append("payload");
    from.set_key(record, "key");
    from.set_headers(record, headers);
    record.position = 77;
    record.event_time_us = 88;
    const Batch input = from.take();
    BatchBuilder to(pool);
    to.append_copy(input[0]);
    copy = to.take();
    EXPECT_EQ(copy.bytes(), input.bytes());
  }
  EXPECT_EQ(copy[0].payload_view(), "payload");
  EXPECT_EQ(copy[0].key_view(), "key");
  EXPECT_EQ(copy[0].headers_view(), headers);
  EXPECT_EQ(copy[0].position, 77);
  EXPECT_EQ(copy[0].event_time_us, 88);
}

TEST(BatchBuilder, drops_what_was_not_taken) {
  BatchPool pool;
  {
    BatchBuilder builder(pool);
    builder.append("lost");
    BatchBuilder moved = std::move(builder);
    moved.append("too");
    EXPECT_EQ(moved.size(), 2u);
    EXPECT_EQ(pool.outstanding(), 1u);
  }
  EXPECT_EQ(pool.outstanding(), 0u);
  EXPECT_EQ(pool.arenas().outstanding(), 0u);
}

TEST(Compact, copies_what_is_selected_and_lets_the_old_arenas_go) {
  BatchPool pool;
  Batch kept;
  {
    BatchBuilder builder(pool);
    for (int i = 0; i < 100; ++i) builder.append("r" + std::to_string(i)).position = i;
    Batch batch = builder.take();
    batch.set_epoch(3);
    batch.set_source(4);
    batch.filter([](const Record& record) { return record.position % 50 == 7; });
    kept = compact(batch, pool);
  }
  EXPECT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept.heads().size(), 2u);
  EXPECT_FALSE(kept.has_selection());
  EXPECT_EQ(kept[0].payload_view(), "r7");
  EXPECT_EQ(kept[1].payload_view(), "r57");
  EXPECT_EQ(kept.epoch(), 3u);
  EXPECT_EQ(kept.source(), 4u);
  EXPECT_EQ(pool.outstanding(), 1u);
  EXPECT_EQ(pool.arenas().outstanding(), 1u);
}

TEST(Compact, keeps_oversized_records_whole) {
  BatchPool pool;
  BatchBuilder builder(pool, kBatchRecordsMax, 1 << 30);
  const std::string big(2 * kArenaBytes, 'z');
  for (int i = 0; i < 3; ++i) builder.append(big);
  const Batch copy = compact(builder.take(), pool);
  ASSERT_EQ(copy.size(), 3u);
  for (uint32_t i = 0; i < 3; ++i) EXPECT_EQ(copy[i].payload_view(), big);
}

}  // namespace
}  // namespace penstock
