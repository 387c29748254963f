// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "json/path.h"

namespace penstock {

/// The paths of a projection, common beginnings once. A node may be wanted itself, and so may what
/// is below it.
struct PathTrie {
  /// Adds a path from this node on; returns its last node.
  PathTrie& add(const DocumentPath& path);
  /// Counts the columns below every node. After the last add().
  uint32_t count_leaves();

  /// The child for a member whose name starts at `name` (behind the quote, 16 bytes readable); null
  /// if there is none that is spelt so. Members usually come in the order of the last document.
  PathTrie* member(const char* name) {
    uint64_t word;
    std::memcpy(&word, name, sizeof word);
    const size_t count = members.size();
    for (size_t tried = 0, at = likely; tried < count; ++tried) {
      PathTrie& child = *members[at];
      if (((word ^ child.word) & child.mask) == 0 &&
          (__builtin_expect(child.key.size() < 8, 1) || child.has_long_name(name))) {
        likely = at + 1 == count ? 0 : static_cast<uint32_t>(at + 1);
        return &child;
      }
      at = at + 1 == count ? 0 : at + 1;
    }
    return nullptr;
  }
  /// For names with escapes: by their decoded form.
  PathTrie* member_named(const std::string& name);

  std::string key;       ///< of a member
  int64_t index = -1;    ///< of an item
  int column = -1;       ///< wanted itself: index of the column
  bool leaf = false;     ///< wanted itself, and nothing below it; set by count_leaves()
  uint32_t leaves = 0;   ///< columns of this node and below
  uint32_t likely = 0;   ///< the member to try first
  uint64_t word = 0;     ///< the name's first bytes and its closing quote
  uint64_t mask = 0;     ///< which bytes of word count
  uint64_t next_word = 0, next_mask = 0;  ///< the same for the eight bytes behind them
  uint64_t met = 0;      ///< stamp of the document in which it was met last
  std::vector<std::unique_ptr<PathTrie>> members;
  std::vector<std::unique_ptr<PathTrie>> items;  ///< by index, ascending

 private:
  bool has_long_name(const char* name) const {
    uint64_t more;
    std::memcpy(&more, name + 8, sizeof more);
    if (((more ^ next_word) & next_mask) != 0) return false;
    return key.size() < 16 || (std::memcmp(name + 16, key.data() + 16, key.size() - 16) == 0 &&
                               name[key.size()] == '"');
  }
  PathTrie& child(const PathStep& step);
};

}  // namespace penstock
