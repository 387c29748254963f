// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http.h"

#include "connectors/http/http_sink.h"
#include "connectors/http/http_source.h"
#include "sdk/catalog.h"

namespace penstock {

void register_http(Catalog& catalog) {
  Traits source;
  source.replayable = false;
  source.remembers = false;
  source.single_task = true;
  source.limit = "a request that is not answered 200 has to be sent again by the client";
  using Options = std::shared_ptr<const HttpSourceOptions>;
  using Factory = InstanceFactory<SourceFactory, Source, HttpSourceOptions, HttpSource>;
  catalog.add(component<HttpSourceOptions>(
      ComponentKind::kSource, "http", "connectors/http", "Takes in records that clients POST.",
      source, http_source_schema(), [](Bound& bound, Options options) {
        bound.traits.acknowledges = options->answer == HttpAnswer::kCommit;
        bound.source = std::make_unique<Factory>(std::move(options));
      }));
  Traits sink;
  sink.retries = true;
  using SinkOptions = std::shared_ptr<const HttpSinkOptions>;
  using Sinks = InstanceFactory<SinkFactory, Sink, HttpSinkOptions, HttpSink>;
  catalog.add(component<HttpSinkOptions>(
      ComponentKind::kSink, "http", "connectors/http",
      "Sends records to an HTTP server, many in a request.", sink, http_sink_schema(),
      [](Bound& bound, SinkOptions options) {
        bound.traits.unordered = options->requests_max > 1;
        bound.sink = std::make_unique<Sinks>(std::move(options));
      }));
}

}  // namespace penstock
