// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "config/schema.h"

namespace penstock {

enum class TopicStart : uint8_t { kEarliest, kLatest, kTime, kOffsets };
enum class TopicLost : uint8_t { kStop, kSkip };
enum class TopicPartitioner : uint8_t { kMurmur2, kRoundRobin };
enum class TopicSync : uint8_t { kAuto, kAlways, kInterval, kNever };

struct TopicSourceOptions {
  std::string topic;
  std::string folder;
  std::string group;
  bool create = false;
  uint32_t partitions = 1;
  TopicStart start = TopicStart::kEarliest;
  int64_t start_time_ms = 0;
  std::map<std::string, int64_t> start_offsets;
  bool follow = true;
  TopicLost lost = TopicLost::kStop;
  Duration poll_interval = milliseconds(50);
};

struct TopicSinkOptions {
  std::string topic;
  std::string folder;
  bool create = true;
  uint32_t partitions = 1;
  TopicPartitioner partitioner = TopicPartitioner::kMurmur2;
  TopicSync fsync = TopicSync::kAuto;
  Duration fsync_interval = seconds(1);
  std::string transaction;
  ByteSize segment_bytes = mebibytes(64);
  ByteSize max_record_bytes = mebibytes(16);
  ByteSize retention_bytes{0};
  Duration retention{0};
};

const Schema<TopicSourceOptions>& topic_source_options();
const Schema<TopicSinkOptions>& topic_sink_options();

}  // namespace penstock
