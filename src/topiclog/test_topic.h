// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "state/sim_disk.h"
#include "topiclog/topic_writer.h"
#include "topiclog/topics.h"

namespace penstock {

/// A topic `t` on a disk without faults, for tests.
struct TestTopic {
  SimDisk disk{1};
  MemoryTailStore tails;
  ManualClock clock;
  ArenaPool arenas;
  TopicPlace place{&disk, &tails, &clock};
  const std::string folder = "/topics/t";

  explicit TestTopic(TopicSettings settings = {}) {
    CHECK(create_topic(disk, "/topics", "t", settings, 0).has_value());
  }
  std::shared_ptr<TopicWriter> write(TopicWriterOptions options = {TopicFsync::kNever, {}, {}}) {
    auto writer = TopicWriter::open(place, folder, options);
    CHECK(writer.has_value());
    return *writer;
  }
  std::unique_ptr<TopicReader> read() {
    auto reader = TopicReader::open(place, folder);
    CHECK(reader.has_value());
    return *std::move(reader);
  }
  /// Payloads of a partition from `from` to what is visible.
  std::vector<std::string> payloads(TopicReader& reader, uint32_t p = 0, uint64_t from = 0) {
    std::vector<std::string> got;
    const uint64_t end = *reader.visible(p);
    CHECK(reader.partition(p).seek(from, end).has_value());
    for (uint64_t next = from; next < end;) {
      const auto chunk = reader.partition(p).read(arenas, end);
      CHECK(chunk.has_value());
      for (const TopicChunk::Part& part : chunk->parts) {
        CHECK(for_each_record(part.head, part.body, [&](const Record& record) {
          if (record.position < static_cast<int64_t>(from)) return;
          CHECK_EQ(static_cast<uint64_t>(record.position), next);
          got.emplace_back(record.payload_view());
          ++next;
        }));
      }
    }
    return got;
  }
};

inline BatchBody body_of(const std::vector<std::string>& payloads, int64_t time_us = 0) {
  BatchBody body;
  for (const std::string& payload : payloads) {
    Record record;
    record.payload = payload.data();
    record.payload_size = static_cast<uint32_t>(payload.size());
    record.event_time_us = time_us;
    body.add(record, 0);
  }
  body.close();
  return body;
}

inline Result<uint64_t> append(TopicWriter& writer, const std::vector<std::string>& payloads,
                               uint32_t p = 0, int64_t time_us = 0) {
  BatchBody body = body_of(payloads, time_us);
  return writer.append(p, {&body, 1});
}

}  // namespace penstock
