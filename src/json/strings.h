// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "json/scalar.h"

namespace penstock {

/// Where the strings of JSON text are, a bit for each byte of it. Finding them checks on the way
/// that the text is UTF-8, that strings end and that they have no control characters. At memory
/// speed where the processor has AVX2. Owned by one task.
class JsonStrings {
 public:
  enum class Way : uint8_t { kBest, kPlain };  ///< kPlain: without AVX2

  explicit JsonStrings(Way way = Way::kBest);

  /// False if one of the checks failed. May be several documents with white space between them: a
  /// line break there keeps an open string of one from reaching into the next. The text stays where
  /// it is while it is asked about; nothing behind it is read. REQUIRES: text.size() < 4 GiB - 64.
  bool scan(std::string_view text);

  // After a scan() that was true; offsets count from the beginning of the text.

  /// Whether there is a backslash anywhere.
  bool escapes() const { return escapes_; }
  /// The closing quote of the string that opens at `quote`.
  uint32_t closing_quote(uint32_t quote) const {
    size_t word = quote / 64;
    const uint64_t outside = ~words_[word] >> quote % 64;
    if (__builtin_expect(outside != 0, 1)) {
      return quote + static_cast<uint32_t>(std::countr_zero(outside));
    }
    while (words_[++word] == UINT64_MAX) {}
    return static_cast<uint32_t>(word * 64) +
           static_cast<uint32_t>(std::countr_zero(~words_[word]));
  }
  /// Behind the bracket that closes the one that is open at `at`, whatever lies between; 0 if there
  /// is none before `end`. Braces count as brackets.
  uint32_t behind_bracket(uint32_t at, uint32_t end) const;

 private:
  std::string_view text_;
  std::unique_ptr<uint64_t[]> words_;  // inside of a string: the opening quote is, the closing not
  size_t capacity_ = 0;                // in words
  const bool avx2_;
  bool escapes_ = false;
};

/// Bytes that numbers and words may have, right or wrong.
struct JsonWordBytes {
  bool is[256] = {};
  constexpr JsonWordBytes() {
    for (bool& byte : is) byte = true;
    for (const char c : {' ', '\n', '\t', '\r', ',', ':', '"', '{', '}', '[', ']'}) {
      is[static_cast<unsigned char>(c)] = false;
    }
  }
};
inline constexpr JsonWordBytes kJsonWordBytes;

/// A place in such text, and what may be passed there. Copied freely.
class JsonCursor {
 public:
  JsonCursor() = default;
  JsonCursor(const JsonStrings& strings, const char* text, uint32_t at, uint32_t end)
      : strings_(&strings), text_(text), at_(at), end_(end) {}

  uint32_t at() const { return at_; }
  uint32_t end() const { return end_; }
  const char* here() const { return text_ + at_; }
  std::string_view rest() const { return {here(), end_ - at_}; }
  void move_to(uint32_t at) { at_ = at; }
  void pass(uint32_t bytes) { at_ += bytes; }

  /// The next byte that is no white space, and goes there; 0 at the end.
  char next() {
    for (; at_ < end_; ++at_) {
      const char c = text_[at_];
      if (__builtin_expect(c != ' ' && c != '\n' && c != '\t' && c != '\r', 1)) return c;
    }
    return '\0';
  }
  /// The same, and passes it.
  char take() {
    const char c = next();
    at_ += c != '\0';
    return c;
  }
  /// At an opening quote: passes the string; returns its size between the quotes.
  uint32_t pass_string() {
    const uint32_t closing = strings_->closing_quote(at_);
    const uint32_t size = closing - at_ - 1;
    at_ = closing + 1;
    return size;
  }
  /// Behind an opening bracket: to behind the one that closes it. False if there is none.
  bool pass_rest() {
    const uint32_t behind = strings_->behind_bracket(at_, end_);
    if (behind != 0) at_ = behind;
    return behind != 0;
  }
  /// Over a value that begins with `first`. Of brackets only their number is checked, of numbers
  /// and words nothing. False if it is no value.
  bool pass_value(char first) {
    switch (first) {
      case '"': return pass_string(), true;
      case '{': case '[': return ++at_, pass_rest();
      case ',': case ':': case '}': case ']': case '\0': return false;
      default: break;
    }
    do {
      ++at_;
    } while (at_ < end_ && kJsonWordBytes.is[static_cast<unsigned char>(text_[at_])]);
    return true;
  }
  /// Over that word; false if it is another one.
  bool pass_word(std::string_view word) {
    const std::string_view left = rest();
    if (!left.starts_with(word) ||
        (left.size() > word.size() && !ends_json_scalar(left[word.size()]))) {
      return false;
    }
    at_ += static_cast<uint32_t>(word.size());
    return true;
  }
  /// Whether a string of the text may have escapes.
  bool escapes() const { return strings_->escapes(); }

 private:
  const JsonStrings* strings_ = nullptr;
  const char* text_ = nullptr;
  uint32_t at_ = 0, end_ = 0;
};

}  // namespace penstock
