// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats.h"

#include "connectors/nats/nats_sink.h"
#include "connectors/nats/nats_source.h"
#include "sdk/catalog.h"

namespace penstock {

void register_nats(Catalog& catalog) {
  Traits source;
  source.replayable = false;
  source.remembers = false;
  source.limit = "NATS keeps nothing: what is published while nobody listens is lost";
  using SourceOptions = std::shared_ptr<const NatsSourceOptions>;
  using Sources = InstanceFactory<SourceFactory, Source, NatsSourceOptions, NatsSource>;
  catalog.add(component<NatsSourceOptions>(
      ComponentKind::kSource, "nats", "connectors/nats", "Listens to subjects of a NATS server.",
      source, nats_source_options(), [](Bound& bound, SourceOptions options) {
        if (options->url.empty()) {
          bound.local = LocalTopic{options->subjects, options->queue_group, true};
        }
        bound.source = std::make_unique<Sources>(std::move(options));
      }));
  Traits sink;
  sink.confirms = false;
  sink.limit = "the NATS server confirms that it read a message, not that anybody got it";
  using SinkOptions = std::shared_ptr<const NatsSinkOptions>;
  using Sinks = InstanceFactory<SinkFactory, Sink, NatsSinkOptions, NatsSink>;
  catalog.add(component<NatsSinkOptions>(
      ComponentKind::kSink, "nats", "connectors/nats", "Publishes records to a NATS server.", sink,
      nats_sink_options(), [](Bound& bound, SinkOptions options) {
        if (options->url.empty()) bound.local = LocalTopic{{options->subject}, {}, false, false};
        bound.sink = std::make_unique<Sinks>(std::move(options));
      }));
}

}  // namespace penstock
