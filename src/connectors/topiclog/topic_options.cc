// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic_options.h"

#include <charconv>

#include "topiclog/settings.h"

namespace penstock {
namespace {

void check_name(const std::string& name, const char* what, const Position& at,
                Diagnostics& diagnostics) {
  if (const Result<void> good = check_topic_name(name, what); !good) {
    diagnostics.error(good.error().code, at, good.error().message, good.error().hint);
  }
}

bool is_partition(const std::string& text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() && number < kPartitionsMax;
}

void check_source(const TopicSourceOptions& options, const Position& at,
                  Diagnostics& diagnostics) {
  check_name(options.topic, "topic", at, diagnostics);
  if (!options.group.empty()) check_name(options.group, "group", at, diagnostics);
  if (options.start != TopicStart::kTime && options.start_time_ms != 0) {
    diagnostics.error("option-conflict", at, "start_time_ms needs start: time");
  }
  if (options.start != TopicStart::kOffsets && !options.start_offsets.empty()) {
    diagnostics.error("option-conflict", at, "start_offsets needs start: offsets");
  }
  for (const auto& [partition, offset] : options.start_offsets) {
    if (is_partition(partition)) continue;
    diagnostics.error("bad-number", at, "start_offsets names a partition '" + partition + "'",
                      "partitions are numbers from 0");
  }
}

void check_sink(const TopicSinkOptions& options, const Position& at, Diagnostics& diagnostics) {
  check_name(options.topic, "topic", at, diagnostics);
  if (!options.transaction.empty()) check_name(options.transaction, "transaction", at, diagnostics);
}

}  // namespace

const Schema<TopicSourceOptions>& topic_source_options() {
  using O = TopicSourceOptions;
  static const Schema<O> schema(
      {
          field("topic", &O::topic).required().example("orders").about("The topic's name."),
          field("folder", &O::folder)
              .about("The folder of all topics. Default: PENSTOCK_TOPICS, or "
                     "~/.local/share/penstock/topics."),
          field("group", &O::group)
              .about("Consumer group: commits are noted in the topic as well, for `penstock topic "
                     "describe` and for other pipelines that take over; one pipeline at a time "
                     "reads as a group."),
          field("create", &O::create)
              .about("Makes the topic, with `partitions`, if it is not there."),
          field("partitions", &O::partitions).range(1, kPartitionsMax).about("Of a new topic."),
          field("start", &O::start)
              .one_of({{"earliest", TopicStart::kEarliest},
                       {"latest", TopicStart::kLatest},
                       {"time", TopicStart::kTime},
                       {"offsets", TopicStart::kOffsets}})
              .about("Where to begin when neither this pipeline nor the group has a position."),
          field("start_time_ms", &O::start_time_ms)
              .about("With start: time: the first record with this event time or a later one, in "
                     "milliseconds since 1970."),
          field("start_offsets", &O::start_offsets)
              .at_least(0)
              .example("{\"0\": 100}")
              .about("With start: offsets: partition → offset; the others begin at the earliest."),
          field("follow", &O::follow)
              .about("false: ends where the topic ended when the pipeline started."),
          field("lost", &O::lost)
              .one_of({{"stop", TopicLost::kStop}, {"skip", TopicLost::kSkip}})
              .about("When what is to be read is not there any more (retention, or a power cut "
                     "that took what was not synced): stop, or go on with what is there."),
          field("poll_interval", &O::poll_interval)
              .range(milliseconds(1), seconds(60))
              .about("How often to look while no writer can wake this source: none has run since "
                     "the machine started."),
      },
      check_source);
  return schema;
}

const Schema<TopicSinkOptions>& topic_sink_options() {
  using O = TopicSinkOptions;
  static const Schema<O> schema(
      {
          field("topic", &O::topic).required().example("orders").about("The topic's name."),
          field("folder", &O::folder)
              .about("The folder of all topics. Default: PENSTOCK_TOPICS, or "
                     "~/.local/share/penstock/topics."),
          field("create", &O::create)
              .about("Makes the topic if it is not there, with the settings below; one that is "
                     "there keeps its own."),
          field("partitions", &O::partitions).range(1, kPartitionsMax).about("Of a new topic."),
          field("partitioner", &O::partitioner)
              .one_of({{"murmur2", TopicPartitioner::kMurmur2},
                       {"round_robin", TopicPartitioner::kRoundRobin}})
              .about("murmur2: by the record's key, as Kafka's Java client; records without key, "
                     "and all with round_robin, change partition batch by batch."),
          field("fsync", &O::fsync)
              .one_of({{"auto", TopicSync::kAuto},
                       {"always", TopicSync::kAlways},
                       {"interval", TopicSync::kInterval},
                       {"never", TopicSync::kNever}})
              .about("always: delivered means on the disk, and readers see nothing else; interval: "
                     "a power cut takes at most an interval; auto: always with durability power, "
                     "else interval."),
          field("fsync_interval", &O::fsync_interval)
              .range(milliseconds(1), seconds(3600))
              .about("With fsync: interval."),
          field("transaction", &O::transaction)
              .about("With exactly_once: a name that no other pipeline uses on this topic. "
                     "Default: the stage's name."),
          field("segment_bytes", &O::segment_bytes)
              .range(kSegmentBytesMin, kSegmentBytesMax)
              .about("Of a new topic: a file of the log ends at this size."),
          field("max_record_bytes", &O::max_record_bytes)
              .range(ByteSize{1}, kTopicRecordBytesMax)
              .about("Of a new topic: a record with more bytes (payload, key, headers) is "
                     "rejected."),
          field("retention_bytes", &O::retention_bytes)
              .about("Of a new topic: the oldest segments go while the others have this much, by "
                     "partition; 0 = all is kept."),
          field("retention", &O::retention)
              .about("Of a new topic: segments whose last record is older go; 0 = all is kept."),
      },
      check_sink);
  return schema;
}

}  // namespace penstock
