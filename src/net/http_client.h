// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "base/units.h"
#include "net/http_fields.h"
#include "net/stream.h"
#include "net/url.h"

namespace penstock {

struct HttpClientOptions {
  uint32_t connections_per_host_max = 8;
  uint32_t waiting_max = 1024;  ///< requests that wait for a connection; one more fails at once
  Duration connect_timeout = seconds(10);
  Duration idle_timeout = seconds(50);   ///< below what servers usually allow
  size_t header_bytes_max = 64 * 1024;
  size_t response_bytes_max = 8 << 20;
  TlsOptions tls;
  const Clock* clock = nullptr;          ///< for the timeouts; null: the machine's
};

struct HttpClientRequest {
  Url url;
  std::string method = "GET";
  HttpFields fields;  ///< Host, Content-Length and, from the URL, Authorization are added
  std::string body;
  Duration timeout = seconds(30);  ///< from send() to the last byte of the response
};

struct HttpClientResponse {
  int status = 0;
  HttpFields fields;
  std::string body;
};

/// Gets the outcome, exactly once, on the client's thread: must not block.
///
/// Errors: retry_later for http-connect, http-closed, http-timeout, http-bad-response,
/// http-response-too-large, http-client-full; stop_pipeline for tls-setup and tls-refused (the
/// peer's certificate); cancelled when the client ends.
using HttpCallback = std::function<void(Result<HttpClientResponse>)>;

/// Sends requests over kept connections, several at a time to each host, on a thread of its own.
/// A request that meets a kept connection which the server has just closed is sent again on a new
/// one: a request may arrive twice (at least once). Redirects are not followed. Thread-safe.
class HttpClient {
 public:
  explicit HttpClient(HttpClientOptions options = {});
  /// Cancels what is under way; no callback runs after it returns.
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  /// Never blocks. Requests to one host start in order; they may end in any.
  void send(HttpClientRequest request, HttpCallback callback);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace penstock
