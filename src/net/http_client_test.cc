// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <future>
#include <mutex>
#include <thread>

#include "net/base64.h"
#include "net/http_server.h"

namespace penstock {
namespace {

using Outcome = Result<HttpClientResponse>;

/// A server that does to each connection what the test says, one connection after another.
class RawServer {
 public:
  explicit RawServer(std::function<void(int fd, int number)> serve)
      : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, plain, size), 0);
    EXPECT_EQ(listen(listener_, 16), 0);
    getsockname(listener_, plain, &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this, serve = std::move(serve)] {
      for (int number = 0;; number++) {
        int fd = accept(listener_, nullptr, nullptr);
        if (fd < 0) return;
        serve(fd, number);
        close(fd);
      }
    });
  }
  ~RawServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
  }
  uint16_t port() const { return port_; }

  static void answer(int fd, std::string_view text) {
    EXPECT_EQ(::send(fd, text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  /// What one request says, up to `end`.
  static std::string hear(int fd, std::string_view end = "\r\n\r\n") {
    std::string text;
    char c;
    while (text.find(end) == std::string::npos && recv(fd, &c, 1, 0) == 1) text += c;
    return text;
  }

 private:
  int listener_;
  uint16_t port_ = 0;
  std::thread thread_;
};

HttpClientRequest request_to(uint16_t port, std::string method = "GET", std::string body = "") {
  HttpClientRequest request;
  request.url = *parse_url("http://127.0.0.1:" + std::to_string(port) + "/path?q=1");
  request.method = std::move(method);
  request.body = std::move(body);
  return request;
}

std::future<Outcome> send(HttpClient& client, HttpClientRequest request) {
  auto promise = std::make_shared<std::promise<Outcome>>();
  client.send(std::move(request),
              [promise](Outcome outcome) { promise->set_value(std::move(outcome)); });
  return promise->get_future();
}

std::string code_of(const Outcome& outcome) {
  return outcome ? std::to_string(outcome->status) : outcome.error().code;
}

std::unique_ptr<HttpServer> echo_server() {
  auto server = HttpServer::start({}, [](HttpRequest& request, HttpReply reply) {
    HttpResponse response;
    response.body = std::string(request.method) + " " + std::string(request.target) + " " +
                    request.body;
    response.fields.emplace_back("X-Host", request.fields.find("host").value_or(""));
    response.fields.emplace_back("X-Auth", request.fields.find("authorization").value_or(""));
    reply.send(std::move(response));
  });
  EXPECT_TRUE(server);
  return std::move(*server);
}

TEST(HttpClient, sends_requests_and_keeps_the_connection) {
  auto server = echo_server();
  HttpClient client;
  for (int i = 0; i < 5; i++) {
    auto outcome = send(client, request_to(server->port(), "POST", "hello")).get();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->status, 200);
    EXPECT_EQ(outcome->body, "POST /path?q=1 hello");
    EXPECT_EQ(outcome->fields.find("x-host"), "127.0.0.1:" + std::to_string(server->port()));
  }
  EXPECT_EQ(server->connections(), 1u);
}

TEST(HttpClient, sends_many_at_a_time_within_its_limit_of_connections) {
  auto server = echo_server();
  HttpClientOptions options;
  options.connections_per_host_max = 3;
  HttpClient client(options);
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 200; i++)
    outcomes.push_back(send(client, request_to(server->port(), "PUT", std::to_string(i))));
  for (int i = 0; i < 200; i++) {
    auto outcome = outcomes[i].get();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->body, "PUT /path?q=1 " + std::to_string(i));
  }
  EXPECT_LE(server->connections(), 3u);
}

TEST(HttpClient, sends_the_credentials_of_the_address_and_the_fields_of_the_request) {
  auto server = echo_server();
  HttpClient client;
  auto request = request_to(server->port());
  request.url.userinfo = "user:p%40ss";
  auto outcome = send(client, request).get();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fields.find("x-auth"), "Basic " + base64("user:p@ss"));
  request.fields.add("authorization", "Bearer t");
  request.fields.add("bad", "a\r\nX-Evil: b");
  outcome = send(client, request).get();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->fields.find("x-auth"), "Bearer t");
}

TEST(HttpClient, sends_again_when_a_kept_connection_was_closed) {
  RawServer server([](int fd, int number) {
    RawServer::hear(fd);
    RawServer::answer(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + std::to_string(number));
    // Hears the next request, if it comes before the close, and does not answer it.
    if (number == 0) RawServer::hear(fd);
  });
  HttpClient client;
  EXPECT_EQ(send(client, request_to(server.port())).get()->body, "0");
  // The server closes in the middle of this one.
  EXPECT_EQ(send(client, request_to(server.port())).get()->body, "1");
}

TEST(HttpClient, does_not_use_a_connection_that_the_server_has_closed) {
  std::promise<void> closed;
  RawServer server([&](int fd, int number) {
    RawServer::hear(fd);
    RawServer::answer(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    shutdown(fd, SHUT_RDWR);
    if (number == 0) closed.set_value();
  });
  HttpClient client;
  EXPECT_EQ(code_of(send(client, request_to(server.port())).get()), "200");
  closed.get_future().wait();
  EXPECT_EQ(code_of(send(client, request_to(server.port(), "POST", "x")).get()), "200");
}

TEST(HttpClient, tells_when_a_new_connection_ends_without_an_answer) {
  RawServer server([](int fd, int) { RawServer::hear(fd); });
  HttpClient client;
  auto outcome = send(client, request_to(server.port())).get();
  EXPECT_EQ(code_of(outcome), "http-closed");
  EXPECT_EQ(outcome.error().reaction, Reaction::kRetryLater);
}

TEST(HttpClient, tells_when_nobody_listens_or_the_name_is_unknown) {
  uint16_t port;
  { port = echo_server()->port(); }
  HttpClient client;
  EXPECT_EQ(code_of(send(client, request_to(port)).get()), "http-connect");
  auto nowhere = request_to(80);
  nowhere.url.host = "no.such.host.invalid";
  EXPECT_EQ(code_of(send(client, nowhere).get()), "http-connect");
}

TEST(HttpClient, reads_answers_of_every_shape) {
  const std::pair<const char*, const char*> cases[] = {
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "200 ok"},
      {"HTTP/1.1 200 OK\r\n\r\nuntil the end", "200 until the end"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", "201 x"},
      {"HTTP/1.1 204 No Content\r\n\r\n", "204 "},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nshort", "200 short"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "http-closed"},
      {"SSH-2.0-OpenSSH\r\n", "http-bad-response"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", "http-response-too-large"}};
  RawServer server([&](int fd, int number) {
    RawServer::hear(fd);
    RawServer::answer(fd, cases[number].first);
    shutdown(fd, SHUT_WR);
    RawServer::hear(fd);
  });
  HttpClient client;
  for (const auto& [text, expected] : cases) {
    auto outcome = send(client, request_to(server.port())).get();
    EXPECT_EQ(code_of(outcome) + (outcome ? " " + outcome->body : ""), expected) << text;
  }
}

TEST(HttpClient, takes_an_answer_that_comes_before_the_request_was_sent) {
  HttpServerOptions options;
  options.body_bytes_max = 10;
  auto server = HttpServer::start(options, [](HttpRequest&, HttpReply reply) { reply.send(200); });
  ASSERT_TRUE(server);
  HttpClient client;
  auto outcome =
      send(client, request_to((*server)->port(), "POST", std::string(4'000'000, 'x'))).get();
  EXPECT_EQ(code_of(outcome), "413");
}

TEST(HttpClient, gives_up_when_an_answer_does_not_come_in_time) {
  ManualClock clock;
  HttpClientOptions options;
  options.clock = &clock;
  options.connections_per_host_max = 1;
  HttpClient client(options);
  std::promise<void> heard;
  std::promise<void> release;
  RawServer server([&](int fd, int) {
    RawServer::hear(fd);
    heard.set_value();
    release.get_future().wait();
  });
  auto first = send(client, request_to(server.port()));
  auto second = send(client, request_to(server.port()));  // waits for the only connection
  heard.get_future().wait();
  clock.advance_ns(30'000'000'000);
  EXPECT_EQ(code_of(first.get()), "http-timeout");
  EXPECT_EQ(code_of(second.get()), "http-timeout");
  release.set_value();
}

TEST(HttpClient, closes_connections_that_nobody_uses) {
  ManualClock clock;
  HttpClientOptions options;
  options.clock = &clock;
  HttpClient client(options);
  auto server = echo_server();
  EXPECT_EQ(code_of(send(client, request_to(server->port())).get()), "200");
  EXPECT_EQ(server->connections(), 1u);
  clock.advance_ns(50'000'000'000);
  while (server->connections() > 0) std::this_thread::yield();
  EXPECT_EQ(code_of(send(client, request_to(server->port())).get()), "200");
}

TEST(HttpClient, refuses_more_than_it_may_keep_waiting) {
  HttpClientOptions options;
  options.waiting_max = 2;
  options.connections_per_host_max = 1;
  std::promise<void> heard, release;
  RawServer server([&](int fd, int) {
    RawServer::hear(fd);
    heard.set_value();
    release.get_future().wait();
  });
  std::vector<std::future<Outcome>> outcomes;
  {
    HttpClient client(options);
    outcomes.push_back(send(client, request_to(server.port())));
    heard.get_future().wait();
    for (int i = 0; i < 3; i++) outcomes.push_back(send(client, request_to(server.port())));
    EXPECT_EQ(code_of(outcomes[3].get()), "http-client-full");
  }
  for (int i = 0; i < 3; i++) EXPECT_EQ(code_of(outcomes[i].get()), "http-cancelled");
  release.set_value();
}

TEST(HttpClient, cancels_what_is_under_way_when_it_ends) {
  std::promise<void> heard, release;
  RawServer server([&](int fd, int) {
    RawServer::hear(fd);
    heard.set_value();
    release.get_future().wait();
  });
  std::future<Outcome> active, waiting;
  {
    HttpClientOptions options;
    options.connections_per_host_max = 1;
    HttpClient client(options);
    active = send(client, request_to(server.port()));
    waiting = send(client, request_to(server.port()));
    heard.get_future().wait();
  }
  EXPECT_EQ(active.get().error().reaction, Reaction::kCancelled);
  EXPECT_EQ(waiting.get().error().reaction, Reaction::kCancelled);
  release.set_value();
}

TEST(HttpClient, lets_a_callback_send_the_next_request) {
  auto server = echo_server();
  HttpClient client;
  std::promise<int> done;
  int left = 50;
  std::function<void(Outcome)> next = [&](Outcome outcome) {
    if (!outcome || --left == 0) return done.set_value(left);
    client.send(request_to(server->port()), next);
  };
  client.send(request_to(server->port()), next);
  EXPECT_EQ(done.get_future().get(), 0);
  EXPECT_EQ(server->connections(), 1u);
}

TEST(HttpClient, says_why_it_cannot_trust_anyone) {
  HttpClientOptions options;
  options.tls.ca_file = "/no/such/file.pem";
  HttpClient client(options);
  auto request = request_to(443);
  request.url.tls = true;
  auto outcome = send(client, request).get();
  EXPECT_EQ(code_of(outcome), "tls-setup");
  EXPECT_EQ(outcome.error().reaction, Reaction::kStopPipeline);
}

TEST(HttpClient, needs_tls_from_a_peer_that_is_asked_for_it) {
  auto server = echo_server();
  HttpClient client;
  auto request = request_to(server->port());
  request.url.tls = true;
  EXPECT_EQ(code_of(send(client, request).get()), "tls-refused");
}

TEST(Base64, turns_bytes_into_letters_and_back) {
  for (auto [bytes, text] : {std::pair{"", ""},
                             {"f", "Zg=="},
                             {"fo", "Zm8="},
                             {"foo", "Zm9v"},
                             {"foobar", "Zm9vYmFy"},
                             {"\xff\xfe", "//4="}}) {
    EXPECT_EQ(base64(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  for (const char* bad : {"Z", "Zg", "Zg=", "Zh==", "Z===", "Zg==Zg==", "Zm8-", "Z g="})
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace penstock
