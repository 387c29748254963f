// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_source.h"

#include <charconv>

#include "net/url.h"
#include "record/headers.h"

namespace penstock {
namespace {

constexpr const char* kPartition = "requests";
constexpr Duration kClosePatience = milliseconds(500);

HttpResponse refusal(int status, std::string text) {
  return {status, std::move(text) + "\n", "text/plain", {}};
}

/// Takes as long whatever the first difference is, so that a token cannot be guessed by time.
bool same_bytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char difference = 0;
  for (size_t i = 0; i < a.size(); i++) difference |= static_cast<unsigned char>(a[i] ^ b[i]);
  return difference == 0;
}

void check_options(const HttpSourceOptions& options, const Position& at,
                   Diagnostics& diagnostics) {
  if (!is_loopback(options.host) && options.token.empty()) {
    diagnostics.error("token-required", at,
                      "host " + options.host + " can be reached from other machines: set a token",
                      "token: ${HTTP_TOKEN}, or host: 127.0.0.1");
  }
  if (options.path.empty() || options.path[0] != '/')
    diagnostics.error("bad-path", at, "path must start with /", "for example path: /events");
}

}  // namespace

const Schema<HttpSourceOptions>& http_source_schema() {
  using O = HttpSourceOptions;
  static const Schema<O> schema(
      {
          field("host", &O::host)
              .about("Name or address to listen on. Beyond this machine only with a token."),
          field("port", &O::port).about("0: any free port; the log says which."),
          field("path", &O::path).about("Requests to other paths are answered 404."),
          field("framing", &O::framing)
              .one_of({{"auto", HttpFraming::kAuto},
                       {"record", HttpFraming::kRecord},
                       {"ndjson", HttpFraming::kNdjson},
                       {"json_array", HttpFraming::kJsonArray}})
              .about("How records lie in a body: one; one a line; the elements of an array. auto: "
                     "one a line if the Content-Type says NDJSON, else one."),
          field("answer", &O::answer)
              .one_of({{"commit", HttpAnswer::kCommit}, {"accept", HttpAnswer::kAccept}})
              .about("commit: answered when delivered, so that 200 means it cannot be lost; "
                     "accept: answered 202 when taken in."),
          field("token", &O::token)
              .about("Clients must send `Authorization: Bearer TOKEN`.")
              .example("${HTTP_TOKEN}"),
          field("keep_headers", &O::keep_headers)
              .about("Request headers that become headers of each record.")
              .example("[\"X-Request-Id\"]"),
          field("max_body_bytes", &O::max_body_bytes)
              .range(ByteSize{1}, mebibytes(1024))
              .about("Larger bodies are answered 413."),
          field("max_record_bytes", &O::max_record_bytes)
              .range(ByteSize{1}, mebibytes(1024))
              .about("A request with a larger record is answered 413."),
          field("max_waiting_bytes", &O::max_waiting_bytes)
              .at_least(kibibytes(1))
              .about("When so much waits for the pipeline, requests are answered 429."),
          field("max_connections", &O::max_connections)
              .range(1, 100'000)
              .about("One more is answered 503."),
          field("request_timeout", &O::request_timeout)
              .at_least(milliseconds(1))
              .about("For a client to send its request."),
          field("answer_timeout", &O::answer_timeout)
              .at_least(milliseconds(1))
              .about("A request whose records are not delivered by then is answered 504."),
          field("retry_after", &O::retry_after)
              .range(seconds(1), seconds(3600))
              .about("What a 429 tells clients to wait; whole seconds."),
      },
      check_options);
  return schema;
}

HttpSource::HttpSource(std::shared_ptr<const HttpSourceOptions> options)
    : options_(std::move(options)),
      authorization_(options_->token.empty() ? "" : "Bearer " + options_->token.reveal()) {}

HttpSource::~HttpSource() {
  server_.reset();  // its thread uses the rest
}

Result<void> HttpSource::open(const TaskContext& context, const Positions&) {
  context_ = context;
  intake_ = std::make_unique<HttpIntake>(
      *context_.pool,
      HttpIntake::Options{options_->max_waiting_bytes.bytes, context_.batch_records_max});
  HttpServerOptions server;
  server.host = options_->host;
  server.port = options_->port;
  server.connections_max = options_->max_connections;
  server.body_bytes_max = options_->max_body_bytes.bytes;
  server.request_timeout = options_->request_timeout;
  server.reply_timeout = options_->answer_timeout;
  server.clock = context_.clock;
  auto started = HttpServer::start(server, [this](HttpRequest& request, HttpReply reply) {
    handle(request, std::move(reply));
  });
  if (!started) return std::move(started).error();
  server_ = std::move(*started);
  Url url;
  url.host = options_->host;
  url.port = server_->port();
  const std::string address = "http://" + url.authority() + options_->path;
  context_.log->info("http source listens", {{"stage", context_.stage}, {"url", address}});
  return {};
}

bool HttpSource::authorized(const HttpRequest& request) const {
  if (authorization_.empty()) return true;
  return same_bytes(request.fields.find("Authorization").value_or(""), authorization_);
}

std::string HttpSource::kept_headers(const HttpRequest& request) const {
  std::string encoded;
  for (const std::string& name : options_->keep_headers)
    if (auto value = request.fields.find(name)) append_header(encoded, name, *value);
  return encoded;
}

/// On the server's thread.
void HttpSource::handle(HttpRequest& request, HttpReply reply) {
  if (path_of(request.target) != options_->path) return reply.send(refusal(404, "no such path"));
  if (request.method != "POST" && request.method != "PUT") {
    HttpResponse response = refusal(405, "send records with POST");
    response.fields.emplace_back("Allow", "POST, PUT");
    return reply.send(std::move(response));
  }
  if (!authorized(request)) {
    HttpResponse response = refusal(401, "send the header Authorization: Bearer TOKEN");
    response.fields.emplace_back("WWW-Authenticate", "Bearer");
    return reply.send(std::move(response));
  }
  if (!equals_ignoring_case(request.fields.find("Content-Encoding").value_or("identity"),
                            "identity"))
    return reply.send(refusal(415, "bodies must not be compressed"));
  const HttpFraming framing =
      framing_of(options_->framing, request.fields.find("Content-Type").value_or(""));
  auto cut = split_body(request.body, framing, options_->max_record_bytes.bytes, records_);
  if (!cut) {
    return reply.send(
        refusal(cut.error().code == "record-too-large" ? 413 : 400, cut.error().message));
  }
  if (records_.empty())
    return reply.send({200, "{\"records\":0}\n", "application/json", {}});
  bool wake = false;
  const auto offer = intake_->offer(records_, kept_headers(request), reply, wake);
  if (offer != HttpIntake::Offer::kTaken) {
    const bool full = offer == HttpIntake::Offer::kFull;
    HttpResponse response = refusal(full ? 429 : 503, full ? "full" : "stopping");
    const int64_t seconds = (options_->retry_after.ms() + 999) / 1000;
    response.fields.emplace_back("Retry-After", std::to_string(seconds));
    return reply.send(std::move(response));
  }
  if (wake) context_.waker->wake();
}

Result<Pull> HttpSource::pull(SourceOutput& out) {
  Batch batch = intake_->take(emitted_);
  if (batch.empty()) return Pull::idle();
  out.emit(std::move(batch));
  if (options_->answer == HttpAnswer::kAccept) {
    intake_->answer(emitted_, 202);
  } else {
    out.request_epoch();
  }
  return Pull::more();
}

Positions HttpSource::positions() {
  return {{kPartition, {std::to_string(emitted_), false}}};
}

void HttpSource::committed(const Positions& positions) {
  const auto it = positions.find(kPartition);
  if (it == positions.end()) return;
  uint64_t last = 0;
  const std::string& text = it->second.value;
  std::from_chars(text.data(), text.data() + text.size(), last);
  intake_->answer(last, 200);
}

void HttpSource::stop() {
  if (intake_) intake_->stop(emitted_);
}

void HttpSource::close() {
  if (!server_) return;
  intake_->stop(0);  // whoever still waits shall not hear that it is delivered
  server_->stop(kClosePatience);
}

}  // namespace penstock
