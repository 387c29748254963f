// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream.h"

#include "connectors/jetstream/jetstream_sink.h"
#include "connectors/jetstream/jetstream_source.h"
#include "sdk/catalog.h"

namespace penstock {

void register_jetstream(Catalog& catalog) {
  Traits source;
  source.replayable = false;  // the server gives again, not we who read
  source.remembers = false;
  source.acknowledges = true;
  source.identifies = true;
  using SourceOptions = std::shared_ptr<const JetStreamSourceOptions>;
  using Sources = InstanceFactory<SourceFactory, Source, JetStreamSourceOptions, JetStreamSource>;
  catalog.add(component<JetStreamSourceOptions>(
      ComponentKind::kSource, "jetstream", "connectors/jetstream",
      "Reads a stream of a NATS server through a durable consumer.", source,
      jetstream_source_options(), [](Bound& bound, SourceOptions options) {
        if (options->alone) {
          bound.traits.single_task = true;
        } else {
          bound.traits.unordered = true;
          bound.traits.limit = "`alone: true` keeps the order of the stream";
        }
        if (options->url.empty()) {
          bound.local = LocalTopic{options->subjects, options->consumer,
                                   options->start == JetStreamStart::kNew, true};
        }
        bound.source = std::make_unique<Sources>(std::move(options));
      }));
  Traits sink;
  sink.drops_repeats = true;
  using Options = std::shared_ptr<const JetStreamSinkOptions>;
  using Factory = InstanceFactory<SinkFactory, Sink, JetStreamSinkOptions, JetStreamSink>;
  catalog.add(component<JetStreamSinkOptions>(
      ComponentKind::kSink, "jetstream", "connectors/jetstream",
      "Publishes records to a stream of a NATS server.", sink, jetstream_sink_options(),
      [](Bound& bound, Options options) {
        // Only auto asks whether ids are certain; the other ways are the user's word.
        bound.traits.drops_repeats = options->message_id == JetStreamId::kAuto ||
                                     options->message_id == JetStreamId::kPosition;
        if (options->url.empty()) bound.local = LocalTopic{{options->subject}, {}, false, true};
        bound.sink = std::make_unique<Factory>(std::move(options));
      }));
}

}  // namespace penstock
