// SPDX-License-Identifier: Apache-2.0
#include "mapping/record_change.h"

#include <algorithm>

#include "expr/eval_context.h"
#include "expr/type.h"
#include "record/headers.h"
#include "record/record.h"
#include "value/build.h"
#include "value/time_text.h"
#include "value/write_json.h"

namespace penstock {

Result<std::string_view> changed_headers(std::string_view encoded, const HeaderChanges& changes,
                                         ValueArena& arena) {
  std::string out;
  for_each_header(encoded, [&](std::string_view name, std::string_view value) {
    const bool changed = std::any_of(changes.begin(), changes.end(),
                                     [&](const auto& change) { return change.first == name; });
    if (!changed) append_header(out, name, value);
  });
  for (auto change = changes.begin(); change != changes.end(); ++change) {
    const bool again = std::any_of(change + 1, changes.end(), [&](const auto& later) {
      return later.first == change->first;
    });
    if (change->second && !again) append_header(out, change->first, *change->second);
  }
  Result<Value> kept = copy_bytes(arena, out);
  if (!kept) return unexpected(kept.error());
  return kept->text();
}

Result<std::string_view> record_text(const Value& value, ValueArena& arena) {
  if (value.is_text()) return value.text();
  Result<Value> text = copy_string(arena, display(value));
  if (!text) return unexpected(text.error());
  return text->text();
}

Result<int64_t> record_event_time(const Value& value) {
  if (value.is_null()) return kNoEventTime;
  if (value.is(ValueKind::kTime)) return value.as_time().micros;
  if (!value.is(ValueKind::kString)) {
    return eval_error("an event time is a time, or RFC 3339 text, not " +
                          std::string(kind_name(value.kind())),
                      "there are functions that make times of numbers");
  }
  const std::optional<Time> time = parse_rfc3339(value.text());
  if (!time) return eval_error("this text is no RFC 3339 time");
  return time->micros;
}

}  // namespace penstock
