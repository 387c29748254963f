// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <gtest/gtest.h>

#include "config/secret.h"

namespace penstock {
namespace {

TEST(EditDistance, counts_each_kind_of_slip_once) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("abc", "abc"), 0u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("", "ab"), 2u);
  EXPECT_EQ(edit_distance("abc", "abd"), 1u);
  EXPECT_EQ(edit_distance("abc", "ab"), 1u);
  EXPECT_EQ(edit_distance("abc", "xabc"), 1u);
  EXPECT_EQ(edit_distance("abcd", "acbd"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(Suggest, finds_the_nearest_word_across_case_and_dashes) {
  const std::vector<std::string> known = {"input_queue", "output_queue", "threads", "type"};
  EXPECT_EQ(closest("inputqueue", known), "input_queue");
  EXPECT_EQ(closest("Input-Queue", known), "input_queue");
  EXPECT_EQ(closest("ouput_queue", known), "output_queue");
  EXPECT_EQ(closest("thread", known), "threads");
  EXPECT_EQ(closest("tpye", known), "type");
  EXPECT_EQ(closest("banana", known), "");
  EXPECT_EQ(closest("", known), "");
}

TEST(Suggest, does_not_offer_a_word_that_shares_nothing) {
  EXPECT_EQ(closest("q", {"a"}), "");
  EXPECT_EQ(closest("zz", {"ab"}), "");
}

TEST(Suggest, lists_what_is_known_when_nothing_is_near) {
  EXPECT_EQ(suggestion("banana", {"x", "y"}), "known: x, y");
  EXPECT_EQ(suggestion("banana", {}), "");
  EXPECT_TRUE(suggestion("banana", std::vector<std::string>(13, "x")).ends_with("x, …"));
}

TEST(Suggest, bounds_its_work_on_long_words) {
  EXPECT_EQ(closest(std::string(1'000'000, 'a'), {std::string(1'000'000, 'b')}), "");
}

TEST(Secret, prints_as_a_mask) {
  std::ostringstream out;
  out << Secret("hunter2");
  EXPECT_EQ(out.str(), kMask);
  EXPECT_EQ(to_string(Secret()), "");
}

TEST(Secret, is_masked_inside_other_text_longest_first) {
  const std::vector<Secret> secrets = {Secret("pass"), Secret("password"), Secret("abc")};
  EXPECT_EQ(masked("url?key=password&x=pass&abc", secrets), "url?key=*****&x=*****&abc");
  EXPECT_EQ(masked("", secrets), "");
}

}  // namespace
}  // namespace penstock
