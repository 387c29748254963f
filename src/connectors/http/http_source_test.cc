// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_source.h"

#include <gtest/gtest.h>

#include <future>

#include "connectors/http/http.h"
#include "net/http_client.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;
using Payloads = std::vector<std::string>;

class HttpSourceTest : public testing::Test {
 protected:
  HttpSourceTest() { register_http(catalog_); }

  /// Opens the source on a free port with these options besides.
  SourceHarness& open(std::initializer_list<std::pair<std::string, NodeValue>> options) {
    Node node = map(options);
    node.entries.push_back({"port", {}, scalar("0")});
    source_.emplace(services_, bind(catalog_, "http", ComponentKind::kSource, node));
    EXPECT_TRUE(source_->open());
    port_ = static_cast<HttpSource&>(source_->source()).port();
    return *source_;
  }
  std::future<Result<HttpClientResponse>> post(std::string body, HttpFields fields = {},
                                               std::string target = "/",
                                               std::string method = "POST") {
    HttpClientRequest request;
    request.url = *parse_url("http://127.0.0.1:" + std::to_string(port_) + target);
    request.method = std::move(method);
    request.fields = std::move(fields);
    request.body = std::move(body);
    auto promise = std::make_shared<std::promise<Result<HttpClientResponse>>>();
    client_.send(std::move(request), [promise](Result<HttpClientResponse> outcome) {
      promise->set_value(std::move(outcome));
    });
    return promise->get_future();
  }
  /// Of a request that needs no record to move on.
  int status_of(std::future<Result<HttpClientResponse>> answer) {
    auto outcome = answer.get();
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? outcome->status : 0;
  }
  static bool answered(std::future<Result<HttpClientResponse>>& answer) {
    return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  }
  std::string problems(const Node& options) {
    return bind_problems(catalog_, "http", ComponentKind::kSource, options);
  }

  Catalog catalog_;
  Services services_;
  std::optional<SourceHarness> source_;
  uint16_t port_ = 0;
  HttpClient client_;
};

TEST_F(HttpSourceTest, answers_on_commit_and_not_before) {
  SourceHarness& in = open({});
  auto first = post("one");
  in.pull_threaded(1);
  EXPECT_EQ(in.out.payloads(), Payloads{"one"});
  EXPECT_GE(in.out.epoch_requests, 1u);
  Positions at_first = in.barrier();
  auto second = post("two");
  in.pull_threaded(2);
  Positions at_second = in.barrier();
  EXPECT_FALSE(answered(first));
  in.source().committed(at_first);
  EXPECT_EQ(status_of(std::move(first)), 200);
  EXPECT_FALSE(answered(second));
  in.source().committed(at_second);
  EXPECT_EQ(status_of(std::move(second)), 200);
  in.close();
}

TEST_F(HttpSourceTest, answers_on_accept_when_the_records_have_left) {
  SourceHarness& in = open({{"answer", "accept"}});
  auto answer = post("one");
  in.pull_threaded(1);
  auto outcome = answer.get();
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->status, 202);
  EXPECT_EQ(outcome->body, "{\"records\":1}\n");
  EXPECT_EQ(in.out.epoch_requests, 0u);
  in.close();
}

TEST_F(HttpSourceTest, takes_a_record_a_line_or_an_element_each) {
  SourceHarness& in = open({{"answer", "accept"}});
  auto lines = post("a\nb\n\nc\n", {{"Content-Type", "application/x-ndjson"}});
  in.pull_threaded(3);
  EXPECT_EQ(in.out.payloads(), (Payloads{"a", "b", "c"}));
  EXPECT_EQ(in.out.records[2].position, 3);
  EXPECT_EQ(status_of(std::move(lines)), 202);
  in.close();
  SourceHarness& arrays = open({{"answer", "accept"}, {"framing", "json_array"}});
  auto array = post("[{\"a\":1}, 2]");
  arrays.pull_threaded(2);
  EXPECT_EQ(arrays.out.payloads(), (Payloads{"{\"a\":1}", "2"}));
  EXPECT_EQ(status_of(std::move(array)), 202);
  EXPECT_EQ(status_of(post("[1,")), 400);
  EXPECT_EQ(status_of(post("[]")), 200);
  arrays.close();
}

TEST_F(HttpSourceTest, cuts_large_bodies_into_batches_in_order) {
  SourceHarness& in = open({{"framing", "ndjson"}});
  std::string body;
  for (int i = 0; i < 5000; i++) body += "record number " + std::to_string(i) + "\n";
  auto small = post("first");
  in.pull_threaded(1);
  auto large = post(body);
  in.pull_threaded(5001);
  ASSERT_EQ(in.out.records.size(), 5001u);
  for (int i = 0; i < 5000; i++) {
    EXPECT_EQ(in.out.records[i + 1].payload, "record number " + std::to_string(i));
    EXPECT_EQ(in.out.records[i + 1].position, i + 2);
  }
  in.source().committed(in.barrier());
  EXPECT_EQ(large.get()->body, "{\"records\":5000}\n");
  EXPECT_EQ(status_of(std::move(small)), 200);
  in.close();
}

TEST_F(HttpSourceTest, does_not_answer_a_request_of_which_a_part_has_left) {
  SourceHarness& in = open({{"framing", "ndjson"}});
  std::string body;
  for (int i = 0; i < 3000; i++) body += "line\n";
  auto answer = post(body);
  in.pull_threaded(1);
  ASSERT_LT(in.out.records.size(), 3000u);
  in.source().committed(in.barrier());
  EXPECT_FALSE(answered(answer));
  in.pull_threaded(3000);
  in.source().committed(in.barrier());
  EXPECT_EQ(status_of(std::move(answer)), 200);
  in.close();
}

TEST_F(HttpSourceTest, refuses_what_it_cannot_take) {
  SourceHarness& in = open({{"path", "/in"},
                            {"max_body_bytes", "100"},
                            {"max_record_bytes", "10"},
                            {"answer", "accept"}});
  EXPECT_EQ(status_of(post("x", {}, "/other")), 404);
  EXPECT_EQ(status_of(post("", {}, "/in", "GET")), 405);
  EXPECT_EQ(status_of(post("12345678901", {}, "/in")), 413);
  EXPECT_EQ(status_of(post(std::string(101, 'x'), {}, "/in")), 413);
  EXPECT_EQ(status_of(post("x", {{"Content-Encoding", "gzip"}}, "/in")), 415);
  auto good = post("1234567890", {}, "/in?query=is+fine");
  in.pull_threaded(1);
  EXPECT_EQ(status_of(std::move(good)), 202);
  EXPECT_EQ(in.out.payloads(), Payloads{"1234567890"});
  in.close();
}

TEST_F(HttpSourceTest, wants_its_token) {
  SourceHarness& in = open({{"token", "s3cret"}, {"answer", "accept"}});
  EXPECT_EQ(status_of(post("x")), 401);
  EXPECT_EQ(status_of(post("x", {{"Authorization", "Bearer s3creT"}})), 401);
  EXPECT_EQ(status_of(post("x", {{"Authorization", "s3cret"}})), 401);
  auto good = post("x", {{"Authorization", "Bearer s3cret"}});
  in.pull_threaded(1);
  EXPECT_EQ(status_of(std::move(good)), 202);
  EXPECT_EQ(in.out.records.size(), 1u);
  in.close();
}

TEST_F(HttpSourceTest, keeps_the_headers_that_were_asked_for) {
  SourceHarness& in = open({{"keep_headers", list({"X-Id", "X-None"})}});
  auto answer = post("x", {{"x-id", "7"}, {"X-Other", "8"}});
  in.pull_threaded(1);
  ASSERT_EQ(in.out.records.size(), 1u);
  EXPECT_EQ(in.out.records[0].headers,
            (std::vector<std::pair<std::string, std::string>>{{"X-Id", "7"}}));
  in.close();
}

TEST_F(HttpSourceTest, answers_429_while_the_pipeline_is_behind) {
  SourceHarness& in = open({{"max_waiting_bytes", "1KiB"}, {"retry_after", "2s"}});
  auto first = post(std::string(1000, 'a'));
  ASSERT_TRUE(services_.waker.wait());  // it is in the queue
  auto refused = post(std::string(1000, 'b')).get();
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  EXPECT_EQ(refused->fields.find("retry-after"), "2");
  in.pull();
  auto again = post(std::string(1000, 'c'));
  in.pull_threaded(2);
  EXPECT_EQ(in.out.records[1].payload[0], 'c');
  in.close();
}

TEST_F(HttpSourceTest, tells_clients_to_come_again_when_it_stops) {
  SourceHarness& in = open({});
  auto left = post("left");
  in.pull_threaded(1);
  EXPECT_EQ(in.pull().state, Pull::State::kIdle);
  auto waiting = post("waiting");
  ASSERT_TRUE(services_.waker.wait());
  in.source().stop();
  EXPECT_EQ(status_of(std::move(waiting)), 503);
  EXPECT_EQ(status_of(post("new")), 503);
  in.source().committed(in.barrier());
  EXPECT_EQ(status_of(std::move(left)), 200);  // drained: what had left is delivered
  in.source().close();
  EXPECT_EQ(in.out.payloads(), Payloads{"left"});
}

TEST_F(HttpSourceTest, answers_503_for_what_was_not_delivered_when_it_closes) {
  SourceHarness& in = open({});
  auto left = post("left");
  in.pull_threaded(1);
  in.close();
  EXPECT_EQ(status_of(std::move(left)), 503);
}

TEST_F(HttpSourceTest, answers_504_when_delivery_takes_too_long) {
  SourceHarness& in = open({{"answer_timeout", "5s"}});
  auto answer = post("slow");
  in.pull_threaded(1);
  services_.clock.advance_ns(5'000'000'000);
  EXPECT_EQ(status_of(std::move(answer)), 504);
  in.source().committed(in.barrier());
  in.close();
}

TEST_F(HttpSourceTest, listens_beyond_this_machine_only_with_a_token) {
  EXPECT_NE(problems(map({{"host", "0.0.0.0"}})).find("token-required"), std::string::npos);
  EXPECT_EQ(problems(map({{"host", "0.0.0.0"}, {"token", "t"}})), "");
  EXPECT_EQ(problems(map({{"host", "::1"}})), "");
  EXPECT_NE(problems(map({{"path", "in"}})).find("bad-path"), std::string::npos);
}

TEST_F(HttpSourceTest, says_why_it_cannot_listen) {
  open({});
  SourceHarness second(services_, bind(catalog_, "http", ComponentKind::kSource,
                                       map({{"port", static_cast<int>(port_)}})));
  auto opened = second.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "http-listen");
}

}  // namespace
}  // namespace penstock
