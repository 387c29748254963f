// SPDX-License-Identifier: Apache-2.0
// Whatever a client sends as a body, its records are slices of it, in order and apart.
#include <string>

#include "base/check.h"
#include "connectors/http/split_body.h"

namespace penstock {
namespace {

constexpr size_t kRecordBytesMax = 100;

void fuzz(std::string_view body, HttpFraming framing) {
  std::vector<std::string_view> records;
  if (!split_body(body, framing, kRecordBytesMax, records)) return;
  const char* at = body.data();
  for (std::string_view record : records) {
    CHECK(record.data() >= at);
    CHECK_LE(record.size(), kRecordBytesMax);
    at = record.data() + record.size();
    CHECK(at <= body.data() + body.size());
    if (framing == HttpFraming::kNdjson) CHECK(record.find('\n') == std::string_view::npos);
    if (framing == HttpFraming::kJsonArray) CHECK(!record.empty());
  }
  if (framing != HttpFraming::kJsonArray) return;
  // The elements, put into an array again, are the same elements.
  std::string again = "[";
  for (std::string_view record : records) again.append(again.size() > 1 ? "," : "").append(record);
  again += "]";
  std::vector<std::string_view> second;
  CHECK(split_body(again, framing, kRecordBytesMax, second).has_value());
  CHECK(records == second);
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  penstock::fuzz(body, penstock::HttpFraming::kNdjson);
  penstock::fuzz(body, penstock::HttpFraming::kJsonArray);
  return 0;
}
