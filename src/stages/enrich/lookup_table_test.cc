// SPDX-License-Identifier: Apache-2.0
#include "stages/enrich/lookup_table.h"

#include <gtest/gtest.h>

#include "codec/csv.h"
#include "codec/json_codec.h"

namespace penstock {
namespace {

const std::shared_ptr<const Codec> kCsv = make_csv_codec({}, {});
const std::shared_ptr<const Codec> kLines = make_json_codec({JsonFraming::kLines, 0, false});

TableShape by(std::string key_column) {
  TableShape shape;
  shape.key_column = std::move(key_column);
  shape.whole_rows = true;
  return shape;
}
std::string row(const LookupTable& table, std::string_view key) {
  const Value* found = table.find(key);
  return found == nullptr ? "none" : std::string(found->text());
}
std::string fault(std::string_view text, const Codec& codec, const TableShape& shape) {
  const auto table = LookupTable::read(text, codec, shape);
  return table ? "read" : to_string(table.error());
}

TEST(LookupTable, finds_rows_by_their_key) {
  const auto table = LookupTable::read("id,name,city\n7,Ann,Bonn\n8,\"B, o\",\n", *kCsv, by("id"));
  ASSERT_TRUE(table);
  EXPECT_EQ((*table)->rows(), 2u);
  EXPECT_EQ(row(**table, "7"), R"({"name":"Ann","city":"Bonn"})");
  EXPECT_EQ(row(**table, "8"), R"({"name":"B, o","city":""})");
  EXPECT_EQ(row(**table, "9"), "none");
  EXPECT_EQ(row(**table, ""), "none");
}

TEST(LookupTable, keeps_the_columns_that_are_asked_for) {
  TableShape shape = by("id");
  shape.columns = {"name", "id"};
  const auto table = LookupTable::read("id,name,city\n7,Ann,Bonn\n", *kCsv, shape);
  ASSERT_TRUE(table);
  EXPECT_EQ(row(**table, "7"), R"({"id":"7","name":"Ann"})");
}

TEST(LookupTable, reads_a_document_a_line_and_keeps_all_digits) {
  const auto table = LookupTable::read(
      "{\"id\":7,\"n\":9007199254740993}\n\n{\"id\":\"x\"}\n{\"id\":2.0,\"a\":[1,{}]}", *kLines,
      by("id"));
  ASSERT_TRUE(table);
  EXPECT_EQ(row(**table, "7"), R"({"n":9007199254740993})");
  EXPECT_EQ(row(**table, "x"), "{}");
  EXPECT_EQ(row(**table, "2"), R"({"a":[1,{}]})");
}

TEST(LookupTable, compares_whole_numbers_and_their_text_as_equal) {
  ValueArena arena;
  const auto text = [&](const Value& value) { return std::string(*lookup_key(value, arena)); };
  EXPECT_EQ(text(Value::integer(-7)), "-7");
  EXPECT_EQ(text(Value::real(7.0)), "7");
  EXPECT_EQ(text(Value::string("7")), "7");
  EXPECT_EQ(text(Value::real(7.5)), "7.5");
  EXPECT_EQ(text(Value::unsigned_integer(UINT64_MAX)), "18446744073709551615");
  EXPECT_EQ(text(Value::boolean(true)), "true");
}

TEST(LookupTable, lets_the_first_or_the_last_of_two_rows_count_or_neither) {
  const char* text = "id,n\na,1\na,2\n";
  TableShape shape = by("id");
  EXPECT_EQ(fault(text, *kCsv, shape), "bad-table: row 2: the key \"a\" was there before. "
                                       "on_duplicate says which of two rows counts");
  shape.same_key = SameKeyRows::kFirst;
  EXPECT_EQ(row(**LookupTable::read(text, *kCsv, shape), "a"), R"({"n":"1"})");
  shape.same_key = SameKeyRows::kLast;
  EXPECT_EQ(row(**LookupTable::read(text, *kCsv, shape), "a"), R"({"n":"2"})");
}

TEST(LookupTable, names_the_row_at_fault) {
  EXPECT_EQ(fault("id\na\n\"b", *kCsv, by("id")).substr(0, 16), "bad-table: row 2");
  EXPECT_EQ(fault("id,n\na,1\nb\n", *kCsv, by("id")).substr(0, 16), "bad-table: row 2");
  EXPECT_EQ(fault("name\nAnn\n", *kCsv, by("id")), "bad-table: row 1: it has no column id");
  EXPECT_EQ(fault("{\"id\":1}\n{\"id\":null}", *kLines, by("id")),
            "bad-table: row 2: its id is null");
  EXPECT_EQ(fault("{\"id\":1}\n[1]", *kLines, by("id")),
            "bad-table: row 2: it has no named columns; it is of kind array");
  EXPECT_EQ(fault("{\"id\":1}\n{\"id\"", *kLines, by("id")).substr(0, 16), "bad-table: row 2");
  EXPECT_EQ(fault("", *kLines, by("id")), "read");
}

TEST(LookupTable, stays_within_its_bounds) {
  TableShape shape = by("id");
  shape.rows_max = 2;
  EXPECT_EQ(fault("id\n1\n2\n", *kCsv, shape), "read");
  EXPECT_EQ(fault("id\n1\n2\n3\n", *kCsv, shape),
            "bad-table: it has more than 2 rows. rows_max is the bound");
  shape.rows_max = 1'000'000;
  shape.memory_max = 1 << 20;
  std::string text = "id,name\n";
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i) + ",abcdefghij\n";
  EXPECT_EQ(fault(text, *kCsv, shape),
            "bad-table: it takes more than 1048576 bytes. memory_max is the bound");
  shape.memory_max = 64 << 20;
  const auto table = LookupTable::read(text, *kCsv, shape);
  ASSERT_TRUE(table);
  EXPECT_EQ((*table)->rows(), 100'000u);
  for (int i = 0; i < 100'000; i += 997) {
    EXPECT_EQ(row(**table, std::to_string(i)), R"({"name":"abcdefghij"})");
  }
  EXPECT_LT((*table)->memory_bytes(), 100'000u * 120);
}

}  // namespace
}  // namespace penstock
