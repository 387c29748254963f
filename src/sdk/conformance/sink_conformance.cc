// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "sdk/commit_point.h"
#include "sdk/conformance/conformance.h"

namespace penstock::conformance {
namespace {

constexpr size_t kHeldBytesMax = 64 << 20;

std::unique_ptr<SinkHarness> make(Fixture& fixture, const std::shared_ptr<const Bound>& bound,
                                  bool fresh = true) {
  auto sink = std::make_unique<SinkHarness>(fixture.services, bound);
  sink->context.fresh = fresh;
  return sink;
}

std::vector<std::string> numbered(int from, int count, size_t longest = 100) {
  std::vector<std::string> payloads;
  for (int i = from; i < from + count; ++i) {
    payloads.push_back("record-" + std::to_string(i) + std::string(i % longest, '.'));
  }
  return payloads;
}

void expect_no_errors(const SinkHarness& sink) {
  for (const Error& error : sink.out.errors) ADD_FAILURE() << to_string(error);
}

/// Waits for what the sink's own threads do, until it has delivered that epoch.
bool settle_threaded(Fixture& fixture, SinkHarness& sink, Epoch epoch) {
  while (sink.out.newest_delivered() < epoch && sink.out.errors.empty()) {
    if (!fixture.services.waker.wait()) return false;
    sink.wake();
  }
  return sink.out.newest_delivered() >= epoch;
}

/// Moves time until the sink has delivered all its barriers, at most a minute.
bool settle(Fixture& fixture, SinkHarness& sink, Epoch epoch) {
  if (fixture.threaded) return settle_threaded(fixture, sink, epoch);
  sink.settle();
  for (int i = 0; i < 60 && sink.out.newest_delivered() < epoch; ++i) sink.advance(seconds(1));
  return sink.out.newest_delivered() >= epoch;
}

void opens_and_closes_without_writing(Fixture& fixture) {
  const auto sink = make(fixture, fixture.bound());
  const Result<void> opened = sink->open();
  ASSERT_TRUE(opened) << to_string(opened.error());
  sink->close();
}

void delivers_what_the_outside_has_and_not_before(Fixture& fixture) {
  const auto sink = make(fixture, fixture.bound());
  ASSERT_TRUE(sink->open());
  std::vector<std::string> written;
  for (int round = 0; round < 5; ++round) {
    for (const std::string& payload : numbered(round * 100, 50)) written.push_back(payload);
    sink->write(numbered(round * 100, 50));
    const Epoch epoch = sink->barrier();
    if (fixture.threaded) settle_threaded(fixture, *sink, epoch);
    for (int steps = 0; sink->out.newest_delivered() < epoch && steps < 1000; ++steps) {
      if (!fixture.services.blocking.run_one()) sink->advance(milliseconds(100));
      sink->wake();
    }
    ASSERT_EQ(sink->out.newest_delivered(), epoch);
    if (fixture.read_back) {
      EXPECT_EQ(fixture.read_back(), written);
    }
  }
  EXPECT_TRUE(std::is_sorted(sink->out.delivered.begin(), sink->out.delivered.end()));
  expect_no_errors(*sink);
  sink->close();
}

void accepts_the_next_epoch_before_the_last_is_delivered(Fixture& fixture) {
  const auto sink = make(fixture, fixture.bound());
  ASSERT_TRUE(sink->open());
  std::vector<std::string> written;
  Epoch last = 0;
  for (int round = 0; round < 8; ++round) {
    for (const std::string& payload : numbered(round * 10, 10)) written.push_back(payload);
    sink->write(numbered(round * 10, 10));
    last = sink->barrier();
  }
  EXPECT_TRUE(settle(fixture, *sink, last));
  if (fixture.read_back) {
    EXPECT_EQ(fixture.read_back(), written);
  }
  expect_no_errors(*sink);
  sink->close();
}

void delivers_the_last_barrier_after_the_end(Fixture& fixture) {
  const auto sink = make(fixture, fixture.bound());
  ASSERT_TRUE(sink->open());
  sink->write(numbered(0, 20));
  sink->end();
  const Epoch last = sink->barrier(true);
  EXPECT_TRUE(settle(fixture, *sink, last));
  if (fixture.read_back) {
    EXPECT_EQ(fixture.read_back(), numbered(0, 20));
  }
  sink->close();
}

void keeps_only_so_much_while_the_outside_is_slow(Fixture& fixture) {
  auto sink = make(fixture, fixture.bound());
  ASSERT_TRUE(sink->open());
  const std::vector<std::string> payloads(100, std::string(1000, 'x'));
  size_t fed = 0;
  for (; fed < kHeldBytesMax && !sink->sink().full(); fed += 100'000) sink->write(payloads);
  const size_t held = fixture.services.pool.arenas().outstanding() * kArenaBytes;
  EXPECT_LT(held, kHeldBytesMax / 2) << "full() never came";
  sink.reset();
  fixture.services.blocking.drop_all();
}

void may_be_killed_with_work_under_way(Fixture& fixture) {
  auto sink = make(fixture, fixture.bound());
  ASSERT_TRUE(sink->open());
  sink->write(numbered(0, 100));
  sink->barrier();
  sink.reset();
  fixture.services.blocking.run_all();  // must not touch what is no more
  EXPECT_EQ(fixture.services.pool.outstanding(), 0u);
}

/// The engine under exactly_once: checkpoints, and kills before, between and after their commits.
void two_phases_give_every_record_once(Fixture& fixture) {
  const auto bound = fixture.bound();
  if (dynamic_cast<CommitsOutside*>(&make(fixture, bound)->sink()) != nullptr) {
    GTEST_SKIP() << "its commit point is the outside's, and is proven there";
  }
  Random random(6);
  SinkHandles committed;
  std::vector<std::string> wanted;
  int number = 0;
  bool ended = false;
  Epoch epoch = 1;
  for (int run = 0; !ended; ++run) {
    const auto sink = make(fixture, bound, run == 0);
    sink->context.exactly_once = true;
    sink->epoch = epoch;
    ASSERT_TRUE(sink->open());
    ASSERT_TRUE(sink->sink().commit(epoch, committed));
    const Result<void> recovered = sink->recover(committed);
    ASSERT_TRUE(recovered) << to_string(recovered.error());
    for (int round = 0; round < 4 && !ended; ++round) {
      const int count = static_cast<int>(random.below(40));
      sink->write(numbered(number, count));
      if (random.chance(1, 4)) break;  // killed with records written
      ended = run >= 20;
      if (ended) sink->end();
      const Epoch closed = sink->barrier(true);
      if (!ended && random.chance(1, 4)) break;  // killed before it was prepared
      ASSERT_TRUE(settle(fixture, *sink, closed));
      const SinkHandles prepared = sink->sink().prepare(closed);
      if (!ended && random.chance(1, 4)) break;  // killed before the commit point
      committed = prepared;
      epoch = closed;
      for (const std::string& payload : numbered(number, count)) wanted.push_back(payload);
      number += count;
      if (!ended && random.chance(1, 4)) break;  // killed before the commit was carried out
      ASSERT_TRUE(sink->sink().commit(closed, committed));
    }
    number += 1000;  // what was not committed comes again with other numbers, to be told apart
    expect_no_errors(*sink);
    fixture.services.blocking.drop_all();
  }
  if (fixture.read_back) {
    EXPECT_EQ(fixture.read_back(), wanted);
  }
}

}  // namespace

std::vector<Claim> sink_claims(const Traits& traits, const Fixture&) {
  std::vector<Claim> claims = {
      {"opens_and_closes_without_writing", opens_and_closes_without_writing},
      {"delivers_what_the_outside_has_and_not_before",
       delivers_what_the_outside_has_and_not_before},
      {"accepts_the_next_epoch_before_the_last_is_delivered",
       accepts_the_next_epoch_before_the_last_is_delivered},
      {"delivers_the_last_barrier_after_the_end", delivers_the_last_barrier_after_the_end},
      {"keeps_only_so_much_while_the_outside_is_slow",
       keeps_only_so_much_while_the_outside_is_slow},
      {"may_be_killed_with_work_under_way", may_be_killed_with_work_under_way},
  };
  if (traits.two_phase) {
    claims.push_back({"two_phases_give_every_record_once", two_phases_give_every_record_once});
  }
  return claims;
}

}  // namespace penstock::conformance
