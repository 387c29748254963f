// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/random.h"

namespace penstock {

/// `2026-01-01 12:00:00.123`, quickly for times that follow each other: all but the milliseconds
/// is kept while the second stays. One thread.
class TimeText {
 public:
  static constexpr size_t kBytes = 23;
  /// Writes kBytes. REQUIRES: 0 <= ms, before the year 10000.
  char* write(char* to, int64_t ms) {
    const int64_t second = ms / 1000;
    if (__builtin_expect(second != second_, 0)) set(second);
    std::memcpy(to, text_, kBytes - 3);
    auto rest = static_cast<uint32_t>(ms - second * 1000);
    for (int i = kBytes - 1; i > static_cast<int>(kBytes) - 4; --i, rest /= 10) {
      to[i] = static_cast<char>('0' + rest % 10);
    }
    return to + kBytes;
  }

 private:
  void set(int64_t second);
  int64_t second_ = -1;
  char text_[kBytes];
};

/// Writes text into memory that is large enough. Whoever uses it knows the bounds: nothing that it
/// writes comes from outside.
class TextCursor {
 public:
  explicit TextCursor(char* at) : at_(at) {}
  char* at() const { return at_; }
  TextCursor& text(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
    return *this;
  }
  template <size_t N>
  TextCursor& text(const char (&literal)[N]) {
    std::memcpy(at_, literal, N - 1);
    at_ += N - 1;
    return *this;
  }
  /// Returns the digits.
  std::string_view number(uint64_t value) {
    char* const start = at_;
    at_ = std::to_chars(at_, at_ + 20, value).ptr;
    return {start, static_cast<size_t>(at_ - start)};
  }
  TextCursor& time(TimeText& times, int64_t ms) {
    at_ = times.write(at_, ms);
    return *this;
  }
  /// `size` letters from a to z; up to seven bytes behind them are overwritten.
  void letters(size_t size, Random& random) {
    for (size_t i = 0; i < size; i += 8) {
      const uint64_t eight = four_letters(random.next()) | four_letters(random.next()) << 16;
      const uint64_t ascii = eight + 0x6161616161616161;
      std::memcpy(at_ + i, &ascii, 8);
    }
    at_ += size;
  }
  /// 3 to size_max − 1 characters, each a letter, or `special` with a chance of 1 in 13; blanks at
  /// both ends are left out.
  void words(size_t size_max, char special, Random& random) {
    char* const start = at_;
    for (uint64_t left = 3 + random.below(size_max - 3); left > 0; --left) {
      const uint64_t drawn = random.below(13 * 26);
      const char c = drawn < 26 ? special : static_cast<char>('a' + drawn % 26);
      if (c != ' ' || at_ != start) *at_++ = c;
    }
    while (at_ != start && at_[-1] == ' ') --at_;
  }

 private:
  /// Four numbers below 26, from 16 random bits each, in bytes 0, 1, 4 and 5.
  static uint64_t four_letters(uint64_t random) {
    constexpr uint64_t kLanes = 0x0000ffff0000ffff, kBytes = 0x000000ff000000ff;
    const uint64_t even = (random & kLanes) * 26 >> 16 & kBytes;
    const uint64_t odd = (random >> 16 & kLanes) * 26 >> 16 & kBytes;
    return even | odd << 8;
  }
  char* at_;
};

}  // namespace penstock
