// SPDX-License-Identifier: Apache-2.0
#include "stages/map/record_parts.h"

#include "mapping/record_change.h"

namespace penstock {

RecordParts::RecordParts(const RecordPartPrograms& programs, Evaluator& evaluator)
    : programs_(programs), evaluator_(evaluator) {
  if (programs.key != nullptr) key_ = evaluator.add(programs.key, ResultUse::kEach);
  if (programs.event_time != nullptr) {
    event_time_ = evaluator.add(programs.event_time, ResultUse::kEach);
  }
  for (const auto& [name, program] : programs.headers) {
    headers_.push_back(evaluator.add(program, ResultUse::kEach));
  }
}

Result<void> RecordParts::apply(const Record& record, uint32_t row, MappingOutcome& outcome) {
  if (programs_.key != nullptr) {
    const Result<Value> value = evaluator_.value(key_, row);
    if (!value) return unexpected(value.error());
    outcome.key_set = true;
    outcome.key.reset();
    if (!value->is_null()) {
      const auto text = record_text(*value, evaluator_.context().arena());
      if (!text) return unexpected(text.error());
      outcome.key = *text;
    }
  }
  if (programs_.event_time != nullptr) {
    const Result<Value> value = evaluator_.value(event_time_, row);
    if (!value) return unexpected(value.error());
    const Result<int64_t> time = record_event_time(*value);
    if (!time) return unexpected(time.error());
    outcome.event_time_us = *time;
  }
  return headers_.empty() ? Result<void>() : headers(record, row, outcome);
}

Result<void> RecordParts::headers(const Record& record, uint32_t row, MappingOutcome& outcome) {
  HeaderChanges changes;
  ValueArena& arena = evaluator_.context().arena();
  for (size_t i = 0; i < headers_.size(); ++i) {
    const Result<Value> value = evaluator_.value(headers_[i], row);
    if (!value) return unexpected(value.error());
    changes.emplace_back(programs_.headers[i].first, std::nullopt);
    if (value->is_null()) continue;
    const auto text = record_text(*value, arena);
    if (!text) return unexpected(text.error());
    changes.back().second = *text;
  }
  const auto encoded = changed_headers(
      outcome.headers_set ? outcome.headers : record.headers_view(), changes, arena);
  if (!encoded) return unexpected(encoded.error());
  outcome.headers_set = true;
  outcome.headers = *encoded;
  return {};
}

}  // namespace penstock
