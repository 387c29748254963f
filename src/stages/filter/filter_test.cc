// SPDX-License-Identifier: Apache-2.0
#include "stages/filter/filter.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms = inherit(register_filter, {{"filter", ComponentKind::kStage, [](Fixture& f) {
                                                    f.options = map({{"expression", "n > 1"}});
                                                    f.input = {R"({"n":1})", R"({"n":2})",
                                                               R"({"n": 3.5})"};
                                                    f.expected = {f.input[1], f.input[2]};
                                                  }}});

class FilterTest : public testing::Test {
 protected:
  FilterTest() { register_filter(catalog_); }
  std::shared_ptr<const Bound> filter(const char* expression, const char* dialect = "penstock") {
    return bind(catalog_, "filter", ComponentKind::kStage,
                map({{"expression", expression}, {"dialect", dialect}}));
  }
  Texts passing(const char* expression, const Texts& input) {
    StageHarness stage(services_, filter(expression));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    rejected_ = stage.out.rejected;
    return stage.out.payloads();
  }
  Catalog catalog_;
  Services services_;
  std::vector<Refused> rejected_;
};

TEST_F(FilterTest, what_passes_is_not_copied) {
  StageHarness stage(services_, filter("n == 2"));
  ASSERT_TRUE(stage.open());
  struct Keep final : Output {
    Batch kept;
    void emit(Batch batch, uint32_t) override { kept = std::move(batch); }
    void reject(const Record&, Epoch, const Error&) override {}
    void retry(Batch, const Error&) override {}
    void fail(Error) override {}
  } keep;
  Batch input = make_batch(services_, Texts{R"({"n":1})", R"({"n":2})", R"({"n":3})"});
  const Record* heads = input.heads().data();
  stage.stage().process(std::move(input), keep);
  ASSERT_EQ(keep.kept.size(), 1u);
  EXPECT_EQ(&keep.kept[0], heads + 1);
  EXPECT_TRUE(keep.kept.has_selection());
}

TEST_F(FilterTest, a_selection_is_narrowed_in_its_own_order) {
  StageHarness stage(services_, filter("n % 2 == 0"));
  ASSERT_TRUE(stage.open());
  Texts input;
  for (int i = 0; i < 9; ++i) input.push_back("{\"n\":" + std::to_string(i) + "}");
  Batch batch = make_batch(services_, input);
  batch.filter([](const Record& record) { return record.payload_view() != R"({"n":4})"; });
  stage.process(std::move(batch));
  EXPECT_EQ(stage.out.payloads(),
            (Texts{R"({"n":0})", R"({"n":2})", R"({"n":6})", R"({"n":8})"}));
}

TEST_F(FilterTest, a_field_that_is_missing_is_nil) {
  EXPECT_EQ(passing("a == nil", {R"({})", R"({"a":null})", R"({"a":0})"}),
            (Texts{R"({})", R"({"a":null})"}));
  EXPECT_TRUE(rejected_.empty());
}

TEST_F(FilterTest, what_is_not_json_is_rejected_and_the_rest_goes_on) {
  EXPECT_EQ(passing("n > 0", {R"({"n":1})", R"({"n":)", "", R"({"n":2})"}),
            (Texts{R"({"n":1})", R"({"n":2})"}));
  ASSERT_EQ(rejected_.size(), 2u);
  EXPECT_EQ(rejected_[0].record.payload, R"({"n":)");
  EXPECT_EQ(rejected_[0].error.code, "bad-json");
  EXPECT_EQ(rejected_[0].error.reaction, Reaction::kRejectRecord);
}

TEST_F(FilterTest, an_expression_that_fails_rejects_its_record_alone) {
  EXPECT_EQ(passing("10 / n > 4", {R"({"n":2})", R"({"n":"x"})", R"({"n":1})"}),
            (Texts{R"({"n":2})", R"({"n":1})"}));
  ASSERT_EQ(rejected_.size(), 1u);
  EXPECT_EQ(rejected_[0].record.payload, R"({"n":"x"})");
}

TEST_F(FilterTest, a_result_that_is_neither_true_nor_false_rejects_the_record) {
  EXPECT_EQ(passing("ok", {R"({"ok":true})", R"({"ok":1})", R"({"ok":false})"}),
            (Texts{R"({"ok":true})"}));
  ASSERT_EQ(rejected_.size(), 1u);
  EXPECT_EQ(rejected_[0].record.payload, R"({"ok":1})");
}

TEST_F(FilterTest, a_batch_of_which_everything_passes_has_no_selection) {
  StageHarness stage(services_, filter("n > 0"));
  ASSERT_TRUE(stage.open());
  stage.process({R"({"n":1})", R"({"n":2})"});
  EXPECT_EQ(stage.out.batches, (std::vector<size_t>{2}));
  stage.process({R"({"n":0})"});
  EXPECT_EQ(stage.out.batches.size(), 1u) << "an empty batch is not passed on";
}

TEST_F(FilterTest, the_dialect_of_argo_reads_the_message) {
  StageHarness stage(services_, filter("string(msg) contains 'b'", "argo"));
  ASSERT_TRUE(stage.open());
  stage.process({"abc", "xyz"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"abc"}));
}

TEST_F(FilterTest, mistakes_are_found_before_anything_runs) {
  const auto problems = [&](const char* expression) {
    return bind_problems(catalog_, "filter", ComponentKind::kStage,
                         map({{"expression", expression}}));
  };
  EXPECT_NE(problems("a >").find("error["), std::string::npos);
  EXPECT_NE(problems("uper(a)").find("unknown-function"), std::string::npos);
  EXPECT_NE(problems("'text'").find("type-mismatch"), std::string::npos);
  EXPECT_NE(bind_problems(catalog_, "filter", ComponentKind::kStage, map({}))
                .find("missing-field"),
            std::string::npos);
}

}  // namespace
}  // namespace penstock
