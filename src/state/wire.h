// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace penstock {

static_assert(std::endian::native == std::endian::little, "state files are little-endian");

/// Appends fixed-width little-endian numbers and length-prefixed texts.
class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}
  void u8(uint8_t v) { out_.push_back(static_cast<char>(v)); }
  void u32(uint32_t v) { raw(&v, sizeof v); }
  void u64(uint64_t v) { raw(&v, sizeof v); }
  /// u32 size, then the bytes.
  void text(std::string_view v) {
    u32(static_cast<uint32_t>(v.size()));
    out_.append(v);
  }

 private:
  void raw(const void* from, size_t size) { out_.append(static_cast<const char*>(from), size); }
  std::string& out_;
};

/// Reads what WireWriter wrote, from untrusted bytes: reading beyond the end gives zeros and makes
/// ok() false, for good.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}
  bool ok() const { return ok_; }
  size_t left() const { return bytes_.size(); }
  uint8_t u8() { return number<uint8_t>(); }
  uint32_t u32() { return number<uint32_t>(); }
  uint64_t u64() { return number<uint64_t>(); }
  std::string_view text() { return take(u32()); }
  std::string_view take(uint64_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  /// The bytes are there but make no sense.
  void fail() { ok_ = false; }

 private:
  template <class T>
  T number() {
    T v{};
    const std::string_view from = take(sizeof v);
    if (ok_) std::memcpy(&v, from.data(), sizeof v);
    return v;
  }
  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace penstock
