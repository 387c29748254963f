// SPDX-License-Identifier: Apache-2.0
#include "config/suggest.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kWordMax = 64;  // longer words are cut: the cost is the product of the lengths
constexpr size_t kListedMax = 12;

std::string folded(std::string_view word) {
  std::string out;
  for (char c : word.substr(0, kWordMax)) {
    if (c == '-' || c == '_') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

std::string closest(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string wanted = folded(word);
  if (wanted.empty()) return {};
  const std::string* best = nullptr;
  size_t best_distance = 0;
  for (const std::string& candidate : candidates) {
    const std::string have = folded(candidate);
    const size_t distance = edit_distance(wanted, have);
    const size_t near = std::max<size_t>(1, std::min(wanted.size(), have.size()) / 3);
    if (distance > near || distance >= have.size()) continue;
    if (best && distance >= best_distance) continue;
    best = &candidate;
    best_distance = distance;
  }
  return best ? *best : std::string();
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  const std::string near = closest(word, candidates);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  std::string out;
  for (size_t i = 0; i < candidates.size() && i < kListedMax; ++i) {
    out += (i == 0 ? "known: " : ", ") + candidates[i];
  }
  if (candidates.size() > kListedMax) out += ", …";
  return out;
}

}  // namespace penstock
