// SPDX-License-Identifier: Apache-2.0
#include "stages/expression_key.h"

#include <gtest/gtest.h>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

class ExpressionKeyTest : public testing::Test {
 protected:
  ExpressionKeyTest() { register_expression_keys(catalog_); }
  std::shared_ptr<const KeyProgram> compile(const char* text, const char* dialect = "penstock") {
    Located<std::string> located;
    located.value = text;
    located.position = {"flow.yaml", 3, 20};
    located.set = true;
    Diagnostics diagnostics;
    auto program = catalog_.key_compiler()(located, dialect, diagnostics);
    said_.clear();
    for (const Diagnostic& each : diagnostics.all()) said_ += to_string(each) + "\n";
    return program;
  }
  /// The keys of a batch, asked for together; "!" where one cannot be computed.
  std::vector<std::string> keys(const char* text, const std::vector<std::string>& payloads) {
    const auto program = compile(text);
    EXPECT_NE(program, nullptr) << said_;
    const auto reader = program->reader();
    const Batch batch = make_batch(services_, payloads);
    const auto& failed = reader->begin(batch);
    std::vector<std::string> out;
    for (uint32_t i = 0; i < batch.size(); ++i) out.emplace_back(reader->of(batch[i]));
    for (const KeyReader::Failed& f : failed) out[f.row] += "!";
    return out;
  }
  Catalog catalog_;
  Services services_;
  std::string said_;
};

TEST_F(ExpressionKeyTest, keys_are_fields_or_computed_from_them) {
  const std::vector<std::string> payloads = {R"({"a":{"b":"x"},"n":7})",
                                             R"({"a":{"b":"\u00e9"},"n":-8})",
                                             R"({"a":{},"n":7.5})", R"({"n":[1, 2]})"};
  EXPECT_EQ(keys("a.b", payloads), (std::vector<std::string>{"x", "é", "", ""}));
  EXPECT_EQ(keys("n", payloads), (std::vector<std::string>{"7", "-8", "7.5", "[1,2]"}));
  EXPECT_EQ(keys("n", {payloads[0], payloads[1]}), (std::vector<std::string>{"7", "-8"}));
  EXPECT_EQ(keys("string(n) + '/' + (a?.b ?? '')", {payloads[0], payloads[3]}),
            (std::vector<std::string>{"7/x", "[1,2]/"}));
}

TEST_F(ExpressionKeyTest, what_cannot_be_computed_is_named_and_the_rest_has_its_key) {
  EXPECT_EQ(keys("n + 1", {R"({"n":1})", "no json", R"({"n":"x"})", R"({"n":3})"}),
            (std::vector<std::string>{"2", "!", "!", "4"}));
  EXPECT_EQ(keys("a.b", {R"({"a":{"b":"x"}})", R"({"a":5})"}),
            (std::vector<std::string>{"x", "!"}));
}

TEST_F(ExpressionKeyTest, a_record_has_the_same_key_alone_and_in_any_batch) {
  const auto program = compile("key + upper(name)");
  ASSERT_NE(program, nullptr) << said_;
  const auto reader = program->reader();
  const Batch first = make_batch(
      services_, std::vector<TestRecord>{{R"({"name":"a"})", "1"}, {R"({"name":"b"})", "2"}});
  const Batch other = make_batch(services_, std::vector<TestRecord>{{R"({"name":"c"})", "3"}});
  EXPECT_EQ(reader->of(first[1]), "2B");
  reader->begin(first);
  const std::string_view kept = reader->of(first[0]);
  EXPECT_EQ(reader->of(other[0]), "3C");
  EXPECT_EQ(reader->of(first[1]), "2B");
  EXPECT_EQ(kept, "1A");
  reader->forget();
  EXPECT_EQ(reader->of(first[0]), "1A");
  EXPECT_EQ(kept.data()[kept.size() + kArenaPadding - 1], '\0') << "padding can be read";
}

TEST_F(ExpressionKeyTest, only_selected_records_are_looked_at) {
  const auto program = compile("n");
  const auto reader = program->reader();
  Batch batch = make_batch(services_, std::vector<std::string>{R"({"n":1})", "bad", R"({"n":3})"});
  batch.filter([](const Record& record) { return record.payload_view() != "bad"; });
  EXPECT_TRUE(reader->begin(batch).empty());
  EXPECT_EQ(reader->of(batch[0]), "1");
  EXPECT_EQ(reader->of(batch[1]), "3");
}

TEST_F(ExpressionKeyTest, a_key_that_changes_or_never_does_is_refused) {
  EXPECT_EQ(compile("a + string(now())"), nullptr);
  EXPECT_EQ(said_,
            "flow.yaml:3:20: error[bad-stage-key]: a key must come out the same whenever it is "
            "computed, this one may not\n"
            "  hint: do without the clock, chance, the machine and attempts\n");
  EXPECT_EQ(compile("attempts + n"), nullptr);
  EXPECT_EQ(compile("[a] | map(sprig.uuidv4())"), nullptr);
  EXPECT_EQ(compile("'a' + 'b'"), nullptr);
  EXPECT_NE(said_.find("the key is the same for every record"), std::string::npos);
  EXPECT_EQ(compile("uper(a)"), nullptr);
  EXPECT_NE(said_.find("flow.yaml:3:20: error[unknown-function]"), std::string::npos) << said_;
  EXPECT_NE(compile("object(msg).id", "argo"), nullptr) << said_;
}

}  // namespace
}  // namespace penstock
