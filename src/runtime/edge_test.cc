// SPDX-License-Identifier: Apache-2.0
#include "runtime/edge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/hash.h"
#include "runtime/input_lane.h"
#include "runtime/model/hand_scheduler.h"

namespace penstock {
namespace {

using model::HandScheduler;

class Nobody final : public Task {
 public:
  int64_t run(int64_t, int64_t) override { return kNever; }
};

PlanEdge plan_of(EdgeMode mode, uint32_t capacity_records = 128,
                 uint64_t capacity_bytes = 1 << 20) {
  PlanEdge plan;
  plan.queue = "queue";
  plan.mode = mode;
  plan.capacity_records = capacity_records;
  plan.capacity_bytes = capacity_bytes;
  return plan;
}

/// An edge with writers and lanes on both ends, worked by hand.
struct Bench {
  Bench(PlanEdge edge_plan, uint32_t producers, uint32_t consumers, bool aligned = false,
        KeySelector key = {KeySelector::Kind::kRecordKey, {}})
      : plan(std::move(edge_plan)),
        edge(plan, scheduler, producers, consumers, aligned),
        tasks(producers + consumers) {
    for (uint32_t p = 0; p < producers; ++p) {
      edge.set_producer(p, tasks[p]);
      writers.push_back(std::make_unique<EdgeWriter>(edge, p, key, pool));
      for (uint32_t c = 0; c < consumers; ++c) {
        inputs.emplace_back();
        inputs.back().edge = &edge;
        inputs.back().producer = p;
        inputs.back().consumer = c;
      }
    }
    for (uint32_t c = 0; c < consumers; ++c) edge.set_consumer(c, tasks[producers + c]);
  }
  Batch batch(int n, int first = 0, const std::string& key = "") {
    BatchBuilder builder(pool);
    for (int i = 0; i < n; ++i) {
      Record& record = builder.append("record " + std::to_string(first + i));
      record.position = first + i;
      builder.set_key(record, key.empty() ? std::to_string(first + i) : key);
    }
    Batch made = builder.take();
    made.set_epoch(1);
    return made;
  }
  InputLane& input(uint32_t p, uint32_t c) { return inputs[p * edge.consumers() + c]; }
  /// Takes one element as ChainTask does; false if the lane is empty.
  bool take(InputLane& lane) {
    if (lane.front() == nullptr) return false;
    Element element = lane.pop();
    if (element.kind == Element::Kind::kBatch) {
      element.batch.for_each([&](const Record& r) { received.push_back(r.position); });
      edge.budget().release(element.batch.size(), element.batch.weight());
      edge.progressed();
    } else {
      received.push_back(-static_cast<int64_t>(element.value));
    }
    return true;
  }
  std::vector<int64_t> take_all(InputLane& lane) {
    while (take(lane)) {
    }
    return std::exchange(received, {});
  }
  /// The indices of the tasks that were rung.
  std::vector<size_t> rung() {
    std::vector<size_t> all;
    for (Task* task : scheduler.take_rung()) {
      all.push_back(static_cast<size_t>(static_cast<Nobody*>(task) - tasks.data()));
    }
    return all;
  }

  PlanEdge plan;
  HandScheduler scheduler;
  BatchPool pool;
  Edge edge;
  std::vector<Nobody> tasks;  // producers, then consumers
  std::vector<std::unique_ptr<EdgeWriter>> writers;
  std::vector<InputLane> inputs;
  std::vector<int64_t> received;  // positions; control elements negated
};

std::vector<int64_t> range(int64_t from, int64_t to) {
  std::vector<int64_t> all;
  for (int64_t i = from; i < to; ++i) all.push_back(i);
  return all;
}

TEST(Lane, gives_everything_in_order_and_takes_little_when_empty) {
  Lane lane;
  std::vector<Element> taken;
  lane.take_all(taken);
  EXPECT_TRUE(taken.empty());
  for (Epoch e = 1; e <= 3; ++e) lane.push(Element::barrier(e, false));
  EXPECT_EQ(lane.size(), 3u);
  lane.take_all(taken);
  ASSERT_EQ(taken.size(), 3u);
  for (int64_t i = 0; i < 3; ++i) EXPECT_EQ(taken[static_cast<size_t>(i)].value, i + 1);
  EXPECT_EQ(lane.size(), 0u);
  static_assert(sizeof(Lane) <= 64);
}

TEST(Budget, closes_at_its_limit_and_opens_for_waiters_at_half) {
  Budget budget(10, 1000, 1);
  EXPECT_TRUE(budget.has_room());
  budget.charge(9, 0);
  EXPECT_TRUE(budget.has_room());
  budget.charge(1, 0);
  EXPECT_FALSE(budget.has_room());
  budget.release(1, 0);
  EXPECT_TRUE(budget.has_room());
  EXPECT_FALSE(budget.has_much_room());
  budget.release(4, 0);
  EXPECT_TRUE(budget.has_much_room());
}

TEST(Budget, closes_by_bytes_as_by_records) {
  Budget budget(1000, 100, 1);
  budget.charge(1, 99);
  EXPECT_TRUE(budget.has_room());
  budget.charge(1, 1);
  EXPECT_FALSE(budget.has_room());
  budget.release(1, 49);
  EXPECT_FALSE(budget.has_much_room());
  budget.release(1, 1);
  EXPECT_TRUE(budget.has_much_room());
}

TEST(Budget, wakes_only_who_waits_and_is_open) {
  Budget budget(1, 100, 3);
  EXPECT_TRUE(budget.wait(0, [] { return false; }));
  EXPECT_FALSE(budget.wait(1, [] { return true; }));
  EXPECT_TRUE(budget.wait(2, [] { return false; }));
  std::vector<uint32_t> woken;
  const auto ring = [&](uint32_t p) { woken.push_back(p); };
  budget.wake([](uint32_t p) { return p == 2; }, ring);
  EXPECT_EQ(woken, std::vector<uint32_t>{2});
  budget.wake([](uint32_t) { return true; }, ring);
  EXPECT_EQ(woken, (std::vector<uint32_t>{2, 0}));
  budget.wake([](uint32_t) { return true; }, ring);
  EXPECT_EQ(woken.size(), 2u);
}

TEST(Edge, one_producer_and_one_consumer_is_a_fifo) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  bench.writers[0]->push(bench.batch(3, 0));
  bench.writers[0]->control(Element::barrier(7, false));
  bench.writers[0]->push(bench.batch(2, 3));
  EXPECT_EQ(bench.take_all(bench.input(0, 0)), (std::vector<int64_t>{0, 1, 2, -7, 3, 4}));
}

TEST(Edge, a_consumer_is_rung_once_at_the_end_of_a_turn) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  for (int i = 0; i < 5; ++i) bench.writers[0]->push(bench.batch(1));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{});
  bench.writers[0]->flush();
  EXPECT_EQ(bench.rung(), std::vector<size_t>{1});
  bench.writers[0]->flush();
  EXPECT_EQ(bench.rung(), std::vector<size_t>{});
}

TEST(Edge, empty_batches_are_not_sent) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  bench.writers[0]->push(Batch());
  Batch none = bench.batch(4);
  none.filter([](const Record&) { return false; });
  bench.writers[0]->push(std::move(none));
  bench.writers[0]->flush();
  EXPECT_EQ(bench.rung(), std::vector<size_t>{});
  EXPECT_EQ(bench.edge.lane(0, 0).size(), 0u);
}

TEST(Edge, what_is_charged_is_released_when_it_is_taken) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  bench.writers[0]->push(bench.batch(10));
  EXPECT_EQ(bench.edge.budget().records(), 10u);
  EXPECT_GE(bench.edge.budget().bytes(), 10 * sizeof(Record));
  bench.take_all(bench.input(0, 0));
  EXPECT_EQ(bench.edge.budget().records(), 0u);
  EXPECT_EQ(bench.edge.budget().bytes(), 0u);
}

TEST(Edge, a_batch_of_which_little_is_left_gives_up_its_arenas_in_the_queue) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  const auto pushed = [&](int n, int kept) {
    Batch batch = bench.batch(n);
    batch.filter([&](const Record& record) { return record.position < kept; });
    bench.writers[0]->push(std::move(batch));
    Element* element = bench.input(0, 0).front();
    return element->batch.heads().size();
  };
  EXPECT_EQ(pushed(100, 24), 24u);
  bench.take_all(bench.input(0, 0));
  EXPECT_EQ(pushed(100, 25), 100u);
}

TEST(Edge, control_finds_room_where_records_do_not) {
  Bench bench(plan_of(EdgeMode::kShared, 4), 1, 1);
  bench.writers[0]->push(bench.batch(4));
  EXPECT_FALSE(bench.writers[0]->open());
  bench.writers[0]->control(Element::barrier(1, false));
  EXPECT_EQ(bench.take_all(bench.input(0, 0)), (std::vector<int64_t>{0, 1, 2, 3, -1}));
}

TEST(Edge, a_producer_that_waits_is_rung_when_half_is_free) {
  Bench bench(plan_of(EdgeMode::kShared, 4), 1, 1);
  EdgeWriter& writer = *bench.writers[0];
  for (int i = 0; i < 4; ++i) writer.push(bench.batch(1, i));
  EXPECT_FALSE(writer.open());
  EXPECT_TRUE(writer.wait());
  bench.take(bench.input(0, 0));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{});  // 3 of 4: not yet
  bench.take(bench.input(0, 0));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{0});
  bench.take(bench.input(0, 0));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{});  // it knows
}

TEST(Edge, who_finds_room_after_all_does_not_wait) {
  Bench bench(plan_of(EdgeMode::kShared, 4), 1, 1);
  bench.writers[0]->push(bench.batch(4));
  bench.take_all(bench.input(0, 0));
  EXPECT_FALSE(bench.writers[0]->wait());
}

TEST(Edge, a_batch_larger_than_the_queue_still_passes) {
  Bench bench(plan_of(EdgeMode::kShared, 1, 16), 1, 1);
  EXPECT_TRUE(bench.writers[0]->open());
  bench.writers[0]->push(bench.batch(100));
  EXPECT_FALSE(bench.writers[0]->open());
  EXPECT_TRUE(bench.writers[0]->wait());
  EXPECT_EQ(bench.take_all(bench.input(0, 0)), range(0, 100));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{0});
}

TEST(SharedEdge, a_lane_holds_one_waiting_batch_at_most) {
  Bench bench(plan_of(EdgeMode::kShared, 100'000, 100 << 20), 1, 3);
  EdgeWriter& writer = *bench.writers[0];
  for (uint32_t c = 0; c < 3; ++c) bench.edge.served(c, 1000, 1000 * 1000);  // a microsecond each
  int sent = 0;
  while (writer.open()) {
    writer.push(bench.batch(10, sent));
    sent += 10;
    ASSERT_LE(sent, 1000);
  }
  EXPECT_EQ(sent, 30);
  for (uint32_t c = 0; c < 3; ++c) EXPECT_EQ(bench.edge.lane(0, c).size(), 1u);
  EXPECT_TRUE(writer.wait());
  bench.take(bench.input(0, 1));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{0});
  EXPECT_TRUE(writer.open());
  writer.push(bench.batch(1, 99));
  EXPECT_EQ(bench.edge.lane(0, 1).size(), 1u);  // where there was room
}

TEST(SharedEdge, a_large_batch_is_handed_out_as_lanes_become_free) {
  Bench bench(plan_of(EdgeMode::kShared, 100'000, 100 << 20), 1, 2);
  EdgeWriter& writer = *bench.writers[0];
  for (uint32_t c = 0; c < 2; ++c) bench.edge.served(c, 10, 10'000'000);  // five in 5 ms
  writer.push(bench.batch(23));
  writer.control(Element::barrier(1000, false));
  writer.push(bench.batch(5, 23));
  EXPECT_EQ(bench.edge.lane(0, 0).size(), 1u);
  EXPECT_EQ(bench.edge.lane(0, 1).size(), 1u);
  EXPECT_FALSE(writer.open());
  std::vector<std::vector<int64_t>> got(2);
  for (int turns = 0; !writer.open(); ++turns) {
    ASSERT_LT(turns, 20);
    EXPECT_TRUE(writer.wait());
    const uint32_t c = turns % 3 == 0 ? 1 : 0;
    bench.take(bench.input(0, c));
    EXPECT_EQ(bench.rung(), std::vector<size_t>{0});
    got[c].insert(got[c].end(), bench.received.begin(), bench.received.end());
    bench.received.clear();
  }
  std::set<int64_t> all;
  for (uint32_t c = 0; c < 2; ++c) {
    for (const int64_t position : bench.take_all(bench.input(0, c))) got[c].push_back(position);
    const auto barrier = std::find(got[c].begin(), got[c].end(), -1000);
    ASSERT_NE(barrier, got[c].end());
    for (auto at = got[c].begin(); at != got[c].end(); ++at) {
      EXPECT_EQ(*at < 23, at <= barrier) << *at;
    }
    EXPECT_TRUE(std::is_sorted(got[c].begin(), barrier));
    all.insert(got[c].begin(), got[c].end());
  }
  all.erase(-1000);
  EXPECT_EQ(std::vector<int64_t>(all.begin(), all.end()), range(0, 28));
}

TEST(SharedEdge, a_batch_is_cut_to_about_five_milliseconds_of_work) {
  Bench bench(plan_of(EdgeMode::kShared, 100'000, 100 << 20), 1, 2);
  EXPECT_EQ(bench.edge.batch_records_max(0), 16u);  // not yet measured
  bench.edge.served(0, 10, 10 * 1'000'000);         // a millisecond each
  EXPECT_EQ(bench.edge.batch_records_max(0), 5u);
  bench.edge.served(1, 1, 3'000'000'000);  // three seconds each
  EXPECT_EQ(bench.edge.batch_records_max(1), 1u);
  for (int i = 0; i < 100; ++i) bench.edge.served(0, 1000, 1000 * 100);
  EXPECT_EQ(bench.edge.batch_records_max(0), kBatchRecordsMax);
}

TEST(SharedEdge, with_one_consumer_nothing_is_cut) {
  Bench bench(plan_of(EdgeMode::kShared), 1, 1);
  bench.edge.served(0, 1, 3'000'000'000);
  EXPECT_EQ(bench.edge.batch_records_max(0), kBatchRecordsMax);
}

TEST(SharedEdge, every_record_goes_to_exactly_one_consumer) {
  Bench bench(plan_of(EdgeMode::kShared), 2, 3);
  std::multiset<int64_t> got;
  int next = 0;
  for (int round = 0; round < 50; ++round) {
    for (auto& writer : bench.writers) {
      if (!writer->open()) continue;
      writer->push(bench.batch(40, next));
      next += 40;
      writer->flush();
    }
    for (InputLane& lane : bench.inputs) {
      bench.take(lane);
      got.insert(bench.received.begin(), bench.received.end());
      bench.received.clear();
    }
  }
  for (int i = 0; i < 1000; ++i) {
    for (auto& writer : bench.writers) writer->flush();
    for (InputLane& lane : bench.inputs) {
      for (const int64_t position : bench.take_all(lane)) got.insert(position);
    }
  }
  const std::vector<int64_t> expected = range(0, next);
  EXPECT_EQ(std::vector<int64_t>(got.begin(), got.end()), expected);
}

TEST(KeyedEdge, a_key_always_goes_to_the_task_that_owns_its_group) {
  constexpr uint32_t kTasks = 4;
  Bench bench(plan_of(EdgeMode::kKeyed, 10'000, 10 << 20), 2, kTasks);
  bench.writers[0]->push(bench.batch(500));
  bench.writers[1]->push(bench.batch(500));
  for (auto& writer : bench.writers) writer->flush();
  std::map<int64_t, std::set<uint32_t>> tasks_of;
  for (uint32_t p = 0; p < 2; ++p) {
    for (uint32_t c = 0; c < kTasks; ++c) {
      for (const int64_t position : bench.take_all(bench.input(p, c))) {
        tasks_of[position].insert(c);
        const uint64_t hash = hash64(std::to_string(position));
        EXPECT_EQ(group_owner(key_group(hash), kTasks), c);
      }
    }
  }
  EXPECT_EQ(tasks_of.size(), 500u);
  std::set<uint32_t> used;
  for (const auto& [position, tasks] : tasks_of) {
    EXPECT_EQ(tasks.size(), 1u) << position;
    used.insert(*tasks.begin());
  }
  EXPECT_EQ(used.size(), kTasks);
}

TEST(KeyedEdge, records_of_a_key_keep_their_order) {
  Bench bench(plan_of(EdgeMode::kKeyed, 10'000, 10 << 20), 1, 3);
  for (int i = 0; i < 10; ++i) bench.writers[0]->push(bench.batch(300, i * 300, "same"));
  bench.writers[0]->flush();
  std::vector<int64_t> got;
  for (uint32_t c = 0; c < 3; ++c) {
    const std::vector<int64_t> part = bench.take_all(bench.input(0, c));
    EXPECT_TRUE(got.empty() || part.empty());
    got.insert(got.end(), part.begin(), part.end());
  }
  EXPECT_EQ(got, range(0, 3000));
}

TEST(KeyedEdge, control_never_overtakes_what_is_still_being_scattered) {
  Bench bench(plan_of(EdgeMode::kKeyed), 1, 2);
  bench.writers[0]->push(bench.batch(20));
  bench.writers[0]->control(Element::barrier(5, false));
  bench.writers[0]->push(bench.batch(20, 20));
  bench.writers[0]->flush();
  for (uint32_t c = 0; c < 2; ++c) {
    bool behind = false;
    for (const int64_t got : bench.take_all(bench.input(0, c))) {
      if (got == -5) {
        behind = true;
      } else {
        EXPECT_EQ(got >= 20, behind) << got;
      }
    }
    EXPECT_TRUE(behind);
  }
}

TEST(KeyedEdge, a_scattered_batch_has_the_oldest_epoch_of_its_inputs_and_pins_their_bytes) {
  Bench bench(plan_of(EdgeMode::kKeyed), 1, 2);
  Batch young = bench.batch(1, 0, "k"), old = bench.batch(1, 1, "k");
  young.set_epoch(9);
  old.set_epoch(4);
  bench.writers[0]->push(std::move(young));
  bench.writers[0]->push(std::move(old));
  bench.writers[0]->flush();
  bench.writers[0]->push(bench.batch(1, 2, "k"));  // epoch 1: a batch of its own
  bench.writers[0]->flush();
  uint32_t seen = 0;
  for (uint32_t c = 0; c < 2; ++c) {
    while (Element* element = bench.input(0, c).front()) {
      const Batch& batch = element->batch;
      EXPECT_EQ(batch.epoch(), batch.size() == 2 ? 4u : 1u);
      batch.for_each([&](const Record& record) {
        EXPECT_EQ(record.payload_view(), "record " + std::to_string(record.position));
      });
      seen += batch.size();
      bench.take(bench.input(0, c));
    }
  }
  EXPECT_EQ(seen, 3u);
}

TEST(KeyedEdge, more_records_of_a_key_than_a_batch_holds_go_in_several) {
  Bench bench(plan_of(EdgeMode::kKeyed, 100'000, 100 << 20), 1, 2);
  bench.writers[0]->push(bench.batch(1000, 0, "k"));
  bench.writers[0]->push(bench.batch(1000, 1000, "k"));
  bench.writers[0]->flush();
  std::vector<int64_t> got = bench.take_all(bench.input(0, 0));
  if (got.empty()) got = bench.take_all(bench.input(0, 1));
  EXPECT_EQ(got, range(0, 2000));
}

TEST(KeyedEdge, with_one_consumer_batches_pass_whole) {
  Bench bench(plan_of(EdgeMode::kKeyed), 1, 1);
  Batch batch = bench.batch(10);
  const Record* head = &batch.heads()[0];
  bench.writers[0]->push(std::move(batch));
  EXPECT_EQ(&bench.input(0, 0).front()->batch.heads()[0], head);
}

TEST(AlignedEdge, a_producer_whose_lanes_are_empty_may_always_push) {
  // The consumer leaves lane 0 unread, because it is ahead; what waits there fills the edge.
  Bench bench(plan_of(EdgeMode::kShared, 4), 2, 1, true);
  bench.writers[0]->push(bench.batch(4));
  EXPECT_FALSE(bench.writers[0]->open());
  EXPECT_TRUE(bench.writers[1]->open());
  bench.writers[1]->push(bench.batch(1));
  EXPECT_FALSE(bench.writers[1]->open());
  EXPECT_TRUE(bench.writers[1]->wait());
  bench.take(bench.input(1, 0));
  EXPECT_EQ(bench.rung(), std::vector<size_t>{1});  // although the edge is over its limit
  EXPECT_TRUE(bench.writers[1]->open());
}

TEST(AlignedEdge, without_alignment_a_full_edge_is_closed_for_all) {
  Bench bench(plan_of(EdgeMode::kShared, 4), 2, 1, false);
  bench.writers[0]->push(bench.batch(4));
  EXPECT_FALSE(bench.writers[1]->open());
}

}  // namespace
}  // namespace penstock
