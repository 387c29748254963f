// SPDX-License-Identifier: Apache-2.0
#include "stages/map/map.h"

#include <gtest/gtest.h>

#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms = inherit(register_map, {{"map", ComponentKind::kStage, [](Fixture& f) {
                                                 f.options = map({{"expression", "{\"b\": a}"}});
                                                 f.input = {R"({"a":1})", R"({"a":[2, 3]})"};
                                                 f.expected = {R"({"b":1})", R"({"b":[2, 3]})"};
                                               }}});

class MapTest : public testing::Test {
 protected:
  MapTest() { register_map(catalog_); }
  /// What comes of the input; rejected() has the rest.
  Texts mapped(const Node& options, const Texts& input) {
    StageHarness stage(services_, bind(catalog_, "map", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    rejected_ = stage.out.rejected;
    return stage.out.payloads();
  }
  Seen one(const Node& options, const TestRecord& record) {
    StageHarness stage(services_, bind(catalog_, "map", ComponentKind::kStage, options));
    EXPECT_TRUE(stage.open());
    stage.process(make_batch(services_, std::vector<TestRecord>{record}));
    EXPECT_EQ(stage.out.records.size(), 1u);
    return stage.out.records.empty() ? Seen() : stage.out.records[0];
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "map", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
  std::vector<Refused> rejected_;
};

TEST_F(MapTest, texts_maps_and_arrays_that_are_copied_keep_their_text) {
  EXPECT_EQ(mapped(map({{"expression", "{\"x\": a, \"y\": {\"z\": b.c}, \"n\": 1}"}}),
                   {R"({"a": "\u00e9\/", "b": {"c": [1.50, {}]}})", R"({"b": {"c": {}}})"}),
            (Texts{R"({"x":"\u00e9\/","y":{"z":[1.50, {}]},"n":1})",
                   R"({"x":null,"y":{"z":{}},"n":1})"}));
}

TEST_F(MapTest, numbers_are_computed_and_ids_keep_all_digits) {
  EXPECT_EQ(mapped(map({{"expression", "{\"id\": id, \"p\": price * 2}"}}),
                   {R"({"id":9223372036854775807,"price":0.5})"}),
            (Texts{R"({"id":9223372036854775807,"p":1.0})"}));
}

TEST_F(MapTest, text_is_the_payload_as_it_is_and_all_else_is_json) {
  EXPECT_EQ(mapped(map({{"expression", "a"}}), {R"({"a":"x\n\"y\""})", R"({"a":[1,"b"]})",
                                                R"({"a":7})", R"({})"}),
            (Texts{"x\n\"y\"", R"([1,"b"])", "7", "null"}));
}

TEST_F(MapTest, what_cannot_be_computed_is_rejected_alone) {
  EXPECT_EQ(mapped(map({{"expression", "{\"b\": a + 1}"}}),
                   {R"({"a":1})", R"({"a":"x"})", "no json", R"({"a":2})"}),
            (Texts{R"({"b":2})", R"({"b":3})"}));
  ASSERT_EQ(rejected_.size(), 2u);
  EXPECT_EQ(rejected_[0].record.payload, R"({"a":"x"})");
  EXPECT_EQ(rejected_[1].error.code, "bad-json");
}

TEST_F(MapTest, the_rest_of_the_record_stays_unless_it_is_changed) {
  const TestRecord record{R"({"a":"x","t":"2024-05-01T10:00:00Z"})", "k", 42, {{"h", "v"}}};
  Seen seen = one(map({{"expression", "{\"b\": a}"}}), record);
  EXPECT_EQ(seen.payload, R"({"b":"x"})");
  EXPECT_EQ(seen.key, "k");
  EXPECT_EQ(seen.header("h"), "v");
  EXPECT_EQ(seen.event_time_us, 42);
  seen = one(map({{"key", "a"}, {"event_time", "t"},
                  {"headers", map({{"h", "nil"}, {"g", "[1, a]"}})}}),
             record);
  EXPECT_EQ(seen.payload, record.payload);
  EXPECT_EQ(seen.key, "x");
  EXPECT_EQ(seen.headers, (std::vector<std::pair<std::string, std::string>>{{"g", "[1,\"x\"]"}}));
  EXPECT_EQ(seen.event_time_us, 1'714'557'600'000'000);
  EXPECT_FALSE(one(map({{"key", "nil"}}), record).has_key);
}

TEST_F(MapTest, a_mapping_changes_drops_and_rejects) {
  const Node options = map({{"mapping", "if n < 0 { reject(\"negative\") }\nif n == 0 { drop }\n"
                                        "this.double = n * 2\nkey = n"}});
  EXPECT_EQ(mapped(options, {R"({"n":1})", R"({"n":0})", R"({"n":-1})", R"({"n":2})"}),
            (Texts{R"({"n":1,"double":2})", R"({"n":2,"double":4})"}));
  ASSERT_EQ(rejected_.size(), 1u);
  EXPECT_EQ(rejected_[0].error.code, "rejected");
  EXPECT_EQ(rejected_[0].error.message, "negative");
  EXPECT_EQ(one(options, {R"({"n":3})", "k"}).key, "3");
}

TEST_F(MapTest, records_that_a_mapping_leaves_alone_are_not_copied) {
  StageHarness stage(services_, bind(catalog_, "map", ComponentKind::kStage,
                                     map({{"mapping", "if n > 5 { this.n = 5 }"}})));
  ASSERT_TRUE(stage.open());
  struct Keep final : Output {
    Batch kept;
    void emit(Batch batch, uint32_t) override { kept = std::move(batch); }
    void reject(const Record&, Epoch, const Error&) override {}
    void retry(Batch, const Error&) override {}
    void fail(Error) override {}
  } keep;
  Batch input = make_batch(services_, Texts{R"({"n":1})", R"({"n":9})"});
  const char* payload = input[0].payload;
  stage.stage().process(std::move(input), keep);
  ASSERT_EQ(keep.kept.size(), 2u);
  EXPECT_EQ(keep.kept[0].payload, payload);
  EXPECT_EQ(keep.kept[0].payload_view(), R"({"n":1})");
  EXPECT_EQ(keep.kept[1].payload_view(), R"({"n":5})");
}

TEST_F(MapTest, much_text_goes_out_in_several_batches_of_one_epoch) {
  StageHarness stage(services_, bind(catalog_, "map", ComponentKind::kStage,
                                     map({{"expression", "{\"a\": a, \"b\": a}"}})));
  ASSERT_TRUE(stage.open());
  stage.epoch = 8;
  const std::string text(10'000, 'x');
  stage.process(Texts(20, R"({"a":")" + text + R"("})"));
  EXPECT_EQ(stage.out.records.size(), 20u);
  EXPECT_GT(stage.out.batches.size(), 4u);
  for (const Seen& record : stage.out.records) {
    EXPECT_EQ(record.epoch, 8u);
    EXPECT_EQ(record.payload, R"({"a":")" + text + R"(","b":")" + text + R"("})");
  }
}

TEST_F(MapTest, mistakes_are_all_found_before_anything_runs) {
  EXPECT_NE(problems(map({})).find("changes nothing"), std::string::npos);
  EXPECT_NE(problems(map({{"expression", "a"}, {"mapping", "drop"}})).find("both given"),
            std::string::npos);
  const std::string found = problems(map({{"expression", "a +"}, {"key", "nothing("},
                                          {"headers", map({{"h", "1 +"}})}}));
  EXPECT_NE(found.find("bad-expression"), std::string::npos) << found;
  EXPECT_NE(problems(map({{"mapping", "this.a = 1 +"}})).find("bad-expression"),
            std::string::npos);
  EXPECT_NE(problems(map({{"mapping", "frobnicate"}})).find("bad-mapping"), std::string::npos);
}

}  // namespace
}  // namespace penstock
