// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace boost::asio {
class io_context;
}
namespace boost::system {
class error_code;
}

namespace penstock {

/// A client's connection as bytes, with or without TLS. Used on the thread of its io_context only;
/// one read and one write may be under way at a time. Whatever `done` holds keeps the stream alive.
class Stream {
 public:
  using Done = std::function<void(const boost::system::error_code&, size_t)>;
  virtual ~Stream() = default;
  /// Resolves, connects, and shakes hands where that is needed.
  virtual void connect(const std::string& host, uint16_t port, Done done) = 0;
  virtual void read_some(char* to, size_t size, Done done) = 0;
  /// Writes both, whole; they must stay until `done`.
  virtual void write(std::string_view head, std::string_view body, Done done) = 0;
  /// What is under way ends with an error.
  virtual void close() = 0;
  /// Between requests: the peer has closed or said something unasked.
  virtual bool stale() = 0;
};

struct TlsOptions {
  bool verify = true;   ///< the peer's certificate and its name
  std::string ca_file;  ///< PEM; empty: the system's
};

/// What TLS streams share: trust and settings.
class TlsContext {
 public:
  /// Code "tls-setup": the file cannot be read or is not PEM.
  static Result<std::shared_ptr<TlsContext>> create(const TlsOptions& options);
  virtual ~TlsContext() = default;
};

std::unique_ptr<Stream> make_tcp_stream(boost::asio::io_context& io);
std::unique_ptr<Stream> make_tls_stream(boost::asio::io_context& io,
                                        std::shared_ptr<TlsContext> context);

/// The error is about trust, not about reachability: trying again will not help.
bool is_tls_failure(const boost::system::error_code& error);

}  // namespace penstock
