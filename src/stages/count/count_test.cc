// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/random.h"
#include "sdk/conformance/harness.h"
#include "stages/count/count_text.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

Texts sorted(Texts texts) {
  std::sort(texts.begin(), texts.end());
  return texts;
}

/// A count whose key is the payload.
struct CountHarness : StageHarness {
  CountHarness(Services& services, std::shared_ptr<const Bound> bound)
      : StageHarness(services, std::move(bound)) {
    context.key.kind = KeySelector::Kind::kPayload;
  }
};

class CountTest : public testing::Test {
 protected:
  CountTest() { register_count(catalog_); }
  std::shared_ptr<const Bound> count(const Node& options) {
    return bind(catalog_, "count", ComponentKind::kStage, options);
  }
  CountHarness make(const Node& options) { return {services_, count(options)}; }

  Catalog catalog_;
  Services services_;
};

TEST_F(CountTest, final_counts_come_at_the_end_and_not_before) {
  CountHarness stage = make(map({}));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "b", "a", "", "a word of more than sixteen bytes"});
  stage.process({"a word of more than sixteen bytes"});
  stage.barrier();
  EXPECT_TRUE(stage.out.records.empty());
  stage.end();
  EXPECT_EQ(sorted(stage.out.payloads()),
            (Texts{"\t1", "a\t2", "a word of more than sixteen bytes\t2", "b\t1"}));
  for (const Seen& seen : stage.out.records) {
    EXPECT_EQ(seen.key, seen.payload.substr(0, seen.payload.find('\t')));
  }
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
}

TEST_F(CountTest, running_counts_follow_each_record_and_keep_its_time_and_headers) {
  CountHarness stage = make(map({{"mode", "running"}}));
  ASSERT_TRUE(stage.open());
  stage.process(make_batch(
      services_, std::vector<TestRecord>{{"x", "", 5, {{"h", "v"}}}, {"y"}, {"x", "", 6, {}}}, 9));
  EXPECT_EQ(stage.out.payloads(), (Texts{"x\t1", "y\t1", "x\t2"}));
  EXPECT_EQ(stage.out.records[0].event_time_us, 5);
  EXPECT_EQ(stage.out.records[0].header("h"), "v");
  EXPECT_EQ(stage.out.records[2].event_time_us, 6);
  EXPECT_EQ(stage.out.records[2].epoch, 9u);
  stage.end();
  EXPECT_EQ(stage.out.records.size(), 3u);
}

TEST_F(CountTest, folding_gives_the_newest_count_of_a_batch_only) {
  CountHarness stage = make(map({{"mode", "running"}, {"fold", true}}));
  ASSERT_TRUE(stage.open());
  stage.process({"x", "y", "x", "z", "x"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"y\t1", "z\t1", "x\t3"}));
  stage.out.records.clear();
  stage.process({"x", "y"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"x\t4", "y\t2"}));
}

TEST_F(CountTest, the_key_may_stand_in_the_record_key_or_in_a_header) {
  for (const bool header : {false, true}) {
    CountHarness stage = make(map({{"mode", "running"}}));
    stage.context.key = header ? KeySelector{KeySelector::Kind::kHeader, "user"}
                               : KeySelector{KeySelector::Kind::kRecordKey, {}};
    ASSERT_TRUE(stage.open());
    stage.process(make_batch(
        services_, std::vector<TestRecord>{{"p", "k", 0, {{"user", "k"}}}, {"q"}}));
    EXPECT_EQ(stage.out.payloads(), (Texts{"k\t1", "\t1"})) << header;
  }
}

TEST_F(CountTest, counts_survive_a_snapshot_and_go_on_after_it) {
  const Texts input = {"a", "", "b", "a", "a key that needs a block of its own"};
  StateMap state;
  {
    CountHarness stage = make(map({{"mode", "running"}}));
    ASSERT_TRUE(stage.open());
    stage.process(input);
    state = stage.barrier(true);
  }
  EXPECT_EQ(state.size(), 4u);
  CountHarness stage = make(map({{"mode", "running"}}));
  ASSERT_TRUE(stage.open(state));
  stage.process(input);
  EXPECT_EQ(stage.out.payloads(), (Texts{"a\t3", "\t2", "b\t2", "a\t4",
                                         "a key that needs a block of its own\t2"}));
}

TEST_F(CountTest, a_damaged_state_is_refused) {
  CountHarness stage = make(map({}));
  Result<void> opened = stage.open({{"a", "123"}});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "state-format");
}

TEST_F(CountTest, very_many_final_counts_are_handed_out_in_turns_while_the_end_waits) {
  CountHarness stage = make(map({}));
  ASSERT_TRUE(stage.open());
  constexpr int kKeys = 50'000;
  for (int i = 0; i < kKeys; ++i) stage.process(Texts{std::to_string(i)});
  stage.end();
  EXPECT_EQ(stage.out.records.size(), 16'384u);
  EXPECT_NE(stage.stage().floor(), kNoEpoch);
  const StateMap state = stage.barrier(true);  // a crash now must not lose what is not out yet
  EXPECT_EQ(state.size(), size_t{kKeys});
  stage.advance(microseconds(10));
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
  EXPECT_EQ(stage.out.records.size(), size_t{kKeys});
  Texts payloads = sorted(stage.out.payloads());
  EXPECT_EQ(std::unique(payloads.begin(), payloads.end()), payloads.end());
}

/// Runs records through the combiner of `count` and what it emits through a count.
class Combined final : public Output {
 public:
  Combined(Services& services, const Bound& bound, StageHarness& count)
      : combiner(bound.stage->create_combiner()), count_(count) {
    TaskContext context = services.context();
    context.key.kind = KeySelector::Kind::kPayload;
    CHECK(combiner->open(context));
  }
  void emit(Batch batch, uint32_t) override {
    partials += batch.size();
    oldest = std::min(oldest, batch.epoch());
    count_.process(std::move(batch));
  }
  void reject(const Record&, Epoch, const Error&) override { FAIL(); }
  void retry(Batch, const Error&) override { FAIL(); }
  void fail(Error) override { FAIL(); }
  std::unique_ptr<Stage> combiner;
  size_t partials = 0;
  Epoch oldest = kNoEpoch;

 private:
  StageHarness& count_;
};

TEST_F(CountTest, a_combiner_folds_keys_and_keeps_nothing_past_a_checkpoint) {
  CountHarness stage = make(map({}));
  stage.context.combined = true;
  ASSERT_TRUE(stage.open());
  Combined combined(services_, *count(map({})), stage);
  combined.combiner->process(make_batch(services_, Texts{"a", "b", "a"}, 4), combined);
  combined.combiner->process(make_batch(services_, Texts{"a", ""}, 5), combined);
  EXPECT_EQ(combined.partials, 0u);
  EXPECT_EQ(combined.combiner->floor(), 4u);
  combined.combiner->on_barrier({4, false}, combined);
  EXPECT_EQ(combined.partials, 0u);
  EXPECT_EQ(combined.combiner->floor(), 4u);
  combined.combiner->on_barrier({5, true}, combined);
  EXPECT_EQ(combined.partials, 3u);
  EXPECT_EQ(combined.oldest, 4u);
  EXPECT_EQ(combined.combiner->floor(), kNoEpoch);
  combined.combiner->process(make_batch(services_, Texts{"b"}, 6), combined);
  combined.combiner->on_end(combined);
  while (combined.combiner->next_timer_ns() != kNever) combined.combiner->on_timer(0, combined);
  EXPECT_EQ(combined.combiner->floor(), kNoEpoch);
  stage.end();
  EXPECT_EQ(sorted(stage.out.payloads()), (Texts{"\t1", "a\t3", "b\t2"}));
}

/// Counts `records` random keys out of `keys` through a combiner; returns how many partial counts
/// it handed on before the end.
size_t partials_of(Services& services, const Bound& bound, StageHarness& stage, int records,
                   uint64_t keys) {
  Combined combined(services, bound, stage);
  Random random(2);
  std::map<std::string, int> expected;
  for (int i = 0; i < records / 1000; ++i) {
    Texts texts;
    for (int k = 0; k < 1000; ++k) {
      texts.push_back(std::to_string(random.below(keys)) + (i % 2 == 0 ? " as a long key" : ""));
      ++expected[texts.back()];
    }
    combined.combiner->process(make_batch(services, texts), combined);
  }
  const size_t before = combined.partials;
  combined.combiner->on_end(combined);
  EXPECT_EQ(combined.combiner->floor(), 1u);  // the end waits
  while (combined.combiner->next_timer_ns() != kNever) combined.combiner->on_timer(0, combined);
  EXPECT_EQ(combined.combiner->floor(), kNoEpoch);
  stage.end();
  stage.advance(microseconds(1000));
  Texts lines;
  for (const auto& [key, n] : expected) lines.push_back(key + "\t" + std::to_string(n));
  EXPECT_EQ(sorted(stage.out.payloads()), sorted(lines));
  return before;
}

TEST_F(CountTest, a_combiner_of_very_many_keys_stays_small_and_loses_none) {
  CountHarness stage = make(map({}));
  stage.context.combined = true;
  ASSERT_TRUE(stage.open());
  EXPECT_GT(partials_of(services_, *count(map({})), stage, 600'000, 250'000), 1'000u);
}

TEST_F(CountTest, a_combiner_lets_records_pass_where_keys_hardly_repeat) {
  CountHarness stage = make(map({}));
  stage.context.combined = true;
  ASSERT_TRUE(stage.open());
  const size_t partials = partials_of(services_, *count(map({})), stage, 900'000, 1u << 30);
  EXPECT_GT(partials, 500'000u);
}

TEST_F(CountTest, running_counts_have_no_combiner) {
  EXPECT_EQ(count(map({{"mode", "running"}}))->stage->create_combiner(), nullptr);
  EXPECT_NE(count(map({}))->stage->create_combiner(), nullptr);
}

std::string text_of(const CountText& text, std::string_view key, uint64_t count) {
  BatchPool pool;
  BatchBuilder builder(pool);
  const Record& record = text.append(builder, key, count);
  EXPECT_EQ(record.key_view(), key);
  return std::string(record.payload_view());
}

TEST(CountText, replaces_every_placeholder_and_leaves_the_rest) {
  const CountText text = CountText::from_template("{count} {key} {key}{other}");
  EXPECT_EQ(text_of(text, "w", UINT64_MAX), "18446744073709551615 w w{other}");
  EXPECT_EQ(text_of(CountText::from_template(""), "w", 1), "");
}

TEST(CountText, json_escapes_the_key) {
  const CountText json = CountText::json();
  EXPECT_EQ(text_of(json, "plain grüß", 3), R"({"key":"plain grüß","count":3})");
  EXPECT_EQ(text_of(json, "q\" b\\ n\n\x1f", 1),
            R"({"key":"q\" b\\ n\u000a\u001f","count":1})");
}

TEST(CountText, json_replaces_bytes_that_are_not_utf8) {
  const CountText json = CountText::json();
  for (const char* bad : {"\x80", "\xc1\xbf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82"}) {
    EXPECT_NE(text_of(json, bad, 1).find("\\ufffd"), std::string::npos);
  }
  EXPECT_EQ(text_of(json, "\xf0\x9f\x8c\x8a", 1), "{\"key\":\"\xf0\x9f\x8c\x8a\",\"count\":1}");
}

}  // namespace
}  // namespace penstock
