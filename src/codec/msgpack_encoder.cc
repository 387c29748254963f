// SPDX-License-Identifier: Apache-2.0
#include "codec/msgpack_encoder.h"

#include <bit>
#include <cmath>

#include "codec/byte_reader.h"
#include "codec/codec_error.h"

namespace penstock {
namespace {

class MsgpackEncoder final : public Encoder {
 public:
  explicit MsgpackEncoder(const CodecLimits& limits) : limits_(limits) {}
  bool gathers() const override { return true; }

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      PENSTOCK_TRY(write(values[i], 0, out.payload));
    }
    return {};
  }

 private:
  Result<void> write(const Value& value, uint32_t depth, std::string& to) {
    switch (value.kind()) {
      case ValueKind::kNull: to += '\xc0'; return {};
      case ValueKind::kBool: to += value.as_bool() ? '\xc3' : '\xc2'; return {};
      case ValueKind::kInt:
        value.as_int() < 0 ? write_negative(value.as_int(), to)
                           : write_unsigned(static_cast<uint64_t>(value.as_int()), to);
        return {};
      case ValueKind::kUint: write_unsigned(value.as_uint(), to); return {};
      case ValueKind::kDuration:
        value.as_duration() < 0 ? write_negative(value.as_duration(), to)
                                : write_unsigned(static_cast<uint64_t>(value.as_duration()), to);
        return {};
      case ValueKind::kDouble: write_double(value.as_double(), to); return {};
      case ValueKind::kString: write_text(value.text(), to); return {};
      case ValueKind::kBytes: write_bytes(value.text(), to); return {};
      case ValueKind::kTime: write_time(value.as_time(), to); return {};
      case ValueKind::kArray: return write_array(value, depth, to);
      case ValueKind::kMap: return write_map(value, depth, to);
      case ValueKind::kNumber:
      case ValueKind::kJson: break;
    }
    return unencodable("msgpack", "", "no number of 64 bits holds " + std::string(value.text()));
  }

  static void put(std::string& to, uint8_t tag) { to += static_cast<char>(tag); }

  static void write_unsigned(uint64_t n, std::string& to) {
    if (n < 0x80) return put(to, static_cast<uint8_t>(n));
    if (n <= UINT8_MAX) {
      put(to, 0xcc);
      return put(to, static_cast<uint8_t>(n));
    }
    if (n <= UINT16_MAX) {
      put(to, 0xcd);
      return append_big(to, static_cast<uint16_t>(n));
    }
    if (n <= UINT32_MAX) {
      put(to, 0xce);
      return append_big(to, static_cast<uint32_t>(n));
    }
    put(to, 0xcf);
    append_big(to, n);
  }
  static void write_negative(int64_t n, std::string& to) {
    if (n >= -32) return put(to, static_cast<uint8_t>(n));
    if (n >= INT8_MIN) {
      put(to, 0xd0);
      return put(to, static_cast<uint8_t>(n));
    }
    if (n >= INT16_MIN) {
      put(to, 0xd1);
      return append_big(to, static_cast<int16_t>(n));
    }
    if (n >= INT32_MIN) {
      put(to, 0xd2);
      return append_big(to, static_cast<int32_t>(n));
    }
    put(to, 0xd3);
    append_big(to, n);
  }
  static void write_double(double d, std::string& to) {
    const auto narrow = static_cast<float>(d);
    if (static_cast<double>(narrow) == d) {
      put(to, 0xca);
      return append_big(to, std::bit_cast<uint32_t>(narrow));
    }
    put(to, 0xcb);
    append_big(to, std::bit_cast<uint64_t>(d));
  }
  static void write_text(std::string_view text, std::string& to) {
    const size_t n = text.size();
    if (n < 32) {
      put(to, static_cast<uint8_t>(0xa0 | n));
    } else {
      write_size(n, 0xd9, 0xda, 0xdb, to);
    }
    to += text;
  }
  static void write_bytes(std::string_view bytes, std::string& to) {
    write_size(bytes.size(), 0xc4, 0xc5, 0xc6, to);
    to += bytes;
  }
  /// `tag8` 0 = there is no form with a size of one byte.
  static void write_size(size_t n, uint8_t tag8, uint8_t tag16, uint8_t tag32, std::string& to) {
    if (tag8 != 0 && n <= UINT8_MAX) {
      put(to, tag8);
      put(to, static_cast<uint8_t>(n));
    } else if (n <= UINT16_MAX) {
      put(to, tag16);
      append_big(to, static_cast<uint16_t>(n));
    } else {
      put(to, tag32);
      append_big(to, static_cast<uint32_t>(n));
    }
  }

  static void write_time(const Time& time, std::string& to) {
    int64_t seconds = time.micros / 1'000'000;
    int64_t micros = time.micros % 1'000'000;
    if (micros < 0) {
      micros += 1'000'000;
      --seconds;
    }
    const auto nanos = static_cast<uint64_t>(micros * 1000 + time.nanos);
    if (nanos == 0 && seconds >= 0 && seconds <= UINT32_MAX) {
      put(to, 0xd6);
      put(to, 0xff);
      append_big(to, static_cast<uint32_t>(seconds));
    } else if (seconds >= 0 && seconds < int64_t{1} << 34) {
      put(to, 0xd7);
      put(to, 0xff);
      append_big(to, nanos << 34 | static_cast<uint64_t>(seconds));
    } else {
      put(to, 0xc7);
      put(to, 12);
      put(to, 0xff);
      append_big(to, static_cast<uint32_t>(nanos));
      append_big(to, seconds);
    }
  }

  Result<void> check_depth(uint32_t depth) const {
    if (depth < limits_.depth_max) return {};
    return unencodable("msgpack", "", "it is nested too deeply");
  }

  Result<void> write_array(const Value& value, uint32_t depth, std::string& to) {
    PENSTOCK_TRY(check_depth(depth));
    if (value.size() < 16) {
      put(to, static_cast<uint8_t>(0x90 | value.size()));
    } else {
      write_size(value.size(), 0, 0xdc, 0xdd, to);
    }
    for (const Value& item : value.items()) PENSTOCK_TRY(write(item, depth + 1, to));
    return {};
  }

  /// {"ext": TYPE, "data": bytes}, which decoding makes of extensions.
  static bool write_extension(const Value& value, std::string& to) {
    if (value.size() != 2) return false;
    const Value* type = value.find("ext");
    const Value* data = value.find("data");
    if (type == nullptr || data == nullptr || !type->is(ValueKind::kInt)) return false;
    if (!data->is(ValueKind::kBytes) || type->as_int() < 0 || type->as_int() > 127) return false;
    const size_t size = data->size();
    if (std::has_single_bit(size) && size <= 16) {
      put(to, static_cast<uint8_t>(0xd4 + std::countr_zero(size)));
    } else {
      write_size(size, 0xc7, 0xc8, 0xc9, to);
    }
    put(to, static_cast<uint8_t>(type->as_int()));
    to += data->text();
    return true;
  }

  Result<void> write_map(const Value& value, uint32_t depth, std::string& to) {
    PENSTOCK_TRY(check_depth(depth));
    if (write_extension(value, to)) return {};
    if (value.size() < 16) {
      put(to, static_cast<uint8_t>(0x80 | value.size()));
    } else {
      write_size(value.size(), 0, 0xde, 0xdf, to);
    }
    for (const MapEntry& entry : value.entries()) {
      write_text(entry.key, to);
      PENSTOCK_TRY(write(entry.value, depth + 1, to));
    }
    return {};
  }

  const CodecLimits& limits_;
};

}  // namespace

std::unique_ptr<Encoder> make_msgpack_encoder(const CodecLimits& limits) {
  return std::make_unique<MsgpackEncoder>(limits);
}

}  // namespace penstock
