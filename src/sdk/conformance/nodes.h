// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <string>
#include <utility>

#include "config/node.h"

namespace penstock::conformance {

/// A Node that a test can write down:
///   map({{"path", "in.txt"}, {"max_bytes", 4096}, {"columns", list({"a", "b"})}})
class NodeValue {
 public:
  NodeValue(Node node) : node_(std::move(node)) {}
  NodeValue(std::string text) : NodeValue(std::move(text), false) {}
  NodeValue(const char* text) : NodeValue(std::string(text)) {}
  NodeValue(bool value) : NodeValue(std::string(value ? "true" : "false")) {}
  NodeValue(int value) : NodeValue(std::to_string(value)) {}
  NodeValue(int64_t value) : NodeValue(std::to_string(value)) {}
  NodeValue(uint64_t value) : NodeValue(std::to_string(value)) {}
  NodeValue(std::string text, bool quoted) {
    node_.kind = Node::Kind::kScalar;
    node_.text = std::move(text);
    node_.quoted = quoted;
  }
  const Node& node() const { return node_; }

 private:
  Node node_;
};

inline Node scalar(std::string text) { return NodeValue(std::move(text)).node(); }
inline Node map(std::initializer_list<std::pair<std::string, NodeValue>> entries) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (const auto& [key, value] : entries) node.entries.push_back({key, {}, value.node()});
  return node;
}
inline Node list(std::initializer_list<NodeValue> items) {
  Node node;
  node.kind = Node::Kind::kList;
  for (const NodeValue& item : items) node.items.push_back(item.node());
  return node;
}

}  // namespace penstock::conformance
