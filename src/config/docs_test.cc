// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "config/json_text.h"
#include "config/schema.h"

namespace penstock {
namespace {

enum class Framing { kLines, kRaw };
struct Inner {
  uint32_t count = 3;
};
struct Outer {
  std::string path;
  std::string delimiter = "\n";
  Framing framing = Framing::kRaw;
  Duration idle = seconds(90);
  Secret token{"default-secret"};
  std::vector<Inner> inners;
  std::map<std::string, std::string> labels;
  bool old = false;
};

const Schema<Inner>& inner_schema() {
  static const Schema<Inner> schema(
      {field("count", &Inner::count).range(1, 9).about("How many | at once.").example("4")});
  return schema;
}

const Schema<Outer>& outer_schema() {
  using O = Outer;
  static const Schema<O> schema({
      field("path", &O::path).required().about("Where."),
      field("delimiter", &O::delimiter),
      field("framing", &O::framing).one_of({{"lines", Framing::kLines}, {"raw", Framing::kRaw}}),
      field("idle", &O::idle),
      field("token", &O::token),
      field("inners", &O::inners, inner_schema()),
      field("labels", &O::labels),
      field("old", &O::old).deprecated("nothing."),
  });
  return schema;
}

TEST(Docs, markdown_lists_every_field_with_type_default_and_nested_rows) {
  EXPECT_EQ(outer_schema().markdown(),
            "| option | type | default | about |\n|---|---|---|---|\n"
            "| `path` | string | required | Where. |\n"
            "| `delimiter` | string | `\"\\n\"` |  |\n"
            "| `framing` | `lines`, `raw` | `raw` |  |\n"
            "| `idle` | duration | `1m30s` |  |\n"
            "| `token` | secret |  |  |\n"
            "| `inners` | list of object |  |  |\n"
            "| `inners[].count` | integer, 1 to 9 | `3` | How many \\| at once. Example: `4`. |\n"
            "| `labels` | map to string |  |  |\n"
            "| `old` | boolean | `false` | Out of date: nothing. |\n");
}

TEST(Docs, json_schema_describes_nested_fields_bounds_and_words) {
  EXPECT_EQ(inner_schema().json_schema("inner"), R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "inner",
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "count": {
      "type": "integer",
      "minimum": 1,
      "maximum": 9,
      "description": "How many | at once.",
      "default": 3,
      "examples": [
        4
      ]
    }
  }
}
)");
  const std::string outer = outer_schema().json_schema();
  for (const char* part : {R"("required": [
    "path"
  ])", R"("enum": [
        "lines",
        "raw"
      ],
      "default": "raw")", R"("items": {
        "type": "object",)", R"("additionalProperties": {
        "type": [
          "string",
          "number",
          "boolean"
        ]
      })", R"("deprecated": true)"}) {
    EXPECT_NE(outer.find(part), std::string::npos) << part << "\nin\n" << outer;
  }
}

TEST(Docs, a_secret_default_is_not_printed) {
  EXPECT_EQ(outer_schema().json_schema().find("default-secret"), std::string::npos);
  EXPECT_EQ(outer_schema().markdown().find("default-secret"), std::string::npos);
}

TEST(JsonText, escapes_what_json_must_escape) {
  EXPECT_EQ(json_quoted("a\"b\\c\n\r\t\x01ä"), "\"a\\\"b\\\\c\\n\\r\\t\\u0001ä\"");
}

TEST(JsonText, writes_empty_and_nested_brackets) {
  JsonWriter json;
  json.open_list();
  json.open_object();
  json.close_object();
  json.raw("1");
  json.open_list();
  json.close_list();
  json.close_list();
  EXPECT_EQ(json.finish(), "[\n  {},\n  1,\n  []\n]\n");
}

}  // namespace
}  // namespace penstock
