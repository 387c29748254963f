// SPDX-License-Identifier: Apache-2.0
#include "stages/held_records.h"

#include <gtest/gtest.h>

#include <string>

#include "base/random.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

std::vector<std::string> payloads(const Batch& batch) {
  std::vector<std::string> out;
  batch.for_each([&](const Record& r) { out.emplace_back(r.payload_view()); });
  return out;
}

TEST(HeldRecords, come_out_in_order_with_the_epoch_they_came_with) {
  Services services;
  HeldRecords held(services.pool);
  Random random(1);
  std::vector<std::pair<std::string, Epoch>> expected, seen;
  int number = 0;
  for (Epoch epoch = 1; epoch <= 300; ++epoch) {
    const size_t size = random.chance(1, 10) ? 100 : 3;  // with long payloads: a large batch
    std::vector<std::string> texts;
    for (size_t i = 0; i < 1 + random.below(size); ++i) {
      texts.push_back(std::to_string(number++) + std::string(size == 100 ? 500 : 0, '.'));
      expected.emplace_back(texts.back(), epoch);
    }
    held.add(make_batch(services, texts, epoch), static_cast<int64_t>(epoch));
    while (!held.empty() && random.chance(1, 2)) {
      const Batch batch = held.take(static_cast<uint32_t>(1 + random.below(40)));
      for (std::string& text : payloads(batch)) seen.emplace_back(std::move(text), batch.epoch());
    }
  }
  while (!held.empty()) {
    const Batch batch = held.take(7);
    for (std::string& text : payloads(batch)) seen.emplace_back(std::move(text), batch.epoch());
  }
  EXPECT_EQ(seen, expected);
  EXPECT_EQ(held.bytes(), 0u);
  EXPECT_EQ(held.epoch(), kNoEpoch);
}

TEST(HeldRecords, know_their_oldest_epoch_and_event_time) {
  Services services;
  HeldRecords held(services.pool);
  EXPECT_EQ(held.oldest_event_time_us(), kEndOfTime);
  held.add(make_batch(services, std::vector<TestRecord>{{"a", "", 50, {}}, {"b"}}, 4), 10);
  held.add(make_batch(services, std::vector<TestRecord>{{"c", "", 20, {}}}, 3), 20);
  EXPECT_EQ(held.epoch(), 3u);
  EXPECT_EQ(held.oldest_event_time_us(), 20);
  EXPECT_EQ(held.front_time_ns(), 10);
  EXPECT_EQ(held.front_records(), 2u);
  held.take(100);
  EXPECT_EQ(held.front_time_ns(), 20);
  EXPECT_EQ(held.records(), 1u);
}

TEST(HeldRecords, a_trickle_shares_arenas) {
  Services services;
  HeldRecords held(services.pool);
  for (int i = 0; i < 1000; ++i) {
    held.add(make_batch(services, std::vector<std::string>{"small"}), i);
  }
  EXPECT_LE(services.pool.arenas().outstanding(), 2u);
  EXPECT_LE(services.pool.outstanding(), 2u);
}

TEST(HeldRecords, keep_key_and_headers_of_what_they_copy) {
  Services services;
  HeldRecords held(services.pool);
  held.add(make_batch(services, std::vector<TestRecord>{{"p", "k", 5, {{"h", "v"}}}}), 1);
  const Batch batch = held.take(1);
  EXPECT_EQ(batch[0].key_view(), "k");
  EXPECT_EQ(find_header(batch[0].headers_view(), "h"), "v");
  EXPECT_EQ(batch[0].event_time_us, 5);
}

}  // namespace
}  // namespace penstock
