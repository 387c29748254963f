// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_post.h"

#include <time.h>

#include <algorithm>
#include <charconv>

namespace penstock {

HttpPost HttpPost::split() {
  HttpPost second;
  uint32_t keep = records / 2;
  std::vector<Batch> whole = std::move(parts);
  parts.clear();
  records = 0;
  bytes = 0;
  for (Batch& batch : whole) {
    const uint32_t here = std::min(keep, batch.size());
    const uint32_t there = batch.size() - here;
    keep -= here;
    if (here > 0) add(batch.part(0, here));
    if (there > 0) second.add(batch.part(here, there));
  }
  second.last = last;
  last -= second.records;
  return second;
}

std::string body_of(const HttpPost& post, HttpEnvelope envelope) {
  std::string body;
  body.reserve(post.bytes + post.records + 2);
  if (envelope == HttpEnvelope::kJsonArray) body += '[';
  bool first = true;
  for (const Batch& batch : post.parts) {
    batch.for_each([&](const Record& record) {
      if (envelope == HttpEnvelope::kJsonArray && !first) body += ',';
      first = false;
      body.append(record.payload_view());
      if (envelope == HttpEnvelope::kNdjson) body += '\n';
    });
  }
  if (envelope == HttpEnvelope::kJsonArray) body += ']';
  return body;
}

HttpVerdict verdict_of(int status) {
  if (status >= 200 && status < 300) return HttpVerdict::kDelivered;
  if (status == 408 || status == 425 || status == 429 || status >= 500) return HttpVerdict::kRetry;
  if (status == 400 || status == 413 || status == 422) return HttpVerdict::kRejectSome;
  return HttpVerdict::kReject;
}

int64_t retry_after_s(std::string_view value, int64_t now_unix_s) {
  constexpr int64_t kMax = 3600;
  int64_t seconds = 0;
  auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (ec != std::errc() || end != value.data() + value.size()) {
    tm date{};
    const std::string text(value);
    const char* rest = strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (rest == nullptr || *rest != '\0') return 0;
    seconds = timegm(&date) - now_unix_s;
  }
  return std::clamp<int64_t>(seconds, 0, kMax);
}

}  // namespace penstock
