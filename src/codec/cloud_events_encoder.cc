// SPDX-License-Identifier: Apache-2.0
#include "codec/cloud_events_encoder.h"

#include <cstdio>

#include "base/hash.h"
#include "codec/base64.h"
#include "codec/codec_error.h"
#include "record/headers.h"
#include "value/build.h"
#include "value/write_json.h"

namespace penstock {
namespace {

constexpr const char* kFormat = "cloudevents";

class CloudEventsEncoder final : public Encoder {
 public:
  explicit CloudEventsEncoder(const CloudEventsOptions& options) : options_(options) {}
  bool gathers() const override { return options_.mode == EventMode::kBatch; }

  Result<void> encode(std::span<const Value> values, ValueArena& arena, EncodedPayload& out,
                      size_t& failed) override {
    const bool batch = gathers();
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      Result<Value> event = event_of(values[i], arena);
      if (!event) return event.error();
      if (options_.mode == EventMode::kBinary) return write_binary(*event, out);
      if (batch) out.payload += i == 0 ? '[' : ',';
      PENSTOCK_TRY(write_structured(*event, out.payload));
    }
    if (batch) out.payload += ']';
    append_header(out.headers, "content-type",
                  batch ? "application/cloudevents-batch+json" : "application/cloudevents+json");
    return {};
  }

 private:
  Result<Value> event_of(const Value& value, ValueArena& arena) {
    const bool is_event = value.is(ValueKind::kMap) && value.find("specversion") != nullptr;
    if (!is_event && !options_.source.empty() && !options_.type.empty()) return wrap(value, arena);
    const std::string fault = cloud_event_fault(value);
    if (!fault.empty()) return unencodable(kFormat, "", fault);
    return value;
  }

  Result<Value> wrap(const Value& data, ValueArena& arena) {
    scratch_.clear();
    PENSTOCK_TRY(write_json(data, scratch_));
    const XXH128_hash_t hash = XXH3_128bits(scratch_.data(), scratch_.size());
    char id[33];
    std::snprintf(id, sizeof id, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
                  static_cast<unsigned long long>(hash.low64));
    Result<Value> id_text = copy_string(arena, {id, 32});
    if (!id_text) return id_text.error();
    MapBuilder event(arena, 6);
    event.add_new("specversion", Value::string("1.0"));
    event.add_new("id", *id_text);
    event.add_new("source", Value::string(options_.source));
    event.add_new("type", Value::string(options_.type));
    event.add_new("datacontenttype", Value::string("application/json"));
    event.add_new("data", data);
    return event.finish();
  }

  /// Bytes as data are data_base64 in JSON.
  static Result<void> write_structured(const Value& event, std::string& to) {
    to += '{';
    bool first = true;
    for (const MapEntry& entry : event.entries()) {
      if (entry.value.is_null() && entry.key != "data") continue;
      if (!first) to += ',';
      first = false;
      const bool raw = entry.key == "data" && entry.value.is(ValueKind::kBytes);
      append_json_string(to, raw ? "data_base64" : entry.key);
      to += ':';
      PENSTOCK_TRY(write_json(entry.value, to));
    }
    to += '}';
    return {};
  }

  Result<void> write_binary(const Value& event, EncodedPayload& out) {
    std::string_view type = "application/json";
    for (const MapEntry& entry : event.entries()) {
      if (entry.value.is_null() || entry.key == "data" || entry.key == "data_base64") continue;
      if (entry.key == "datacontenttype") {
        type = entry.value.text();
        continue;
      }
      name_.assign(options_.header_prefix).append(entry.key);
      text_.clear();
      append_text(entry.value, text_);
      append_header(out.headers, name_, text_);
    }
    append_header(out.headers, "content-type", type);
    const Value* encoded = event.find("data_base64");
    if (encoded != nullptr && encoded->is(ValueKind::kString)) {
      if (append_base64_decoded(encoded->text(), out.payload)) return {};
      return unencodable(kFormat, "data_base64", "it is not base64");
    }
    const Value* data = encoded != nullptr ? encoded : event.find("data");
    if (data == nullptr) return {};
    if (data->is(ValueKind::kBytes) || (data->is(ValueKind::kString) && !is_json_type(type))) {
      out.payload += data->text();
      return {};
    }
    return write_json(*data, out.payload);
  }

  void append_text(const Value& value, std::string& to) {
    scratch_ = display(value);
    if (options_.header_prefix != "ce-") {
      to += scratch_;
      return;
    }
    for (const char c : scratch_) {
      const auto byte = static_cast<uint8_t>(c);
      if (byte > ' ' && byte < 0x7f && c != '"' && c != '%') {
        to += c;
      } else {
        char escape[4];
        std::snprintf(escape, sizeof escape, "%%%02X", byte);
        to += escape;
      }
    }
  }

  const CloudEventsOptions& options_;
  std::string scratch_, name_, text_;
};

}  // namespace

std::unique_ptr<Encoder> make_cloud_events_encoder(const CloudEventsOptions& options) {
  return std::make_unique<CloudEventsEncoder>(options);
}

}  // namespace penstock
