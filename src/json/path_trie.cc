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
  char bytes[16] = {}, used[16] = {};
  const size_t known = std::min(sizeof bytes, step.key.size());
  std::memcpy(bytes, step.key.data(), known);
  std::memset(used, 0xff, std::min(sizeof used, known + 1));
  if (known < sizeof bytes) bytes[known] = '"';
  std::memcpy(&node->word, bytes, 8);
  std::memcpy(&node->next_word, bytes + 8, 8);
  std::memcpy(&node->mask, used, 8);
  std::memcpy(&node->next_mask, used + 8, 8);
  // A name that JSON has to escape is never found as it stands: no name begins with these bytes.
  const auto escaped = [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '"' || c == '\\';
  };
  if (std::any_of(step.key.begin(), step.key.end(), escaped)) {
    node->word = node->mask = ~uint64_t{0};
  }
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
  leaf = column >= 0 && members.empty() && items.empty();
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
