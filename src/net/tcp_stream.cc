// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "net/stream.h"

namespace penstock {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

class TcpStream final : public Stream {
 public:
  explicit TcpStream(asio::io_context& io) : resolver_(io), socket_(io) {}

  void connect(const std::string& host, uint16_t port, Done done) override {
    resolver_.async_resolve(
        host, std::to_string(port),
        [this, done = std::move(done)](const error_code& ec, tcp::resolver::results_type found) {
          if (ec) return done(ec, 0);
          asio::async_connect(socket_, found, [this, done](const error_code& ec, const auto&) {
            error_code ignored;
            if (!ec) socket_.set_option(tcp::no_delay(true), ignored);
            done(ec, 0);
          });
        });
  }

  void read_some(char* to, size_t size, Done done) override {
    socket_.async_read_some(asio::buffer(to, size), std::move(done));
  }

  void write(std::string_view head, std::string_view body, Done done) override {
    std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
    asio::async_write(socket_, parts, std::move(done));
  }

  void close() override {
    error_code ignored;
    resolver_.cancel();
    socket_.close(ignored);
  }

  bool stale() override {
    error_code ec;
    char byte;
    socket_.non_blocking(true, ec);
    socket_.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    return ec != asio::error::would_block;
  }

 private:
  tcp::resolver resolver_;
  tcp::socket socket_;
};

}  // namespace

std::unique_ptr<Stream> make_tcp_stream(asio::io_context& io) {
  return std::make_unique<TcpStream>(io);
}

}  // namespace penstock
