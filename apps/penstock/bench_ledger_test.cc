// SPDX-License-Identifier: Apache-2.0
#include "penstock/bench_ledger.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

std::string message(uint32_t task, uint64_t number, int64_t at_ns = 0, size_t bytes = 100) {
  std::string text;
  write_load(text, "run1", {task, number, at_ns}, bytes);
  return text;
}

TEST(BenchLedger, a_message_has_the_size_that_was_asked_for_and_keeps_its_mark) {
  for (const size_t bytes : {100u, 315u, 5000u}) {
    const std::string text = message(3, 12345678901, 99, bytes);
    EXPECT_EQ(text.size(), bytes);
    const auto mark = read_load("before " + text + " behind", "run1");
    ASSERT_TRUE(mark);
    EXPECT_EQ(mark->task, 3u);
    EXPECT_EQ(mark->number, 12345678901u);
    EXPECT_EQ(mark->at_ns, 99);
  }
  EXPECT_LT(message(0, 0, 0, 1).size(), 70u);
  EXPECT_FALSE(read_load(message(0, 0), "run2"));
  EXPECT_FALSE(read_load("{\"penstock_bench\":\"run1\",\"task\":", "run1"));
}

TEST(BenchLedger, counts_what_came_what_came_twice_and_what_is_of_others) {
  BenchLedger ledger("run1", 2, 0);
  ledger.sent(0, 3, 300, 1);
  for (const uint64_t number : {0, 1, 1, 2, 0}) ledger.received(message(0, number), 5);
  ledger.received(message(1, 0), 6);
  ledger.received("something else", 7);
  ledger.received(message(2, 0), 7);  // there is no such task
  const BenchLedger::Seen seen = ledger.seen();
  EXPECT_EQ(ledger.sent_count(), 3u);
  EXPECT_EQ(seen.received, 4u);
  EXPECT_EQ(seen.twice, 2u);
  EXPECT_EQ(seen.foreign, 2u);
  EXPECT_EQ(seen.disordered, 0u);
}

TEST(BenchLedger, order_is_that_of_each_key) {
  BenchLedger keyed("run1", 1, 2), keyless("run1", 1, 0);
  for (const uint64_t number : {0, 2, 1, 5, 3}) {  // odd: 1 5 3; even: 0 2
    keyed.received(message(0, number), 1);
    keyless.received(message(0, number), 1);
  }
  EXPECT_EQ(keyed.seen().disordered, 1u);
  EXPECT_EQ(keyless.seen().disordered, 2u);
}

TEST(BenchLedger, latencies_are_from_when_a_message_was_due_and_begin_after_the_warming_up) {
  BenchLedger ledger("run1", 1, 0);
  ledger.warm_until(1000);
  ledger.received(message(0, 0, 999), 5000);
  ledger.received(message(0, 1, 1000), 1300);
  EXPECT_EQ(ledger.seen().latency.count(), 1u);
  EXPECT_EQ(ledger.seen().latency.max(), 300);
}

TEST(LatencyHistogram, percentiles_are_at_most_a_thirty_second_too_high) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.percentile(0.5), 0);
  for (int64_t ns = 1; ns <= 100'000; ++ns) histogram.add(ns);
  for (const double p : {0.01, 0.5, 0.9, 0.99, 0.999}) {
    const double exact = p * 100'000;
    EXPECT_GE(static_cast<double>(histogram.percentile(p)), exact);
    EXPECT_LE(static_cast<double>(histogram.percentile(p)), exact * 33 / 32 + 1);
  }
  EXPECT_EQ(histogram.percentile(1), 100'000);
  EXPECT_EQ(histogram.between(0, INT64_MAX), 100'000u);
}

TEST(LatencyHistogram, takes_any_time) {
  LatencyHistogram histogram;
  histogram.add(-5);
  histogram.add(INT64_MAX);
  EXPECT_EQ(histogram.count(), 2u);
  EXPECT_EQ(histogram.max(), INT64_MAX);
}

}  // namespace
}  // namespace penstock
