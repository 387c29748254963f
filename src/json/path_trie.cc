// SPDX-License-Identifier: Apache-2.0
#include "json/path_trie.h"

#include <algorithm>

namespace penstock {

PathTrie& PathTrie::child(const PathStep& step) {
  auto& among = step.index >= 0 ? items : members;
  for (auto& node : among) {
    if (node->index == step.index && node->key == step.key) return *node;
  }
  auto node = std::make_unique<PathTrie>();
  node->key = step.key;
  node->index = step.index;
  char bytes[8] = {};
  const size_t known = std::min<size_t>(8, step.key.size());
  std::memcpy(bytes, step.key.data(), known);
  if (known < 8) bytes[known] = '"';
  std::memcpy(&node->word, bytes, sizeof bytes);
  char used[8] = {};
  std::memset(used, 0xff, std::min<size_t>(8, known + 1));
  std::memcpy(&node->mask, used, sizeof used);
  PathTrie& result = *node;
  const auto later = [&](const auto& other) { return other->index > step.index; };
  among.insert(step.index >= 0 ? std::find_if(among.begin(), among.end(), later) : among.end(),
               std::move(node));
  return result;
}

PathTrie& PathTrie::add(const DocumentPath& path) {
  PathTrie* node = this;
  for (const PathStep& step : path) node = &node->child(step);
  return *node;
}

uint32_t PathTrie::count_leaves() {
  leaves = column >= 0;
  for (auto& child : members) leaves += child->count_leaves();
  for (auto& child : items) leaves += child->count_leaves();
  return leaves;
}

PathTrie* PathTrie::member_named(const std::string& name) {
  for (auto& child : members) {
    if (child->key == name) return child.get();
  }
  return nullptr;
}

}  // namespace penstock
