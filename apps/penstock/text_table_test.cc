// SPDX-License-Identifier: Apache-2.0
#include "penstock/text_table.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(TextTable, aligns_cells_by_what_is_seen_of_them) {
  TextTable table({TextTable::Align::kLeft, TextTable::Align::kRight});
  table.row({"é", "1", "last"});
  table.row({"\x1b[31mlong\x1b[0m", "200"});
  EXPECT_EQ(table.text(), "é       1  last\n\x1b[31mlong\x1b[0m  200\n");
  EXPECT_EQ(TextTable().text(), "");
}

TEST(TextTable, cuts_a_text_between_characters) {
  EXPECT_EQ(cut_to("abc", 3), "abc");
  EXPECT_EQ(cut_to("abcd", 3), "ab…");
  EXPECT_EQ(cut_to("äöüß", 3), "äö…");
  EXPECT_EQ(cut_to("abcd", 1), "…");
  EXPECT_EQ(cut_to("abcd", 0), "");
}

TEST(TextTable, wraps_at_blanks_and_keeps_line_breaks_and_indents) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 13), (Lines{"one two three"}));
  EXPECT_EQ(wrapped("unbreakable x", 4), (Lines{"unbreakable", "x"}));
  EXPECT_EQ(wrapped("a\n\n  b c", 9), (Lines{"a", "", "  b c"}));
  EXPECT_EQ(wrapped("", 9), (Lines{""}));
  EXPECT_EQ(wrapped("abcd   ", 4), (Lines{"abcd", ""}));
}

}  // namespace
}  // namespace penstock
