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
    projector_.project(batch_);
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
  Projector projector_{values_};
};

TEST_F(ProjectorTest, fills_typed_columns) {
  const size_t a = projector_.add(path({"a"})), b = projector_.add(path({"o", "b"})),
               c = projector_.add(path({"o", "c"})), d = projector_.add(path({"d"}));
  EXPECT_EQ(projector_.add(path({"o", "b"})), b);
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
  const size_t x = projector_.add(path({"o", "x"}));
  project({R"({"o":{"x":1}})", R"({"o":{"x":null}})", R"({"o":{}})", R"({"o":null})", R"({})",
           R"({"o":5})", R"({"o":[1]})", R"([1])", R"("s")", R"(null)", R"({"o":"{"})"});
  EXPECT_EQ(shown(x), "1 null - - - # # # # - #");
  EXPECT_FALSE(projector_.column(x).plain);
  EXPECT_TRUE(projector_.bad_rows().empty());
}

TEST_F(ProjectorTest, columns_of_mixed_kinds_hold_values) {
  const size_t x = projector_.add(path({"x"}));
  project({R"({"x":"a\tb"})", R"({"x":1})", R"({"x":2.5})", R"({"x":18446744073709551615})",
           R"({"x":{ "y": 1 }})", R"({"x":[1, 2]})", R"({"x":1e999})", R"({"x":true})",
           R"({"x":"\u00e9"})"});
  EXPECT_EQ(projector_.column(x).type, ColumnType::kValue);
  EXPECT_EQ(shown(x), R"("a\tb" 1 2.5 18446744073709551615 { "y": 1 } [1, 2] 1e999 true "é")");
}

TEST_F(ProjectorTest, reads_items_of_arrays) {
  const size_t a = projector_.add(path({"xs", "1"})), b = projector_.add(path({"xs", "3", "k"})),
               whole = projector_.add(path({"xs"})), first = projector_.add(path({"xs", "0"}));
  project({R"({"xs":[0,1,2,{"k":3},4]})", R"({"xs":[]})", R"({"xs":[0]})", R"({"xs":{"1":5}})",
           R"({"xs":[[7],[8]]})"});
  EXPECT_EQ(shown(a), "1 - - # [8]");
  EXPECT_EQ(shown(b), "3 - - # -");
  EXPECT_EQ(shown(first), "0 - 0 # [7]");
  EXPECT_EQ(shown(whole), R"([0,1,2,{"k":3},4] [] [0] {"1":5} [[7],[8]])");
}

TEST_F(ProjectorTest, takes_the_first_of_two_members_and_decodes_names) {
  const size_t a = projector_.add(path({"a"})), b = projector_.add(path({"b", "c"})),
               name = projector_.add(path({"a long name of a member"}));
  project({R"({"a":1,"a":2,"b":{"c":3},"b":{"c":4}})", R"({"\u0061":5,"b":{"\u0063":6}})",
           R"({"aa":0,"ab":1,"a long name of a membe":2,"a long name of a member":7})"});
  EXPECT_EQ(shown(a), "1 5 -");
  EXPECT_EQ(shown(b), "3 6 -");
  EXPECT_EQ(shown(name), "- - 7");
}

TEST_F(ProjectorTest, rejects_bad_documents_and_only_those) {
  const size_t a = projector_.add(path({"a"})), b = projector_.add(path({"b"}));
  const std::vector<std::string> documents = {
      R"({"a":1,"b":1})", R"({"a":1,"b")",      R"({"a":)",        R"({"a":"x)",
      R"({"a":2,"b":2})", R"()",                R"({"a":1 "b":2})", R"({"a":01})",
      "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}",   R"({"b":tru})",     R"({"a":"\q"})",
      R"({"a":3,"b":3)",  R"({"a":1,"c":{"b":])", R"({"a":4,"b":4})", R"({"a":1,})",
      R"({"c":[1,2})",    R"({"c":1} x)",       "not json",         "null x",
      R"({"a":1,"b":1]})", "[1"};
  for (const char* gap : {"\n", "", "\r\n", " "}) {
    project(documents, gap);
    EXPECT_EQ(shown(a), "1 ! ! ! 2 ! ! ! ! ! ! ! ! ! 4 ! ! ! ! ! 1 !") << gap;
    EXPECT_EQ(shown(b), "1 ! ! ! 2 ! ! ! ! ! ! ! ! ! 4 ! ! ! ! ! 1 !") << gap;
    ASSERT_EQ(projector_.bad_rows().size(), 18u);
    EXPECT_EQ(projector_.bad_rows()[0].error.message, "not JSON: a colon was expected at byte 10");
    EXPECT_EQ(projector_.bad_rows()[2].error.message,
              "not JSON: this string does not end at byte 5");
    EXPECT_EQ(projector_.bad_rows()[3].error.message, "not JSON: there is no value at byte 0");
    EXPECT_EQ(projector_.bad_rows()[5].error.message, "not JSON: a value was expected at byte 5");
  }
}

TEST_F(ProjectorTest, projects_thousands_of_documents_of_every_size) {
  const size_t id = projector_.add(path({"id"}));
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
