// SPDX-License-Identifier: Apache-2.0
#include "config/secret.h"

#include <algorithm>

namespace penstock {

std::string masked(std::string_view text, const std::vector<Secret>& secrets) {
  std::vector<std::string_view> longest_first;
  for (const Secret& secret : secrets) {
    if (secret.reveal().size() >= kMaskedBytesMin) longest_first.push_back(secret.reveal());
  }
  std::sort(longest_first.begin(), longest_first.end(),
            [](std::string_view a, std::string_view b) { return a.size() > b.size(); });
  std::string out;
  while (!text.empty()) {
    const auto found = std::find_if(longest_first.begin(), longest_first.end(),
                                    [&](std::string_view s) { return text.starts_with(s); });
    if (found != longest_first.end()) {
      out += kMask;
      text.remove_prefix(found->size());
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace penstock
