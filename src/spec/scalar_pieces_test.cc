// SPDX-License-Identifier: Apache-2.0
#include "spec/scalar_pieces.h"

#include <gtest/gtest.h>

#include "spec/yaml_reader.h"

namespace penstock {
namespace {

/// "LINE:COLUMN" of the first `wanted` in the value of `key` of a YAML map.
std::string place(const std::string& yaml, const std::string& wanted) {
  Diagnostics diagnostics;
  const std::optional<Node> document = read_yaml(yaml, "f.yaml", diagnostics);
  if (!document || document->entries.empty()) return to_string(diagnostics);
  const Node& node = document->entries.back().value;
  const size_t at = node.text.find(wanted);
  if (at == std::string::npos) return "not in: " + node.text;
  if (node.pieces == nullptr) {
    return std::to_string(node.position.line) + ":" +
           std::to_string(node.position.column + static_cast<int>(at));
  }
  const Position position = node.pieces->at(at, node.position);
  return std::to_string(position.line) + ":" + std::to_string(position.column);
}

TEST(ScalarPieces, plain_text_stands_where_it_stands) {
  EXPECT_EQ(place("a: one two\n", "two"), "1:8");
  EXPECT_EQ(place("a: one\n   two three\n", "three"), "2:8");
}

TEST(ScalarPieces, quotes_and_escapes_are_stepped_over) {
  EXPECT_EQ(place("a: \"one two\"\n", "two"), "1:9");
  EXPECT_EQ(place("a: 'it''s two'\n", "two"), "1:11");
  EXPECT_EQ(place("a: \"\\\"\\u00e9\\x41\\ttwo\"\n", "two"), "1:19");
  EXPECT_EQ(place("a: \"one\n   two \\\n   three\"\n", "three"), "3:4");
}

TEST(ScalarPieces, blocks_have_a_header_and_indentation) {
  EXPECT_EQ(place("a: |\n  one\n    two\n  three\n", "two"), "3:5");
  EXPECT_EQ(place("a: |\n  one\n    two\n  three\n", "three"), "4:3");
  EXPECT_EQ(place("a: >-  # folded\n  one\n  two\n\n  three\n", "three"), "5:3");
}

}  // namespace
}  // namespace penstock
