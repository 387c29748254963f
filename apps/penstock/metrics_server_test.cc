// SPDX-License-Identifier: Apache-2.0
#include "penstock/metrics_server.h"

#include <gtest/gtest.h>

#include "base/metric.h"

namespace penstock {
namespace {

HttpResponse ask(std::string_view method, std::string_view target, RunState state,
                 const std::string& token = "", const HttpFields& fields = {}) {
  std::string body;
  const HttpRequest request{method, target, "127.0.0.1", fields, body};
  return answer_metrics(request, token, [state] {
    MetricsView view{"words", std::make_shared<Plan>(), {}};
    view.status.state = state;
    return std::vector<MetricsView>{view};
  });
}

TEST(MetricsServer, serves_every_pipeline_and_the_process) {
  const HttpResponse response = ask("GET", "/metrics?x=1", RunState::kRunning);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, MetricWriter::kContentType);
  for (const char* part : {"penstock_pipeline_state{pipeline=\"words\",state=\"running\"} 1\n",
                           "process_resident_memory_bytes ", "penstock_build_info{version="}) {
    EXPECT_NE(response.body.find(part), std::string::npos) << part;
  }
}

TEST(MetricsServer, is_healthy_until_something_failed_and_ready_while_it_reads) {
  const struct {
    RunState state;
    int healthz, readyz;
  } table[] = {{RunState::kStarting, 200, 503}, {RunState::kRunning, 200, 200},
               {RunState::kDraining, 200, 503}, {RunState::kDone, 200, 200},
               {RunState::kStopped, 200, 200},  {RunState::kFailed, 503, 503}};
  for (const auto& row : table) {
    EXPECT_EQ(ask("GET", "/healthz", row.state).status, row.healthz);
    EXPECT_EQ(ask("GET", "/readyz", row.state).status, row.readyz);
  }
}

TEST(MetricsServer, asks_for_the_token_where_numbers_are_but_not_for_probes) {
  const auto with = [](const char* value) {
    return ask("GET", "/metrics", RunState::kRunning, "sesame",
               HttpFields{{"Authorization", value}}).status;
  };
  EXPECT_EQ(with("Bearer sesame"), 200);
  EXPECT_EQ(with("bearer sesame"), 200);
  EXPECT_EQ(with("Bearer sesamE"), 401);
  EXPECT_EQ(with("Bearer sesame1"), 401);
  EXPECT_EQ(with("Bearer "), 401);
  EXPECT_EQ(with("Basic sesame"), 401);
  EXPECT_EQ(ask("GET", "/metrics", RunState::kRunning, "sesame").status, 401);
  EXPECT_EQ(ask("GET", "/healthz", RunState::kRunning, "sesame").status, 200);
}

TEST(MetricsServer, refuses_what_it_does_not_have) {
  EXPECT_EQ(ask("GET", "/", RunState::kRunning).status, 404);
  EXPECT_EQ(ask("POST", "/metrics", RunState::kRunning).status, 405);
  EXPECT_EQ(ask("HEAD", "/metrics", RunState::kRunning).status, 200);
}

TEST(MetricsServer, listens_for_others_only_with_a_token) {
  const MetricsSource none = [] { return std::vector<MetricsView>{}; };
  const auto open = serve_metrics({"0.0.0.0", 0}, "", none);
  ASSERT_FALSE(open.has_value());
  EXPECT_EQ(open.error().code, "metrics-open");
  const auto guarded = serve_metrics({"0.0.0.0", 0}, "sesame", none);
  ASSERT_TRUE(guarded.has_value()) << to_string(guarded.error());
  EXPECT_NE((*guarded)->port(), 0);
}

TEST(ListenAddress, is_on_loopback_unless_said_otherwise) {
  const struct {
    const char* text;
    const char* host;
    int port;
  } table[] = {{"9090", "127.0.0.1", 9090},       {":9090", "127.0.0.1", 9090},
               {"0.0.0.0:1", "0.0.0.0", 1},       {"[::1]:65535", "::1", 65535},
               {"localhost:0", "localhost", 0}};
  for (const auto& row : table) {
    const Result<ListenAddress> address = parse_listen_address(row.text);
    ASSERT_TRUE(address.has_value()) << row.text;
    EXPECT_EQ(address->host, row.host);
    EXPECT_EQ(address->port, row.port);
  }
  for (const char* bad : {"", "host", "host:", "host:x", "1:65536", "::1:80", "[]:80", "9090 "}) {
    EXPECT_FALSE(parse_listen_address(bad).has_value()) << bad;
  }
}

}  // namespace
}  // namespace penstock
