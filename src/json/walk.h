// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/structure.h"

namespace penstock {

/// Walks over the tokens of one document without building values: for stages that move text about.
/// What is skipped is checked for its brackets only.
///
///   JsonWalk walk(text, structure.tokens());       // after structure.scan(text)
///   walk.members([&](std::string_view raw_key) { return walk.skip(); });
class JsonWalk {
 public:
  JsonWalk(std::string_view text, std::span<const uint32_t> tokens)
      : text_(text), tokens_(tokens) {}

  /// First byte of the current token; 0 behind the last.
  char here() const { return at_ < tokens_.size() ? text_[tokens_[at_]] : '\0'; }
  size_t offset() const { return at_ < tokens_.size() ? tokens_[at_] : text_.size(); }
  bool at_end() const { return at_ == tokens_.size(); }
  /// Behind the last byte of what stands before the current token.
  size_t end_of_last() const;

  /// Over one value; gives its text.
  Result<std::string_view> skip();
  /// Over the map that begins here: calls f(raw name) for each member, which goes over its value.
  template <class F>
  Result<void> members(F&& f) {
    return walk('{', '}', [&]() -> Result<void> {
      if (here() != '"') return fault("a member's name is missing");
      const size_t begin = offset() + 1;
      ++at_;
      if (here() != ':') return fault("a colon is missing");
      const size_t end = end_of_last() - 1;
      ++at_;
      return f(text_.substr(begin, end - begin));
    });
  }
  /// Over the array that begins here: calls f() for each item, which must go over it.
  template <class F>
  Result<void> items(F&& f) {
    return walk('[', ']', f);
  }
  Error fault(const char* what) const;

 private:
  template <class F>
  Result<void> walk(char open, char close, F&& f) {
    if (here() != open) return fault(open == '{' ? "a map was expected" : "an array was expected");
    ++at_;
    if (here() == close) return ++at_, Result<void>();
    for (;;) {
      PENSTOCK_TRY(f());
      if (here() == close) return ++at_, Result<void>();
      if (here() != ',') return fault("a comma is missing");
      ++at_;
    }
  }

  std::string_view text_;
  std::span<const uint32_t> tokens_;
  size_t at_ = 0;
};

/// A member's name without escapes; borrowed if it has none. Error: "bad-json".
Result<std::string_view> member_name(std::string_view raw, std::string& decoded);

}  // namespace penstock
