// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/collected.h"

namespace penstock::conformance {

std::string Seen::header(std::string_view name) const {
  for (const auto& [n, value] : headers) {
    if (n == name) return value;
  }
  return {};
}

Seen seen(const Record& record, Epoch epoch, uint32_t port) {
  Seen copy;
  copy.payload = record.payload_view();
  copy.key = record.key_view();
  copy.has_key = record.has_key();
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    copy.headers.emplace_back(name, value);
  });
  copy.event_time_us = record.event_time_us;
  copy.position = record.position;
  copy.attempts = record.attempts;
  copy.epoch = epoch;
  copy.port = port;
  return copy;
}

std::vector<std::string> Collected::payloads() const {
  std::vector<std::string> all;
  for (const Seen& record : records) all.push_back(record.payload);
  return all;
}

std::vector<std::string> Collected::payloads(uint32_t port) const {
  std::vector<std::string> all;
  for (const Seen& record : records) {
    if (record.port == port) all.push_back(record.payload);
  }
  return all;
}

void Collected::add(const Batch& batch, Epoch current, uint32_t port) {
  if (batch.empty()) return;
  const Epoch epoch = batch.epoch() == kNoEpoch ? current : batch.epoch();
  batch.for_each([&](const Record& record) { records.push_back(seen(record, epoch, port)); });
  batches.push_back(batch.size());
}

}  // namespace penstock::conformance
