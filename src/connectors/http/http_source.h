// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/secret.h"
#include "connectors/http/intake.h"
#include "net/http_server.h"
#include "sdk/source.h"

namespace penstock {

enum class HttpAnswer : uint8_t { kCommit, kAccept };

struct HttpSourceOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 8080;
  std::string path = "/";
  HttpFraming framing = HttpFraming::kAuto;
  HttpAnswer answer = HttpAnswer::kCommit;
  Secret token;
  std::vector<std::string> keep_headers;
  ByteSize max_body_bytes = mebibytes(16);
  ByteSize max_record_bytes = mebibytes(1);
  ByteSize max_waiting_bytes = mebibytes(64);
  uint32_t max_connections = 1024;
  Duration request_timeout = seconds(30);
  Duration answer_timeout = seconds(60);
  Duration retry_after = seconds(1);
};

const Schema<HttpSourceOptions>& http_source_schema();

/// Serves POST and PUT on a thread of its own. A request is answered when its records have left the
/// source (`accept`) or when they are delivered and committed (`commit`).
class HttpSource final : public Source {
 public:
  explicit HttpSource(std::shared_ptr<const HttpSourceOptions> options);
  ~HttpSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  void stop() override;
  void close() override;

  /// The port it listens on, after open().
  uint16_t port() const { return server_->port(); }

 private:
  void handle(HttpRequest& request, HttpReply reply);
  bool authorized(const HttpRequest& request) const;
  std::string kept_headers(const HttpRequest& request) const;

  const std::shared_ptr<const HttpSourceOptions> options_;
  const std::string authorization_;  // what the field must say; empty = anything
  TaskContext context_;
  std::unique_ptr<HttpIntake> intake_;
  std::unique_ptr<HttpServer> server_;
  uint64_t emitted_ = 0;                   // number of the last record that left
  std::vector<std::string_view> records_;  // the server's thread
};

}  // namespace penstock
