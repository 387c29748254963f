// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_server.h"
#include "plan/plan.h"
#include "runtime/status.h"

namespace penstock {

/// One pipeline as the metrics see it.
struct MetricsView {
  std::string name;
  std::shared_ptr<const Plan> plan;
  EngineStatus status;
};
/// Called on a thread of the server.
using MetricsSource = std::function<std::vector<MetricsView>()>;

/// Where to listen: "9090", ":9090", "127.0.0.1:9090", "[::1]:9090", "localhost:9090". Without a
/// host, loopback. Codes: bad-address.
struct ListenAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
};
Result<ListenAddress> parse_listen_address(std::string_view text);

/// Serves /metrics, /healthz and /readyz. `token` guards /metrics if it is not empty; an address
/// that others can reach needs one (code metrics-open).
Result<std::unique_ptr<HttpServer>> serve_metrics(const ListenAddress& address, std::string token,
                                                  MetricsSource source);

/// The answer to one request. Pure but for the process's own numbers.
HttpResponse answer_metrics(const HttpRequest& request, const std::string& token,
                            const MetricsSource& source);

}  // namespace penstock
