// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

/// Go's url.QueryEscape (blank is +) and url.PathEscape (blank is %20).
std::string escape_query(std::string_view text);
std::string escape_path_segment(std::string_view text);
/// Undoes either; nothing if a % is not followed by two hexadecimal digits.
std::optional<std::string> unescape_url(std::string_view text, bool plus_is_blank);

/// The parts of an address as Go's net/url takes them apart; path and fragment unescaped.
struct UrlParts {
  std::string scheme, opaque, user_info, host, path, raw_path, query, fragment;
  bool has_user_info = false;
  bool force_query = false;  ///< "a?" with nothing behind
  /// host without the port and without the brackets of IPv6.
  std::string hostname() const;
  std::string port() const;
};
/// Error: what Go's url.Parse says, "expression-failed".
Result<UrlParts> parse_url_text(std::string_view text);
/// As Go's URL.String().
std::string format_url(const UrlParts& parts);

/// name=value pairs of a query in their order; pairs that cannot be unescaped are left out.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);

}  // namespace penstock
