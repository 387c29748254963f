// SPDX-License-Identifier: Apache-2.0
// Any bytes may be read as an event, with any headers; what comes is written and read again.
#include <cstddef>
#include <cstdint>

#include "codec/cloud_events.h"
#include "codec/json_codec.h"
#include "codec/test_codec.h"
#include "record/headers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace penstock;
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string_view head = text.substr(0, text.find('\n'));
  std::string headers;
  if ((data[0] & 1) != 0) {
    for (const char* name : {"ce-specversion", "ce-id", "ce_source", "ce-type"}) {
      append_header(headers, name, name[3] == 's' && name[2] == '-' ? "1.0" : head);
    }
    append_header(headers, "content-type", (data[0] & 2) != 0 ? "application/json" : head);
    append_header(headers, head, head);
  }
  const auto mode = static_cast<EventMode>(data[0] >> 2 & 3);
  exercise(*make_cloud_events_codec({mode, (data[0] & 16) != 0 ? "ce-" : "ce_", {}, {}}), text,
           headers);
  exercise(*make_json_codec({static_cast<JsonFraming>((data[0] >> 5) % 3), 0, false}), text);
  return 0;
}
