// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace penstock {

/// A number as decimal digits that counts up without dividing. Whole words are written: single
/// digits written to memory and copied from there at once would stall.
class DecimalCounter {
 public:
  static constexpr size_t kDigits = 20;

  explicit DecimalCounter(uint64_t value) : high_(value / 10'000'000'000'000'000ULL) {
    value %= 10'000'000'000'000'000ULL;
    middle_ = ascii(value / 100'000'000);
    low_ = ascii(value % 100'000'000);
    top_ = static_cast<uint32_t>(ascii(high_) & 0xffffffff);
  }
  /// Writes kDigits bytes.
  void write(char* to) const {
    const uint32_t top = __builtin_bswap32(top_);
    const uint64_t middle = __builtin_bswap64(middle_), low = __builtin_bswap64(low_);
    std::memcpy(to, &top, 4);
    std::memcpy(to + 4, &middle, 8);
    std::memcpy(to + 12, &low, 8);
  }
  void increment() {
    ++low_;
    if (__builtin_expect((low_ & 0xff) > '9', 0)) carry();
  }

 private:
  /// Eight digits, the last one in the lowest byte. Parted in two halves at a time, side by side in
  /// one word: v/100 = v·10486 >> 20 below 10^4, v/10 = v·103 >> 10 below 100.
  static uint64_t ascii(uint64_t value) {
    uint64_t parts = value / 10'000 | value % 10'000 << 32;
    const uint64_t hundreds = (parts * 10'486 >> 20) & 0x0000007f0000007f;
    parts = (parts - hundreds * 100) << 16 | hundreds;
    const uint64_t tens = (parts * 103 >> 10) & 0x000f000f000f000f;
    parts = (parts - tens * 10) << 8 | tens;
    return __builtin_bswap64(parts) + 0x3030303030303030;
  }
  static uint64_t value(uint64_t digits) {
    uint64_t value = 0;
    for (int i = 7; i >= 0; --i) value = value * 10 + ((digits >> (8 * i) & 0xff) - '0');
    return value;
  }
  [[gnu::noinline]] void carry() {
    uint64_t digits = low_;
    for (int i = 0; i < 8 && (digits >> (8 * i) & 0xff) > '9'; ++i) {
      digits -= uint64_t{10} << (8 * i);
      if (i == 7) return carry_out();
      digits += uint64_t{1} << (8 * (i + 1));
    }
    low_ = digits;
  }
  void carry_out() {
    uint64_t upper = high_ * 100'000'000 + value(middle_) + 1;
    *this = DecimalCounter(0);
    high_ = upper / 100'000'000;
    middle_ = ascii(upper % 100'000'000);
    top_ = static_cast<uint32_t>(ascii(high_) & 0xffffffff);
  }

  uint64_t high_;  // the upper digits as a number
  uint64_t middle_ = 0, low_ = 0;
  uint32_t top_ = 0;
};

}  // namespace penstock
