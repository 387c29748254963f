// SPDX-License-Identifier: Apache-2.0
#include "identity.h"

#include <charconv>

#include "base/check.h"
#include "record/headers.h"

namespace penstock::simulation {
namespace {

uint64_t number(std::string_view text) {
  uint64_t n = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), n);
  CHECK(read.ec == std::errc() && read.ptr == text.data() + text.size());
  return n;
}

/// The part of a text that names its origin.
std::string_view head(std::string_view text) { return text.substr(0, text.find_first_of("/#!~")); }

}  // namespace

std::string origin_text(std::string_view source, uint32_t partition, uint64_t offset) {
  return std::string(source) + "." + std::to_string(partition) + "." + std::to_string(offset);
}

std::string total_text(std::string_view stage, std::string_view key) {
  return "=" + std::string(stage) + "." + std::string(key);
}

std::string made_by(std::string_view text, std::string_view stage, uint32_t copy) {
  return std::string(text) + "/" + std::string(stage) + ":" + std::to_string(copy);
}

std::string counted_as(std::string_view text, std::string_view of, uint64_t n) {
  return std::string(text) + "#" + std::string(of) + "=" + std::to_string(n);
}

std::string_view without_padding(std::string_view payload) {
  return payload.substr(0, payload.find('~'));
}

std::string plain(std::string_view payload) {
  payload = without_padding(payload);
  std::string out;
  while (!payload.empty()) {
    const size_t count = payload.find('#');
    out.append(payload.substr(0, count));
    if (count == std::string_view::npos) break;
    const size_t next = payload.find_first_of("/#", count + 1);
    payload = next == std::string_view::npos ? std::string_view() : payload.substr(next);
  }
  return out;
}

std::string identity(const Record& record) {
  std::string out = plain(record.payload_view());
  for_each_header(record.headers_view(), [&](std::string_view name, std::string_view value) {
    if (name == "penstock-stage") out.append("!").append(value);
  });
  return out;
}

Origin origin(std::string_view payload) {
  std::string_view text = head(payload);
  Origin out;
  out.counted = text.starts_with('=');
  if (out.counted) text.remove_prefix(1);
  const size_t dot = text.find('.');
  CHECK(dot != std::string_view::npos);
  out.source = text.substr(0, dot);
  text.remove_prefix(dot + 1);
  if (out.counted) {
    out.key = text;
    return out;
  }
  const size_t second = text.find('.');
  CHECK(second != std::string_view::npos);
  out.partition = static_cast<uint32_t>(number(text.substr(0, second)));
  out.offset = number(text.substr(second + 1));
  return out;
}

std::string way(std::string_view identity) {
  const std::string_view from = head(identity);
  return std::string(from.substr(0, from.rfind('.'))) + std::string(identity.substr(from.size()));
}

std::vector<Count> counts(std::string_view payload) {
  payload = without_padding(payload);
  std::vector<Count> out;
  for (size_t at = payload.find('#'); at != std::string_view::npos; at = payload.find('#', at)) {
    ++at;
    const std::string_view one = payload.substr(at, payload.find_first_of("/#", at) - at);
    const size_t equals = one.find('=');
    CHECK(equals != std::string_view::npos);
    out.push_back({std::string(one.substr(0, equals)), number(one.substr(equals + 1)),
                   plain(payload.substr(0, at - 1))});
  }
  return out;
}

}  // namespace penstock::simulation
