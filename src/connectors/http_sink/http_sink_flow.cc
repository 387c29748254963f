// SPDX-License-Identifier: Apache-2.0
#include "connectors/http_sink/http_sink_flow.h"

#include "connectors/http/http_sink.h"
#include "net/url.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

struct HeaderOption {
  std::string name;
  std::string value;
};

struct Options {
  std::string url;
  HttpMethod method = HttpMethod::kPost;
  std::string content_type = "application/octet-stream";
  int64_t timeout_ms = 30'000;
  std::vector<HeaderOption> headers;
};

const Schema<HeaderOption>& header_schema() {
  using O = HeaderOption;
  static const Schema<O> schema({
      field("name", &O::name).required().about("A field name."),
      field("value", &O::value).about("One line."),
  });
  return schema;
}

void check_options(const Options& options, const Position& at, Diagnostics& diagnostics) {
  auto url = parse_url(options.url);
  if (!url)
    diagnostics.error(url.error().code, at, "url: " + url.error().message, url.error().hint);
  for (const HeaderOption& header : options.headers) {
    if (!is_field_name(header.name) || !is_field_value(header.value))
      diagnostics.error("bad-header", at, "header " + header.name + " cannot be sent",
                        "names are words like X-Name; values are one line");
  }
}

const Schema<Options>& schema() {
  using O = Options;
  static const Schema<O> schema(
      {
          field("url", &O::url)
              .required()
              .about("Where to send.")
              .example("http://localhost:8080/events"),
          field("method", &O::method)
              .one_of({{"POST", HttpMethod::kPost}, {"PUT", HttpMethod::kPut}})
              .numbered()
              .about("The method of the requests."),
          field("content_type", &O::content_type).about("The Content-Type of the requests."),
          field("timeout_ms", &O::timeout_ms)
              .range(1, 86'400'000)
              .about("Milliseconds from sending a request to the end of its answer."),
          field("headers", &O::headers, header_schema()).about("Further headers, in order."),
      },
      check_options);
  return schema;
}

class Factory final : public SinkFactory {
 public:
  explicit Factory(const Options& options) {
    auto made = std::make_shared<HttpSinkOptions>();
    made->url = options.url;
    made->method = options.method;
    made->framing = HttpEnvelope::kRecord;
    made->content_type = options.content_type;
    made->timeout = milliseconds(options.timeout_ms);
    for (const HeaderOption& header : options.headers)
      made->more_headers.emplace_back(header.name, header.value);
    options_ = std::move(made);
  }
  std::unique_ptr<Sink> create() const override { return std::make_unique<HttpSink>(options_); }

 private:
  std::shared_ptr<const HttpSinkOptions> options_;
};

}  // namespace

void register_http_sink(Catalog& catalog) {
  Traits traits;
  traits.retries = true;
  catalog.add(component<Options>(
      ComponentKind::kSink, "http_sink", "connectors/http_sink",
      "Sends each record in a request of its own (flow-pipe).", traits, schema(),
      [](Bound& bound, std::shared_ptr<const Options> options) {
        bound.sink = std::make_unique<Factory>(*options);
      }));
}

}  // namespace penstock
