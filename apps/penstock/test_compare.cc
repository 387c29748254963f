// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_compare.h"

#include <algorithm>

#include "config/json_text.h"
#include "penstock/json_value.h"
#include "penstock/quantity.h"
#include "penstock/text_table.h"
#include "spec/json_reader.h"

namespace penstock {
namespace {

constexpr size_t kShownMax = 10;
constexpr size_t kShownColumns = 160;

std::string shown(const std::string& payload) {
  return cut_to(json_quoted(payload), kShownColumns);
}

std::string text_of(const CaseRecord& record) {
  std::string out;
  if (!record.json.is_null()) out += " json " + cut_to(json_of(record.json), kShownColumns);
  if (record.payload) out += " " + shown(*record.payload);
  if (record.key) out += " key " + shown(*record.key);
  for (const auto& [name, value] : record.headers) out += " " + name + "=" + shown(value);
  if (record.event_time) out += " event_time " + to_string(*record.event_time);
  return out.empty() ? " any record" : out;
}

/// As much of a record as `like` speaks of; without it, payload and key.
std::string text_of(const SinkRecord& record, const CaseRecord* like) {
  std::string out = " " + shown(record.payload);
  if (like == nullptr ? record.has_key : like->key.has_value()) {
    out += record.has_key ? " key " + shown(record.key) : " no key";
  }
  if (like != nullptr && !like->headers.empty()) {
    for (const auto& [name, value] : record.headers) out += " " + name + "=" + shown(value);
  }
  if (like != nullptr && like->event_time) {
    out += record.event_time_us == kNoEventTime
               ? " no event_time"
               : " event_time " + to_string(microseconds(record.event_time_us));
  }
  return out;
}

/// Which of what was got stands for each expected record: the first that matches and is free.
struct Pairing {
  std::vector<bool> found;  // by expected
  std::vector<bool> used;   // by got
  bool complete = true;
};

Pairing pair_up(const CaseExpected& expected, const std::vector<SinkRecord>& got) {
  Pairing pairs{std::vector<bool>(expected.records.size()), std::vector<bool>(got.size()),
                expected.records.size() == got.size()};
  for (size_t i = 0; i < expected.records.size(); ++i) {
    for (size_t j = 0; j < got.size() && !pairs.found[i]; ++j) {
      if (pairs.used[j] || !matches(expected.records[i], got[j])) continue;
      pairs.found[i] = pairs.used[j] = true;
    }
    pairs.complete = pairs.complete && pairs.found[i];
  }
  return pairs;
}

std::string unpaired(const CaseExpected& expected, const std::vector<SinkRecord>& got,
                     const Pairing& pairs) {
  std::string out;
  size_t shown_lines = 0, left_out = 0;
  const auto add = [&](const char* what, const std::string& text) {
    if (++shown_lines <= kShownMax) out += what + text + "\n";
    else ++left_out;
  };
  for (size_t i = 0; i < pairs.found.size(); ++i) {
    if (!pairs.found[i]) add("missing   ", text_of(expected.records[i]));
  }
  for (size_t j = 0; j < pairs.used.size(); ++j) {
    if (!pairs.used[j]) add("unexpected", text_of(got[j], nullptr));
  }
  if (left_out > 0) out += "and " + std::to_string(left_out) + " more\n";
  return out;
}

std::string counts(const CaseExpected& expected, const std::vector<SinkRecord>& got) {
  if (expected.records.size() == got.size()) return {};
  return counted(expected.records.size(), "record") + " expected, " + long_count(got.size()) +
         " came\n";
}

std::string exact_difference(const CaseExpected& expected, const std::vector<SinkRecord>& got) {
  const size_t both = std::min(expected.records.size(), got.size());
  size_t at = 0;
  while (at < both && matches(expected.records[at], got[at])) ++at;
  if (at == both && expected.records.size() == got.size()) return {};
  std::string out = counts(expected, got) + "record " + std::to_string(at + 1) + ":\n";
  const bool more = at < expected.records.size();
  out += "  expected" + (more ? text_of(expected.records[at]) : " nothing more") + "\n";
  out += "  got     " +
         (at < got.size() ? text_of(got[at], more ? &expected.records[at] : nullptr)
                          : " nothing more") +
         "\n";
  if (pair_up(expected, got).complete) {
    out += "the same records in another order; if that is right, say `order: any` or `key`\n";
  }
  return out;
}

std::string key_of(const CaseRecord& record) { return record.key.value_or(""); }

/// In order among the records of each key. Expected records without a key are one key, "".
std::string key_difference(const CaseExpected& expected, const std::vector<SinkRecord>& got) {
  std::vector<std::string> keys;
  for (const CaseRecord& record : expected.records) keys.push_back(key_of(record));
  for (const SinkRecord& record : got) keys.push_back(record.key);
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::string out;
  for (const std::string& key : keys) {
    CaseExpected wanted;
    std::vector<SinkRecord> came;
    for (const CaseRecord& record : expected.records) {
      if (key_of(record) == key) wanted.records.push_back(record);
    }
    std::copy_if(got.begin(), got.end(), std::back_inserter(came),
                 [&](const SinkRecord& record) { return record.key == key; });
    const std::string differs = exact_difference(wanted, came);
    if (!differs.empty()) out += "key " + shown(key) + ": " + differs;
  }
  return out;
}

}  // namespace

bool matches(const CaseRecord& expected, const SinkRecord& got) {
  if (expected.payload && *expected.payload != got.payload) return false;
  if (expected.key && (!got.has_key || *expected.key != got.key)) return false;
  if (expected.event_time && expected.event_time->us != got.event_time_us) return false;
  for (const auto& header : expected.headers) {
    const auto same = [&](const auto& one) {
      return one.first == header.first && one.second == header.second;
    };
    if (std::none_of(got.headers.begin(), got.headers.end(), same)) return false;
  }
  if (expected.json.is_null()) return true;
  Diagnostics ignored;
  const std::optional<Node> json = read_json(got.payload, "payload", ignored);
  return json && same_json(expected.json, *json);
}

std::string difference(const CaseExpected& expected, const std::vector<SinkRecord>& got) {
  switch (expected.order) {
    case CaseOrder::kExact: return exact_difference(expected, got);
    case CaseOrder::kKey: return key_difference(expected, got);
    case CaseOrder::kAny: break;
  }
  const Pairing pairs = pair_up(expected, got);
  return pairs.complete ? std::string() : counts(expected, got) + unpaired(expected, got, pairs);
}

}  // namespace penstock
