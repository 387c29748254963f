// SPDX-License-Identifier: Apache-2.0
#include "stages/split/split.h"

#include <gtest/gtest.h>

#include <cstring>

#include "base/random.h"
#include "sdk/conformance/harness.h"
#include "stages/split/word_edges.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

class SplitTest : public testing::Test {
 protected:
  SplitTest() { register_split(catalog_); }
  std::shared_ptr<const Bound> split(const Node& options) {
    return bind(catalog_, "split", ComponentKind::kStage, options);
  }
  Texts parts(const Node& options, const Texts& input) {
    StageHarness stage(services_, split(options));
    EXPECT_TRUE(stage.open());
    stage.process(input);
    EXPECT_EQ(stage.stage().floor(), kNoEpoch);
    return stage.out.payloads();
  }

  Catalog catalog_;
  Services services_;
};

TEST_F(SplitTest, words_are_runs_of_bytes_that_are_not_blank) {
  EXPECT_EQ(parts(map({}), {"  to be\tor\n\nnot ", "", " \v\f\r ", "to", "grüß dich"}),
            (Texts{"to", "be", "or", "not", "to", "grüß", "dich"}));
}

TEST_F(SplitTest, lines_end_at_a_newline_with_or_without_carriage_return) {
  EXPECT_EQ(parts(map({{"by", "lines"}}), {"a\r\n\nb\n", "c", "", "\n"}),
            (Texts{"a", "", "b", "c", ""}));
}

TEST_F(SplitTest, a_delimiter_stands_between_parts) {
  const Node options = map({{"by", "delimiter"}, {"delimiter", ", "}});
  EXPECT_EQ(parts(options, {"a, b,c, ", ""}), (Texts{"a", "b,c", "", ""}));
}

TEST_F(SplitTest, trimming_comes_before_dropping_what_is_empty) {
  const Node options = map({{"by", "delimiter"}, {"trim", true}, {"drop_empty", true}});
  EXPECT_EQ(parts(options, {" a ,\t, b c"}), (Texts{"a", "b c"}));
}

TEST_F(SplitTest, lower_case_changes_only_ascii_letters) {
  EXPECT_EQ(parts(map({{"lower", true}}), {"To BE [@Ä]"}), (Texts{"to", "be", "[@Ä]"}));
}

TEST_F(SplitTest, parts_keep_key_headers_time_position_and_epoch_of_their_record) {
  for (const bool lower : {false, true}) {
    StageHarness stage(services_, split(map({{"lower", lower}})));
    ASSERT_TRUE(stage.open());
    stage.process(make_batch(services_, std::vector<TestRecord>{{"a b", "k", 42, {{"h", "v"}}}},
                             7));
    ASSERT_EQ(stage.out.payloads(), (Texts{"a", "b"}));
    for (const Seen& part : stage.out.records) {
      EXPECT_EQ(part.key, "k");
      EXPECT_EQ(part.header("h"), "v");
      EXPECT_EQ(part.event_time_us, 42);
      EXPECT_EQ(part.epoch, 7u);
    }
  }
}

TEST_F(SplitTest, parts_are_slices_of_the_input_and_outlive_its_batch) {
  StageHarness stage(services_, split(map({})));
  ASSERT_TRUE(stage.open());
  struct Keep final : Output {
    Batch kept;
    void emit(Batch batch, uint32_t) override { kept = std::move(batch); }
    void reject(const Record&, Epoch, const Error&) override {}
    void retry(Batch, const Error&) override {}
    void fail(Error) override {}
  } keep;
  Batch input = make_batch(services_, Texts{"one two"});
  const char* payload = input[0].payload;
  stage.stage().process(std::move(input), keep);
  ASSERT_EQ(keep.kept.size(), 2u);
  EXPECT_EQ(keep.kept[1].payload, payload + 4);
  EXPECT_EQ(keep.kept[1].payload_view(), "two");
}

TEST_F(SplitTest, a_record_of_very_many_words_is_worked_off_in_turns) {
  StageHarness stage(services_, split(map({})));
  ASSERT_TRUE(stage.open());
  stage.epoch = 3;
  std::string text;
  Texts expected;
  for (int i = 0; i < 100'000; ++i) {
    expected.push_back(std::to_string(i));
    text += expected.back() + " ";
  }
  stage.process({text, "last"});
  expected.push_back("last");
  EXPECT_TRUE(stage.stage().full());
  EXPECT_EQ(stage.stage().floor(), 3u);
  EXPECT_LT(stage.out.records.size(), 20'000u);
  stage.process({"another"});  // a chain cannot always wait
  expected.push_back("another");
  stage.advance(microseconds(10));
  EXPECT_FALSE(stage.stage().full());
  EXPECT_EQ(stage.out.payloads(), expected);
  for (const size_t size : stage.out.batches) EXPECT_LE(size, 512u);
}

TEST_F(SplitTest, a_barrier_passes_only_behind_every_part) {
  StageHarness stage(services_, split(map({{"by", "delimiter"}})));
  ASSERT_TRUE(stage.open());
  stage.process({std::string(50'000, ',')});
  EXPECT_TRUE(stage.stage().full());
  stage.barrier();
  EXPECT_EQ(stage.out.records.size(), 50'001u);
  EXPECT_EQ(stage.stage().floor(), kNoEpoch);
}

TEST_F(SplitTest, an_empty_delimiter_is_refused) {
  const Node options = map({{"by", "delimiter"}, {"delimiter", ""}});
  EXPECT_NE(bind_problems(catalog_, "split", ComponentKind::kStage, options)
                .find("out-of-range"),
            std::string::npos);
}

/// Words by the plain rule, one byte at a time.
std::vector<uint32_t> expected_edges(const std::string& text, size_t size) {
  std::vector<uint32_t> edges;
  const auto blank = [&](size_t i) {
    return i >= size || text[i] == ' ' || (text[i] >= '\t' && text[i] <= '\r');
  };
  for (size_t i = 0; i < size; ++i) {
    if (!blank(i) && (i == 0 || blank(i - 1))) edges.push_back(static_cast<uint32_t>(i));
    if (!blank(i) && blank(i + 1)) edges.push_back(static_cast<uint32_t>(i + 1));
  }
  return edges;
}

TEST(WordEdges, every_finder_agrees_with_the_plain_rule_on_random_texts) {
  Random random(1);
  for (int round = 0; round < 3000; ++round) {
    const size_t size = random.below(600);
    const uint64_t letters = 1 + random.below(12);  // out of 16
    std::string text(size + kWordEdgesPadding, 'x');
    for (size_t i = 0; i < text.size(); ++i) {
      const auto letter = static_cast<char>(random.chance(1, 8) ? random.below(256) : 'a');
      text[i] = random.below(16) < letters ? letter : " \t\n\v\f\r"[random.below(6)];
    }
    for (const WordEdgeFinder finder : {word_edge_finder(), &find_word_edges_portable}) {
      std::vector<uint32_t> found;
      for (uint32_t at = 0; at < size;) {
        uint32_t edges[kWordEdgesRoomMin];
        const WordEdges part = finder(text.data(), static_cast<uint32_t>(size), at, edges,
                                      kWordEdgesRoomMin);
        ASSERT_GT(part.next, at);
        found.insert(found.end(), edges, edges + part.count);
        at = part.next;
      }
      ASSERT_EQ(found, expected_edges(text, size)) << "round " << round;
    }
  }
}

}  // namespace
}  // namespace penstock
