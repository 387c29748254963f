// SPDX-License-Identifier: Apache-2.0
#include "json/projector.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {
namespace {

DocumentPath path(std::initializer_list<const char*> steps) {
  DocumentPath out;
  for (const char* step : steps) {
    if (*step >= '0' && *step <= '9') out.push_back({"", std::atoi(step)});
    else out.push_back({step});
  }
  return out;
}

/// Projects documents that stand one behind the other, with `gap` between them.
class ProjectorTest : public testing::Test {
 protected:
  size_t add(std::initializer_list<const char*> steps) {
    return projector_.add(reader_, path(steps));
  }
  void project(const std::vector<std::string>& documents, std::string_view gap = "\n") {
    BatchBuilder builder(pool_);
    std::string all;
    for (const std::string& d : documents) all += d + std::string(gap);
    ArenaRef arena = pool_.arenas().get(all.size() + 1);
    std::memcpy(arena->data(), all.data(), all.size());
    builder.attach(arena);
    size_t at = 0;
    for (const std::string& d : documents) {
      builder.append_slice({arena->data() + at, d.size()});
      at += d.size() + gap.size();
    }
    batch_ = builder.take();
    projector_.read(reader_, batch_, Rows{nullptr, batch_.size()});
  }
  /// All rows of a column: JSON, or the cell's state in brackets.
  std::string shown(size_t id) {
    std::string out;
    const Column& column = projector_.column(id);
    for (uint32_t row = 0; row < batch_.size(); ++row) {
      if (row > 0) out += " ";
      switch (column.cell(row)) {
        case Cell::kValue: EXPECT_TRUE(write_json(*cell_value(column, row, values_), out)); break;
        case Cell::kNull: out += "null"; break;
        case Cell::kMissing: out += "-"; break;
        case Cell::kNoMember: out += "#"; break;
        case Cell::kError: out += "!"; break;
      }
    }
    return out;
  }

  BatchPool pool_;
  Batch batch_;
  ValueArena values_;
  Projector projector_;
  const size_t reader_ = projector_.add_reader();
};

TEST_F(ProjectorTest, fills_typed_columns) {
  const size_t a = add({"a"}), b = add({"o", "b"}), c = add({"o", "c"}), d = add({"d"});
  EXPECT_EQ(add({"o", "b"}), b);
  project({R"({"a":1,"skip":{"a":[9,{"b":1}]},"o":{"b":"x","c":1.5},"d":true})",
           R"({ "o" : { "c" : -2e3 , "b" : "y\n" } , "d" : false , "a" : 20 })",
           R"({"d":true,"o":{"z":0,"b":"","c":0.5},"a":-3,"e":[]})"});
  EXPECT_EQ(projector_.column(a).type, ColumnType::kInt);
  EXPECT_EQ(projector_.column(b).type, ColumnType::kText);
  EXPECT_EQ(projector_.column(c).type, ColumnType::kDouble);
  EXPECT_EQ(projector_.column(d).type, ColumnType::kBool);
  for (const size_t id : {a, b, c, d}) EXPECT_TRUE(projector_.column(id).plain);
  EXPECT_EQ(shown(a), "1 20 -3");
  EXPECT_EQ(shown(b), R"("x" "y\n" "")");
  EXPECT_EQ(shown(c), "1.5 -2000.0 0.5");
  EXPECT_EQ(shown(d), "true false true");
  EXPECT_TRUE(projector_.bad_rows().empty());
}

TEST_F(ProjectorTest, tells_null_missing_and_no_member_apart) {
  const size_t x = add({"o", "x"});
  project({R"({"o":{"x":1}})", R"({"o":{"x":null}})", R"({"o":{}})", R"({"o":null})", R"({})",
           R"({"o":5})", R"({"o":[1]})", R"([1])", R"("s")", R"(null)", R"({"o":"{"})"});
  EXPECT_EQ(shown(x), "1 null - - - # # # # - #");
  EXPECT_FALSE(projector_.column(x).plain);
  EXPECT_TRUE(projector_.bad_rows().empty());
}

TEST_F(ProjectorTest, columns_of_mixed_kinds_hold_values) {
  const size_t x = add({"x"});
  project({R"({"x":"a\tb"})", R"({"x":1})", R"({"x":2.5})", R"({"x":18446744073709551615})",
           R"({"x":{ "y": 1 }})", R"({"x":[1, 2]})", R"({"x":1e999})", R"({"x":true})",
           R"({"x":"\u00e9"})"});
  EXPECT_EQ(projector_.column(x).type, ColumnType::kValue);
  EXPECT_EQ(shown(x), R"("a\tb" 1 2.5 18446744073709551615 { "y": 1 } [1, 2] 1e999 true "é")");
}

TEST_F(ProjectorTest, reads_items_of_arrays) {
  const size_t a = add({"xs", "1"}), b = add({"xs", "3", "k"}),
               whole = add({"xs"}), first = add({"xs", "0"});
  project({R"({"xs":[0,1,2,{"k":3},4]})", R"({"xs":[]})", R"({"xs":[0]})", R"({"xs":{"1":5}})",
           R"({"xs":[[7],[8]]})"});
  EXPECT_EQ(shown(a), "1 - - # [8]");
  EXPECT_EQ(shown(b), "3 - - # -");
  EXPECT_EQ(shown(first), "0 - 0 # [7]");
  EXPECT_EQ(shown(whole), R"([0,1,2,{"k":3},4] [] [0] {"1":5} [[7],[8]])");
}

TEST_F(ProjectorTest, arrays_of_scalars_become_values_where_they_are_looked_into) {
  const size_t x = projector_.add(reader_, path({"x"}), {.scalars = true});
  const std::vector<std::string> documents = {
      R"({"x":[1, -2.50,"a\u0041" , true,null,18446744073709551615]})", R"({"x":[]})",
      R"({"x":[ ]})", R"({"x":[1,[2]]})", R"({"x":[{"a":1}]})", R"({"x":[1,]})", R"({"x":[1 2]})",
      R"({"x":[tru]})", R"({"x":["\q"]})", R"({"x":[01]})", R"({"x":[,1]})", R"({"x":[1}})"};
  project(documents);
  EXPECT_TRUE(projector_.bad_rows().empty()) << "they are bad for who looks into them";
  for (uint32_t row = 0; row < documents.size(); ++row) {
    const Value value = projector_.column(x).values[row];
    EXPECT_EQ(value.is(ValueKind::kArray), row < 3) << documents[row];
    EXPECT_EQ(value.is(ValueKind::kJson), row >= 3) << documents[row];
  }
  EXPECT_EQ(shown(x).substr(0, 52), R"([1,-2.5,"aA",true,null,18446744073709551615] [] [] [)");
}

TEST_F(ProjectorTest, arrays_may_be_cut_into_the_texts_of_their_items) {
  const size_t x = projector_.add(reader_, path({"x"}), {.items = true});
  project({R"({"x":[ 1.50 ,{ "a" : [1] } ,"t",[ ] ]})", R"({"x":[1,]})", R"({"x":[1}})"});
  const Column& column = projector_.column(x);
  ASSERT_TRUE(column.values[0].is(ValueKind::kArray));
  std::string items;
  for (const Value& item : column.values[0].items()) items += std::string(item.text()) + ";";
  EXPECT_EQ(items, R"(1.50;{ "a" : [1] };"t";[ ];)");
  EXPECT_TRUE(column.values[1].is(ValueKind::kJson));
  EXPECT_TRUE(column.values[2].is(ValueKind::kJson));
}

TEST_F(ProjectorTest, keeps_how_values_stand_in_their_documents) {
  const size_t x = projector_.add(reader_, path({"x"}), {.source = true});
  project({R"({"x":1.50})", R"({"x":"a\n"})", R"({"x":[ 1 ]})", R"({"x":null})", R"({})"});
  const Column& column = projector_.column(x);
  std::string all;
  for (uint32_t row = 0; row < 5; ++row) all += std::string(column.sources[row].view()) + ";";
  EXPECT_EQ(all, R"(1.50;"a\n";[ 1 ];;;)");
}

TEST_F(ProjectorTest, integers_above_int64_are_unsigned) {
  const size_t x = add({"x"});
  project({R"({"x":1})", R"({"x":18446744073709551615})", R"({"x":9223372036854775807})"});
  EXPECT_EQ(projector_.column(x).type, ColumnType::kUint);
  EXPECT_TRUE(projector_.column(x).plain);
  EXPECT_EQ(shown(x), "1 18446744073709551615 9223372036854775807");
  project({R"({"x":18446744073709551615})", R"({"x":-1})", R"({"x":1})"});
  EXPECT_EQ(projector_.column(x).type, ColumnType::kValue);
  EXPECT_EQ(shown(x), "18446744073709551615 -1 1");
  project({R"({"x":-1})", R"({"x":18446744073709551615})"});
  EXPECT_EQ(projector_.column(x).type, ColumnType::kValue);
  EXPECT_EQ(shown(x), "-1 18446744073709551615");
}

TEST_F(ProjectorTest, takes_the_first_of_two_members_and_decodes_names) {
  const size_t a = add({"a"}), b = add({"b", "c"}),
               name = add({"a long name of a member"});
  project({R"({"a":1,"a":2,"b":{"c":3},"b":{"c":4}})", R"({"\u0061":5,"b":{"\u0063":6}})",
           R"({"aa":0,"ab":1,"a long name of a membe":2,"a long name of a member":7})"});
  EXPECT_EQ(shown(a), "1 5 -");
  EXPECT_EQ(shown(b), "3 6 -");
  EXPECT_EQ(shown(name), "- - 7");
}

TEST_F(ProjectorTest, names_that_json_escapes_are_found_by_what_they_mean) {
  const size_t quote = add({"a\"b"}), slash = add({"a\\n"}), line = add({"a\n"});
  const size_t longer = add({"sixteen_and_more_\t"});
  project({R"({"a\"b":1,"a\\n":2,"a\n":3,"sixteen_and_more_\t":4})",
           R"({"a\u0022b":5,"a\u005cn":6,"a\u000a":7,"sixteen_and_more_t":8})"});
  EXPECT_EQ(shown(quote), "1 5");
  EXPECT_EQ(shown(slash), "2 6");
  EXPECT_EQ(shown(line), "3 7");
  EXPECT_EQ(shown(longer), "4 -");
}

TEST_F(ProjectorTest, tells_long_names_apart) {
  const size_t eight = add({"abcdefgh"}), sixteen = add({"abcdefghijklmnop"});
  const size_t more = add({"abcdefghijklmnopq"}), fifteen = add({"abcdefghijklmno"});
  project({R"({"abcdefgh":1,"abcdefghijklmnop":2,"abcdefghijklmnopq":3,"abcdefghijklmno":4})",
           R"({"abcdefg":1,"abcdefghijklmnoq":2,"abcdefghijklmnopr":3,"abcdefghijklmn":4})"});
  EXPECT_EQ(shown(eight), "1 -");
  EXPECT_EQ(shown(sixteen), "2 -");
  EXPECT_EQ(shown(more), "3 -");
  EXPECT_EQ(shown(fifteen), "4 -");
}

TEST_F(ProjectorTest, rejects_bad_documents_and_only_those) {
  const size_t a = add({"a"}), b = add({"b"});
  const std::vector<std::string> documents = {
      R"({"a":1,"b":1})", R"({"a":1,"b")",      R"({"a":)",        R"({"a":"x)",
      R"({"a":2,"b":2})", R"()",                R"({"a":1 "b":2})", R"({"a":01})",
      "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}",   R"({"b":tru})",     R"({"a":"\q"})",
      R"({"a":3,"b":3)",  R"({"a":1,"c":{"b":])", R"({"a":4,"b":4})", R"({"a":1,})",
      R"({"c":[1,2})",    R"({"c":1} x)",       "not json",         "null x",
      R"({"a":1,"b":1]})", "[1", R"({"b":1,"a":12"x"})", R"({"b":1,"a":12{}})"};
  for (const char* gap : {"\n", "", "\r\n", " "}) {
    project(documents, gap);
    EXPECT_EQ(shown(a), "1 ! ! ! 2 ! ! ! ! ! ! ! ! ! 4 ! ! ! ! ! 1 ! ! !") << gap;
    EXPECT_EQ(shown(b), "1 ! ! ! 2 ! ! ! ! ! ! ! ! ! 4 ! ! ! ! ! 1 ! ! !") << gap;
    ASSERT_EQ(projector_.bad_rows().size(), 20u);
    EXPECT_EQ(projector_.bad_rows()[0].error.message, "not JSON: a colon was expected at byte 10");
    EXPECT_EQ(projector_.bad_rows()[2].error.message,
              "not JSON: this string does not end at byte 5");
    EXPECT_EQ(projector_.bad_rows()[3].error.message, "not JSON: there is no value at byte 0");
    EXPECT_EQ(projector_.bad_rows()[5].error.message, "not JSON: a value was expected at byte 5");
  }
}

TEST_F(ProjectorTest, projects_thousands_of_documents_of_every_size) {
  const size_t id = add({"id"});
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> documents;
    std::string expected;
    for (int i = 0; i < 1000; ++i) {
      documents.push_back("{\"pad\":\"" + std::string(static_cast<size_t>(i % 130), 'p') +
                          "\",\"id\":" + std::to_string(i * 7) + "}");
      expected += (i > 0 ? " " : "") + std::to_string(i * 7);
    }
    project(documents);
    EXPECT_EQ(shown(id), expected);
  }
}

TEST(DocumentPathText, is_how_one_would_write_it) {
  EXPECT_EQ(to_string(DocumentPath{}), "this");
  EXPECT_EQ(to_string(path({"a", "0", "b c", "d"})), "a[0][\"b c\"].d");
  EXPECT_EQ(to_string(path({"0"})), "this[0]");
}

}  // namespace
}  // namespace penstock
