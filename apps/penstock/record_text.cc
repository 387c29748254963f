// SPDX-License-Identifier: Apache-2.0
#include "penstock/record_text.h"

#include "config/json_text.h"
#include "net/base64.h"
#include "record/headers.h"
#include "value/utf8.h"

namespace penstock {

RecordParts parts_of(const Record& record) {
  RecordParts parts;
  if (record.payload != nullptr) parts.payload = record.payload_view();
  if (record.has_key()) parts.key = record.key_view();
  parts.headers = record.headers_view();
  parts.event_time_us = record.event_time_us;
  return parts;
}

std::string json_bytes(const std::string& name, std::string_view bytes) {
  if (is_utf8(bytes)) return json_quoted(name) + ": " + json_quoted(bytes);
  return json_quoted(name + "_base64") + ": " + json_quoted(base64(bytes));
}

std::string json_members(const RecordParts& record) {
  std::string text;
  const auto add = [&](const std::string& member) { text += (text.empty() ? "" : ", ") + member; };
  if (record.event_time_us != kNoEventTime) {
    add("\"time_us\": " + std::to_string(record.event_time_us));
  }
  if (record.key) add(json_bytes("key", *record.key));
  if (!record.headers.empty()) {
    std::string headers;
    for_each_header(record.headers, [&](std::string_view name, std::string_view value) {
      headers += (headers.empty() ? "" : ", ") + json_bytes(std::string(name), value);
    });
    add("\"headers\": {" + headers + "}");
  }
  add(record.payload ? json_bytes("payload", *record.payload) : "\"payload\": null");
  return text;
}

}  // namespace penstock
