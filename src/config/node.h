// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "config/text_pieces.h"

namespace penstock {

/// One value of a user's document, with its place. A tree of Nodes is what every loader (YAML,
/// JSON) makes and what every schema parses. Immutable once loaded; copied freely.
struct Node {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };
  struct Entry;

  Kind kind = Kind::kNull;
  /// Scalars: the source text, unescaped. Types are decided by the field that reads it: `8080` and
  /// `"true"` are strings where a string is wanted, numbers or booleans where those are.
  std::string text;
  bool quoted = false;  ///< scalar in quotes or a block: never null, bool or number by itself
  bool secret = false;  ///< scalar that came from a secret file: masked in every message
  std::vector<Node> items;     ///< kList
  std::vector<Entry> entries;  ///< kMap, in document order, keys unique
  Position position;
  /// Scalars: where the bytes of `text` stand; null if one behind the other from `position` on.
  std::shared_ptr<const TextPieces> pieces;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }
  /// The value under a key of a map; null if absent or not a map.
  const Node* find(std::string_view key) const;
};

struct Node::Entry {
  std::string key;
  Position key_position;
  Node value;
};

inline const Node* Node::find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

}  // namespace penstock
