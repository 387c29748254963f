// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server.h"

namespace penstock {

/// "Not Found" of 404; "Unknown" of what RFC 9110 does not name.
std::string_view reason_of(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 §5.6.7).
std::string http_date(int64_t unix_seconds);

/// What the frame of a response depends on, besides the response.
struct ResponseFrame {
  bool head = false;        ///< answers a HEAD request: no body
  bool close = false;       ///< the connection ends with it
  bool http_1_0 = false;    ///< the client must be told that the connection stays
  std::string_view date;    ///< value of the Date field
};

/// Appends the response as it goes on the wire. Fields that would break the frame are left out.
void append_response(std::string& out, const HttpResponse& response, const ResponseFrame& frame);

}  // namespace penstock
