// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace penstock {

/// One step into a document: a member by name, or an item by its place.
struct PathStep {
  std::string key;     ///< of a map, if index < 0
  int64_t index = -1;  ///< of an array
  friend bool operator==(const PathStep&, const PathStep&) = default;
};
/// Where a value stands in a document; empty = the document itself.
using DocumentPath = std::vector<PathStep>;

/// `bid.auction`, `items[0]["a b"]`; "this" for the document itself.
std::string to_string(const DocumentPath& path);

}  // namespace penstock
