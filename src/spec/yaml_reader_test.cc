// SPDX-License-Identifier: Apache-2.0
#include "spec/yaml_reader.h"

#include <gtest/gtest.h>

#include "spec/limits.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

/// The tree on one line, or the codes of what was wrong.
std::string read(std::string_view text) {
  Diagnostics diagnostics;
  const auto root = read_yaml(text, "f.yaml", diagnostics);
  if (!diagnostics.all().empty()) return codes(diagnostics);
  return root ? flat(*root) : "nothing";
}

TEST(YamlReader, keeps_the_source_text_of_scalars) {
  EXPECT_EQ(read("{a: 0x1F, b: 1.0, c: yes, d: 2024-01-31, e: '1', f: \"\\u00e4\"}"),
            "{a: 0x1F, b: 1.0, c: yes, d: 2024-01-31, e: \"1\", f: \"ä\"}");
}

TEST(YamlReader, null_is_plain_and_never_quoted) {
  EXPECT_EQ(read("[~, null, Null, NULL, , '', \"null\", !!str null]"), "yaml-syntax@1:23");
  EXPECT_EQ(read("[~, null, Null, NULL, '', \"null\", !!str null, nUll]"),
            "[null, null, null, null, \"\", \"null\", \"null\", nUll]");
  EXPECT_EQ(read("a:\nb: |\n  x\nc: >\n  y\n  z\n"), "{a: null, b: \"x\n\", c: \"y z\n\"}");
}

TEST(YamlReader, positions_count_lines_and_bytes_from_one) {
  Diagnostics diagnostics;
  const auto root = read_yaml("\xEF\xBB\xBFä: x\nb:\n  - ö: [y,   z]\n", "f.yaml", diagnostics);
  ASSERT_TRUE(root.has_value());
  EXPECT_EQ(place(root->position), "1:1");
  EXPECT_EQ(root->position.file, "f.yaml");
  EXPECT_EQ(place(root->entries[0].value.position), "1:5");
  EXPECT_EQ(place(root->entries[1].key_position), "2:1");
  const Node& inner = root->entries[1].value.items[0];
  EXPECT_EQ(place(inner.position), "3:5");
  EXPECT_EQ(place(inner.entries[0].value.items[1].position), "3:15");
}

TEST(YamlReader, aliases_copy_and_keep_the_places_of_the_original) {
  EXPECT_EQ(read("a: &x {k: 1}\nb: *x\nc: [*x, *x]\n"),
            "{a: {k: 1}, b: {k: 1}, c: [{k: 1}, {k: 1}]}");
  EXPECT_EQ(read("a: &x 1\nb: &x 2\nc: *x\n"), "{a: 1, b: 2, c: 2}");
  EXPECT_EQ(read("a: &x k\n*x : 1\n"), "{a: k, k: 1}");
  Diagnostics diagnostics;
  const auto root = read_yaml("a: &x 1\nb: *x\n", "f", diagnostics);
  EXPECT_EQ(place(root->entries[1].value.position), "1:4");
}

TEST(YamlReader, merge_keys_add_what_is_not_written) {
  EXPECT_EQ(read("d: &d {a: 1, b: 2}\ne:\n  <<: *d\n  b: 3\n"),
            "{d: {a: 1, b: 2}, e: {b: 3, a: 1}}");
  EXPECT_EQ(read("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y]}\n"),
            "{x: {a: 1}, y: {a: 2, b: 2}, z: {a: 1, b: 2}}");
  EXPECT_EQ(read("a: {'<<': 1}"), "{a: {<<: 1}}");
  EXPECT_EQ(read("a: {<<: 1}"), "bad-merge@1:5");
  EXPECT_EQ(read("a: {<<: [{b: 1}, 2]}"), "bad-merge@1:5");
}

TEST(YamlReader, reports_every_duplicate_key_and_goes_on) {
  EXPECT_EQ(read("a: 1\na: 2\nb: {c: 1, c: 2, c: 3}\n"),
            "duplicate-key@2:1 duplicate-key@3:11 duplicate-key@3:17");
}

TEST(YamlReader, refuses_keys_that_are_not_names) {
  EXPECT_EQ(read("? [a]\n: b\n"), "bad-key@1:3");
  EXPECT_EQ(read("? {a: b}\n: b\n"), "bad-key@1:3");
  EXPECT_EQ(read("'': b\n"), "bad-key@1:1");
  EXPECT_EQ(read("~: b\n1: c\n"), "{~: b, 1: c}");
}

TEST(YamlReader, only_the_first_document_counts) {
  EXPECT_EQ(read("---\na: 1\n...\n"), "{a: 1}");
  EXPECT_EQ(read("a: 1\n---\nb: [\n"), "extra-document@2:1");
  EXPECT_EQ(read(""), "empty-document@1:1");
  EXPECT_EQ(read("# nothing\n\n"), "empty-document@1:1");
  EXPECT_EQ(read("---\n"), "null");
}

TEST(YamlReader, stops_at_the_first_breach_of_syntax) {
  EXPECT_EQ(read("a: [1\n"), "yaml-syntax@2:1");
  EXPECT_EQ(read("a: *nothing\n"), "unknown-alias@1:4");
  EXPECT_EQ(read("a: &x [*x]\n"), "alias-cycle@1:8");
  EXPECT_EQ(read("a: \"\\ud83d\\ude00\"\n"), "yaml-syntax@1:7");
}

TEST(YamlReader, refuses_what_is_not_text) {
  EXPECT_EQ(read(std::string_view("a: \0b", 5)), "control-character@1:4");
  EXPECT_EQ(read("a: b\x7f"), "control-character@1:5");
  for (const char* bad : {"a: \xff", "a: \xc3", "a: \xc0\x80", "a: \xed\xa0\x80",
                          "a: \xf4\x90\x80\x80", "a: \xe0\x80\x80", "a: \x80", "a: \xf8\x88\x80"}) {
    EXPECT_EQ(read(bad), "not-utf8@1:4");
  }
  EXPECT_EQ(read("a: \xf4\x8f\xbf\xbd"), "{a: \xf4\x8f\xbf\xbd}");
}

TEST(YamlReader, warns_of_tags_it_does_not_know) {
  EXPECT_EQ(read("a: !!int 5\nb: !!map {}\nc: ! d\n"), "{a: 5, b: {}, c: \"d\"}");
  EXPECT_EQ(read("a: !mine 5\nb: !!binary x\n"), "ignored-tag@1:4 ignored-tag@2:4");
}

TEST(YamlReader, depth_has_a_limit_on_both_sides) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  EXPECT_EQ(read(nested(kDocumentDepthMax)), nested(kDocumentDepthMax));
  EXPECT_EQ(read(nested(kDocumentDepthMax + 1)),
            "document-too-deep@1:" + std::to_string(kDocumentDepthMax + 1));
}

TEST(YamlReader, the_size_has_a_limit) {
  EXPECT_EQ(read("a: " + std::string(kDocumentBytesMax - 3, 'x')).size(), kDocumentBytesMax + 2);
  EXPECT_EQ(read("a: " + std::string(kDocumentBytesMax - 2, 'x')), "document-too-large@1:1");
}

TEST(YamlReader, aliases_that_double_again_and_again_are_cut_off) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 40; ++i) {
    const std::string last = "a" + std::to_string(i - 1), name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [*" + last + ", *" + last + "]\n";
  }
  EXPECT_TRUE(read(bomb).starts_with("document-too-large@"));
  std::string text_bomb = "a: &a " + std::string(1 << 20, 'x') + "\nb: [";
  for (int i = 0; i < 20; ++i) text_bomb += "*a, ";
  EXPECT_TRUE(read(text_bomb + "x]").starts_with("document-too-large@"));
  std::string many = "a: &a x\nb: [";
  for (size_t i = 0; i <= kDocumentAliasesMax; ++i) many += "*a,\n";
  EXPECT_TRUE(read(many + "x]").starts_with("document-too-large@"));
}

TEST(YamlReader, places_in_one_long_line_are_found_in_linear_time) {
  std::string line = "{";  // a walk from the line's beginning to each value would take minutes
  for (int i = 0; i < 90'000; ++i) line += "k" + std::to_string(i) + ": ,";
  Diagnostics diagnostics;
  const auto root = read_yaml(line + "é: x, y: z}", "f", diagnostics);
  ASSERT_TRUE(root.has_value()) << to_string(diagnostics);
  EXPECT_EQ(place(root->entries[90'001].key_position), "1:" + std::to_string(line.size() + 8));
}

TEST(YamlReader, values_and_directives_have_limits) {
  std::string many = "[";
  for (size_t i = 0; i < kDocumentNodesMax; ++i) many += "x,\n";
  EXPECT_EQ(read(many + "]"), "document-too-large@" + std::to_string(kDocumentNodesMax) + ":1");
  std::string directives;
  for (size_t i = 0; i <= kDirectivesMax; ++i) directives += "%FOO x\n";
  EXPECT_EQ(read(directives + "--- a"), "document-too-large@17:1");
}

}  // namespace
}  // namespace penstock
