// SPDX-License-Identifier: Apache-2.0
#include "codec/test_codec.h"

#include "base/check.h"
#include "json/parse.h"
#include "record/headers.h"
#include "value/build.h"
#include "value/utf8.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string error_text(const Error& error) { return "error " + error.code + ": " + error.message; }

}  // namespace

std::vector<std::string> decoded(const Codec& codec, std::string_view payload,
                                 const TestHeaders& headers) {
  std::string encoded_headers;
  for (const auto& [name, value] : headers) append_header(encoded_headers, name, value);
  const auto decoder = codec.make_decoder();
  ValueArena arena;
  std::vector<std::string> out;
  Result<void> begun = decoder->begin(payload, encoded_headers);
  if (!begun) return {error_text(begun.error())};
  for (;;) {
    Value value;
    Result<bool> more = decoder->next(arena, value);
    if (!more) out.push_back(error_text(more.error()));
    if (!more || !*more) return out;
    std::string json;
    Result<void> written = write_json(value, json);
    out.push_back(written ? json : error_text(written.error()));
    arena.reset();
  }
}

std::string encoded(const Codec& codec, std::span<const Value> values, TestHeaders* headers) {
  EncodedPayload out;
  ValueArena arena;
  size_t failed = 0;
  Result<void> done = codec.make_encoder()->encode(values, arena, out, failed);
  if (!done) return error_text(done.error());
  if (headers != nullptr) {
    for_each_header(out.headers, [&](std::string_view name, std::string_view value) {
      headers->emplace_back(name, value);
    });
  }
  return out.payload;
}

std::string encoded(const Codec& codec, const std::vector<std::string>& json,
                    TestHeaders* headers) {
  ValueArena arena;
  std::vector<Value> values;
  for (const std::string& text : json) values.push_back(test_value(text, arena));
  return encoded(codec, values, headers);
}

Value test_value(std::string_view json, ValueArena& arena) {
  JsonParser parser;
  Result<Value> value = parser.parse(json, arena, DuplicateKeys::kLast);
  CHECK(value.has_value());
  return *value;
}

std::string from_hex(std::string_view hex) {
  std::string out;
  int digits = 0, byte = 0;
  for (const char c : hex) {
    if (c == ' ') continue;
    byte = byte << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    if (++digits % 2 == 0) out += static_cast<char>(byte);
  }
  return out;
}

std::string to_hex(std::string_view bytes) {
  static constexpr const char* kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += kDigits[static_cast<uint8_t>(c) >> 4];
    out += kDigits[static_cast<uint8_t>(c) & 15];
  }
  return out;
}

void exercise(const Codec& codec, std::string_view payload, std::string_view headers) {
  const auto decoder = codec.make_decoder();
  const auto encoder = codec.make_encoder();
  ValueArena arena(8 << 20);
  if (!decoder->begin(payload, headers)) return;
  for (int i = 0; i < 1000; ++i) {
    Value value;
    Result<bool> more = decoder->next(arena, value);
    if (!more || !*more) return;
    std::string json;
    (void)write_json(value, json).has_value();
    EncodedPayload out;
    size_t failed = 0;
    if (encoder->encode({&value, 1}, arena, out, failed)) {
      const auto again = codec.make_decoder();
      ValueArena second(64 << 20);
      Value back;
      Result<void> begun = again->begin(out.payload, out.headers);
      CHECK(begun.has_value());
      CHECK(again->next(second, back).has_value());
    }
    arena.reset();
  }
}

std::string random_text(Random& random, size_t size_max) {
  std::string out;
  const size_t size = random.below(size_max + 1);
  static constexpr std::string_view kLetters = "abcXYZ 0123456789,;\"'\\=\n\r\t|{}[]:-.%&";
  while (out.size() < size) {
    if (random.chance(1, 10)) {
      append_utf8(out, static_cast<char32_t>(0x80 + random.below(0x2000)));
    } else {
      out += kLetters[random.below(kLetters.size())];
    }
  }
  return out;
}

Value random_value(Random& random, ValueArena& arena, const RandomKinds& kinds, int depth) {
  switch (random.below(kinds.nested && depth > 0 ? 9 : 7)) {
    case 0: return Value::null();
    case 1: return Value::boolean(random.chance(1, 2));
    case 2: return Value::integer(static_cast<int64_t>(random.next()) >> random.below(64));
    case 3:
      if (kinds.doubles) return Value::real((random.uniform() - 0.5) * 1e6);
      return Value::unsigned_integer(random.next());
    case 4:
      if (kinds.bytes) return *copy_bytes(arena, from_hex(to_hex(random_text(random))));
      [[fallthrough]];
    case 5:
      if (kinds.times) {
        return Value::time({static_cast<int64_t>(random.next()) >> 12,
                            static_cast<uint16_t>(random.below(1000)), 0});
      }
      [[fallthrough]];
    case 6: return *copy_string(arena, random_text(random));
    case 7: {
      ArrayBuilder array(arena);
      for (uint64_t n = random.below(6); n > 0; --n) {
        array.push(random_value(random, arena, kinds, depth - 1));
      }
      return *array.finish();
    }
    default: {
      MapBuilder map(arena);
      for (uint64_t n = random.below(6); n > 0; --n) {
        const std::string_view key = copy_string(arena, random_text(random, 6))->text();
        map.set(key, random_value(random, arena, kinds, depth - 1));
      }
      return *map.finish();
    }
  }
}

}  // namespace penstock
