// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include "net/stream.h"

namespace penstock {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;
using boost::system::error_code;

class OpenSslContext final : public TlsContext {
 public:
  ssl::context context{ssl::context::tls_client};
};

class TlsStream final : public Stream {
 public:
  TlsStream(asio::io_context& io, std::shared_ptr<OpenSslContext> context)
      : context_(std::move(context)), resolver_(io), stream_(io, context_->context) {}

  void connect(const std::string& host, uint16_t port, Done done) override {
    error_code ec;
    stream_.set_verify_callback(ssl::host_name_verification(host), ec);
    // Servers with many names choose the certificate by this one; it is never an address
    // (RFC 6066 §3).
    error_code no_address;
    asio::ip::make_address(host, no_address);
    if (no_address) SSL_set_tlsext_host_name(stream_.native_handle(), host.c_str());
    resolver_.async_resolve(
        host, std::to_string(port),
        [this, done = std::move(done)](const error_code& ec, tcp::resolver::results_type found) {
          if (ec) return done(ec, 0);
          asio::async_connect(stream_.next_layer(), found,
                              [this, done](const error_code& ec, const auto&) { greet(ec, done); });
        });
  }

  void read_some(char* to, size_t size, Done done) override {
    stream_.async_read_some(asio::buffer(to, size), std::move(done));
  }

  void write(std::string_view head, std::string_view body, Done done) override {
    std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
    asio::async_write(stream_, parts, std::move(done));
  }

  void close() override {
    error_code ignored;
    resolver_.cancel();
    stream_.next_layer().close(ignored);
  }

  bool stale() override {
    // A session ticket may come at any time and says nothing, so only the end of the stream counts.
    error_code ec;
    char byte;
    stream_.next_layer().non_blocking(true, ec);
    size_t n = stream_.next_layer().receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return n == 0 && ec != asio::error::would_block;
  }

 private:
  void greet(const error_code& ec, const Done& done) {
    if (ec) return done(ec, 0);
    error_code ignored;
    stream_.next_layer().set_option(tcp::no_delay(true), ignored);
    stream_.async_handshake(ssl::stream_base::client,
                            [done](const error_code& failed) { done(failed, 0); });
  }

  std::shared_ptr<OpenSslContext> context_;
  tcp::resolver resolver_;
  ssl::stream<tcp::socket> stream_;
};

}  // namespace

Result<std::shared_ptr<TlsContext>> TlsContext::create(const TlsOptions& options) {
  auto made = std::make_shared<OpenSslContext>();
  error_code ec;
  made->context.set_verify_mode(options.verify ? ssl::verify_peer : ssl::verify_none, ec);
  if (options.ca_file.empty()) {
    made->context.set_default_verify_paths(ec);
  } else {
    made->context.load_verify_file(options.ca_file, ec);
  }
  if (ec) {
    Error error = stop_error("tls-setup", "cannot read the certificates to trust",
                             "ca_file must name a file of PEM certificates");
    error.detail = ec.message();
    return error;
  }
  return std::shared_ptr<TlsContext>(made);
}

std::unique_ptr<Stream> make_tls_stream(asio::io_context& io,
                                        std::shared_ptr<TlsContext> context) {
  return std::make_unique<TlsStream>(io, std::static_pointer_cast<OpenSslContext>(context));
}

bool is_tls_failure(const error_code& error) {
  return error.category() == asio::error::get_ssl_category();
}

}  // namespace penstock
