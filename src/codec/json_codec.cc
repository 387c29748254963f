// SPDX-License-Identifier: Apache-2.0
#include "codec/json_codec.h"

#include <algorithm>

#include "codec/codec_error.h"
#include "json/parse.h"
#include "value/write_json.h"

namespace penstock {
namespace {

class JsonDecoder final : public Decoder {
 public:
  explicit JsonDecoder(const JsonOptions& options) : options_(options) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    left_ = payload;
    finished_ = false;
    items_ = {};
    own_.reset();
    if (options_.framing != JsonFraming::kArray) return {};
    Result<Value> array = parser_.parse(payload, own_, DuplicateKeys::kLast);
    if (!array) return array.error();
    if (!array->is(ValueKind::kArray)) {
      return undecodable("json", 0, std::string("an array was expected, not ") +
                                        to_string(array->kind()));
    }
    items_ = array->items();
    return {};
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    if (options_.framing == JsonFraming::kArray) {
      if (items_.empty()) return false;
      out = items_.front();
      items_ = items_.subspan(1);
      return true;
    }
    std::string_view text = left_;
    if (options_.framing == JsonFraming::kLines) {
      do {
        if (left_.empty()) return false;
        const size_t end = left_.find('\n');
        text = left_.substr(0, end);
        left_.remove_prefix(end == std::string_view::npos ? left_.size() : end + 1);
      } while (text.find_first_not_of(" \t\r") == std::string_view::npos);
    } else if (finished_) {
      return false;
    }
    finished_ = true;
    Result<Value> value = parser_.parse(text, arena, DuplicateKeys::kLast);
    if (!value) return value.error();
    out = *value;
    return true;
  }

 private:
  const JsonOptions& options_;
  JsonParser parser_;
  ValueArena own_;  // kArray: the whole payload
  std::span<const Value> items_;
  std::string_view left_;
  bool finished_ = false;
};

class JsonEncoder final : public Encoder {
 public:
  explicit JsonEncoder(const JsonOptions& options)
      : framing_(options.framing), style_{options.indent, options.sort_keys, false, false} {}
  bool gathers() const override { return framing_ != JsonFraming::kDocument; }

  Result<void> encode(std::span<const Value> values, ValueArena& arena, EncodedPayload& out,
                      size_t& failed) override {
    failed = 0;
    if (framing_ == JsonFraming::kArray) {
      Value* items = arena.allocate_array<Value>(values.size());
      if (items == nullptr) return memory_limit_error(arena.limit());
      std::copy(values.begin(), values.end(), items);
      return write_json(Value::array({items, values.size()}), out.payload, style_);
    }
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      if (i > 0) out.payload += '\n';
      PENSTOCK_TRY(write_json(values[i], out.payload, style_));
    }
    return {};
  }

 private:
  JsonFraming framing_;
  JsonStyle style_;
};

class JsonCodec final : public Codec {
 public:
  explicit JsonCodec(const JsonOptions& options) : options_(options) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return std::make_unique<JsonDecoder>(options_);
  }
  std::unique_ptr<Encoder> make_encoder() const override {
    return std::make_unique<JsonEncoder>(options_);
  }

 private:
  JsonOptions options_;
};

}  // namespace

std::shared_ptr<const Codec> make_json_codec(const JsonOptions& options) {
  return std::make_shared<JsonCodec>(options);
}

}  // namespace penstock
