// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "config/schema.h"
#include "config/secret.h"
#include "connectors/http/http_post.h"
#include "net/http_client.h"
#include "sdk/sink.h"

namespace penstock {

enum class HttpMethod : uint8_t { kPost, kPut };

struct HttpSinkOptions {
  std::string url;
  HttpMethod method = HttpMethod::kPost;
  HttpEnvelope framing = HttpEnvelope::kNdjson;
  std::string content_type;
  std::map<std::string, std::string> headers;
  std::vector<std::pair<std::string, std::string>> more_headers;  ///< names may repeat; no option
  Secret token;
  uint32_t batch_records_max = 500;
  ByteSize batch_bytes_max = mebibytes(1);
  uint32_t requests_max = 1;
  Duration timeout = seconds(30);
  bool tls_verify = true;
  std::string tls_ca_file;
};

const Schema<HttpSinkOptions>& http_sink_schema();

/// Sends records in requests: one after another, or several at a time where order does not matter.
/// While a request is under way the next one fills; nothing waits for a timer.
class HttpSink final : public Sink {
 public:
  explicit HttpSink(std::shared_ptr<const HttpSinkOptions> options);
  ~HttpSink() override;
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override;
  bool full() const override;
  void close() override;

 private:
  struct Answer {
    uint64_t id;
    Result<HttpClientResponse> outcome;
  };
  void fill(Batch batch);
  void send_ready();
  void send(HttpPost& post);
  void settle(HttpPost& post, Result<HttpClientResponse>& outcome, SinkOutput& out);
  void reject(HttpPost& post, const Error& error, SinkOutput& out);
  void hand_back(size_t from, const Error& error, SinkOutput& out);
  void confirm(SinkOutput& out);
  uint32_t post_records_max() const;

  const std::shared_ptr<const HttpSinkOptions> options_;
  TaskContext context_;
  Url url_;
  HttpFields fields_;
  std::deque<HttpPost> posts_;  // in the order of their records; the front ones may be sent
  std::deque<std::pair<Epoch, uint64_t>> barriers_;  // epoch, number of the last record before it
  uint64_t accepted_ = 0;
  uint64_t confirmed_ = 0;
  uint64_t next_id_ = 1;
  uint32_t sent_ = 0;             // posts under way
  int64_t not_before_ns_ = 0;     // the server asked to wait until then
  bool failed_ = false;
  std::mutex mutex_;
  std::vector<Answer> answers_;   // guarded by mutex_
  std::unique_ptr<HttpClient> client_;  // last: its thread uses what stands above
};

}  // namespace penstock
