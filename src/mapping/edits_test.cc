// SPDX-License-Identifier: Apache-2.0
#include "mapping/edits.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "json/parse.h"
#include "value/write_json.h"

namespace penstock {
namespace {

using Path = std::vector<EditStep>;

class EditsTest : public testing::Test {
 protected:
  Value parse(const std::string& text) {
    const Result<Value> value = JsonParser().parse(text, arena_);
    EXPECT_TRUE(value) << text;
    return value ? *value : Value();
  }
  void set(const Path& path, const std::string& json) {
    const Result<void> done = edits_.set(path, parse(json), arena_);
    EXPECT_TRUE(done) << to_string(done.error());
  }
  void remove(const Path& path) { EXPECT_TRUE(edits_.remove(path, arena_)); }
  /// The text with the edits, which are forgotten; or the error's message.
  std::string applied(const std::string& text) {
    std::string padded = text + std::string(kJsonPadding, ' '), out;
    const Result<void> done = edits_.apply({padded.data(), text.size()}, arena_, out);
    edits_.clear();
    return done ? out : done.error().message;
  }
  ValueArena arena_;
  Edits edits_;
};

TEST_F(EditsTest, what_is_not_edited_stays_as_it_stands) {
  set({{"b"}}, "7");
  EXPECT_EQ(applied(R"( {"a" : 1.50, "b":[1, 2] , "c":"\u00e9\/"} )"),
            R"( {"a" : 1.50, "b":7 , "c":"\u00e9\/"} )");
}

TEST_F(EditsTest, members_that_are_not_there_are_added_at_the_end) {
  set({{"z"}}, "1");
  EXPECT_EQ(applied("{}"), R"({"z":1})");
  set({{"z"}}, "1");
  EXPECT_EQ(applied(R"({"a": 1 })"), R"({"a": 1,"z":1 })");
  set({{"x"}, {"y"}, {"a \"b\""}}, "[]");
  EXPECT_EQ(applied(R"({"x":{}})"), R"({"x":{"y":{"a \"b\"":[]}}})");
}

TEST_F(EditsTest, members_go_with_their_comma_wherever_they_stand) {
  const std::string text = R"({"a":1, "b":2, "c":3})";
  remove({{"a"}});
  EXPECT_EQ(applied(text), R"({"b":2, "c":3})");
  remove({{"b"}});
  EXPECT_EQ(applied(text), R"({"a":1, "c":3})");
  remove({{"c"}});
  EXPECT_EQ(applied(text), R"({"a":1, "b":2})");
  remove({{"a"}});
  remove({{"b"}});
  EXPECT_EQ(applied(text), R"({"c":3})");
  remove({{"a"}});
  remove({{"b"}});
  remove({{"c"}});
  EXPECT_EQ(applied(text), "{}");
  remove({{"nothing"}, {"at"}, {"all"}});
  EXPECT_EQ(applied(text), text);
}

TEST_F(EditsTest, a_member_that_is_removed_can_be_set_again) {
  remove({{"a"}});
  set({{"a"}, {"b"}}, "1");
  EXPECT_EQ(applied(R"({"a":{"c":2},"d":3})"), R"({"a":{"b":1},"d":3})");
  set({{"a"}, {"b"}}, "1");
  remove({{"a"}});
  EXPECT_EQ(applied(R"({"a":{"c":2},"d":3})"), R"({"d":3})");
}

TEST_F(EditsTest, a_value_that_was_set_is_edited_in_turn) {
  set({{"a"}}, R"({"b":1,"c":[1]})");
  set({{"a"}, {"c"}, {"", 1}}, "2");
  remove({{"a"}, {"b"}});
  EXPECT_EQ(applied("{}"), R"({"a":{"c":[1,2]}})");
}

TEST_F(EditsTest, items_are_replaced_and_one_may_be_added) {
  set({{"a"}, {"", 1}, {"x"}}, "9");
  set({{"a"}, {"", 2}}, "3");
  EXPECT_EQ(applied(R"({"a":[0, {"x":1}]})"), R"({"a":[0, {"x":9},3]})");
  set({{"a"}, {"", 0}}, "1");
  EXPECT_EQ(applied(R"({"a":[]})"), R"({"a":[1]})");
  set({{"a"}, {"", 0}}, "1");
  EXPECT_EQ(applied(R"({})"), R"({"a":[1]})");
  set({{"a"}, {"", 3}}, "1");
  EXPECT_EQ(applied(R"({"a":[0]})"), "there is no item 3: the array has 1");
}

TEST_F(EditsTest, null_becomes_what_is_needed_and_nothing_else_does) {
  set({{"a"}, {"b"}}, "1");
  EXPECT_EQ(applied(R"({"a":null})"), R"({"a":{"b":1}})");
  for (const char* text : {R"({"a":5})", R"({"a":"x"})", R"({"a":true})", R"({"a":[]})"}) {
    set({{"a"}, {"b"}}, "1");
    EXPECT_NE(applied(text).find("cannot go to \"b\""), std::string::npos) << text;
  }
  remove({{"a"}, {"b"}});
  EXPECT_EQ(applied(R"({"a":5})"), R"({"a":5})");
}

TEST_F(EditsTest, a_name_that_comes_twice_is_edited_once_and_goes_the_second_time) {
  set({{"a"}}, "3");
  EXPECT_EQ(applied(R"({"a":1,"b":0,"a":2})"), R"({"a":3,"b":0})");
}

TEST_F(EditsTest, names_are_compared_without_their_escapes) {
  set({{"añ"}}, "3");
  EXPECT_EQ(applied(R"({"a\u00f1":1})"), R"({"a\u00f1":3})");
}

TEST_F(EditsTest, text_that_is_no_document_is_refused) {
  for (const char* text : {"", "{", R"({"a" 1})", R"({"a":1 "b":2})", R"({"a":1,})", R"({"a":})",
                           R"({1:2})", R"({"a":1}})", R"({"a":"x)"}) {
    set({{"a"}}, "1");
    EXPECT_NE(applied(text).find("not JSON: "), std::string::npos) << text;
  }
}

TEST_F(EditsTest, the_whole_document_can_be_replaced_whatever_it_was) {
  set({}, R"({"a":1})");
  set({{"b"}}, "2");
  EXPECT_EQ(applied("no json"), R"({"a":1,"b":2})");
}

/// Random documents and edits: text that is spliced reads the same as the edited value.
TEST_F(EditsTest, splicing_and_editing_values_agree) {
  Random random(5);
  const char* keys[] = {"a", "b", "c"};
  const auto document = [&](auto&& self, int depth) -> std::string {
    switch (random.below(depth > 3 ? 3 : 5)) {
      case 0: return std::to_string(random.below(100));
      case 1: return "null";
      case 2: return R"("t\n")";
      case 3: {
        std::string out = "{";
        for (const char* key : keys) {
          if (random.chance(1, 3)) continue;
          out += (out.size() > 1 ? ", \"" : "\"") + std::string(key) + "\": " +
                 self(self, depth + 1);
        }
        return out + "}";
      }
      default: {
        std::string out = "[";
        for (uint64_t i = random.below(3); i > 0; --i) {
          out += self(self, depth + 1) + (i > 1 ? "," : "");
        }
        return out + "]";
      }
    }
  };
  for (int round = 0; round < 20'000; ++round) {
    arena_.reset();
    const std::string text = document(document, 0);
    Result<Value> value = parse(text);
    bool failed = false;
    edits_.clear();
    for (uint64_t n = 1 + random.below(4); n > 0 && !failed; --n) {
      Path path;
      for (uint64_t steps = 1 + random.below(3); steps > 0; --steps) {
        if (random.chance(1, 4) && steps > 1) path.push_back({"", int64_t(random.below(2))});
        else path.push_back({keys[random.below(3)]});
      }
      const bool sets = random.chance(2, 3);
      const Value next = parse(document(document, 3));
      const Result<void> done = sets ? edits_.set(path, next, arena_) : edits_.remove(path, arena_);
      value = sets ? with_value(*value, path, next, arena_) : without_value(*value, path, arena_);
      failed = !done || !value;
    }
    const std::string out = applied(text);
    if (failed || out.find("cannot go") == 0 || out.find("there is no item") == 0) continue;
    EXPECT_TRUE(equal(parse(out), *value)) << text << "\n" << out << "\n" << display(*value);
  }
}

}  // namespace
}  // namespace penstock
