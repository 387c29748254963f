// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "expr/eval_context.h"
#include "value/utf8.h"

namespace penstock {

/// One match; an absent group has data() == nullptr.
using RegexMatch = std::vector<std::string_view>;

/// Calls visit(match) for each match from left to right, as Go's FindAll does: an empty match that
/// abuts the one before it is left out. Stops at `most` (negative: all) or when visit fails.
template <class Visit>
Result<void> each_match(EvalContext& context, const Regex& regex, std::string_view text,
                        int64_t most, const Visit& visit) {
  RegexMatch groups(static_cast<size_t>(regex.group_count()) + 1);
  size_t at = 0;
  size_t last_end = std::string_view::npos;
  for (int64_t n = 0; most < 0 || n < most;) {
    if (at > text.size()) return {};
    PENSTOCK_TRY(context.spend(2 + (text.size() - at) / 64));
    if (!regex.find(text, at, groups)) return {};
    const auto start = static_cast<size_t>(groups[0].data() - text.data());
    const size_t end = start + groups[0].size();
    const bool accepted = start != end || start != last_end;
    if (end > at) {
      at = end;
    } else if (at < text.size()) {
      next_code_point(text, at);
    } else {
      ++at;
    }
    last_end = end;
    if (!accepted) continue;
    PENSTOCK_TRY(visit(groups));
    ++n;
  }
  return {};
}

/// As Go's ReplaceAllString: $1, ${1}, $name, ${name} and $$ in the template; `literal` leaves it
/// as it is.
Result<Value> replace_matches(EvalContext& context, const Regex& regex, std::string_view text,
                              std::string_view replacement, bool literal);
/// As Go's Regexp.Split.
Result<Value> split_matches(EvalContext& context, const Regex& regex, std::string_view text,
                            int64_t parts);

}  // namespace penstock
