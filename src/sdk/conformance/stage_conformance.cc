// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>

#include "sdk/conformance/conformance.h"

namespace penstock::conformance {
namespace {

constexpr size_t kHeldBytesMax = 64 << 20;
constexpr int kEndSecondsMax = 3600;

std::vector<std::string> input_of(const Fixture& fixture) {
  if (!fixture.input.empty()) return fixture.input;
  return {"one", "two", "three", "one", "", "four four"};
}

std::unique_ptr<StageHarness> make(Fixture& fixture, const std::shared_ptr<const Bound>& bound) {
  auto stage = std::make_unique<StageHarness>(fixture.services, bound);
  stage->context.key = fixture.key;
  return stage;
}

void expect_no_errors(const StageHarness& stage) {
  for (const Error& error : stage.out.errors) ADD_FAILURE() << to_string(error);
}

/// The end of input: what the stage still holds has its time.
void end(StageHarness& stage) {
  stage.watermark(kEndOfTime);
  stage.end();
  stage.settle();
  for (int i = 0; i < kEndSecondsMax && stage.stage().floor() != kNoEpoch; ++i) {
    stage.advance(seconds(1));
    stage.settle();
  }
  EXPECT_EQ(stage.stage().floor(), kNoEpoch) << "it never lets go of what it holds";
}

void opens_and_closes_without_input(Fixture& fixture) {
  const auto made = make(fixture, fixture.bound());
  StageHarness& stage = *made;
  const Result<void> opened = stage.open();
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
  EXPECT_FALSE(stage.stage().full());
  stage.barrier();
  stage.close();
}

void makes_what_is_expected_and_holds_nothing_at_the_end(Fixture& fixture) {
  const auto made = make(fixture, fixture.bound());
  StageHarness& stage = *made;
  ASSERT_TRUE(stage.open());
  stage.process(input_of(fixture));
  end(stage);
  expect_no_errors(stage);
  if (!fixture.expected.empty()) {
    EXPECT_EQ(stage.out.payloads(), fixture.expected);
  }
  stage.close();
}

void emits_no_record_with_an_epoch_it_did_not_get(Fixture& fixture) {
  const auto made = make(fixture, fixture.bound());
  StageHarness& stage = *made;
  ASSERT_TRUE(stage.open());
  for (const Epoch epoch : {3u, 4u}) {
    stage.epoch = epoch;
    stage.process(input_of(fixture));
    if (stage.stage().floor() != kNoEpoch) {
      EXPECT_GE(stage.stage().floor(), 3u);
      EXPECT_LE(stage.stage().floor(), epoch);
    }
    stage.barrier();
  }
  stage.epoch = 4;
  end(stage);
  for (const Seen& record : stage.out.records) {
    EXPECT_GE(record.epoch, 3u);
    EXPECT_LE(record.epoch, 5u);
  }
}

void keeps_only_so_much(Fixture& fixture) {
  const auto made = make(fixture, fixture.bound());
  StageHarness& stage = *made;
  ASSERT_TRUE(stage.open());
  const std::vector<std::string> payloads(100, std::string(1000, 'x'));
  for (size_t fed = 0; fed < kHeldBytesMax && !stage.stage().full(); fed += 100'000) {
    stage.process(payloads);
    stage.out.records.clear();
  }
  EXPECT_LT(fixture.services.pool.arenas().outstanding() * kArenaBytes, kHeldBytesMax / 2)
      << "full() never came";
}

void lets_go_of_everything_when_flushed(Fixture& fixture) {
  const auto made = make(fixture, fixture.bound());
  StageHarness& stage = *made;
  ASSERT_TRUE(stage.open());
  stage.process(input_of(fixture));
  stage.flush();
  stage.settle();
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
  EXPECT_EQ(stage.stage().oldest_event_time_us(), kEndOfTime);
}

void a_snapshot_carries_it_over_a_restart(Fixture& fixture) {
  const auto bound = fixture.bound();
  const std::vector<std::string> input = input_of(fixture);
  const auto made_straight = make(fixture, bound);
  StageHarness& straight = *made_straight;
  ASSERT_TRUE(straight.open());
  for (const std::string& payload : input) straight.process({payload});
  end(straight);
  for (size_t cut = 0; cut <= input.size(); ++cut) {
    const auto made_before = make(fixture, bound);
    StageHarness& before = *made_before;
    ASSERT_TRUE(before.open());
    for (size_t i = 0; i < cut; ++i) before.process({input[i]});
    const StateMap snapshot = before.barrier(true);
    std::vector<std::string> all = before.out.payloads();
    before.process({"never committed"});
    const auto made_after = make(fixture, bound);
    StageHarness& after = *made_after;
    const Result<void> opened = after.open(snapshot);
    ASSERT_TRUE(opened) << to_string(opened.error());
    for (size_t i = cut; i < input.size(); ++i) after.process({input[i]});
    end(after);
    for (const std::string& payload : after.out.payloads()) all.push_back(payload);
    std::vector<std::string> wanted = straight.out.payloads();
    std::sort(all.begin(), all.end());
    std::sort(wanted.begin(), wanted.end());
    EXPECT_EQ(all, wanted) << "cut after " << cut;
  }
}

}  // namespace

std::vector<Claim> stage_claims(const Traits& traits, const Fixture& fixture) {
  std::vector<Claim> claims = {
      {"opens_and_closes_without_input", opens_and_closes_without_input},
      {"makes_what_is_expected_and_holds_nothing_at_the_end",
       makes_what_is_expected_and_holds_nothing_at_the_end},
      {"emits_no_record_with_an_epoch_it_did_not_get",
       emits_no_record_with_an_epoch_it_did_not_get},
      {"keeps_only_so_much", keeps_only_so_much},
  };
  if (!fixture.paced) {
    claims.push_back({"lets_go_of_everything_when_flushed", lets_go_of_everything_when_flushed});
  }
  if (traits.stateful) {
    claims.push_back({"a_snapshot_carries_it_over_a_restart",
                      a_snapshot_carries_it_over_a_restart});
  }
  return claims;
}

}  // namespace penstock::conformance
