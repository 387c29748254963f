// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/http_fields.h"

namespace penstock {

struct HttpParserLimits {
  size_t header_bytes_max = 16 * 1024;  ///< start line and fields together; also trailers
  size_t body_bytes_max = 16 << 20;
};

/// Reads HTTP/1.0 and 1.1 messages (RFC 9112) one after another from bytes as they come. Strict:
/// what two readers could understand in two ways (request smuggling) is an error. Not thread-safe.
///
/// Errors (the connection cannot be used any more): http-bad-message, http-header-too-large,
/// http-body-too-large, http-bad-encoding.
class HttpParser {
 public:
  enum class Kind : uint8_t { kRequest, kResponse };
  HttpParser(Kind kind, HttpParserLimits limits);
  ~HttpParser();
  HttpParser(const HttpParser&) = delete;
  HttpParser& operator=(const HttpParser&) = delete;

  /// Forgets the message and begins the next. `no_body`: the response to a HEAD request.
  void reset(bool no_body = false);
  /// Takes what it can of `bytes`, never more than one message, and returns how much it took. What
  /// it did not take must be at the front of the next call, with more behind it.
  Result<size_t> feed(std::string_view bytes);
  /// The peer closed its side: completes a response without a length, or says what is missing.
  Result<void> finish();

  bool started() const;      ///< has taken a byte of the message
  bool header_done() const;  ///< start line and fields are there
  bool done() const;         ///< the whole message is there
  /// After header_done(): the connection may carry another message.
  bool keep_alive() const;
  /// After header_done(): the client waits for "100 Continue" before it sends the body.
  bool expects_continue() const;

  /// After header_done(). Views stay valid until reset().
  std::string_view method() const;
  std::string_view target() const;
  int status() const;
  int minor_version() const;  ///< the 1 of HTTP/1.1
  const HttpFields& fields() const;
  /// What has come of the body; may be moved from after done().
  std::string& body();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
