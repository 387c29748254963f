// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace penstock {

/// A stretch of a file, [begin, end).
struct Stretch {
  uint64_t begin = 0;
  uint64_t end = 0;
  bool operator==(const Stretch&) const = default;
};

/// A set of bytes as disjoint stretches, none touching another.
class Intervals {
 public:
  void add(Stretch s) {
    if (s.begin >= s.end) return;
    auto at = stretches_.upper_bound(s.begin);
    if (at != stretches_.begin() && std::prev(at)->second >= s.begin) --at;
    while (at != stretches_.end() && at->first <= s.end) {
      s.begin = std::min(s.begin, at->first);
      s.end = std::max(s.end, at->second);
      at = stretches_.erase(at);
    }
    stretches_.emplace(s.begin, s.end);
  }
  std::vector<Stretch> all() const {
    std::vector<Stretch> list;
    for (const auto& [begin, end] : stretches_) list.push_back({begin, end});
    return list;
  }
  /// What of [0, size) is not in the set.
  std::vector<Stretch> gaps(uint64_t size) const {
    std::vector<Stretch> list;
    uint64_t from = 0;
    for (const auto& [begin, end] : stretches_) {
      if (begin >= size) break;
      if (begin > from) list.push_back({from, begin});
      from = end;
    }
    if (from < size) list.push_back({from, size});
    return list;
  }
  bool empty() const { return stretches_.empty(); }

 private:
  std::map<uint64_t, uint64_t> stretches_;  // begin → end
};

}  // namespace penstock
