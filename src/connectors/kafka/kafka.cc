// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka.h"

#include "connectors/kafka/kafka_sink.h"
#include "connectors/kafka/kafka_source.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

constexpr const char* kFolder = "connectors/kafka";

class KafkaSinkFactory final : public SinkFactory {
 public:
  explicit KafkaSinkFactory(std::shared_ptr<const KafkaSinkOptions> options)
      : options_(std::move(options)), poison_(std::make_shared<KafkaPoison>()) {}
  std::unique_ptr<Sink> create() const override {
    return std::make_unique<KafkaSink>(options_, poison_);
  }

 private:
  std::shared_ptr<const KafkaSinkOptions> options_;
  std::shared_ptr<KafkaPoison> poison_;
};

}  // namespace

void register_kafka(Catalog& catalog) {
  Traits sink;
  sink.two_phase = true;
  using Sources = InstanceFactory<SourceFactory, Source, KafkaSourceOptions, KafkaSource>;
  catalog.add(component<KafkaSourceOptions>(
      ComponentKind::kSource, "kafka", kFolder, "Reads topics of a Kafka cluster.", {},
      kafka_source_options(), [](Bound& bound, std::shared_ptr<const KafkaSourceOptions> options) {
        if (options->brokers.empty()) {
          bound.local = LocalTopic{options->topics, options->group,
                                   options->start == KafkaStart::kLatest, false};
        }
        bound.source = std::make_unique<Sources>(std::move(options));
      }));
  catalog.add(component<KafkaSinkOptions>(
      ComponentKind::kSink, "kafka", kFolder, "Writes to a topic of a Kafka cluster.", sink,
      kafka_sink_options(), [](Bound& bound, std::shared_ptr<const KafkaSinkOptions> options) {
        bound.traits.unordered = !options->idempotent;
        if (options->brokers.empty()) bound.local = LocalTopic{{options->topic}, {}, false, false};
        bound.sink = std::make_unique<KafkaSinkFactory>(std::move(options));
      }));
}

}  // namespace penstock
