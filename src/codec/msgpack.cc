// SPDX-License-Identifier: Apache-2.0
#include "codec/msgpack.h"

#include <bit>

#include "codec/byte_reader.h"
#include "codec/codec_error.h"
#include "codec/msgpack_encoder.h"
#include "codec/utf8_fault.h"
#include "value/build.h"

namespace penstock {
namespace {

constexpr int8_t kTimestampType = -1;

class MsgpackDecoder final : public Decoder {
 public:
  explicit MsgpackDecoder(const CodecLimits& limits) : limits_(limits) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    in_ = ByteReader(payload);
    return {};
  }
  Result<bool> next(ValueArena& arena, Value& out) override {
    if (in_.at_end()) return false;
    arena_ = &arena;
    values_ = 0;
    PENSTOCK_TRY(read(out, 0));
    return true;
  }

 private:
  Error fault(std::string_view what) const { return undecodable("msgpack", in_.offset(), what); }
  Result<void> checked(const Value& value, Value& out) {
    if (!in_.ok()) return fault("it ends inside a value");
    out = value;
    return {};
  }

  Result<void> read(Value& out, uint32_t depth) {
    if (++values_ > limits_.values_max) {
      return codec_limit("msgpack", in_.offset(), "too many values in one");
    }
    const uint8_t tag = in_.byte();
    if (!in_.ok()) return fault("it ends where a value was expected");
    if (tag <= 0x7f) return checked(Value::integer(tag), out);
    if (tag >= 0xe0) return checked(Value::integer(static_cast<int8_t>(tag)), out);
    if (tag <= 0x8f) return read_map(tag & 0x0fu, out, depth);
    if (tag <= 0x9f) return read_array(tag & 0x0fu, out, depth);
    if (tag <= 0xbf) return read_string(tag & 0x1fu, out);
    switch (tag) {
      case 0xc0: return checked(Value::null(), out);
      case 0xc2: return checked(Value::boolean(false), out);
      case 0xc3: return checked(Value::boolean(true), out);
      case 0xc4: return read_bytes(in_.byte(), out);
      case 0xc5: return read_bytes(in_.big<uint16_t>(), out);
      case 0xc6: return read_bytes(in_.big<uint32_t>(), out);
      case 0xca: return checked(Value::real(std::bit_cast<float>(in_.big<uint32_t>())), out);
      case 0xcb: return checked(Value::real(std::bit_cast<double>(in_.big<uint64_t>())), out);
      case 0xcc: return checked(Value::integer(in_.byte()), out);
      case 0xcd: return checked(Value::integer(in_.big<uint16_t>()), out);
      case 0xce: return checked(Value::integer(in_.big<uint32_t>()), out);
      case 0xcf: return checked(Value::unsigned_integer(in_.big<uint64_t>()), out);
      case 0xd0: return checked(Value::integer(static_cast<int8_t>(in_.byte())), out);
      case 0xd1: return checked(Value::integer(static_cast<int16_t>(in_.big<uint16_t>())), out);
      case 0xd2: return checked(Value::integer(static_cast<int32_t>(in_.big<uint32_t>())), out);
      case 0xd3: return checked(Value::integer(static_cast<int64_t>(in_.big<uint64_t>())), out);
      case 0xc7: return read_extension(in_.byte(), out);
      case 0xc8: return read_extension(in_.big<uint16_t>(), out);
      case 0xc9: return read_extension(in_.big<uint32_t>(), out);
      case 0xd4: case 0xd5: case 0xd6: case 0xd7: case 0xd8:
        return read_extension(1u << (tag - 0xd4), out);
      case 0xd9: return read_string(in_.byte(), out);
      case 0xda: return read_string(in_.big<uint16_t>(), out);
      case 0xdb: return read_string(in_.big<uint32_t>(), out);
      case 0xdc: return read_array(in_.big<uint16_t>(), out, depth);
      case 0xdd: return read_array(in_.big<uint32_t>(), out, depth);
      case 0xde: return read_map(in_.big<uint16_t>(), out, depth);
      case 0xdf: return read_map(in_.big<uint32_t>(), out, depth);
      default: return fault("0xc1 stands for nothing");
    }
  }

  Result<void> read_string(uint32_t size, Value& out) {
    const std::string_view text = in_.slice(size);
    if (utf8_fault(text) != std::string_view::npos) return fault("a str is not UTF-8");
    return checked(Value::string(text), out);
  }
  Result<void> read_bytes(uint32_t size, Value& out) {
    return checked(Value::bytes(in_.slice(size)), out);
  }

  Result<void> read_extension(uint32_t size, Value& out) {
    const auto type = static_cast<int8_t>(in_.byte());
    const std::string_view data = in_.slice(size);
    if (!in_.ok()) return fault("it ends inside an extension");
    if (type == kTimestampType) return read_timestamp(data, out);
    MapBuilder map(*arena_, 2);
    map.add_new("ext", Value::integer(type));
    map.add_new("data", Value::bytes(data));
    return finish(map, out);
  }

  Result<void> read_timestamp(std::string_view data, Value& out) {
    ByteReader in(data);
    int64_t seconds = 0;
    uint32_t nanos = 0;
    if (data.size() == 4) {
      seconds = in.big<uint32_t>();
    } else if (data.size() == 8) {
      const auto both = in.big<uint64_t>();
      nanos = static_cast<uint32_t>(both >> 34);
      seconds = static_cast<int64_t>(both & ((uint64_t{1} << 34) - 1));
    } else if (data.size() == 12) {
      nanos = in.big<uint32_t>();
      seconds = static_cast<int64_t>(in.big<uint64_t>());
    } else {
      return fault("a timestamp has 4, 8 or 12 bytes");
    }
    if (nanos > 999'999'999) return fault("a timestamp has too many nanoseconds");
    constexpr int64_t kSecondsMax = int64_t{200'000} * 366 * 86'400;
    if (seconds > kSecondsMax || seconds < -kSecondsMax) {
      return fault("a timestamp is out of range");
    }
    out = Value::time({seconds * 1'000'000 + nanos / 1000, static_cast<uint16_t>(nanos % 1000), 0});
    return {};
  }

  template <class Builder>
  Result<void> finish(Builder& builder, Value& out) {
    Result<Value> value = builder.finish();
    if (!value) return value.error();
    out = *value;
    return {};
  }

  static bool nests(uint8_t tag) {
    return (tag >= 0x80 && tag <= 0x9f) || (tag >= 0xdc && tag <= 0xdf);
  }

  /// An element has at least one byte: what cannot be there is refused before memory is taken.
  Result<void> check_nested(uint64_t bytes, uint32_t depth) const {
    if (!in_.ok() || bytes > in_.left()) return fault("it ends inside an array or map");
    if (depth < limits_.depth_max) return {};
    return codec_limit("msgpack", in_.offset(),
                       "more than " + std::to_string(limits_.depth_max) + " levels");
  }

  Result<void> read_array(uint32_t count, Value& out, uint32_t depth) {
    PENSTOCK_TRY(check_nested(count, depth));
    if (count > limits_.values_max) return codec_limit("msgpack", in_.offset(), "a long array");
    ArrayBuilder array(*arena_, count);
    for (uint32_t i = 0; i < count; ++i) {
      Value item;
      PENSTOCK_TRY(read(item, depth + 1));
      array.push(item);
    }
    return finish(array, out);
  }

  Result<void> read_map(uint32_t count, Value& out, uint32_t depth) {
    PENSTOCK_TRY(check_nested(uint64_t{count} * 2, depth));
    if (count > limits_.values_max) return codec_limit("msgpack", in_.offset(), "a large map");
    MapBuilder map(*arena_, count);
    for (uint32_t i = 0; i < count; ++i) {
      Value key, value;
      if (nests(in_.peek())) return fault("the key of a map is an array or a map");
      PENSTOCK_TRY(read(key, depth));
      Result<std::string_view> name = key_text(key);
      if (!name) return name.error();
      PENSTOCK_TRY(read(value, depth + 1));
      map.set(*name, value);
    }
    return finish(map, out);
  }

  Result<std::string_view> key_text(const Value& key) {
    if (key.is(ValueKind::kString)) return key.text();
    if (key.is(ValueKind::kBool)) return std::string_view(key.as_bool() ? "true" : "false");
    if (!key.is_integer()) {
      return fault(std::string("the key of a map is ") + to_string(key.kind()));
    }
    const std::string digits = key.is(ValueKind::kInt) ? std::to_string(key.as_int())
                                                       : std::to_string(key.as_uint());
    Result<Value> text = copy_string(*arena_, digits);
    if (!text) return text.error();
    return text->text();
  }

  const CodecLimits& limits_;
  ByteReader in_;
  ValueArena* arena_ = nullptr;
  uint64_t values_ = 0;
};

class MsgpackCodec final : public Codec {
 public:
  explicit MsgpackCodec(const CodecLimits& limits) : limits_(limits) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return std::make_unique<MsgpackDecoder>(limits_);
  }
  std::unique_ptr<Encoder> make_encoder() const override { return make_msgpack_encoder(limits_); }

 private:
  CodecLimits limits_;
};

}  // namespace

std::shared_ptr<const Codec> make_msgpack_codec(const CodecLimits& limits) {
  return std::make_shared<MsgpackCodec>(limits);
}

}  // namespace penstock
