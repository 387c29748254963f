// SPDX-License-Identifier: Apache-2.0
#include "runtime/park.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace penstock {
namespace {

constexpr int64_t kMs = 1'000'000;

RetryPolicy policy_of(uint32_t attempts_max = 0) {
  RetryPolicy policy;
  policy.attempts_max = attempts_max;
  policy.initial = milliseconds(100);
  policy.max = seconds(1);
  policy.jitter = 0;
  return policy;
}

/// A park, and what a sink would see of it. Records are written "key:text"; "text" has no key.
class Lot {
 public:
  explicit Lot(const RetryPolicy& policy = policy_of(), bool whole_lane = false, uint64_t seed = 1)
      : park(policy, KeySelector{}, whole_lane, seed) {}

  Batch batch(const std::vector<std::string>& records, Epoch epoch = 1) {
    BatchBuilder builder(pool_);
    for (const std::string& text : records) {
      Record& record = builder.append(text);
      const size_t colon = text.find(':');
      if (colon != std::string::npos) builder.set_key(record, text.substr(0, colon));
    }
    Batch made = builder.take();
    made.set_epoch(epoch);
    return made;
  }
  void fail(const Batch& failed, int64_t now_ns = 0) {
    park.add(failed, now_ns, [&](const Record& record, Epoch epoch) {
      given_up.push_back(std::string(record.payload_view()));
      given_up_epoch = epoch;
    });
  }
  void fail(const std::vector<std::string>& records, int64_t now_ns = 0, Epoch epoch = 1) {
    fail(batch(records, epoch), now_ns);
  }
  /// What a new batch has left after those that must wait.
  std::vector<std::string> arrive(const std::vector<std::string>& records, Epoch epoch = 1) {
    Batch arrived = batch(records, epoch);
    park.divert(arrived);
    return texts(arrived);
  }
  std::vector<std::string> release(int64_t now_ns) {
    std::vector<std::string> all;
    park.release(now_ns, pool_, [&](Batch released) {
      for (std::string& text : texts(released)) all.push_back(std::move(text));
      last = std::move(released);
    });
    return all;
  }
  static std::vector<std::string> texts(const Batch& from) {
    std::vector<std::string> all;
    from.for_each([&](const Record& record) { all.emplace_back(record.payload_view()); });
    return all;
  }

  BatchPool& pool() { return pool_; }

 private:
  BatchPool pool_;

 public:
  Park park;
  std::vector<std::string> given_up;
  Epoch given_up_epoch = 0;
  Batch last;  // released last
};

using Texts = std::vector<std::string>;

TEST(Park, gives_back_after_the_back_off_and_not_before) {
  Lot lot;
  lot.fail({"a:1"}, 5 * kMs);
  EXPECT_EQ(lot.park.next_ns(), 105 * kMs);
  EXPECT_EQ(lot.release(105 * kMs - 1), Texts{});
  EXPECT_EQ(lot.release(105 * kMs), Texts{"a:1"});
  EXPECT_EQ(lot.park.next_ns(), kNever);
  lot.park.settled();
  EXPECT_TRUE(lot.park.empty());
}

TEST(Park, a_records_successors_wait_behind_it_and_go_with_it_in_order) {
  Lot lot;
  lot.fail({"a:1", "b:1"});
  EXPECT_EQ(lot.arrive({"a:2", "c:1", "b:2", "a:3", "plain"}), (Texts{"c:1", "plain"}));
  EXPECT_EQ(lot.park.size(), 5u);
  EXPECT_EQ(lot.release(100 * kMs), (Texts{"a:1", "a:2", "a:3", "b:1", "b:2"}));
}

TEST(Park, a_key_stays_blocked_until_what_was_released_is_settled) {
  Lot lot;
  lot.fail({"a:1"});
  lot.release(100 * kMs);
  EXPECT_EQ(lot.arrive({"a:2"}), Texts{});  // a:1 is on its way
  EXPECT_EQ(lot.release(1000 * kMs), Texts{});
  lot.park.settled();
  EXPECT_EQ(lot.release(1000 * kMs), Texts{"a:2"});
  EXPECT_EQ(lot.arrive({"a:3"}), Texts{});
  lot.park.settled();
  EXPECT_EQ(lot.release(1000 * kMs), Texts{"a:3"});
  lot.park.settled();
  EXPECT_EQ(lot.arrive({"a:4"}), Texts{"a:4"});
  EXPECT_TRUE(lot.park.empty());
}

TEST(Park, what_comes_back_stands_before_what_came_later) {
  Lot lot;
  lot.fail({"a:1", "a:2"});
  lot.arrive({"a:3"});
  EXPECT_EQ(lot.release(100 * kMs), (Texts{"a:1", "a:2", "a:3"}));
  lot.arrive({"a:4"});
  lot.fail({"a:2", "a:3"}, 100 * kMs);  // a:1 went through
  lot.arrive({"a:5"});
  lot.park.settled();
  EXPECT_EQ(lot.release(1000 * kMs), (Texts{"a:2", "a:3", "a:4", "a:5"}));
}

TEST(Park, records_without_a_key_block_nobody) {
  Lot lot;
  lot.fail({"one"});
  EXPECT_EQ(lot.arrive({"two", "three"}), (Texts{"two", "three"}));
  EXPECT_EQ(lot.release(100 * kMs), Texts{"one"});
  EXPECT_TRUE(lot.park.empty());
}

TEST(Park, under_partition_order_everything_waits_behind_the_first) {
  Lot lot(policy_of(), true);
  lot.fail({"a:1"});
  EXPECT_EQ(lot.arrive({"b:1", "plain", "a:2"}), Texts{});
  EXPECT_EQ(lot.release(100 * kMs), (Texts{"a:1", "b:1", "plain", "a:2"}));
  EXPECT_EQ(lot.arrive({"c:1"}), Texts{});
  lot.park.settled();
  EXPECT_EQ(lot.release(100 * kMs), Texts{"c:1"});
  lot.park.settled();
  EXPECT_EQ(lot.arrive({"d:1"}), Texts{"d:1"});
}

TEST(Park, gives_up_at_the_last_attempt) {
  Lot lot(policy_of(3));
  lot.fail({"a:1"}, 0, 7);
  EXPECT_EQ(lot.given_up, Texts{});
  lot.release(10'000 * kMs);
  EXPECT_EQ(lot.last[0].attempts, 1u);
  lot.fail(lot.last);
  lot.release(10'000 * kMs);
  EXPECT_EQ(lot.last[0].attempts, 2u);
  lot.fail(lot.last);
  EXPECT_EQ(lot.given_up, Texts{"a:1"});
  EXPECT_EQ(lot.given_up_epoch, 7u);
  lot.park.settled();
  EXPECT_TRUE(lot.park.empty());
  EXPECT_EQ(lot.arrive({"a:2"}), Texts{"a:2"});
}

TEST(Park, one_attempt_means_no_retry) {
  Lot lot(policy_of(1));
  lot.fail({"a:1", "b:1"});
  EXPECT_EQ(lot.given_up, (Texts{"a:1", "b:1"}));
  EXPECT_TRUE(lot.park.empty());
}

TEST(Park, without_a_bound_it_never_gives_up) {
  Lot lot;
  lot.fail({"a:1"});
  for (int i = 1; i < 100; ++i) {
    ASSERT_EQ(lot.release(kNever - 1), Texts{"a:1"});
    EXPECT_EQ(lot.last[0].attempts, static_cast<uint32_t>(i));
    lot.fail(lot.last);
  }
  EXPECT_EQ(lot.given_up, Texts{});
}

TEST(Park, what_was_not_tried_costs_no_attempt_and_does_not_lengthen_the_back_off) {
  Lot lot(policy_of(3));
  Batch head = lot.batch({"a:1"}), behind = lot.batch({"a:2", "b:1"});
  int64_t now = 0;
  for (int round = 1; round <= 2; ++round) {
    lot.fail(head, now);
    lot.park.add_untried(behind, now);
    EXPECT_EQ(lot.park.next_ns(), now + 100 * kMs);  // of b:1, whose attempts stay at 0
    now += 200 * kMs;
    EXPECT_EQ(lot.release(now), (Texts{"a:1", "a:2", "b:1"}));
    EXPECT_EQ(lot.last[0].attempts, static_cast<uint32_t>(round));
    EXPECT_EQ(lot.last[1].attempts, 0u);
    EXPECT_EQ(lot.last[2].attempts, 0u);
    head = lot.last.part(0, 1);
    behind = lot.last.part(1, 2);
  }
  lot.fail(head, now);
  EXPECT_EQ(lot.given_up, Texts{"a:1"});
}

TEST(Park, a_key_given_up_lets_its_successors_go) {
  Lot lot(policy_of(2));
  lot.fail({"a:1"});
  lot.release(1000 * kMs);
  lot.arrive({"a:2"});
  lot.fail(lot.last);
  EXPECT_EQ(lot.given_up, Texts{"a:1"});
  lot.park.settled();
  EXPECT_EQ(lot.release(1000 * kMs), Texts{"a:2"});
}

TEST(Park, the_back_off_doubles_up_to_its_cap) {
  Lot lot;
  Batch failing = lot.batch({"a:1"});
  int64_t now = 0;
  for (const int64_t expected : {100, 200, 400, 800, 1000, 1000, 1000}) {
    lot.fail(failing, now);
    EXPECT_EQ(lot.park.next_ns(), now + expected * kMs);
    now = lot.park.next_ns();
    lot.release(now);
    failing = std::move(lot.last);
  }
}

TEST(Park, the_back_off_of_very_many_attempts_is_the_cap) {
  Lot lot;
  Batch failing = lot.batch({"a:1"});
  failing.mutable_heads()[0].attempts = 4'000'000'000;
  lot.fail(failing);
  EXPECT_EQ(lot.park.next_ns(), 1000 * kMs);
}

TEST(Park, jitter_stays_within_its_bounds_and_is_used) {
  RetryPolicy policy = policy_of();
  policy.jitter = 0.25;
  int64_t least = kNever, most = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Lot lot(policy, false, seed);
    lot.fail({"a:1"});
    least = std::min(least, lot.park.next_ns());
    most = std::max(most, lot.park.next_ns());
  }
  EXPECT_GE(least, 75 * kMs);
  EXPECT_LT(least, 77 * kMs);
  EXPECT_LE(most, 125 * kMs);
  EXPECT_GT(most, 123 * kMs);
}

TEST(Park, the_floor_is_the_oldest_epoch_that_is_not_settled) {
  Lot lot;
  EXPECT_EQ(lot.park.floor(), kNoEpoch);
  lot.fail({"a:1"}, 0, 5);
  lot.fail({"b:1"}, 50 * kMs, 3);
  lot.arrive({"a:2"}, 9);
  EXPECT_EQ(lot.park.floor(), 3u);
  EXPECT_EQ(lot.release(100 * kMs), (Texts{"a:1", "a:2"}));
  EXPECT_EQ(lot.last.epoch(), 5u);
  EXPECT_EQ(lot.park.floor(), 3u);
  EXPECT_EQ(lot.release(150 * kMs), Texts{"b:1"});
  // Nothing waits, but nobody knows yet what became of what was sent.
  EXPECT_EQ(lot.park.floor(), 3u);
  lot.park.settled();
  EXPECT_EQ(lot.park.floor(), kNoEpoch);
}

TEST(Park, is_full_at_its_bound) {
  RetryPolicy policy = policy_of();
  policy.parked_records_max = 3;
  Lot lot(policy);
  lot.fail({"a:1", "b:1"});
  EXPECT_FALSE(lot.park.full());
  lot.arrive({"a:2"});
  EXPECT_TRUE(lot.park.full());
  lot.release(1000 * kMs);
  EXPECT_FALSE(lot.park.full());
}

TEST(Park, keeps_the_bytes_and_the_head_of_a_record) {
  Lot lot;
  {
    BatchBuilder builder(lot.pool());
    Record& record = builder.append("payload");
    builder.set_key(record, "key");
    std::string headers;
    append_header(headers, "name", "value");
    builder.set_headers(record, headers);
    record.event_time_us = 12;
    record.position = 34;
    Batch failed = builder.take();
    failed.set_epoch(2);
    lot.fail(failed);
  }
  EXPECT_EQ(lot.pool().outstanding(), 0u);  // it pins no arena
  lot.release(100 * kMs);
  ASSERT_EQ(lot.last.size(), 1u);
  const Record& record = lot.last[0];
  EXPECT_EQ(record.payload_view(), "payload");
  EXPECT_EQ(record.key_view(), "key");
  EXPECT_EQ(find_header(record.headers_view(), "name"), "value");
  EXPECT_EQ(record.event_time_us, 12);
  EXPECT_EQ(record.position, 34);
  EXPECT_EQ(record.attempts, 1u);
}

// More records of one key than a batch holds.
Texts many(int n) {
  Texts all;
  for (int i = 0; i < n; ++i) all.push_back("a:" + std::to_string(i));
  return all;
}

TEST(Park, a_key_with_more_records_than_a_batch_keeps_its_order) {
  Lot lot;
  const Texts all = many(5 * static_cast<int>(kBatchRecordsMax) / 2);
  const Texts head(all.begin(), all.begin() + 1000), middle(all.begin() + 1000, all.begin() + 2000),
      rest(all.begin() + 2000, all.end());
  lot.fail(head);
  lot.arrive(middle);
  lot.arrive(rest);
  EXPECT_EQ(lot.release(100 * kMs), all);
}

TEST(Park, what_fails_again_while_it_is_released_waits_again_in_order) {
  Lot lot;
  const Texts all = many(5 * static_cast<int>(kBatchRecordsMax) / 2);
  lot.fail(Texts(all.begin(), all.begin() + 1000));
  lot.fail(Texts(all.begin() + 1000, all.begin() + 2000));
  lot.arrive(Texts(all.begin() + 2000, all.end()));
  // The sink refuses every batch the moment it gets it.
  for (int round = 1; round <= 3; ++round) {
    const int64_t now = lot.park.next_ns();
    size_t batches = 0;
    lot.park.release(now, lot.pool(), [&](Batch released) {
      ASSERT_LE(++batches, 3u);
      lot.fail(released, now);
    });
    EXPECT_GT(lot.park.next_ns(), now);
    lot.park.settled();
    EXPECT_EQ(lot.park.size(), all.size());
  }
  EXPECT_EQ(lot.release(kNever - 1), all);
}

}  // namespace
}  // namespace penstock
