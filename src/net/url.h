// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

/// An http or https address, cut into what a client needs.
struct Url {
  bool tls = false;
  std::string host;          ///< a name or an address; IPv6 without brackets
  uint16_t port = 80;
  std::string target = "/";  ///< path and query as written; no fragment
  std::string userinfo;      ///< "user:password" as written (percent-encoded); usually empty

  /// The Host field: brackets around IPv6, the port only where it is not the scheme's own.
  std::string authority() const;
};

/// Code "bad-url". The message never quotes the address: it may hold a password.
Result<Url> parse_url(std::string_view text);

/// Undoes percent-encoding; `plus_is_space` as in queries. Nothing if an escape is broken.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// "/a/b" of "/a/b?c=d".
std::string_view path_of(std::string_view target);
/// The decoded value of the first `name=value` of the query; "" for a bare name.
std::optional<std::string> query_value(std::string_view target, std::string_view name);

/// True for "localhost", 127.0.0.0/8 and ::1: only this machine can connect.
bool is_loopback(std::string_view host);

}  // namespace penstock
