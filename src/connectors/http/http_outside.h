// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "net/http_server.h"

namespace penstock {

/// For conformance tests: a server that keeps the bodies it hears and answers 200. Thread-safe.
class HttpOutside {
 public:
  HttpOutside() {
    auto server = HttpServer::start({}, [this](HttpRequest& request, HttpReply reply) {
      std::lock_guard lock(mutex_);
      bodies_.push_back(request.body);
      reply.send(200);
    });
    CHECK(server.has_value());
    server_ = std::move(*server);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()) + "/"; }
  std::vector<std::string> bodies() {
    std::lock_guard lock(mutex_);
    return bodies_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> bodies_;  // guarded by mutex_
  std::unique_ptr<HttpServer> server_;
};

}  // namespace penstock
