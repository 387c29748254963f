// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace penstock {

/// Reads numbers and slices from the front of a payload without ever reading behind its end: what
/// is not there makes it fail, and reads of a failed reader give zeroes. So a decoder may read
/// several fields and ask ok() once.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes = {})
      : start_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  size_t left() const { return static_cast<size_t>(end_ - at_); }
  /// Bytes read so far; of a failed reader, where the failing read began.
  size_t offset() const { return static_cast<size_t>(at_ - start_); }

  uint8_t byte() { return number<uint8_t>(); }
  uint8_t peek() const { return at_ == end_ ? 0 : static_cast<uint8_t>(*at_); }
  /// Big-endian; little-endian.
  template <class T>
  T big() { return swapped(number<T>(), std::endian::native == std::endian::little); }
  template <class T>
  T little() { return swapped(number<T>(), std::endian::native == std::endian::big); }

  std::string_view slice(uint64_t size) {
    if (size > left()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken(at_, size);
    at_ += size;
    return taken;
  }
  void skip(uint64_t size) { slice(size); }

  /// Seven bits a byte, the lowest first, at most ten bytes: protobuf's and Avro's numbers. More
  /// than 64 bits fail.
  uint64_t varint() {
    if (at_ < end_ && (*at_ & 0x80) == 0) return static_cast<uint8_t>(*at_++);
    const char* at = at_;
    uint64_t number = 0;
    for (int shift = 0; shift < 64 && at < end_; shift += 7) {
      const auto b = static_cast<uint8_t>(*at++);
      if (shift == 63 && b > 1) break;
      number |= uint64_t{b & 0x7fu} << shift;
      if (b < 0x80) {
        at_ = at;
        return number;
      }
    }
    ok_ = false;
    return 0;
  }
  int64_t zigzag() {
    const uint64_t n = varint();
    return static_cast<int64_t>(n >> 1 ^ (0 - (n & 1)));
  }

 private:
  template <class T>
  T number() {
    if (left() < sizeof(T)) {
      ok_ = false;
      return T{};
    }
    T value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  template <class T>
  static T swapped(T value, bool swap) {
    if (!swap || sizeof(T) == 1) return value;
    T out;
    char bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof value);
    for (size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
    std::memcpy(&out, bytes, sizeof out);
    return out;
  }

  const char* start_;
  const char* at_;
  const char* end_;
  bool ok_ = true;
};

// The same numbers, appended.

template <class T>
void append_little(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof value);
  if constexpr (std::endian::native == std::endian::big) {
    for (size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  }
  to.append(bytes, sizeof bytes);
}
template <class T>
void append_big(std::string& to, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof value);
  if constexpr (std::endian::native == std::endian::little) {
    for (size_t i = 0; i < sizeof(T) / 2; ++i) std::swap(bytes[i], bytes[sizeof(T) - 1 - i]);
  }
  to.append(bytes, sizeof bytes);
}
inline void append_varint(std::string& to, uint64_t number) {
  char bytes[10];
  size_t n = 0;
  for (; number >= 0x80; number >>= 7) bytes[n++] = static_cast<char>(number | 0x80);
  bytes[n++] = static_cast<char>(number);
  to.append(bytes, n);
}
inline uint64_t zigzag_of(int64_t number) {
  return static_cast<uint64_t>(number) << 1 ^ static_cast<uint64_t>(number >> 63);
}
inline void append_zigzag(std::string& to, int64_t number) { append_varint(to, zigzag_of(number)); }

}  // namespace penstock
