// SPDX-License-Identifier: Apache-2.0
#include "runtime/tap.h"

#include <gtest/gtest.h>

#include "record/batch_builder.h"
#include "record/headers.h"

namespace penstock {
namespace {

Batch batch_of(BatchPool& pool, uint32_t first, uint32_t count, size_t bytes = 0) {
  BatchBuilder builder(pool);
  for (uint32_t i = first; i < first + count; ++i) {
    std::string payload = std::to_string(i);
    payload.resize(std::max(bytes, payload.size()), '.');
    Record record;
    record.payload = payload.data();
    record.payload_size = static_cast<uint32_t>(payload.size());
    builder.append_copy(record);
  }
  return builder.take();
}

TEST(Tap, is_wanted_only_while_somebody_looks) {
  ManualClock clock;
  BatchPool pool;
  Tap tap(clock);
  EXPECT_FALSE(tap.wanted());
  auto view = tap.look(10);
  EXPECT_TRUE(tap.wanted());
  view.reset();
  tap.offer(batch_of(pool, 0, 1));
  EXPECT_FALSE(tap.wanted());
}

TEST(Tap, gives_so_many_samples_a_second_from_all_over_a_batch) {
  ManualClock clock;
  BatchPool pool;
  Tap tap(clock);
  const auto view = tap.look(20);  // a burst of two
  tap.offer(batch_of(pool, 0, 100));
  tap.offer(batch_of(pool, 100, 100));
  TapTake taken = view->take();
  EXPECT_EQ(taken.passed, 200u);
  ASSERT_EQ(taken.samples.size(), 2u);
  EXPECT_EQ(taken.samples[0].payload, "0");
  EXPECT_EQ(taken.samples[1].payload, "50");
  clock.advance_ns(50'000'000);  // one more is due
  tap.offer(batch_of(pool, 200, 100));
  taken = view->take();
  EXPECT_EQ(taken.passed, 100u);
  EXPECT_EQ(taken.samples.size(), 1u);
}

TEST(Tap, keeps_a_bounded_number_for_one_who_does_not_take_them) {
  ManualClock clock;
  BatchPool pool;
  Tap tap(clock);
  const auto view = tap.look(1'000'000);
  for (int i = 0; i < 10; ++i) {
    tap.offer(batch_of(pool, 0, 1000));
    clock.advance_ns(1'000'000'000);
  }
  const TapTake taken = view->take();
  EXPECT_EQ(taken.passed, 10'000u);
  EXPECT_EQ(taken.samples.size(), TapView::kSamplesMax);
}

TEST(Tap, cuts_long_payloads_and_says_how_long_they_were) {
  ManualClock clock;
  BatchPool pool;
  Tap tap(clock);
  const auto view = tap.look(10);
  tap.offer(batch_of(pool, 0, 1, 100'000));
  const TapTake taken = view->take();
  ASSERT_EQ(taken.samples.size(), 1u);
  EXPECT_EQ(taken.samples[0].payload->size(), TapView::kPayloadBytesMax);
  EXPECT_EQ(taken.samples[0].payload_bytes, 100'000u);
}

TEST(Tap, tells_keys_headers_and_tombstones) {
  ManualClock clock;
  BatchPool pool;
  Tap tap(clock);
  const auto view = tap.look(10);
  std::string headers;
  append_header(headers, "h", "v");
  BatchBuilder builder(pool);
  Record record;
  record.key = "k";
  record.key_size = 1;
  record.headers = headers.data();
  record.headers_size = static_cast<uint32_t>(headers.size());
  record.event_time_us = 7;
  builder.append_copy(record);
  tap.offer(builder.take());
  const TapTake taken = view->take();
  ASSERT_EQ(taken.samples.size(), 1u);
  EXPECT_EQ(taken.samples[0].payload, std::nullopt);
  EXPECT_EQ(taken.samples[0].key, "k");
  EXPECT_EQ(taken.samples[0].headers, headers);
  EXPECT_EQ(taken.samples[0].event_time_us, 7);
}

}  // namespace
}  // namespace penstock
