// SPDX-License-Identifier: Apache-2.0
#include "json/strict_array.h"

#include <cstring>
#include <string_view>

#include "json/scalar.h"
#include "value/write_json.h"

namespace penstock {
namespace {

/// kEscapes: whether to look for them in strings, about which all else is known from the scan.
template <bool kEscapes>
class StrictWalk {
 public:
  StrictWalk(const char* text, uint32_t end, const uint32_t* token)
      : text_(text), end_(end), token_(token) {}

  /// After the opening bracket: calls f() behind each item. `depth` counts the brackets that are
  /// open, this one included.
  template <class F>
  bool array(int depth, F&& f) {
    if (depth > kJsonDepthMax) return false;
    char c = next();
    if (c == ']') return true;
    for (;; c = next()) {
      if (!value(c, depth)) return false;
      f();
      c = next();
      if (c != ',') return c == ']';
    }
  }
  const uint32_t* token() const { return token_; }

 private:
  char next() {
    offset_ = *token_;
    if (__builtin_expect(offset_ >= end_, 0)) return '\0';
    ++token_;
    return text_[offset_];
  }
  bool map(int depth) {
    if (depth > kJsonDepthMax) return false;
    char c = next();
    if (c == '}') return true;
    for (;; c = next()) {
      if (c != '"' || !string() || next() != ':' || !value(next(), depth)) return false;
      c = next();
      if (c != ',') return c == '}';
    }
  }
  bool value(char first, int depth) {
    switch (first) {
      case '{': return map(depth + 1);
      case '[': return array(depth + 1, [] {});
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      case '\0': return false;
      default: return number();
    }
  }
  bool string() const {
    if constexpr (!kEscapes) return true;
    const RawText raw = read_raw_text(text_ + offset_);
    return __builtin_expect(!raw.escaped, 1) || valid_json_escapes(raw.view());
  }
  bool word(std::string_view expected) const {
    const std::string_view rest(text_ + offset_, end_ - offset_);
    return rest.starts_with(expected) &&
           (rest.size() == expected.size() || ends_json_scalar(rest[expected.size()]));
  }
  bool number() const {
    const char* const at = text_ + offset_;
    const uint32_t size = *token_ - offset_;
    if (int64_t ignored = 0; __builtin_expect(parse_short_json_integer(at, size, ignored), 1) &&
                             (*token_ == end_ || ends_json_scalar(at[size]))) {
      return true;
    }
    Value ignored;
    const char* stop = nullptr;
    return parse_json_number(at, text_ + end_, ignored, stop);
  }

  const char* const text_;
  const uint32_t end_;
  const uint32_t* token_;
  uint32_t offset_ = 0;
};

}  // namespace

bool strict_json_array(const char* text, uint32_t end, const uint32_t*& token,
                       std::vector<const uint32_t*>& items) {
  StrictWalk<false> walk(text, end, token);
  items.clear();
  if (!walk.array(1, [&] { items.push_back(walk.token()); })) return false;
  const uint32_t from = token[-1], to = walk.token()[-1];
  if (std::memchr(text + from, '\\', to - from) != nullptr) {
    if (!StrictWalk<true>(text, end, token).array(1, [] {})) return false;
  }
  token = walk.token();
  return true;
}

}  // namespace penstock
