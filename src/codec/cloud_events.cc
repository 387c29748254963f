// SPDX-License-Identifier: Apache-2.0
#include "codec/cloud_events.h"

#include "codec/cloud_events_decoder.h"
#include "codec/cloud_events_encoder.h"
#include "value/time_text.h"

namespace penstock {
namespace {

bool is_attribute_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) return false;
  }
  return true;
}

bool is_attribute_value(const Value& value) {
  if (value.is(ValueKind::kInt)) return value.as_int() >= INT32_MIN && value.as_int() <= INT32_MAX;
  return value.is(ValueKind::kString) || value.is(ValueKind::kBool) ||
         value.is(ValueKind::kBytes) || value.is(ValueKind::kTime);
}

bool is_base64(std::string_view text) {
  if (text.size() % 4 != 0) return false;
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  for (const char c : text.substr(0, text.size() - padding)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/') return false;
  }
  return true;
}

/// Of one attribute that is there.
std::string attribute_fault(std::string_view name, const Value& value) {
  const std::string shown(name);
  if (!is_attribute_name(name)) {
    return "the attribute name " + shown + " has other letters than a-z and 0-9";
  }
  if (!is_attribute_value(value)) {
    return "the attribute " + shown + " is " + to_string(value.kind()) +
           ", not a string, bool or integer of 32 bits";
  }
  for (const char* text : {"subject", "dataschema", "datacontenttype"}) {
    if (name == text && (!value.is(ValueKind::kString) || value.size() == 0)) {
      return "the attribute " + shown + " is not a text that has letters";
    }
  }
  if (name == "time" && !value.is(ValueKind::kTime) &&
      !(value.is(ValueKind::kString) && parse_rfc3339(value.text()))) {
    return "the attribute time is not a time of RFC 3339";
  }
  return {};
}

class CloudEventsCodec final : public Codec {
 public:
  explicit CloudEventsCodec(CloudEventsOptions options) : options_(std::move(options)) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return make_cloud_events_decoder(options_.mode);
  }
  std::unique_ptr<Encoder> make_encoder() const override {
    return make_cloud_events_encoder(options_);
  }

 private:
  CloudEventsOptions options_;
};

}  // namespace

std::string cloud_event_fault(const Value& event) {
  if (!event.is(ValueKind::kMap)) {
    return std::string("an event is a map, not ") + to_string(event.kind());
  }
  const Value* version = event.find("specversion");
  if (version == nullptr) return "the attribute specversion is missing";
  if (!version->is(ValueKind::kString) || version->text() != "1.0") {
    return "the attribute specversion is not \"1.0\"";
  }
  for (const char* name : {"id", "source", "type"}) {
    const Value* value = event.find(name);
    if (value == nullptr) return std::string("the attribute ") + name + " is missing";
    if (!value->is(ValueKind::kString) || value->size() == 0) {
      return std::string("the attribute ") + name + " is not a text that has letters";
    }
  }
  bool data = false, data_base64 = false;
  for (const MapEntry& entry : event.entries()) {
    if (entry.value.is_null()) continue;  // null is the same as absent
    if (entry.key == "data") {
      data = true;
    } else if (entry.key == "data_base64") {
      data_base64 = true;
      const bool text = entry.value.is(ValueKind::kString) && is_base64(entry.value.text());
      if (!text && !entry.value.is(ValueKind::kBytes)) return "data_base64 is not base64";
    } else {
      std::string fault = attribute_fault(entry.key, entry.value);
      if (!fault.empty()) return fault;
    }
  }
  if (data && data_base64) return "it has both data and data_base64";
  return {};
}

bool is_json_type(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (!type.empty() && type.back() == ' ') type.remove_suffix(1);
  const auto ends = [&](std::string_view end) {
    if (type.size() < end.size()) return false;
    for (size_t i = 0; i < end.size(); ++i) {
      if ((type[type.size() - end.size() + i] | 0x20) != (end[i] | 0x20)) return false;
    }
    return true;
  };
  return ends("/json") || ends("+json");
}

std::shared_ptr<const Codec> make_cloud_events_codec(CloudEventsOptions options) {
  return std::make_shared<CloudEventsCodec>(std::move(options));
}

}  // namespace penstock
