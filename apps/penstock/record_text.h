// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "record/record.h"

namespace penstock {

/// The parts of a record that people and programs are shown.
struct RecordParts {
  std::optional<std::string_view> payload;  ///< nothing = a tombstone
  std::optional<std::string_view> key;
  std::string_view headers;  ///< encoded
  int64_t event_time_us = kNoEventTime;
};
RecordParts parts_of(const Record& record);

/// `"time_us": …, "key": …, "headers": {…}, "payload": …`, without brackets; what is not there is
/// left out, a tombstone's payload is null. Bytes that are no UTF-8 stand as base64 under a name
/// that says so: "payload_base64".
std::string json_members(const RecordParts& record);

/// `"name": "text"` or `"name_base64": "…"`.
std::string json_bytes(const std::string& name, std::string_view bytes);

}  // namespace penstock
