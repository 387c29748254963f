// SPDX-License-Identifier: Apache-2.0
#include "connectors/http_sink/http_sink_flow.h"

#include <gtest/gtest.h>

#include <future>

#include "net/http_server.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

struct Heard {
  std::string method, body, content_type, team;
};

TEST(FlowHttpSink, sends_each_record_as_flow_pipe_does) {
  std::promise<Heard> promise;
  auto server = HttpServer::start({}, [&](HttpRequest& request, HttpReply reply) {
    std::string teams;
    for (size_t i = 0; i < request.fields.size(); i++)
      if (request.fields.name(i) == "X-Team") teams += request.fields.value(i);
    promise.set_value({std::string(request.method), request.body,
                       std::string(request.fields.find("Content-Type").value_or("")), teams});
    reply.send(200);
  });
  ASSERT_TRUE(server);
  Catalog catalog;
  register_http_sink(catalog);
  Services services;
  const std::string url = "http://127.0.0.1:" + std::to_string((*server)->port()) + "/";
  SinkHarness sink(services,
                   bind(catalog, "http_sink", ComponentKind::kSink,
                        map({{"url", url},
                             {"method", "PUT"},
                             {"content_type", "text/plain"},
                             {"timeout_ms", 5000},
                             {"headers", list({map({{"name", "X-Team"}, {"value", "a"}}),
                                               map({{"name", "X-Team"}, {"value", "b"}})})}})));
  ASSERT_TRUE(sink.open());
  sink.write({"payload"});
  const Epoch epoch = sink.barrier();
  while (sink.out.newest_delivered() < epoch) {
    ASSERT_TRUE(services.waker.wait());
    sink.wake();
  }
  const Heard heard = promise.get_future().get();
  EXPECT_EQ(heard.method, "PUT");
  EXPECT_EQ(heard.body, "payload");
  EXPECT_EQ(heard.content_type, "text/plain");
  EXPECT_EQ(heard.team, "ab");
}

TEST(FlowHttpSink, accepts_the_keys_of_the_plugin_and_no_others) {
  Catalog catalog;
  register_http_sink(catalog);
  auto problems = [&](const Node& options) {
    return bind_problems(catalog, "http_sink", ComponentKind::kSink, options);
  };
  EXPECT_EQ(problems(map({{"url", "http://a"}, {"method", "1"}, {"timeoutMs", "100"}})), "");
  EXPECT_NE(problems(map({})).find("url"), std::string::npos);
  EXPECT_NE(problems(map({{"url", "a"}})).find("bad-url"), std::string::npos);
  EXPECT_NE(problems(map({{"url", "http://a"}, {"method", "GET"}})), "");
  EXPECT_NE(problems(map({{"url", "http://a"}, {"timeout_ms", 0}})), "");
  EXPECT_NE(problems(map({{"url", "http://a"}, {"framing", "ndjson"}})), "");
  EXPECT_NE(problems(map({{"url", "http://a"},
                          {"headers", list({map({{"name", "a b"}, {"value", "c"}})})}})),
            "");
}

}  // namespace
}  // namespace penstock
