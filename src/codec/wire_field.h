// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "codec/byte_reader.h"

namespace penstock {

inline constexpr uint32_t kVarintWire = 0;
inline constexpr uint32_t kFixed64Wire = 1;
inline constexpr uint32_t kBytesWire = 2;
inline constexpr uint32_t kGroupStartWire = 3;
inline constexpr uint32_t kGroupEndWire = 4;
inline constexpr uint32_t kFixed32Wire = 5;
inline constexpr uint32_t kGroupDepthMax = 64;

/// One field as it lies in a protobuf message.
struct WireField {
  uint32_t number = 0;
  uint32_t wire = 0;
  uint64_t scalar = 0;     ///< varint, fixed64, fixed32
  std::string_view bytes;  ///< length-delimited; a group's content
};

/// Reads the content of a group whose start was read, and its end. False if it has none.
bool read_group(ByteReader& in, uint32_t number, std::string_view all, uint32_t depth,
                std::string_view& content);

/// Reads the next field; false if the bytes are not one. `all` are the bytes that `in` reads.
inline bool read_wire_field(ByteReader& in, std::string_view all, uint32_t depth, WireField& out) {
  const uint64_t tag = in.varint();
  if (!in.ok() || tag > UINT32_MAX || tag < 8) return false;
  out.number = static_cast<uint32_t>(tag >> 3);
  out.wire = tag & 7;
  switch (out.wire) {
    case kVarintWire: out.scalar = in.varint(); break;
    case kFixed64Wire: out.scalar = in.little<uint64_t>(); break;
    case kFixed32Wire: out.scalar = in.little<uint32_t>(); break;
    case kBytesWire: out.bytes = in.slice(in.varint()); break;
    case kGroupStartWire: return read_group(in, out.number, all, depth, out.bytes);
    case kGroupEndWire: return true;
    default: return false;
  }
  return in.ok();
}

inline bool read_group(ByteReader& in, uint32_t number, std::string_view all, uint32_t depth,
                       std::string_view& content) {
  if (depth >= kGroupDepthMax) return false;
  const size_t start = in.offset();
  for (;;) {
    const size_t end = in.offset();
    WireField field;
    if (in.at_end() || !read_wire_field(in, all, depth + 1, field)) return false;
    if (field.wire != kGroupEndWire) continue;
    content = all.substr(start, end - start);
    return field.number == number;
  }
}

}  // namespace penstock
