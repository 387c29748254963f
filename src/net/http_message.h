// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/http_fields.h"

namespace penstock {

/// What a handler sees. Views are valid until the handler returns; the body may be moved out.
struct HttpRequest {
  std::string_view method;
  std::string_view target;  ///< path and query, not decoded; see path_of() and query_value()
  std::string_view remote;  ///< the client's address, without port
  const HttpFields& fields;
  std::string& body;
};

struct HttpResponse {
  int status = 200;
  std::string body;
  std::string content_type;  ///< no field if empty
  std::vector<std::pair<std::string, std::string>> fields;  ///< further fields, e.g. Retry-After
};

/// Where an answer goes: a server's connection (or a test).
class HttpReplyTarget {
 public:
  virtual ~HttpReplyTarget() = default;
  /// Any thread. An answer to a request that is gone is dropped.
  virtual void answer(uint64_t request, HttpResponse response) = 0;
};

/// The right and duty to answer one request, now or later, on any thread. Answers 503 if it is
/// dropped unused. May outlive the server: then the answer goes nowhere.
class HttpReply {
 public:
  HttpReply() = default;
  HttpReply(std::shared_ptr<HttpReplyTarget> target, uint64_t request)
      : target_(std::move(target)), request_(request) {}
  HttpReply(HttpReply&&) = default;
  HttpReply& operator=(HttpReply&& other);
  ~HttpReply();
  /// REQUIRES: not sent yet.
  void send(HttpResponse response);
  void send(int status, std::string body = {}) { send({status, std::move(body), {}, {}}); }
  bool pending() const { return target_ != nullptr; }

 private:
  std::shared_ptr<HttpReplyTarget> target_;
  uint64_t request_ = 0;
};

/// Runs on a thread of the server: must not block. Requests of one connection come one at a time.
using HttpHandler = std::function<void(HttpRequest&, HttpReply)>;

}  // namespace penstock
