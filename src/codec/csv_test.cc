// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"
#include "value/build.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> csv(CsvOptions options = {}) {
  return make_csv_codec(std::move(options), CodecLimits{});
}

TEST(Csv, the_first_row_names_the_columns) {
  EXPECT_EQ(decoded(*csv(), "id,name\n1,Ann\n2,Bo\n"),
            (Texts{R"({"id":"1","name":"Ann"})", R"({"id":"2","name":"Bo"})"}));
}

TEST(Csv, quotes_hide_delimiters_line_ends_and_doubled_quotes) {
  EXPECT_EQ(decoded(*csv(), "a,b\r\n\"x, \"\"y\"\"\",\"1\r\n2\"\r\n"),
            (Texts{R"({"a":"x, \"y\"","b":"1\r\n2"})"}));
}

TEST(Csv, a_byte_order_mark_and_empty_lines_are_skipped) {
  EXPECT_EQ(decoded(*csv(), "\xef\xbb\xbf\r\n\na\n\n1\n\r\n"), (Texts{R"({"a":"1"})"}));
  EXPECT_EQ(decoded(*csv(), "\xef\xbb\xbf"), Texts{});
}

TEST(Csv, given_columns_need_no_header_and_leave_out_rows_that_repeat_them) {
  CsvOptions options;
  options.columns = {"a", "b"};
  EXPECT_EQ(decoded(*csv(options), "1,2\na,b\n3,"),
            (Texts{R"({"a":"1","b":"2"})", R"({"a":"3","b":""})"}));
  options.header = false;
  EXPECT_EQ(decoded(*csv(options), "a,b"), (Texts{R"({"a":"a","b":"b"})"}));
}

TEST(Csv, rows_without_names_are_arrays) {
  CsvOptions options;
  options.header = false;
  options.other_types = TextType::kInfer;
  EXPECT_EQ(decoded(*csv(options), "1,x\n2.50,\"3\",true"),
            (Texts{R"([1,"x"])", R"([2.5,"3",true])"}));
}

TEST(Csv, types_are_by_column_and_a_wrong_text_is_refused_with_its_byte) {
  CsvOptions options;
  options.types = {{"n", TextType::kInt}, {"x", TextType::kFloat}, {"b", TextType::kBool},
                   {"t", TextType::kTime}};
  EXPECT_EQ(decoded(*csv(options),
                    "n,x,b,t,s\n18446744073709551615,1e3,YES,2024-05-01T10:00:00Z,7"),
            (Texts{R"({"n":18446744073709551615,"x":1000.0,"b":true,)"
                   R"("t":"2024-05-01T10:00:00Z","s":"7"})"}));
  EXPECT_EQ(decoded(*csv(options), "n\n1\nx"),
            (Texts{R"({"n":1})", "error cannot-decode: csv: byte 4: \"x\" is not of type int"}));
}

TEST(Csv, null_text_is_null_unless_it_is_in_quotes) {
  CsvOptions options;
  options.null_text = "NULL";
  EXPECT_EQ(decoded(*csv(options), "a,b\nNULL,\"NULL\""), (Texts{R"({"a":null,"b":"NULL"})"}));
  EXPECT_EQ(encoded(*csv(options), Texts{R"({"a":null,"b":"NULL"})"}), "a,b\nNULL,\"NULL\"");
}

TEST(Csv, ragged_rows_are_refused_or_fitted) {
  EXPECT_EQ(decoded(*csv(), "a,b\n1"),
            (Texts{"error cannot-decode: csv: byte 4: a row has 1 fields, not 2"}));
  CsvOptions options;
  options.ragged = RaggedRows::kFit;
  EXPECT_EQ(decoded(*csv(options), "a,b\n1\n1,2,3"),
            (Texts{R"({"a":"1"})", R"({"a":"1","b":"2"})"}));
}

TEST(Csv, stray_quotes_are_refused_unless_asked_for) {
  EXPECT_EQ(decoded(*csv(), "a\n5\"").back(),
            "error cannot-decode: csv: byte 3: a quote inside a field that does not begin with "
            "one");
  EXPECT_EQ(decoded(*csv(), "a\n\"5\" x").back(),
            "error cannot-decode: csv: byte 5: a quoted field goes on behind its closing quote");
  EXPECT_EQ(decoded(*csv(), "a\n\"5").back(),
            "error cannot-decode: csv: byte 2: a quoted field does not end");
  CsvOptions options;
  options.lazy_quotes = true;
  EXPECT_EQ(decoded(*csv(options), "a\n5\""), (Texts{R"({"a":"5\""})"}));
}

TEST(Csv, trimming_spares_what_is_in_quotes) {
  CsvOptions options;
  options.trim = true;
  EXPECT_EQ(decoded(*csv(options), "a , b\n x ,\" y \" "), (Texts{R"({"a":"x","b":" y "})"}));
}

TEST(Csv, bytes_that_are_not_utf8_and_repeated_names_are_refused) {
  EXPECT_EQ(decoded(*csv(), "a\n\xff"),
            (Texts{"error cannot-decode: csv: byte 2: it is not UTF-8"}));
  EXPECT_EQ(decoded(*csv(), "a,a\n"),
            (Texts{"error cannot-decode: csv: byte 2: the header names the column \"a\" twice"}));
}

TEST(Csv, encoding_writes_a_header_and_quotes_what_needs_it) {
  EXPECT_EQ(encoded(*csv(), Texts{R"({"a":"x,y","b":1})", R"({"b":true,"a":"\"q\"\n"})"}),
            "a,b\n\"x,y\",1\n\"\"\"q\"\"\n\",true");
  EXPECT_EQ(encoded(*csv(), Texts{R"({"a":[1,{"b":2}],"c":null})"}),
            "a,c\n\"[1,{\"\"b\"\":2}]\",");
}

TEST(Csv, encoding_refuses_what_has_no_column) {
  CsvOptions options;
  options.columns = {"a"};
  options.header = false;
  EXPECT_EQ(encoded(*csv(options), Texts{R"({"a":1,"b":2})"}),
            "error cannot-encode: csv: the map has a member that is not a column");
  EXPECT_EQ(encoded(*csv(options), Texts{"3"}),
            "error cannot-encode: csv: a row is a map or an array, not int");
  options.ragged = RaggedRows::kFit;
  EXPECT_EQ(encoded(*csv(options), Texts{R"({"a":1,"b":2})", "{}"}), "1\n\"\"");
}

TEST(Csv, what_was_written_reads_back) {
  Random random(7);
  for (int round = 0; round < 2000; ++round) {
    CsvOptions options;
    options.header = random.chance(1, 2);
    options.delimiter = ",\t;|"[random.below(4)];
    options.crlf = random.chance(1, 2);
    options.trim = random.chance(1, 2);
    for (uint64_t n = 1 + random.below(4); n > 0; --n) {
      options.columns.push_back("c" + std::to_string(n));
    }
    ValueArena arena;
    std::vector<Value> rows;
    Texts expected;
    for (uint64_t n = 1 + random.below(5); n > 0; --n) {
      MapBuilder row(arena);
      for (const std::string& name : options.columns) {
        row.add_new(name, *copy_string(arena, random_text(random)));
      }
      rows.push_back(*row.finish());
      expected.push_back(encoded(*make_csv_codec(options, {}), {&rows.back(), 1}));
    }
    const auto codec = csv(options);
    const Texts back = decoded(*codec, encoded(*codec, rows));
    ASSERT_EQ(back.size(), rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      ASSERT_TRUE(equal(test_value(back[i], arena), rows[i])) << "round " << round << back[i];
    }
  }
}

}  // namespace
}  // namespace penstock
