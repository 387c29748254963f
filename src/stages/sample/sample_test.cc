// SPDX-License-Identifier: Apache-2.0
#include "stages/sample/sample.h"

#include <gtest/gtest.h>

#include <set>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class SampleTest : public testing::Test {
 protected:
  SampleTest() { register_sample(catalog_); }
  std::shared_ptr<const Bound> sample(const Node& options) {
    return bind(catalog_, "sample", ComponentKind::kStage, options);
  }
  /// What passes of `n` numbered records, as task `task`.
  Texts passing(const Node& options, int n, uint32_t task = 0) {
    StageHarness stage(services_, sample(options));
    stage.context.task = task;
    stage.context.key.kind = KeySelector::Kind::kPayload;
    EXPECT_TRUE(stage.open());
    for (int i = 0; i < n; i += 500) {
      Texts texts;
      for (int k = i; k < std::min(n, i + 500); ++k) texts.push_back(std::to_string(k));
      stage.process(texts);
    }
    return stage.out.payloads();
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "sample", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(SampleTest, one_of_so_many_passes_across_batches) {
  EXPECT_EQ(passing(map({{"every", 400}}), 1600), (Texts{"399", "799", "1199", "1599"}));
  EXPECT_EQ(passing(map({{"every", 1}}), 3), (Texts{"0", "1", "2"}));
}

TEST_F(SampleTest, about_the_asked_part_passes) {
  const size_t passed = passing(map({{"ratio", "0.25"}}), 20'000).size();
  EXPECT_GT(passed, 4'700u);
  EXPECT_LT(passed, 5'300u);
}

TEST_F(SampleTest, nothing_passes_at_zero_and_everything_at_one) {
  EXPECT_EQ(passing(map({{"ratio", 0}}), 1000).size(), 0u);
  EXPECT_EQ(passing(map({{"ratio", 1}}), 1000).size(), 1000u);
}

TEST_F(SampleTest, a_seed_repeats_its_choice_and_another_makes_another) {
  const Node one = map({{"ratio", "0.5"}, {"seed", 7}});
  EXPECT_EQ(passing(one, 1000), passing(one, 1000));
  EXPECT_NE(passing(one, 1000), passing(map({{"ratio", "0.5"}, {"seed", 8}}), 1000));
  EXPECT_NE(passing(one, 1000, 0), passing(one, 1000, 1));
}

TEST_F(SampleTest, by_key_all_records_of_a_key_pass_or_none_in_every_task) {
  const Node options = map({{"ratio", "0.3"}, {"by", "key"}});
  const Texts chosen = passing(options, 5000, 0);
  EXPECT_EQ(chosen, passing(options, 5000, 3));
  EXPECT_GT(chosen.size(), 1'350u);
  EXPECT_LT(chosen.size(), 1'650u);
  const size_t every = passing(map({{"every", 10}, {"by", "key"}}), 5000).size();
  EXPECT_GT(every, 400u);
  EXPECT_LT(every, 600u);
}

TEST_F(SampleTest, by_key_needs_a_key_and_does_not_depend_on_arrival) {
  EXPECT_TRUE(sample(map({{"every", 2}, {"by", "key"}}))->traits.keyed);
  EXPECT_FALSE(sample(map({{"every", 2}, {"by", "key"}}))->traits.clocked);
  EXPECT_FALSE(sample(map({{"every", 2}}))->traits.keyed);
  EXPECT_TRUE(sample(map({{"every", 2}}))->traits.clocked);
}

TEST_F(SampleTest, exactly_one_of_ratio_and_every_is_needed) {
  EXPECT_NE(problems(map({})).find("ratio or every is missing"), std::string::npos);
  EXPECT_NE(problems(map({{"ratio", "0.5"}, {"every", 2}})).find("both"), std::string::npos);
}

}  // namespace
}  // namespace penstock
