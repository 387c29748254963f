// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_sink.h"

#include <gtest/gtest.h>

#include <condition_variable>

#include "connectors/http/http.h"
#include "net/http_server.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Payloads = std::vector<std::string>;

/// The outside: keeps what it hears and answers as the test says.
class Outside {
 public:
  Outside() {
    auto server = HttpServer::start(
        {}, [this](HttpRequest& request, HttpReply reply) { hear(request, std::move(reply)); });
    EXPECT_TRUE(server);
    server_ = std::move(*server);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/in"; }
  /// Says what to answer to a body; 200 unless set.
  void answer_with(std::function<HttpResponse(const std::string& body)> answer) {
    std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
  }
  void answer_all(int status) {
    answer_with([status](const std::string&) { return HttpResponse{status, "", "", {}}; });
  }
  /// Keeps replies until release().
  void hold() {
    std::lock_guard lock(mutex_);
    holding_ = true;
  }
  void release() {
    std::lock_guard lock(mutex_);
    holding_ = false;
    for (HttpReply& reply : held_) reply.send(200);
    held_.clear();
  }
  void wait_for(size_t requests) {
    std::unique_lock lock(mutex_);
    heard_.wait(lock, [&] { return bodies_.size() >= requests; });
  }
  Payloads bodies() {
    std::lock_guard lock(mutex_);
    return bodies_;
  }
  std::string field(const std::string& name) {
    std::lock_guard lock(mutex_);
    return std::string(fields_.find(name).value_or(""));
  }
  std::string method() {
    std::lock_guard lock(mutex_);
    return method_;
  }

 private:
  void hear(HttpRequest& request, HttpReply reply) {
    std::lock_guard lock(mutex_);
    bodies_.push_back(request.body);
    fields_ = request.fields;
    method_ = request.method;
    heard_.notify_all();
    if (holding_) {
      held_.push_back(std::move(reply));
    } else {
      reply.send(answer_ ? answer_(request.body) : HttpResponse{});
    }
  }
  std::mutex mutex_;
  std::condition_variable heard_;
  // Guarded by mutex_:
  std::function<HttpResponse(const std::string&)> answer_;
  Payloads bodies_;
  HttpFields fields_;
  std::string method_;
  bool holding_ = false;
  std::vector<HttpReply> held_;
  std::unique_ptr<HttpServer> server_;
};

class HttpSinkTest : public testing::Test {
 protected:
  HttpSinkTest() { register_http(catalog_); }
  SinkHarness& open(std::initializer_list<std::pair<std::string, NodeValue>> options) {
    Node node = map(options);
    if (node.find("url") == nullptr) node.entries.push_back({"url", {}, scalar(outside_.url())});
    sink_.emplace(services_, bind(catalog_, "http", ComponentKind::kSink, node));
    EXPECT_TRUE(sink_->open());
    return *sink_;
  }
  /// Closes the epoch and waits until it is delivered.
  void deliver() {
    const Epoch epoch = sink_->barrier();
    while (sink_->out.newest_delivered() < epoch && sink_->out.errors.empty()) {
      ASSERT_TRUE(services_.waker.wait());
      sink_->wake();
    }
  }

  Catalog catalog_;
  Services services_;
  Outside outside_;
  std::optional<SinkHarness> sink_;
};

TEST_F(HttpSinkTest, sends_a_batch_in_one_request) {
  SinkHarness& sink = open({{"token", "t"}, {"headers", map({{"X-Team", "a"}})}});
  sink.write({"one", "two"});
  deliver();
  EXPECT_EQ(outside_.bodies(), Payloads{"one\ntwo\n"});
  EXPECT_EQ(outside_.method(), "POST");
  EXPECT_EQ(outside_.field("content-type"), "application/x-ndjson");
  EXPECT_EQ(outside_.field("authorization"), "Bearer t");
  EXPECT_EQ(outside_.field("x-team"), "a");
  EXPECT_EQ(services_.pool.outstanding(), 0u);
}

TEST_F(HttpSinkTest, puts_records_into_an_array_or_alone) {
  open({{"framing", "json_array"}, {"method", "PUT"}}).write({"1", "{}"});
  deliver();
  EXPECT_EQ(outside_.bodies(), Payloads{"[1,{}]"});
  EXPECT_EQ(outside_.method(), "PUT");
  open({{"framing", "record"}, {"content_type", "text/plain"}}).write({"a", "b\n", ""});
  deliver();
  EXPECT_EQ(outside_.bodies(), (Payloads{"[1,{}]", "a", "b\n", ""}));
  EXPECT_EQ(outside_.field("content-type"), "text/plain");
}

TEST_F(HttpSinkTest, confirms_an_epoch_when_the_server_has_answered_and_not_before) {
  SinkHarness& sink = open({});
  outside_.hold();
  sink.write({"a"});
  const Epoch first = sink.barrier();
  outside_.wait_for(1);
  sink.wake();
  EXPECT_EQ(sink.out.newest_delivered(), 0u);
  sink.write({"b"});
  outside_.release();
  while (sink.out.newest_delivered() < first) {
    ASSERT_TRUE(services_.waker.wait());
    sink.wake();
  }
  deliver();
  EXPECT_EQ(sink.out.newest_delivered(), first + 1);
}

TEST_F(HttpSinkTest, confirms_an_empty_epoch_at_once) {
  SinkHarness& sink = open({});
  const Epoch epoch = sink.barrier();
  EXPECT_EQ(sink.out.newest_delivered(), epoch);
}

TEST_F(HttpSinkTest, fills_the_next_request_while_one_is_under_way) {
  SinkHarness& sink = open({{"batch_records_max", "3"}});
  outside_.hold();
  sink.write({"a"});
  outside_.wait_for(1);
  sink.write({"b", "c"});
  sink.write({"d", "e"});
  EXPECT_FALSE(sink.sink().full());
  outside_.release();
  deliver();
  EXPECT_EQ(outside_.bodies(), (Payloads{"a\n", "b\nc\nd\n", "e\n"}));
}

TEST_F(HttpSinkTest, cuts_requests_by_bytes_and_lets_large_records_go_alone) {
  SinkHarness& sink = open({{"batch_bytes_max", "4"}});
  sink.write({"12", "34", "5", "123456", "7"});
  deliver();
  EXPECT_EQ(outside_.bodies(), (Payloads{"12\n34\n", "5\n", "123456\n", "7\n"}));
}

TEST_F(HttpSinkTest, says_that_it_is_full_before_it_takes_too_much) {
  SinkHarness& sink = open({{"framing", "record"}});
  outside_.hold();
  sink.write({"a", "b", "c", "d"});
  EXPECT_FALSE(sink.sink().full());
  sink.write({"e"});
  EXPECT_TRUE(sink.sink().full());
  outside_.release();
  deliver();
  EXPECT_FALSE(sink.sink().full());
}

TEST_F(HttpSinkTest, hands_back_what_the_server_was_too_busy_for_and_all_behind_it) {
  SinkHarness& sink = open({{"batch_records_max", "1"}});
  outside_.answer_with([](const std::string& body) {
    return HttpResponse{body == "b\n" ? 503 : 200, "", "", {}};
  });
  sink.write({"a", "b", "c"});
  deliver();
  EXPECT_EQ(outside_.bodies(), (Payloads{"a\n", "b\n"}));
  ASSERT_EQ(sink.out.retried.size(), 2u);
  EXPECT_EQ(sink.out.retried[0].record.payload, "b");
  EXPECT_EQ(sink.out.retried[1].record.payload, "c");
  EXPECT_EQ(sink.out.retried[0].error.code, "http-busy");
  EXPECT_TRUE(sink.out.rejected.empty());
}

TEST_F(HttpSinkTest, waits_as_long_as_the_server_asks) {
  SinkHarness& sink = open({});
  outside_.answer_with([](const std::string&) {
    return HttpResponse{429, "", "", {{"Retry-After", "3"}}};
  });
  sink.write({"a"});
  deliver();
  EXPECT_EQ(sink.out.retried.size(), 1u);
  outside_.answer_all(200);
  sink.write({"a"});
  EXPECT_EQ(sink.sink().next_timer_ns(), services_.clock.monotonic_ns() + 3'000'000'000);
  sink.advance(seconds(2));
  EXPECT_EQ(outside_.bodies().size(), 1u);
  sink.advance(seconds(1));
  deliver();
  EXPECT_EQ(outside_.bodies().size(), 2u);
}

TEST_F(HttpSinkTest, finds_the_record_that_the_server_refuses) {
  SinkHarness& sink = open({});
  outside_.answer_with([](const std::string& body) {
    const bool bad = body.find("bad") != std::string::npos;
    return HttpResponse{bad ? 422 : 200, bad ? "no such field\nmore" : "", "", {}};
  });
  sink.write({"1", "2", "bad", "4", "5", "6", "7"});
  deliver();
  ASSERT_EQ(sink.out.rejected.size(), 1u);
  EXPECT_EQ(sink.out.rejected[0].record.payload, "bad");
  EXPECT_EQ(sink.out.rejected[0].error.code, "http-refused");
  EXPECT_EQ(sink.out.rejected[0].error.detail, "no such field");
  std::string taken;
  for (const std::string& body : outside_.bodies())
    if (body.find("bad") == std::string::npos) taken += body;
  EXPECT_EQ(taken, "1\n2\n4\n5\n6\n7\n");
}

TEST_F(HttpSinkTest, rejects_all_records_where_none_can_succeed) {
  for (int status : {301, 401, 404}) {
    SinkHarness& sink = open({});
    outside_.answer_all(status);
    sink.write({"a", "b"});
    deliver();
    EXPECT_EQ(sink.out.rejected.size(), 2u) << status;
  }
  EXPECT_EQ(outside_.bodies().size(), 3u);
}

TEST_F(HttpSinkTest, hands_back_records_when_nobody_listens) {
  std::string url;
  {
    Outside gone;
    url = gone.url();
  }
  SinkHarness& sink = open({{"url", url}});
  sink.write({"a", "b"});
  deliver();
  ASSERT_EQ(sink.out.retried.size(), 2u);
  EXPECT_EQ(sink.out.retried[0].error.code, "http-connect");
}

TEST_F(HttpSinkTest, confirms_nothing_after_a_failure_that_is_not_of_the_records) {
  std::string url = outside_.url();
  url.insert(4, "s");  // speaks no TLS
  SinkHarness& sink = open({{"url", url}});
  sink.write({"a"});
  deliver();
  ASSERT_EQ(sink.out.errors.size(), 1u);
  EXPECT_EQ(sink.out.errors[0].code, "tls-refused");
  sink.barrier();
  EXPECT_TRUE(sink.out.delivered.empty());
}

TEST_F(HttpSinkTest, confirms_in_order_when_several_requests_are_under_way) {
  SinkHarness& sink = open({{"requests_max", "4"}, {"framing", "record"}});
  Payloads sent;
  for (int i = 0; i < 200; i++) sent.push_back(std::to_string(i));
  sink.write(sent);
  deliver();
  Payloads heard = outside_.bodies();
  std::sort(heard.begin(), heard.end());
  std::sort(sent.begin(), sent.end());
  EXPECT_EQ(heard, sent);
}

TEST_F(HttpSinkTest, checks_its_options) {
  auto problems = [&](const Node& options) {
    return bind_problems(catalog_, "http", ComponentKind::kSink, options);
  };
  EXPECT_NE(problems(map({})).find("url"), std::string::npos);
  EXPECT_NE(problems(map({{"url", "localhost:80"}})).find("bad-url"), std::string::npos);
  EXPECT_NE(problems(map({{"url", "http://a"}, {"headers", map({{"a b", "c"}})}}))
                .find("bad-header"),
            std::string::npos);
  EXPECT_EQ(problems(map({{"url", "https://a/b"}})), "");
}

TEST(HttpPost, is_split_in_the_middle_of_its_records) {
  Services services;
  HttpPost post;
  post.add(make_batch(services, Payloads{"a", "b", "c"}));
  post.add(make_batch(services, Payloads{"d", "e"}));
  post.last = 10;
  HttpPost second = post.split();
  EXPECT_EQ(body_of(post, HttpEnvelope::kNdjson), "a\nb\n");
  EXPECT_EQ(body_of(second, HttpEnvelope::kNdjson), "c\nd\ne\n");
  EXPECT_EQ(post.last, 7u);
  EXPECT_EQ(second.last, 10u);
}

TEST(HttpPost, statuses_have_a_meaning) {
  for (int status : {200, 201, 202, 204}) EXPECT_EQ(verdict_of(status), HttpVerdict::kDelivered);
  for (int status : {408, 425, 429, 500, 502, 503, 504})
    EXPECT_EQ(verdict_of(status), HttpVerdict::kRetry);
  for (int status : {400, 413, 422}) EXPECT_EQ(verdict_of(status), HttpVerdict::kRejectSome);
  for (int status : {301, 304, 401, 403, 404, 409, 415})
    EXPECT_EQ(verdict_of(status), HttpVerdict::kReject);
}

TEST(HttpPost, retry_after_is_a_number_or_a_date) {
  EXPECT_EQ(retry_after_s("120", 0), 120);
  EXPECT_EQ(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 - 5), 5);
  EXPECT_EQ(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 5), 0);
  EXPECT_EQ(retry_after_s("99999", 0), 3600);
  for (const char* text : {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994"})
    EXPECT_EQ(retry_after_s(text, 0), 0) << text;
}

}  // namespace
}  // namespace penstock
