// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace penstock {

/// What is printed in place of a secret.
inline constexpr const char* kMask = "*****";

/// A value that must not be seen: printing it prints kMask. reveal() is the one way to the bytes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  const std::string& reveal() const { return value_; }
  bool empty() const { return value_.empty(); }
  bool operator==(const Secret&) const = default;

 private:
  std::string value_;
};

/// Secrets shorter than this are not looked for inside other text: masking every "a" hides nothing
/// and garbles everything.
inline constexpr size_t kMaskedBytesMin = 4;

/// `text` with every secret in it replaced by kMask; of overlapping secrets the longest goes first.
std::string masked(std::string_view text, const std::vector<Secret>& secrets);

inline std::string to_string(const Secret& secret) { return secret.empty() ? "" : kMask; }
inline std::ostream& operator<<(std::ostream& out, const Secret& s) { return out << to_string(s); }

}  // namespace penstock
