// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unordered_map>

#include "value/value.h"

namespace penstock {

/// Values that were seen, by equal(); values are borrowed.
class ValueSet {
 public:
  /// False if an equal one was there.
  bool add(const Value& value) {
    const uint64_t h = hash(value);
    const auto [from, to] = by_hash_.equal_range(h);
    for (auto it = from; it != to; ++it) {
      if (equal(it->second, value)) return false;
    }
    by_hash_.emplace(h, value);
    return true;
  }
  bool contains(const Value& value) const {
    const auto [from, to] = by_hash_.equal_range(hash(value));
    for (auto it = from; it != to; ++it) {
      if (equal(it->second, value)) return true;
    }
    return false;
  }

 private:
  std::unordered_multimap<uint64_t, Value> by_hash_;
};

}  // namespace penstock
