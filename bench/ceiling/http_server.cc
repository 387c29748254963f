// SPDX-License-Identifier: Apache-2.0
// Ceiling: a Beast server that takes POSTs, counts the lines of their bodies and answers 200. One
// thread. Prints its port; on SIGTERM, its figures.
//   ceiling_http_server [PORT=0]
#include <csignal>
#include <cstdlib>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "ceiling/measure.h"

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct Totals {
  uint64_t requests = 0, lines = 0, bytes = 0;
};

/// One connection: read a request, count, answer, again.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, Totals& totals) : socket_(std::move(socket)), totals_(totals) {
    buffer_.reserve(64 << 10);
  }
  void read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_,
                     [self = shared_from_this()](boost::system::error_code error, size_t) {
                       if (!error) self->answer();
                     });
  }

 private:
  void answer() {
    const std::string& body = request_.body();
    ++totals_.requests;
    totals_.bytes += body.size();
    for (size_t at = 0; at < body.size(); ++totals_.lines) {
      const void* newline = std::memchr(body.data() + at, '\n', body.size() - at);
      if (newline == nullptr) at = body.size();
      else at = static_cast<size_t>(static_cast<const char*>(newline) - body.data()) + 1;
    }
    response_ = {http::status::ok, request_.version()};
    response_.keep_alive(request_.keep_alive());
    response_.prepare_payload();
    http::async_write(socket_, response_,
                      [self = shared_from_this()](boost::system::error_code error, size_t) {
                        if (!error && self->response_.keep_alive()) self->read();
                      });
  }

  tcp::socket socket_;
  Totals& totals_;
  boost::beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::empty_body> response_;
};

void accept(tcp::acceptor& acceptor, Totals& totals) {
  acceptor.async_accept([&](boost::system::error_code error, tcp::socket socket) {
    if (error) return;
    socket.set_option(tcp::no_delay(true), error);
    std::make_shared<Session>(std::move(socket), totals)->read();
    accept(acceptor, totals);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto port = static_cast<uint16_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0);
  asio::io_context io(1);
  tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), port});
  acceptor.listen(1024);
  Totals totals;
  Measure measure;
  asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](boost::system::error_code, int) { io.stop(); });
  accept(acceptor, totals);
  std::printf("{\"port\":%d}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  io.run();
  measure.print("http_server", totals.lines, totals.bytes, totals.requests);
}
