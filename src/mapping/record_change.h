// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// Headers to set, in order; without a value: to remove. A later one of the same name counts.
using HeaderChanges = std::vector<std::pair<std::string_view, std::optional<std::string_view>>>;

/// The encoded headers after the changes, in the arena.
Result<std::string_view> changed_headers(std::string_view encoded, const HeaderChanges& changes,
                                         ValueArena& arena);
/// The text of a key or header: strings and bytes as they are, other kinds as display() gives them.
Result<std::string_view> record_text(const Value& value, ValueArena& arena);
/// Of a time, RFC 3339 text, or nil (= kNoEventTime). Error: "expression-failed".
Result<int64_t> record_event_time(const Value& value);

}  // namespace penstock
