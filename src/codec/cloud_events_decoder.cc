// SPDX-License-Identifier: Apache-2.0
#include "codec/cloud_events_decoder.h"

#include "codec/codec_error.h"
#include "codec/utf8_fault.h"
#include "json/parse.h"
#include "record/headers.h"
#include "value/build.h"

namespace penstock {
namespace {

constexpr const char* kFormat = "cloudevents";
constexpr std::string_view kStructuredType = "application/cloudevents+json";
constexpr std::string_view kBatchType = "application/cloudevents-batch+json";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

/// Whether a header carries an attribute, and in the HTTP form ("ce-").
bool is_attribute_header(std::string_view name, bool& http) {
  if (name.size() < 4 || !same_name(name.substr(0, 2), "ce")) return false;
  http = name[2] == '-';
  return http || name[2] == '_';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

class CloudEventsDecoder final : public Decoder {
 public:
  explicit CloudEventsDecoder(EventMode mode) : mode_(mode) {}

  Result<void> begin(std::string_view payload, std::string_view headers) override {
    payload_ = payload;
    headers_ = headers;
    items_ = {};
    own_.reset();
    found_ = mode_ == EventMode::kAuto ? mode_by_headers() : mode_;
    finished_ = false;
    if (found_ == EventMode::kBinary) return {};
    Result<Value> document = parser_.parse(payload, own_, DuplicateKeys::kLast);
    if (!document) return document.error();
    if (found_ == EventMode::kAuto) {
      found_ = document->is(ValueKind::kArray) ? EventMode::kBatch : EventMode::kStructured;
    }
    if (found_ == EventMode::kStructured) {
      structured_ = *document;
      return {};
    }
    if (!document->is(ValueKind::kArray)) {
      return undecodable(kFormat, 0, "a batch is a JSON array");
    }
    items_ = document->items();
    count_ = items_.size();
    return {};
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    if (found_ == EventMode::kBatch) {
      if (items_.empty()) return false;
      const std::string place = "event " + std::to_string(count_ - items_.size() + 1) + ": ";
      out = items_.front();
      items_ = items_.subspan(1);
      return checked(out, place);
    }
    if (finished_) return false;
    finished_ = true;
    if (found_ == EventMode::kStructured) {
      out = structured_;
      return checked(out, "");
    }
    PENSTOCK_TRY(read_binary(arena, out));
    return checked(out, "");
  }

 private:
  static Result<bool> checked(const Value& event, const std::string& place) {
    const std::string fault = cloud_event_fault(event);
    if (!fault.empty()) return undecodable(kFormat, 0, place + fault);
    return true;
  }

  EventMode mode_by_headers() const {
    EventMode mode = EventMode::kAuto;
    for_each_header(headers_, [&](std::string_view name, std::string_view value) {
      bool http = false;
      if (same_name(name, "content-type")) {
        const auto starts = [&](std::string_view type) {
          return value.size() >= type.size() && same_name(value.substr(0, type.size()), type);
        };
        if (starts(kBatchType)) mode = EventMode::kBatch;
        if (starts(kStructuredType)) mode = EventMode::kStructured;
      } else if (mode == EventMode::kAuto && is_attribute_header(name, http) &&
                 same_name(name.substr(3), "specversion")) {
        mode = EventMode::kBinary;
      }
    });
    return mode;
  }

  Result<void> read_binary(ValueArena& arena, Value& out) {
    MapBuilder event(arena, 8);
    std::string_view type;
    bool broken = false;
    for_each_header(headers_, [&](std::string_view name, std::string_view value) {
      bool http = false;
      if (same_name(name, "content-type")) {
        type = value;
        if (!event.add("datacontenttype", Value::string(value))) broken = true;
        return;
      }
      if (!is_attribute_header(name, http)) return;
      TextBuilder key(arena, name.size());
      for (const char c : name.substr(3)) key.append(lower(c));
      Result<Value> text = http ? percent_decoded(arena, value) : Value::string(value);
      Result<Value> key_text = key.finish_string();
      if (!text || !key_text || key_text->text() == "data" || key_text->text() == "data_base64") {
        broken = true;
        return;
      }
      event.set(key_text->text(), *text);
    });
    if (broken) return undecodable(kFormat, 0, "a header of an attribute cannot be read");
    for (Value* value = event.find("datacontenttype"); value != nullptr; value = nullptr) {
      if (type.empty()) type = value->text();
    }
    PENSTOCK_TRY(add_data(arena, type, event));
    Result<Value> map = event.finish();
    if (!map) return map.error();
    out = *map;
    return {};
  }

  Result<void> add_data(ValueArena& arena, std::string_view type, MapBuilder& event) {
    if (payload_.empty()) return {};
    if (is_json_type(type)) {
      Result<Value> data = parser_.parse(payload_, arena, DuplicateKeys::kLast);
      if (!data) return data.error();
      event.set("data", *data);
    } else if (same_name(type.substr(0, 5), "text/") &&
               utf8_fault(payload_) == std::string_view::npos) {
      event.set("data", Value::string(payload_));
    } else {
      event.set("data_base64", Value::bytes(payload_));
    }
    return {};
  }

  /// The HTTP binding, §3.1.3.2: %XX is a byte of UTF-8, double quotes around are taken off.
  static Result<Value> percent_decoded(ValueArena& arena, std::string_view text) {
    const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
    if (quoted) text = text.substr(1, text.size() - 2);
    TextBuilder out(arena, text.size());
    for (size_t i = 0; i < text.size(); ++i) {
      char c = text[i];
      if (c == '\\' && quoted && i + 1 < text.size()) {
        c = text[++i];
      } else if (c == '%' && i + 2 < text.size()) {
        const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
        if (high < 0 || low < 0) return undecodable(kFormat, 0, "a % without two hex digits");
        c = static_cast<char>(high << 4 | low);
        i += 2;
      }
      out.append(c);
    }
    if (utf8_fault(out.view()) != std::string_view::npos) {
      return undecodable(kFormat, 0, "an attribute is not UTF-8");
    }
    return out.finish_string();
  }

  const EventMode mode_;
  EventMode found_ = EventMode::kAuto;
  JsonParser parser_;
  ValueArena own_;  // the document of the structured modes
  Value structured_;
  std::span<const Value> items_;
  size_t count_ = 0;
  std::string_view payload_;
  std::string_view headers_;
  bool finished_ = false;
};

}  // namespace

std::unique_ptr<Decoder> make_cloud_events_decoder(EventMode mode) {
  return std::make_unique<CloudEventsDecoder>(mode);
}

}  // namespace penstock
