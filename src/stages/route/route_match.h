// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

/// A test of a text. Immutable, thread-safe.
class RouteMatch {
 public:
  enum class Kind : uint8_t { kContains, kPrefix, kSuffix, kEquals, kRegex };
  /// Fails with code "bad-pattern" if a regular expression cannot be read.
  static Result<RouteMatch> make(Kind kind, std::string text);
  RouteMatch(RouteMatch&&) noexcept;
  RouteMatch& operator=(RouteMatch&&) noexcept;
  ~RouteMatch();

  bool operator()(std::string_view text) const;

 private:
  struct Regex;  // keeps RE2's headers out of here
  RouteMatch(Kind kind, std::string text);
  Kind kind_;
  std::string text_;
  std::unique_ptr<const Regex> regex_;
};

}  // namespace penstock
