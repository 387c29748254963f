// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic.h"

#include "connectors/topiclog/topic_sink.h"
#include "connectors/topiclog/topic_source.h"
#include "sdk/catalog.h"

namespace penstock {
namespace {

constexpr const char* kFolder = "connectors/topiclog";

class TopicSourceFactory final : public SourceFactory {
 public:
  explicit TopicSourceFactory(std::shared_ptr<const TopicSourceOptions> options)
      : options_(std::move(options)), meeting_(std::make_shared<TopicGroupMeeting>()) {}
  std::unique_ptr<Source> create() const override {
    return std::make_unique<TopicSource>(options_, meeting_);
  }

 private:
  std::shared_ptr<const TopicSourceOptions> options_;
  std::shared_ptr<TopicGroupMeeting> meeting_;
};

class TopicSinkFactory final : public SinkFactory {
 public:
  explicit TopicSinkFactory(std::shared_ptr<const TopicSinkOptions> options)
      : options_(std::move(options)), meeting_(std::make_shared<TopicWriterMeeting>()) {}
  std::unique_ptr<Sink> create() const override {
    return std::make_unique<TopicSink>(options_, meeting_);
  }

 private:
  std::shared_ptr<const TopicSinkOptions> options_;
  std::shared_ptr<TopicWriterMeeting> meeting_;
};

}  // namespace

void register_topic(Catalog& catalog) {
  Traits source;
  source.offsets = true;
  catalog.add(component<TopicSourceOptions>(
      ComponentKind::kSource, "topic", kFolder, "Reads a topic of the durable log on this machine.",
      source, topic_source_options(),
      [](Bound& bound, std::shared_ptr<const TopicSourceOptions> options) {
        bound.source = std::make_unique<TopicSourceFactory>(std::move(options));
      }));
  Traits traits;
  traits.two_phase = true;
  catalog.add(component<TopicSinkOptions>(
      ComponentKind::kSink, "topic", kFolder,
      "Appends to a topic of the durable log on this machine.",
      traits, topic_sink_options(),
      [](Bound& bound, std::shared_ptr<const TopicSinkOptions> options) {
        bound.sink = std::make_unique<TopicSinkFactory>(std::move(options));
      }));
}

}  // namespace penstock
