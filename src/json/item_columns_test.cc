// SPDX-License-Identifier: Apache-2.0
#include "json/item_columns.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "json/projector.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace penstock {
namespace {

/// Reads `a` of documents and, of the items of the arrays there, what tests add.
class ItemColumnsTest : public testing::Test {
 protected:
  void project(const std::vector<std::string>& documents) {
    BatchBuilder builder(pool_);
    for (const std::string& d : documents) builder.append(d);
    batch_ = builder.take();
    projector_.read(reader_, batch_, Rows{nullptr, batch_.size()});
  }
  /// The items of each row: JSON or a state, as in [1,-]; ? where they are unknown.
  std::string shown(const ItemColumns& items, size_t number) {
    const Column& column = items.column(number);
    std::string out;
    for (uint32_t row = 0; row < batch_.size(); ++row) {
      const ItemColumns::Span& span = items.span(row);
      if (row > 0) out += " ";
      if (!span.known()) {
        out += "?";
        continue;
      }
      out += "[";
      for (uint32_t i = span.first; i < span.first + span.count; ++i) {
        if (i > span.first) out += ",";
        switch (column.cell(i)) {
          case Cell::kValue: EXPECT_TRUE(write_json(*cell_value(column, i, values_), out)); break;
          case Cell::kNull: out += "null"; break;
          case Cell::kMissing: out += "-"; break;
          case Cell::kNoMember: out += "#"; break;
          case Cell::kError: out += "!"; break;
        }
      }
      out += "]";
    }
    return out;
  }

  BatchPool pool_;
  Batch batch_;
  ValueArena values_;
  Projector projector_;
  const size_t reader_ = projector_.add_reader();
  const size_t a_ = projector_.add(reader_, {{"a"}});
  ItemColumns& items_ = projector_.items(reader_, a_);
};

TEST_F(ItemColumnsTest, give_each_item_a_row_of_every_column) {
  const size_t price = items_.add({{"price"}}), deep = items_.add({{"m"}, {"n"}});
  const size_t tag = items_.add({{"tags"}, {"", 1}});
  EXPECT_EQ(items_.add({{"price"}}), price);
  EXPECT_EQ(&projector_.items(reader_, a_), &items_);
  project({R"({"a":[{"price":1,"m":{"n":"x"},"tags":[1,2]},{"x":[{"price":9}],"price":2}],"b":1})",
           R"({"a":[]})", R"({"b":[{"price":5}]})",
           R"({"a":[{"tags":[3],"price":3,"price":4,"m":null}]})"});
  EXPECT_EQ(items_.column(price).type, ColumnType::kInt);
  EXPECT_TRUE(items_.column(price).plain);
  EXPECT_EQ(shown(items_, price), "[1,2] [] ? [3]");
  EXPECT_EQ(shown(items_, deep), R"(["x",-] [] ? [-])");
  EXPECT_EQ(shown(items_, tag), "[2,-] [] ? [-]");
  EXPECT_TRUE(projector_.bad_rows().empty());
}

TEST_F(ItemColumnsTest, know_items_of_other_kinds) {
  const size_t self = items_.add({}), member = items_.add({{"p"}});
  project({R"({"a":[1,"t\n",true,null,{"p":1},[2,3]]})", R"({"a":[1.5]})"});
  EXPECT_EQ(shown(items_, self), R"([1,"t\n",true,null,{"p":1},[2,3]] [1.5])");
  EXPECT_EQ(shown(items_, member), "[#,#,#,-,1,#] [#]");
}

TEST_F(ItemColumnsTest, are_unknown_where_there_is_no_array_that_is_right) {
  const size_t p = items_.add({{"p"}});
  project({R"({"a":[{"p":1}]})", R"({"a":{"p":1}})", R"({"a":null})", R"({"a":3})", R"([])",
           R"({"a":[{"p":1},]})", R"({"a":[{"p":1} {"p":2}]})", R"({"a":[{"p":tru}]})",
           R"({"a":[{"p" 1}]})", R"({"a":[,]})", R"({"a":[{"p":2}]})"});
  EXPECT_EQ(shown(items_, p), "[1] ? ? ? ? ? ? ? ? ? [2]");
  EXPECT_TRUE(projector_.bad_rows().empty()) << "whoever looks into their text finds out";
  EXPECT_TRUE(items_.column(p).plain) << "what was taken back is not there any more";
}

TEST_F(ItemColumnsTest, are_unknown_where_a_member_that_nobody_reads_is_not_json) {
  const size_t p = items_.add({{"p"}});
  for (const char* wrong :
       {"tru", "nulls", "01", "1.", "-", "1e", "+1", R"("\q")", R"("\u12")", "[1", "[1,]", "[,1]",
        "[1 2]", R"({"y"})", R"({"y":})", R"({"y":1,})", "{y:1}", "{1:2}", R"({"\x":1})",
        R"({"y":[{]})", "", "1 2", R"("a"b)", "/**/1"}) {
    const std::string x = "\"x\":" + std::string(wrong);
    project({"{\"a\":[{\"p\":1," + x + "}]}", "{\"a\":[{" + x + ",\"p\":1},2]}",
             "{\"a\":[1,{" + x + "}]}", R"({"a":[{"p":2,"x":[{},[1e-5,"\u00e9"],{"y":null}]}]})"});
    EXPECT_EQ(shown(items_, p), "? ? ? [2]") << wrong;
  }
  const auto nested = [](int depth) {
    const auto times = static_cast<size_t>(depth);
    return R"({"a":[{"p":3,"x":)" + std::string(times, '[') + std::string(times, ']') + "}]}";
  };
  project({nested(kJsonDepthMax - 2), nested(kJsonDepthMax - 1)});
  EXPECT_EQ(shown(items_, p), "[3] ?") << "as deep as values may be";
}

TEST_F(ItemColumnsTest, do_not_change_what_is_found_around_them) {
  items_.add({{"b"}, {"c"}});
  const size_t first = projector_.add(reader_, {{"a"}, {"", 0}, {"b"}, {"c"}});
  const size_t after = projector_.add(reader_, {{"b"}, {"c"}});
  project({R"({"b":{"c":1},"a":[{"b":{"c":5}},{"b":{"c":6}}],"b":{"c":2}})",
           R"({"a":[{"b":{"c":7}}],"b":{"c":3},"a":[]})", R"({"a":[{"b":{"c":8}}]})"});
  EXPECT_EQ(projector_.column(first).ints[0], 5);
  EXPECT_EQ(projector_.column(after).ints[0], 1);
  EXPECT_EQ(projector_.column(after).ints[1], 3);
  EXPECT_EQ(projector_.column(after).cell(2), Cell::kMissing);
  EXPECT_EQ(shown(items_, 0), "[5,6] [7] [8]");
  EXPECT_EQ(projector_.documents_walked(), 3U);
}

TEST_F(ItemColumnsTest, follow_their_column_when_records_are_read_again) {
  const size_t p = items_.add({{"p"}});
  const size_t other = projector_.add_reader();
  projector_.add(other, {{"z"}});
  const std::vector<std::string> documents = {R"({"a":[{"p":1}],"z":1})", R"({"a":[{"p":2}]})",
                                              R"({"a":[{"p":3},{"p":4}],"z":tru})"};
  for (int i = 0; i < 3; ++i) {  // the common pass finds the last one bad, this reader does not
    project(documents);
    EXPECT_EQ(shown(items_, p), "[1] [2] [3,4]");
    EXPECT_TRUE(projector_.bad_rows().empty());
    projector_.read(other, batch_, Rows{nullptr, batch_.size()});
    EXPECT_EQ(projector_.bad_rows().size(), 1U);
  }
}

TEST_F(ItemColumnsTest, grow_with_the_arrays) {
  const size_t self = items_.add({});
  std::string large = R"({"a":[0)";
  for (uint32_t i = 1; i < 5000; ++i) large += "," + std::to_string(i);
  project({large + "]}", R"({"a":["x"]})"});
  ASSERT_EQ(items_.span(0).count, 5000U);
  const Column& column = items_.column(self);
  EXPECT_EQ(column.type, ColumnType::kValue) << "mixed";
  for (uint32_t i = 0; i < 5000; ++i) EXPECT_EQ(column.values[i].as_int(), i);
  EXPECT_EQ(items_.span(1).first, 5000U);
  project({R"({"a":[1]})"});
  EXPECT_EQ(items_.column(self).type, ColumnType::kInt) << "each batch for itself";
}

}  // namespace
}  // namespace penstock
