// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "net/http_message.h"

namespace penstock {

struct HttpServerOptions {
  std::string host = "127.0.0.1";  ///< a name or an address
  uint16_t port = 0;               ///< 0: any free one, see HttpServer::port()
  int threads = 1;
  uint32_t connections_max = 1024;        ///< one more is answered 503 and closed
  size_t header_bytes_max = 16 * 1024;    ///< else 431
  size_t body_bytes_max = 16 << 20;       ///< else 413
  size_t buffered_bytes_max = 256 << 20;  ///< bodies of all connections together, else 503
  Duration request_timeout = seconds(30);  ///< from first to last byte, either way; else 408
  Duration idle_timeout = seconds(75);     ///< between requests
  Duration reply_timeout = seconds(0);     ///< until the handler's answer, else 504; 0: none
  const Clock* clock = nullptr;            ///< for the timeouts; null: the machine's
};

/// An HTTP/1.1 server with threads of its own. Thread-safe.
class HttpServer {
 public:
  /// Listens when it returns. Codes: http-listen (address in use, unknown host, no right).
  static Result<std::unique_ptr<HttpServer>> start(HttpServerOptions options, HttpHandler handler);
  /// As stop() without patience.
  ~HttpServer();
  uint16_t port() const;
  uint32_t connections() const;  ///< open now
  uint64_t requests() const;     ///< handed to the handler since the start

  /// Stops accepting, lets requests that have begun finish (answers say `Connection: close`), then
  /// cuts what is left at the deadline. Not from a handler. True if nothing had to be cut.
  bool stop(Duration patience);

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
