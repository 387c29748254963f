// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_sink.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kWaitingPostsMax = 4;  // filled ahead of those under way

const char* content_type_of(HttpEnvelope framing) {
  switch (framing) {
    case HttpEnvelope::kNdjson: return "application/x-ndjson";
    case HttpEnvelope::kJsonArray: return "application/json";
    case HttpEnvelope::kRecord: break;
  }
  return "application/octet-stream";
}

void check_options(const HttpSinkOptions& options, const Position& at, Diagnostics& diagnostics) {
  auto url = parse_url(options.url);
  if (!url)
    diagnostics.error(url.error().code, at, "url: " + url.error().message, url.error().hint);
  for (const auto& [name, value] : options.headers) {
    if (!is_field_name(name) || !is_field_value(value))
      diagnostics.error("bad-header", at, "header " + name + " cannot be sent",
                        "names are words like X-Name; values are one line");
  }
}

/// What the outside said, as an error of a record.
Error refused(int status, std::string_view body) {
  Error error = reject_error("http-refused", "the server answered " + std::to_string(status));
  error.detail = body.substr(0, std::min<size_t>(body.find('\n'), 200));
  return error;
}

}  // namespace

const Schema<HttpSinkOptions>& http_sink_schema() {
  using O = HttpSinkOptions;
  static const Schema<O> schema(
      {
          field("url", &O::url)
              .required()
              .about("Where to send; may hold user:password@.")
              .example("http://localhost:8080/events"),
          field("method", &O::method)
              .one_of({{"POST", HttpMethod::kPost}, {"PUT", HttpMethod::kPut}})
              .about("The method of the requests."),
          field("framing", &O::framing)
              .one_of({{"ndjson", HttpEnvelope::kNdjson},
                       {"json_array", HttpEnvelope::kJsonArray},
                       {"record", HttpEnvelope::kRecord}})
              .about("ndjson: a record a line; json_array: the elements of an array; record: one "
                     "request a record."),
          field("content_type", &O::content_type)
              .about("Default: application/x-ndjson, application/json or application/octet-stream, "
                     "by framing."),
          field("headers", &O::headers)
              .about("Further headers of each request.")
              .example("{X-Team: billing}"),
          field("token", &O::token)
              .about("Sent as `Authorization: Bearer TOKEN`.")
              .example("${HTTP_TOKEN}"),
          field("batch_records_max", &O::batch_records_max)
              .range(1, 100'000)
              .about("Records in a request; fewer when no more are there."),
          field("batch_bytes_max", &O::batch_bytes_max)
              .range(ByteSize{1}, mebibytes(1024))
              .about("Payload bytes in a request; a larger record goes alone."),
          field("requests_max", &O::requests_max)
              .range(1, 256)
              .about("Requests under way at a time. More than 1 gives up the order of records."),
          field("timeout", &O::timeout)
              .at_least(milliseconds(1))
              .about("From sending a request to the end of its answer."),
          field("tls_verify", &O::tls_verify).about("Check the certificate of https servers."),
          field("tls_ca_file", &O::tls_ca_file)
              .about("PEM file of certificates to trust instead of the system's."),
      },
      check_options);
  return schema;
}

HttpSink::HttpSink(std::shared_ptr<const HttpSinkOptions> options)
    : options_(std::move(options)) {}
HttpSink::~HttpSink() = default;

Result<void> HttpSink::open(const TaskContext& context) {
  context_ = context;
  auto url = parse_url(options_->url);
  if (!url) return std::move(url).error();
  url_ = std::move(*url);
  fields_.add("Content-Type", options_->content_type.empty() ? content_type_of(options_->framing)
                                                             : options_->content_type);
  for (const auto& [name, value] : options_->headers) fields_.add(name, value);
  for (const auto& [name, value] : options_->more_headers) fields_.add(name, value);
  if (!options_->token.empty()) fields_.add("Authorization", "Bearer " + options_->token.reveal());
  HttpClientOptions client;
  client.connections_per_host_max = options_->requests_max;
  client.tls.verify = options_->tls_verify;
  client.tls.ca_file = options_->tls_ca_file;
  client.clock = context_.clock;
  if (url_.tls) {
    auto trust = TlsContext::create(client.tls);
    if (!trust) return std::move(trust).error();
  }
  client_ = std::make_unique<HttpClient>(client);
  return {};
}

uint32_t HttpSink::post_records_max() const {
  return options_->framing == HttpEnvelope::kRecord ? 1 : options_->batch_records_max;
}

/// Adds a batch to the post that waits last, and to new ones where that is full.
void HttpSink::fill(Batch batch) {
  const uint64_t bytes_max = options_->batch_bytes_max.bytes;
  for (uint32_t at = 0; at < batch.size();) {
    HttpPost* post = posts_.empty() ? nullptr : &posts_.back();
    if (post == nullptr || post->state != HttpPost::State::kWaiting ||
        post->records >= post_records_max() ||
        post->bytes + batch[at].payload_size > bytes_max) {
      post = &posts_.emplace_back();
    }
    uint32_t n = 0;
    uint64_t bytes = post->bytes;
    while (at + n < batch.size() && post->records + n < post_records_max() &&
           (post->records + n == 0 || bytes + batch[at + n].payload_size <= bytes_max)) {
      bytes += batch[at + n].payload_size;
      n++;
    }
    post->add(batch.part(at, n));
    post->bytes = bytes;
    at += n;
    accepted_ += n;
    post->last = accepted_;
  }
}

void HttpSink::write(Batch batch, SinkOutput&) {
  fill(std::move(batch));
  send_ready();
}

void HttpSink::barrier(const Barrier& barrier, SinkOutput& out) {
  barriers_.emplace_back(barrier.epoch, accepted_);
  confirm(out);
}

void HttpSink::send_ready() {
  if (failed_ || context_.clock->monotonic_ns() < not_before_ns_) return;
  for (HttpPost& post : posts_) {
    if (sent_ >= options_->requests_max) return;
    if (post.state == HttpPost::State::kWaiting) send(post);
  }
}

void HttpSink::send(HttpPost& post) {
  post.state = HttpPost::State::kSent;
  post.id = next_id_++;
  sent_++;
  HttpClientRequest request;
  request.url = url_;
  request.method = options_->method == HttpMethod::kPut ? "PUT" : "POST";
  request.fields = fields_;
  request.body = body_of(post, options_->framing);
  request.timeout = options_->timeout;
  client_->send(std::move(request), [this, id = post.id](Result<HttpClientResponse> outcome) {
    bool first;
    {
      std::lock_guard lock(mutex_);
      first = answers_.empty();
      answers_.push_back({id, std::move(outcome)});
    }
    if (first) context_.waker->wake();
  });
}

void HttpSink::on_wake(int64_t, SinkOutput& out) {
  std::vector<Answer> answers;
  {
    std::lock_guard lock(mutex_);
    answers.swap(answers_);
  }
  for (Answer& answer : answers) {
    auto post = std::find_if(posts_.begin(), posts_.end(),
                             [&](const HttpPost& p) { return p.id == answer.id; });
    CHECK(post != posts_.end());
    sent_--;
    settle(*post, answer.outcome, out);
  }
  confirm(out);
  send_ready();
}

/// Decides what became of a post that has its answer.
void HttpSink::settle(HttpPost& post, Result<HttpClientResponse>& outcome, SinkOutput& out) {
  const auto index = static_cast<size_t>(
      std::find_if(posts_.begin(), posts_.end(), [&](auto& p) { return &p == &post; }) -
      posts_.begin());
  if (!outcome) {
    const Error& error = outcome.error();
    if (error.reaction == Reaction::kRetryLater) return hand_back(index, error, out);
    failed_ = true;  // from here on nothing may pass for delivered
    if (error.reaction != Reaction::kCancelled) out.fail(error);
    return;
  }
  const HttpClientResponse& response = *outcome;
  const HttpVerdict verdict = verdict_of(response.status);
  Error error = refused(response.status, response.body);
  if (verdict == HttpVerdict::kDelivered) {
    post.state = HttpPost::State::kDone;
  } else if (verdict == HttpVerdict::kRetry) {
    error.reaction = Reaction::kRetryLater;
    error.code = "http-busy";
    const int64_t wait_s = retry_after_s(response.fields.find("Retry-After").value_or(""),
                                         context_.clock->wall_us() / 1'000'000);
    const int64_t now_ns = context_.clock->monotonic_ns();
    not_before_ns_ = std::max(not_before_ns_, now_ns + wait_s * 1'000'000'000);
    hand_back(index, error, out);
  } else if (verdict == HttpVerdict::kRejectSome && post.records > 1) {
    // One record may spoil the others: halve until it stands alone.
    HttpPost second = post.split();
    post.state = HttpPost::State::kWaiting;
    post.id = 0;
    posts_.insert(posts_.begin() + static_cast<ptrdiff_t>(index) + 1, std::move(second));
  } else {
    if (response.status / 100 == 3) {
      const auto place = response.fields.find("Location").value_or("the new place");
      error.hint = "redirects are not followed: set url to " + std::string(place);
    }
    reject(post, error, out);
  }
}

void HttpSink::reject(HttpPost& post, const Error& error, SinkOutput& out) {
  for (const Batch& batch : post.parts)
    batch.for_each([&](const Record& record) { out.reject(record, batch.epoch(), error); });
  post.state = HttpPost::State::kDone;
}

/// Gives a post back to the engine, to be tried again later, and with it all that wait behind it,
/// so that none overtakes.
void HttpSink::hand_back(size_t from, const Error& error, SinkOutput& out) {
  for (size_t i = from; i < posts_.size(); i++) {
    HttpPost& post = posts_[i];
    if (i != from && post.state != HttpPost::State::kWaiting) continue;
    for (Batch& batch : post.parts) {
      if (i == from) {
        out.retry(std::move(batch), error);
      } else {
        out.retry_untried(std::move(batch), error);
      }
    }
    post.parts.clear();
    post.state = HttpPost::State::kDone;
  }
}

/// Forgets what is done at the front, and tells the barriers that it frees.
void HttpSink::confirm(SinkOutput& out) {
  if (failed_) return;
  while (!posts_.empty() && posts_.front().state == HttpPost::State::kDone) {
    confirmed_ = posts_.front().last;
    posts_.pop_front();
  }
  if (posts_.empty()) confirmed_ = accepted_;
  Epoch delivered = 0;
  while (!barriers_.empty() && barriers_.front().second <= confirmed_) {
    delivered = barriers_.front().first;
    barriers_.pop_front();
  }
  if (delivered > 0) out.delivered(delivered);
}

int64_t HttpSink::next_timer_ns() const {
  const bool held = std::any_of(posts_.begin(), posts_.end(), [](const HttpPost& post) {
    return post.state == HttpPost::State::kWaiting;
  });
  return held && not_before_ns_ > 0 && sent_ < options_->requests_max ? not_before_ns_ : kNever;
}

bool HttpSink::full() const { return posts_.size() >= sent_ + kWaitingPostsMax; }

void HttpSink::close() { client_.reset(); }

}  // namespace penstock
