// SPDX-License-Identifier: Apache-2.0
#include "net/http_server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "net/http_parser.h"
#include "net/http_response.h"

namespace penstock {
namespace {

/// A client that says exactly what the test says, byte by byte if need be.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawClient() { close(); }
  RawClient(const RawClient&) = delete;
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }
  /// Reads one response; false when the connection ended before it was whole.
  bool receive() {
    parser_.reset();
    while (true) {
      auto taken = parser_.feed(pending_);
      if (!taken) return false;
      pending_.erase(0, *taken);
      if (parser_.done()) return true;
      if (!read_some()) return false;
    }
  }
  bool ended() { return pending_.empty() && !read_some(); }
  int status() const { return parser_.status(); }
  const std::string& body() { return parser_.body(); }
  std::string field(std::string_view name) const {
    return std::string(parser_.fields().find(name).value_or(""));
  }

 private:
  bool read_some() {
    char buffer[65536];
    ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    pending_.append(buffer, static_cast<size_t>(n));
    return true;
  }
  int fd_;
  std::string pending_;
  HttpParser parser_{HttpParser::Kind::kResponse, {}};
};

/// Keeps replies until the test lets them go.
class Desk {
 public:
  void put(HttpReply reply) {
    std::lock_guard lock(mutex_);
    replies_.push_back(std::move(reply));
    changed_.notify_all();
  }
  std::vector<HttpReply> wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return replies_.size() >= count; });
    return std::move(replies_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<HttpReply> replies_;
};

std::unique_ptr<HttpServer> serve(HttpServerOptions options, HttpHandler handler) {
  auto server = HttpServer::start(std::move(options), std::move(handler));
  EXPECT_TRUE(server);
  return std::move(*server);
}

void echo(HttpRequest& request, HttpReply reply) {
  HttpResponse response;
  response.body = std::string(request.method) + " " + std::string(request.target) + " " +
                  request.body;
  response.content_type = "text/plain";
  reply.send(std::move(response));
}

constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(HttpServer, answers_many_requests_on_one_connection) {
  auto server = serve({}, echo);
  RawClient client(server->port());
  for (int i = 0; i < 3; i++) {
    client.send("POST /p HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
    ASSERT_TRUE(client.receive());
    EXPECT_EQ(client.status(), 200);
    EXPECT_EQ(client.body(), "POST /p hi");
    EXPECT_EQ(client.field("content-type"), "text/plain");
    EXPECT_EQ(client.field("connection"), "");
  }
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(server->requests(), 3u);
}

TEST(HttpServer, answers_pipelined_requests_in_order) {
  auto server = serve({}, echo);
  RawClient client(server->port());
  std::string many;
  for (int i = 0; i < 500; i++)
    many += "GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n";
  std::thread sender([&] { client.send(many); });
  for (int i = 0; i < 500; i++) {
    ASSERT_TRUE(client.receive());
    EXPECT_EQ(client.body(), "GET /" + std::to_string(i) + " ");
  }
  sender.join();
}

TEST(HttpServer, takes_an_answer_later_from_another_thread) {
  Desk desk;
  auto server = serve({}, [&](HttpRequest&, HttpReply reply) { desk.put(std::move(reply)); });
  RawClient one(server->port()), two(server->port());
  one.send(kGet);
  two.send(kGet);
  auto replies = desk.wait_for(2);
  for (auto& reply : replies) reply.send(202, "later");
  for (RawClient* client : {&one, &two}) {
    ASSERT_TRUE(client->receive());
    EXPECT_EQ(client->status(), 202);
    EXPECT_EQ(client->body(), "later");
  }
}

TEST(HttpServer, keeps_pipelined_requests_waiting_for_a_late_answer) {
  Desk desk;
  auto server = serve({}, [&](HttpRequest& request, HttpReply reply) {
    if (request.target == "/late") {
      desk.put(std::move(reply));
    } else {
      reply.send(200, "early");
    }
  });
  RawClient client(server->port());
  client.send("GET /late HTTP/1.1\r\n\r\nGET /early HTTP/1.1\r\n\r\n");
  auto replies = desk.wait_for(1);
  EXPECT_EQ(server->requests(), 1u);
  replies[0].send(200, "late");
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.body(), "late");
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.body(), "early");
}

TEST(HttpServer, answers_503_for_a_handler_that_drops_its_duty) {
  auto server = serve({}, [](HttpRequest&, HttpReply) {});
  RawClient client(server->port());
  client.send(kGet);
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.status(), 503);
}

TEST(HttpServer, lets_replies_outlive_it) {
  Desk desk;
  std::vector<HttpReply> replies;
  {
    auto server = serve({}, [&](HttpRequest&, HttpReply reply) { desk.put(std::move(reply)); });
    RawClient client(server->port());
    client.send(kGet);
    replies = desk.wait_for(1);
  }
  replies[0].send(200);
  EXPECT_FALSE(replies[0].pending());
}

TEST(HttpServer, refuses_a_body_that_is_too_large_before_it_came) {
  HttpServerOptions options;
  options.body_bytes_max = 10;
  auto server = serve(options, echo);
  RawClient exact(server->port()), larger(server->port()), chunked(server->port());
  exact.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n0123456789");
  ASSERT_TRUE(exact.receive());
  EXPECT_EQ(exact.status(), 200);
  larger.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n");
  ASSERT_TRUE(larger.receive());
  EXPECT_EQ(larger.status(), 413);
  EXPECT_EQ(larger.field("connection"), "close");
  EXPECT_TRUE(larger.ended());
  chunked.send("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n");
  ASSERT_TRUE(chunked.receive());
  EXPECT_EQ(chunked.status(), 413);
  EXPECT_EQ(server->requests(), 1u);
}

TEST(HttpServer, delivers_a_refusal_to_a_client_that_is_still_sending) {
  HttpServerOptions options;
  options.body_bytes_max = 10;
  auto server = serve(options, echo);
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n");
  client.send(std::string(8'000'000, 'x'));
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.status(), 413);
}

TEST(HttpServer, refuses_large_headers_and_what_is_not_http) {
  auto server = serve({}, echo);
  for (auto [text, status] :
       {std::pair{"GET / HTTP/1.1\r\na: " + std::string(17000, 'x') + "\r\n\r\n", 431},
        {"GET /" + std::string(70000, 'x'), 431},
        {"\x16\x03\x01\x02 TLS hello\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501}}) {
    RawClient client(server->port());
    client.send(text);
    ASSERT_TRUE(client.receive());
    EXPECT_EQ(client.status(), status);
    EXPECT_TRUE(client.ended());
  }
}

TEST(HttpServer, asks_for_the_body_that_a_client_holds_back) {
  auto server = serve({}, echo);
  RawClient client(server->port());
  client.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.status(), 100);
  client.send("body");
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.body(), "POST / body");
}

TEST(HttpServer, reads_and_writes_bodies_larger_than_any_buffer) {
  auto server = serve({}, echo);
  RawClient client(server->port());
  std::string body(5'000'000, 'b');
  std::thread sender([&] {
    client.send("POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n");
    client.send(body);
    client.send(kGet);
  });
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.body(), "POST / " + body);
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.body(), "GET /x ");
  sender.join();
}

TEST(HttpServer, limits_what_unfinished_bodies_take_together) {
  HttpServerOptions options;
  options.buffered_bytes_max = 1000;
  auto server = serve(options, echo);
  for (int i = 0; i < 3; i++) {  // what was counted is given back
    RawClient client(server->port());
    client.send("POST / HTTP/1.1\r\nContent-Length: 900\r\n\r\n" + std::string(900, 'x'));
    ASSERT_TRUE(client.receive());
    EXPECT_EQ(client.status(), 200);
  }
  RawClient greedy(server->port());
  greedy.send("POST / HTTP/1.1\r\nContent-Length: 2000\r\n\r\n" + std::string(1001, 'x'));
  ASSERT_TRUE(greedy.receive());
  EXPECT_EQ(greedy.status(), 503);
  EXPECT_EQ(greedy.field("retry-after"), "1");
}

TEST(HttpServer, passes_the_fields_of_an_answer_but_none_that_would_break_it) {
  auto server = serve({}, [](HttpRequest&, HttpReply reply) {
    reply.send({429, "full", "", {{"Retry-After", "2"}, {"X", "a\r\nEvil: b"}}});
  });
  RawClient client(server->port());
  client.send(kGet);
  ASSERT_TRUE(client.receive());
  EXPECT_EQ(client.status(), 429);
  EXPECT_EQ(client.field("retry-after"), "2");
  EXPECT_EQ(client.field("x"), "");
  EXPECT_EQ(client.field("evil"), "");
  EXPECT_EQ(client.field("date").size(), 29u);
}

TEST(HttpServer, refuses_connections_beyond_its_limit_and_accepts_again_when_one_ends) {
  HttpServerOptions options;
  options.connections_max = 2;
  auto server = serve(options, echo);
  auto one = std::make_unique<RawClient>(server->port());
  RawClient two(server->port());
  for (RawClient* client : {one.get(), &two}) {
    client->send(kGet);
    ASSERT_TRUE(client->receive());
  }
  {
    RawClient three(server->port());
    ASSERT_TRUE(three.receive());
    EXPECT_EQ(three.status(), 503);
    EXPECT_TRUE(three.ended());
  }
  one.reset();
  while (server->connections() > 1) std::this_thread::yield();
  RawClient four(server->port());
  four.send(kGet);
  ASSERT_TRUE(four.receive());
  EXPECT_EQ(four.status(), 200);
}

TEST(HttpServer, gives_up_on_clients_that_are_slow_or_silent) {
  ManualClock clock;
  HttpServerOptions options;
  options.clock = &clock;
  options.request_timeout = seconds(1);
  options.idle_timeout = seconds(100);
  options.reply_timeout = seconds(3);
  Desk desk;
  auto server =
      serve(options, [&](HttpRequest&, HttpReply reply) { desk.put(std::move(reply)); });
  RawClient slow(server->port()), silent(server->port()), patient(server->port());
  slow.send("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  ASSERT_TRUE(slow.receive());  // the server has begun to read its request
  patient.send(kGet);
  auto replies = desk.wait_for(1);
  clock.advance_ns(1'000'000'000);
  ASSERT_TRUE(slow.receive());
  EXPECT_EQ(slow.status(), 408);
  clock.advance_ns(2'000'000'000);
  ASSERT_TRUE(patient.receive());
  EXPECT_EQ(patient.status(), 504);
  replies[0].send(200);  // too late: nobody hears it
  clock.advance_ns(97'000'000'000);
  EXPECT_TRUE(silent.ended());
}

TEST(HttpServer, stops_after_what_has_begun_is_finished) {
  Desk desk;
  auto server = serve({}, [&](HttpRequest& request, HttpReply reply) {
    if (request.target == "/wait") {
      desk.put(std::move(reply));
    } else {
      reply.send(200);
    }
  });
  RawClient waiting(server->port()), idle(server->port());
  idle.send(kGet);
  ASSERT_TRUE(idle.receive());
  waiting.send("GET /wait HTTP/1.1\r\n\r\n");
  auto replies = desk.wait_for(1);
  bool clean = false;
  std::thread stopper([&] { clean = server->stop(seconds(60)); });
  EXPECT_TRUE(idle.ended());
  replies[0].send(200, "done");
  ASSERT_TRUE(waiting.receive());
  EXPECT_EQ(waiting.body(), "done");
  EXPECT_EQ(waiting.field("connection"), "close");
  EXPECT_TRUE(waiting.ended());
  waiting.close();
  stopper.join();
  EXPECT_TRUE(clean);
  EXPECT_EQ(server->connections(), 0u);
}

TEST(HttpServer, cuts_what_does_not_finish_in_time) {
  Desk desk;
  auto server = serve({}, [&](HttpRequest&, HttpReply reply) { desk.put(std::move(reply)); });
  RawClient client(server->port());
  client.send(kGet);
  auto replies = desk.wait_for(1);
  EXPECT_FALSE(server->stop(seconds(0)));
  EXPECT_FALSE(client.receive());
}

TEST(HttpServer, says_why_it_cannot_listen) {
  auto server = serve({}, echo);
  HttpServerOptions same;
  same.port = server->port();
  auto second = HttpServer::start(same, echo);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "http-listen");
  HttpServerOptions nowhere;
  nowhere.host = "no.such.host.invalid";
  EXPECT_FALSE(HttpServer::start(nowhere, echo));
}

TEST(HttpServer, serves_from_several_threads) {
  HttpServerOptions options;
  options.threads = 3;
  auto server = serve(options, echo);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 9; i++) clients.push_back(std::make_unique<RawClient>(server->port()));
  for (int round = 0; round < 20; round++) {
    for (auto& client : clients) client->send(kGet);
    for (auto& client : clients) ASSERT_TRUE(client->receive());
  }
  EXPECT_EQ(server->requests(), 180u);
}

TEST(HttpServer, ends_the_connection_when_the_client_asks_for_it) {
  auto server = serve({}, echo);
  RawClient closing(server->port()), old(server->port()), head(server->port());
  closing.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(closing.receive());
  EXPECT_EQ(closing.field("connection"), "close");
  EXPECT_TRUE(closing.ended());
  old.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(old.receive());
  EXPECT_EQ(old.field("connection"), "keep-alive");
  head.send("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_FALSE(head.receive());  // a length, but no body
  EXPECT_EQ(head.field("content-length"), "7");
  EXPECT_EQ(head.body(), "");
}

TEST(HttpResponse, dates_are_written_as_the_protocol_wants) {
  EXPECT_EQ(http_date(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
}

}  // namespace
}  // namespace penstock
