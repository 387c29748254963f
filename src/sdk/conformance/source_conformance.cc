// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "sdk/conformance/conformance.h"

namespace penstock::conformance {
namespace {

constexpr uint32_t kSmallBatch = 16;
constexpr int kRunsMax = 400;
constexpr size_t kPositionBytesMax = 4096;  // sdk/source.h

std::unique_ptr<SourceHarness> make(Fixture& fixture, const std::shared_ptr<const Bound>& bound,
                                    uint32_t task = 0, uint32_t tasks = 1) {
  auto source = std::make_unique<SourceHarness>(fixture.services, bound);
  source->context = fixture.services.context(task, tasks);
  source->context.batch_records_max = kSmallBatch;
  return source;
}

Pull pull(Fixture& fixture, SourceHarness& source, size_t records) {
  return fixture.threaded ? source.pull_threaded(records) : source.pull_all(records);
}

/// Everything that there is; for a source without end, that many records.
Pull pull_all(Fixture& fixture, SourceHarness& source) {
  return pull(fixture, source, fixture.endless ? fixture.expected.size() : SIZE_MAX);
}

void expect_no_errors(const SourceHarness& source) {
  for (const Error& error : source.out.errors) ADD_FAILURE() << to_string(error);
}

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

void opens_and_closes_without_reading(Fixture& fixture) {
  const auto source = make(fixture, fixture.bound());
  const Result<void> opened = source->open();
  ASSERT_TRUE(opened) << to_string(opened.error());
  (void)source->barrier();
  source->close();
  EXPECT_TRUE(source->out.records.empty());
}

void gives_all_that_is_there_and_ends(Fixture& fixture) {
  const auto source = make(fixture, fixture.bound());
  ASSERT_TRUE(source->open());
  if (fixture.feed) fixture.feed(source->source());
  const bool ended = pull_all(fixture, *source).state == Pull::State::kEnd;
  EXPECT_EQ(ended, !fixture.endless);
  expect_no_errors(*source);
  EXPECT_EQ(source->out.payloads(), fixture.expected);
  source->close();
}

void keeps_to_the_size_of_batches(Fixture& fixture) {
  const auto source = make(fixture, fixture.bound());
  ASSERT_TRUE(source->open());
  if (fixture.feed) fixture.feed(source->source());
  pull_all(fixture, *source);
  for (const size_t size : source->out.batches) EXPECT_LE(size, kSmallBatch);
  EXPECT_FALSE(source->out.batches.empty());
  source->close();
}

void goes_on_behind_any_barrier(Fixture& fixture) {
  const auto bound = fixture.bound();
  Random random(3);
  for (int round = 0; round < 10; ++round) {
    Positions committed;
    std::vector<std::string> all;
    bool ended = false;
    for (int run = 0; run < kRunsMax && !ended; ++run) {
      const auto source = make(fixture, bound);
      const Result<void> opened = source->open(committed);
      ASSERT_TRUE(opened) << to_string(opened.error());
      const size_t wanted = 1 + random.below(fixture.expected.size() / 2 + 1);
      ended = pull(fixture, *source, wanted).state == Pull::State::kEnd;
      const Positions at = source->barrier();
      for (const auto& [partition, position] : at) {
        EXPECT_LE(position.value.size(), kPositionBytesMax);
      }
      merge(committed, at);
      for (const std::string& payload : source->out.payloads()) all.push_back(payload);
      if (random.chance(1, 2)) source->source().committed(at);
      pull(fixture, *source, source->out.records.size() + random.below(50));  // never committed
      expect_no_errors(*source);
      fixture.services.blocking.drop_all();
    }
    ASSERT_TRUE(ended);
    ASSERT_EQ(all, fixture.expected) << "round " << round;
  }
}

void remembers_that_it_has_ended(Fixture& fixture) {
  const auto bound = fixture.bound();
  const auto first = make(fixture, bound);
  ASSERT_TRUE(first->open());
  ASSERT_EQ(pull(fixture, *first, SIZE_MAX).state, Pull::State::kEnd);
  const Positions at = first->barrier();
  for (const auto& [partition, position] : at) EXPECT_TRUE(position.finished) << partition;
  const auto second = make(fixture, bound);
  ASSERT_TRUE(second->open(at));
  EXPECT_EQ(pull(fixture, *second, SIZE_MAX).state, Pull::State::kEnd);
  EXPECT_EQ(second->out.payloads(), std::vector<std::string>());
}

/// Tasks run by turns and pass their barriers at different moments; then all are killed, and
/// another number of tasks goes on.
void goes_on_with_any_number_of_tasks(Fixture& fixture) {
  const auto bound = fixture.bound();
  Random random(4);
  Positions committed;
  std::vector<std::string> all;
  bool ended = false;
  for (int run = 0; run < kRunsMax && !ended; ++run) {
    const auto tasks = static_cast<uint32_t>(1 + random.below(4));
    std::vector<std::unique_ptr<SourceHarness>> sources;
    for (uint32_t task = 0; task < tasks; ++task) {
      sources.push_back(make(fixture, bound, task, tasks));
      const Result<void> opened = sources.back()->open(committed);
      ASSERT_TRUE(opened) << to_string(opened.error());
    }
    std::vector<bool> ends(tasks);
    const auto step = [&] {
      const size_t task = random.below(tasks);
      if (fixture.threaded) {
        const size_t more = 1 + random.below(20);
        ends[task] = pull(fixture, *sources[task], sources[task]->out.records.size() + more)
                         .state == Pull::State::kEnd;
        return;
      }
      fixture.services.blocking.run_newest();
      fixture.services.clock.advance_ns(1'000'000);
      if (!ends[task]) ends[task] = sources[task]->pull().state == Pull::State::kEnd;
    };
    for (uint64_t i = random.below(60); i > 0; --i) step();
    std::vector<size_t> passed(tasks, SIZE_MAX);
    for (uint32_t task = 0; task < tasks; ++task) {
      passed[task] = sources[task]->out.records.size();
      merge(committed, sources[task]->barrier());
      for (uint64_t i = random.below(6); i > 0; --i) step();
    }
    ended = true;
    for (uint32_t task = 0; task < tasks; ++task) {
      const std::vector<std::string> payloads = sources[task]->out.payloads();
      all.insert(all.end(), payloads.begin(), payloads.begin() + static_cast<long>(passed[task]));
      ended = ended && ends[task] && passed[task] == payloads.size();
      expect_no_errors(*sources[task]);
    }
    fixture.services.blocking.drop_all();
  }
  EXPECT_TRUE(ended);
  EXPECT_EQ(sorted(all), sorted(fixture.expected));
}

void may_be_stopped_or_killed_with_work_under_way(Fixture& fixture) {
  const auto bound = fixture.bound();
  for (const bool stopped : {true, false}) {
    auto source = make(fixture, bound);
    ASSERT_TRUE(source->open());
    if (fixture.feed && stopped) fixture.feed(source->source());
    source->pull();
    if (stopped) source->close();
    source.reset();
    fixture.services.blocking.run_all();  // must not touch what is no more
  }
  EXPECT_EQ(fixture.services.pool.outstanding(), 0u);
}

}  // namespace

std::vector<Claim> source_claims(const Traits& traits, const Fixture& fixture) {
  std::vector<Claim> claims = {
      {"opens_and_closes_without_reading", opens_and_closes_without_reading},
      {"gives_all_that_is_there_and_ends", gives_all_that_is_there_and_ends},
      {"keeps_to_the_size_of_batches", keeps_to_the_size_of_batches},
      {"may_be_stopped_or_killed_with_work_under_way",
       may_be_stopped_or_killed_with_work_under_way},
  };
  if (!traits.replayable) return claims;
  claims.push_back({"goes_on_behind_any_barrier", goes_on_behind_any_barrier});
  claims.push_back({"remembers_that_it_has_ended", remembers_that_it_has_ended});
  if (!traits.single_task && !fixture.per_task) {
    claims.push_back({"goes_on_with_any_number_of_tasks", goes_on_with_any_number_of_tasks});
  }
  return claims;
}

}  // namespace penstock::conformance
