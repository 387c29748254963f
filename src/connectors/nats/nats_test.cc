// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <thread>

#include "connectors/nats/nats_form.h"
#include "connectors/nats/nats_test_server.h"
#include "record/headers.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

/// The source and the sink `nats`, and a server.
struct Nats : testing::Test {
  Services services;
  Catalog catalog;
  NatsTestServer& server = NatsTestServer::shared();
  const std::string name = NatsTestServer::fresh_name();
  Nats() { register_nats(catalog); }

  std::shared_ptr<const Bound> source(Node more) { return component(ComponentKind::kSource, more); }
  std::shared_ptr<const Bound> sink(Node more) { return component(ComponentKind::kSink, more); }
  std::shared_ptr<const Bound> component(ComponentKind kind, Node node) {
    if (node.find("url") == nullptr) {
      const Node own = map({{"url", server.url()}});
      node.entries.insert(node.entries.end(), own.entries.begin(), own.entries.end());
    }
    return bind(catalog, "nats", kind, node);
  }
  bool deliver(SinkHarness& out) {
    const Epoch epoch = out.barrier();
    while (out.out.newest_delivered() < epoch && out.out.errors.empty()) {
      if (!out.waker.wait()) return false;
      out.wake();
    }
    return out.out.errors.empty();
  }
  /// Until the server has heard of its new configuration.
  void write_until_refused(SinkHarness& out) {
    while (out.out.errors.empty()) {
      out.write({"forbidden"});
      deliver(out);
    }
  }
};

/// Accepts a connection, says something that no NATS server would, and hangs up; with nothing to
/// say it waits.
class StrangeServer {
 public:
  explicit StrangeServer(std::string says) : says_(std::move(says)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size) == 0);
    CHECK(::listen(socket_, 16) == 0);
    CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size) == 0);
    url_ = "nats://127.0.0.1:" + std::to_string(ntohs(at.sin_port));
    if (!says_.empty()) thread_ = std::thread([this] { answer(); });
  }
  ~StrangeServer() {
    ::shutdown(socket_, SHUT_RDWR);
    if (thread_.joinable()) thread_.join();
    ::close(socket_);
  }
  const std::string& url() const { return url_; }

 private:
  void answer() {
    while (true) {
      const int one = ::accept(socket_, nullptr, nullptr);
      if (one < 0) return;
      CHECK(::write(one, says_.data(), says_.size()) > 0);
      ::close(one);
    }
  }
  const std::string says_;
  int socket_ = -1;
  std::string url_;
  std::thread thread_;
};

TEST_F(Nats, keys_headers_and_subjects_reach_the_other_side) {
  SourceHarness in(services, source(map({{"subjects", list({name + ".*"})}})));
  ASSERT_TRUE(in.open());
  SinkHarness out(services, sink(map({{"subject", name + ".a"},
                                      {"subject_header", "to"},
                                      {"headers", map({{"team", "blue"}})}})));
  ASSERT_TRUE(out.open());
  out.write(make_batch(services, std::vector<TestRecord>{
      {"one", "k1", kNoEventTime, {{"h", "1"}, {"h", "2"}}},
      {"two", "", kNoEventTime, {{"to", name + ".b"}}},
      {"", "k3"}}));
  ASSERT_TRUE(deliver(out));
  in.pull_threaded(3);
  ASSERT_EQ(in.out.records.size(), 3u);
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"one", "two", ""}));
  EXPECT_EQ(in.out.records[0].key, "k1");
  EXPECT_EQ(in.out.records[0].header("h"), "1");
  EXPECT_EQ(in.out.records[0].header("team"), "blue");
  EXPECT_EQ(in.out.records[0].header(kNatsSubjectHeader), name + ".a");
  EXPECT_FALSE(in.out.records[1].has_key);
  EXPECT_EQ(in.out.records[1].header(kNatsSubjectHeader), name + ".b");
  EXPECT_EQ(in.out.records[2].key, "k3");
  in.close();
  out.close();
}

TEST_F(Nats, a_queue_group_shares_the_messages) {
  const auto bound = source(map({{"subjects", list({name})}, {"queue_group", "g"}}));
  SourceHarness first(services, bound), second(services, bound);
  first.context.tasks = second.context.tasks = 2;
  second.context.task = 1;
  ASSERT_TRUE(first.open());
  ASSERT_TRUE(second.open());
  const auto session = server.session();
  for (int i = 0; i < 1000; ++i) ASSERT_TRUE(session->publish(name, nullptr, std::to_string(i)));
  ASSERT_TRUE(session->flush(seconds(10)));
  while (first.out.records.size() + second.out.records.size() < 1000) {
    ASSERT_TRUE(services.waker.wait());
    while (first.pull().state == Pull::State::kMore) {}
    while (second.pull().state == Pull::State::kMore) {}
  }
  EXPECT_GT(first.out.records.size(), 0u);
  EXPECT_GT(second.out.records.size(), 0u);
  EXPECT_EQ(first.out.records.size() + second.out.records.size(), 1000u);
}

TEST_F(Nats, two_tasks_without_a_queue_group_are_refused) {
  SourceHarness in(services, source(map({{"subjects", list({name})}})));
  in.context.tasks = 2;
  EXPECT_EQ(in.open().error().code, "option-conflict");
}

TEST_F(Nats, what_the_pipeline_cannot_take_is_dropped_and_said) {
  SourceHarness in(services, source(map({{"subjects", list({name})},
                                         {"waiting_bytes_max", "64KiB"}})));
  ASSERT_TRUE(in.open());
  const auto session = server.session();
  const std::string large(10'000, 'x');
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(session->publish(name, nullptr, large));
  ASSERT_TRUE(session->flush(seconds(10)));
  in.pull_threaded(6);
  EXPECT_LT(in.out.records.size(), 20u);
}

TEST_F(Nats, a_record_that_cannot_be_sent_is_rejected_alone) {
  SinkHarness out(services, sink(map({{"subject", name}, {"subject_header", "to"}})));
  ASSERT_TRUE(out.open());
  NatsListener listener(server, name);
  out.write(make_batch(services, std::vector<TestRecord>{
      {"good"},
      {std::string(2 << 20, 'x')},
      {"wild", "", kNoEventTime, {{"to", "a.*"}}},
      {"lines", "", kNoEventTime, {{"h", "a\nb"}}},
      {"good too"}}));
  ASSERT_TRUE(deliver(out));
  ASSERT_EQ(out.out.rejected.size(), 3u);
  std::vector<std::string> codes;
  for (const auto& rejected : out.out.rejected) codes.push_back(rejected.error.code);
  EXPECT_EQ(codes, (std::vector<std::string>{"record-too-large", "bad-subject", "bad-header"}));
  EXPECT_EQ(listener.payloads(), (std::vector<std::string>{"good", "good too"}));
}

TEST_F(Nats, what_was_sent_when_the_server_died_is_sent_to_the_next) {
  NatsTestServer own;
  SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()}})));
  ASSERT_TRUE(out.open());
  own.kill();
  out.write({"a", "b"});
  own.start();
  ASSERT_TRUE(deliver(out));
  out.close();
}

TEST_F(Nats, a_server_that_is_not_there_is_named_within_the_timeout) {
  std::string gone;
  {
    NatsTestServer own;
    gone = own.url();
  }
  SinkHarness out(services, sink(map({{"subject", name}, {"url", gone},
                                      {"connect_timeout", "300ms"}})));
  const auto opened = out.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "nats-unreachable");
  EXPECT_EQ(opened.error().reaction, Reaction::kStopPipeline);
  EXPECT_NE(opened.error().message.find(gone), std::string::npos);
}

TEST_F(Nats, what_is_no_nats_server_is_said_so) {
  const auto problem = [&](const char* says) {
    StrangeServer other(says);
    SinkHarness out(services, sink(map({{"subject", name}, {"url", other.url()},
                                        {"connect_timeout", "300ms"}})));
    const auto opened = out.open();
    return opened ? std::string() : opened.error().code + ": " + opened.error().message;
  };
  EXPECT_NE(problem("HTTP/1.1 400 Bad Request\r\n\r\n").find("is no NATS server"),
            std::string::npos);
  EXPECT_EQ(problem("").find("nats-unreachable: "), 0u);  // it says nothing
}

TEST_F(Nats, a_login_in_the_address_is_not_shown) {
  SinkHarness out(services, sink(map({{"subject", name}, {"url", "nats://me:sesame@127.0.0.1:1"},
                                      {"connect_timeout", "100ms"}})));
  const auto opened = out.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(to_string(opened.error()).find("sesame"), std::string::npos);
  EXPECT_NE(opened.error().message.find("127.0.0.1:1"), std::string::npos);
}

TEST_F(Nats, wrong_credentials_stop_at_once_and_are_not_shown) {
  NatsTestServer own("--user pipe --pass sesame");
  const auto open = [&](const char* password) {
    SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()},
                                        {"auth", map({{"user", "pipe"}, {"password", password}})},
                                        {"connect_timeout", "60s"}})));
    return out.open();
  };
  EXPECT_TRUE(open("sesame"));
  const auto refused = open("open-sesame");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "nats-auth");
  EXPECT_EQ(to_string(refused.error()).find("open-sesame"), std::string::npos);
}

TEST_F(Nats, a_token_logs_in) {
  NatsTestServer own("--auth s3cret");
  SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()},
                                      {"auth", map({{"token", "s3cret"}})}})));
  EXPECT_TRUE(out.open());
}

TEST_F(Nats, certificates_are_checked_on_both_sides) {
  TempFolder folder;
  // One certificate for everybody, which signs itself.
  const std::string make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                           "-keyout " + (folder / "key.pem") + " -out " + (folder / "cert.pem") +
                           " -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
                           "2>/dev/null";
  if (std::system(make.c_str()) != 0) GTEST_SKIP() << "no openssl program here";
  const std::string cert = folder / "cert.pem", key = folder / "key.pem";
  std::ofstream(folder / "tls.conf") << "tls { cert_file: \"" << cert << "\", key_file: \"" << key
                                     << "\", ca_file: \"" << cert << "\", verify: true }\n";
  NatsTestServer own("-c " + (folder / "tls.conf"));
  const std::string url = "tls://localhost" + own.url().substr(own.url().rfind(':'));
  const auto open = [&](Node tls) {
    SinkHarness out(services, sink(map({{"subject", name}, {"url", url}, {"tls", tls},
                                        {"connect_timeout", "1s"}})));
    const auto opened = out.open();
    if (!opened) return opened.error().code;
    out.write({"a"});
    return std::string(deliver(out) ? "delivered" : "not delivered");
  };
  EXPECT_EQ(open(map({{"ca_file", cert}, {"cert_file", cert}, {"key_file", key}})), "delivered");
  EXPECT_EQ(open(map({{"cert_file", cert}, {"key_file", key}})), "nats-tls");  // not trusted
  EXPECT_NE(open(map({{"ca_file", cert}})), "delivered");  // the server wants one of the client
  EXPECT_EQ(open(map({{"ca_file", "/nowhere.pem"}})), "nats-tls");
}

TEST_F(Nats, an_nkey_logs_in_by_signing) {
  const std::string key = "UAMODZXFRGHV2QFNI2E55MEZ6DR3GUAR7R6357BYPFMTR46DORE74SAW";
  TempFolder folder;
  std::ofstream(folder / "nkey.conf") << "authorization { users = [{ nkey: " << key << " }] }\n";
  NatsTestServer own("-c " + (folder / "nkey.conf"));
  SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()},
                                      {"connect_timeout", "60s"},
                                      {"auth", map({{"nkey", "UAAA"}, {"nkey_seed", "SUAA"}})}})));
  const auto refused = out.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reaction, Reaction::kStopPipeline);
}

TEST_F(Nats, a_forbidden_subject_stops_the_pipeline_with_its_name) {
  TempFolder folder;
  const auto write = [&](const std::string& allowed) {
    std::ofstream(folder / "users.conf")
        << "authorization { users = [{ user: u, password: pw, permissions: { publish: ["
        << allowed << "], subscribe: [\"_INBOX.>\"] } }] }\n";
  };
  write("\"" + name + "\"");
  NatsTestServer own("-c " + (folder / "users.conf"));
  const Node login = map({{"user", "u"}, {"password", "pw"}});
  SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()}, {"auth", login}})));
  ASSERT_TRUE(out.open());
  out.write({"allowed"});
  ASSERT_TRUE(deliver(out));
  write("\"other\"");  // taken away while the pipeline runs
  own.reload();
  write_until_refused(out);
  EXPECT_EQ(out.out.errors[0].code, "nats-permission");
  EXPECT_NE(out.out.errors[0].detail.find(name), std::string::npos);
  SourceHarness in(services, source(map({{"subjects", list({name})}, {"url", own.url()},
                                         {"auth", login}})));
  const auto refused = in.open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "nats-permission");
}

TEST_F(Nats, a_user_that_is_taken_away_stops_the_pipeline) {
  TempFolder folder;
  const auto write = [&](const std::string& user) {
    std::ofstream(folder / "users.conf")
        << "authorization { users = [{ user: " << user << ", password: pw }] }\n";
  };
  write("u");
  NatsTestServer own("-c " + (folder / "users.conf"));
  SinkHarness out(services, sink(map({{"subject", name}, {"url", own.url()},
                                      {"auth", map({{"user", "u"}, {"password", "pw"}})}})));
  ASSERT_TRUE(out.open());
  out.write({"allowed"});
  ASSERT_TRUE(deliver(out));
  write("other");
  own.reload();
  write_until_refused(out);
  EXPECT_EQ(out.out.errors[0].code, "nats-auth");
}

TEST_F(Nats, a_subject_without_a_server_is_a_topic_of_this_machine) {
  const auto in = bind(catalog, "nats", ComponentKind::kSource,
                       map({{"subjects", list({"a", "b"})}, {"queue_group", "g"}}));
  ASSERT_TRUE(in->local);
  EXPECT_EQ(in->local->topics, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(in->local->group, "g");
  EXPECT_FALSE(in->local->durable);
  EXPECT_TRUE(bind(catalog, "nats", ComponentKind::kSink, map({{"subject", "a"}}))->local);
  EXPECT_FALSE(sink(map({{"subject", "a"}}))->local);
  EXPECT_NE(bind_problems(catalog, "nats", ComponentKind::kSource,
                          map({{"subjects", list({"a.*"})}})).find("option-conflict"),
            std::string::npos);
}

TEST_F(Nats, options_that_contradict_are_refused) {
  const auto problems = [&](ComponentKind kind, const Node& node) {
    return bind_problems(catalog, "nats", kind, node);
  };
  const auto has = [](const std::string& text, const char* code) {
    return text.find(code) != std::string::npos;
  };
  EXPECT_TRUE(has(problems(ComponentKind::kSink, map({{"subject", "a.*"}})), "bad-subject"));
  EXPECT_TRUE(has(problems(ComponentKind::kSink, map({{"subject", "a..b"}})), "bad-subject"));
  EXPECT_TRUE(has(problems(ComponentKind::kSource, map({{"subjects", list({"a b"})}})),
                  "bad-subject"));
  EXPECT_TRUE(has(problems(ComponentKind::kSource, map({{"subjects", list({">.a"})}})),
                  "bad-subject"));
  EXPECT_EQ(problems(ComponentKind::kSource,
                     map({{"subjects", list({"a.*.>"})}, {"url", "nats://x"}})), "");
  EXPECT_TRUE(has(problems(ComponentKind::kSink, map({{"subject", "a"}, {"url", "http://x"}})),
                  "bad-url"));
  EXPECT_TRUE(has(problems(ComponentKind::kSink, map({{"subject", "a"}, {"url", "nats://x:y"}})),
                  "bad-url"));
  EXPECT_TRUE(has(problems(ComponentKind::kSink, map({{"subject", "a"}, {"url", "nats://:1"}})),
                  "bad-url"));
  EXPECT_EQ(problems(ComponentKind::kSink,
                     map({{"subject", "a"}, {"url", "nats://u:p@[::1]:4222, tls://x"}})), "");
  EXPECT_TRUE(has(problems(ComponentKind::kSink,
                           map({{"subject", "a"},
                                {"auth", map({{"user", "u"}, {"password", "p"},
                                              {"token", "t"}})}})),
                  "option-conflict"));
}

}  // namespace
}  // namespace penstock
