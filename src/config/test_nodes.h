// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "config/node.h"

// Documents for tests, written as C++: map_node({{"path", text_node("out.txt")}}).

namespace penstock {

inline Node text_node(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  return node;
}

inline Node list_node(std::vector<Node> items) {
  Node node;
  node.kind = Node::Kind::kList;
  node.items = std::move(items);
  return node;
}

/// The keys stand at line 1, 2, 3 …
inline Node map_node(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::kMap;
  int line = 0;
  for (auto& [key, value] : entries) {
    node.entries.push_back({key, {"", ++line, 1}, std::move(value)});
  }
  return node;
}

}  // namespace penstock
