// SPDX-License-Identifier: Apache-2.0
// The topic log by itself, doing what ceiling_topic_log does by hand.
//   micro_topic_log FOLDER append|read MIB      micro_topic_log FOLDER sync COUNT [THREADS=1]
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "ceiling/measure.h"
#include "topiclog/system_topics.h"
#include "topiclog/topic_writer.h"

namespace penstock {
namespace {

constexpr size_t kRecordBytes = 1024, kGroup = 8;

int complain(const Error& error) { return std::fprintf(stderr, "%s\n", to_string(error).c_str()); }

int append(const SystemTopics& topics, const std::string& folder, uint64_t records) {
  auto writer = TopicWriter::open(topics.place(), folder, {TopicFsync::kInterval, seconds(1), {}});
  if (!writer) return complain(writer.error());
  const std::string payload(kRecordBytes, 'x');
  Record record;
  record.payload = payload.data();
  record.payload_size = kRecordBytes;
  Measure measure;
  std::vector<BatchBody> group;
  BatchBody body;
  uint64_t check = 0;
  for (uint64_t i = 0; i < records; ++i) {
    if (!body.fits(record)) {
      body.close();
      group.push_back(std::exchange(body, {}));
    }
    if (group.size() == kGroup) {
      const Result<uint64_t> end = (*writer)->append_only(0, group);
      if (!end) return complain(end.error());
      check = *end;
      group.clear();
    }
    body.add(record, 0);
  }
  measure.print("append", records, records * kRecordBytes, check);
  return 0;
}

int read_back(const SystemTopics& topics, const std::string& folder) {
  auto reader = TopicReader::open(topics.place(), folder);
  if (!reader) return complain(reader.error());
  PartitionReader& partition = (*reader)->partition(0);
  const Result<uint64_t> end = (*reader)->visible(0);
  if (!end) return complain(end.error());
  ArenaPool arenas;
  Measure measure;
  uint64_t records = 0, bytes = 0;
  while (records < *end) {
    const Result<TopicChunk> chunk = partition.read(arenas, *end);
    if (!chunk) return complain(chunk.error());
    for (const TopicChunk::Part& part : chunk->parts) {
      (void)for_each_record(part.head, part.body, [&](const Record& record) {
        bytes += record.payload_size;
        ++records;
      });
    }
  }
  measure.print("read", records, bytes, 0);
  return 0;
}

int sync_each(const SystemTopics& topics, const std::string& folder, uint64_t count,
              uint64_t threads) {
  auto writer = TopicWriter::open(topics.place(), folder, {TopicFsync::kAlways, {}, {}});
  if (!writer) return complain(writer.error());
  std::vector<std::vector<double>> taken(threads);
  std::vector<std::thread> running;
  Measure all;
  for (std::vector<double>& us : taken) {
    running.emplace_back([&] {
      const std::string payload(kRecordBytes, 'x');
      Record record;
      record.payload = payload.data();
      record.payload_size = kRecordBytes;
      for (uint64_t i = 0; i < count; ++i) {
        Measure one;
        BatchBody body;
        body.add(record, 0);
        body.close();
        if (!(*writer)->append(0, {&body, 1})) return;
        us.push_back(one.seconds() * 1e6);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  std::vector<double> us;
  for (const std::vector<double>& some : taken) us.insert(us.end(), some.begin(), some.end());
  std::sort(us.begin(), us.end());
  std::printf("{\"name\":\"sync\",\"p50_us\":%.1f,\"p99_us\":%.1f,\"records_per_second\":%.0f}\n",
              us[us.size() / 2], us[us.size() * 99 / 100],
              static_cast<double>(us.size()) / all.seconds());
  return 0;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  using namespace penstock;
  if (argc < 4) return std::fputs("usage: topic_log FOLDER append|read|sync N\n", stderr), 2;
  const std::string root = argv[1];
  const std::string_view what = argv[2];
  const uint64_t n = std::strtoull(argv[3], nullptr, 10);
  const uint64_t threads = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 1;
  const SystemClock clock;
  const SystemTopics topics(clock);
  if (what != "read") {
    (void)delete_topic(topics.disk(), root + "/bench");
    const Result<void> made = create_topic(topics.disk(), root, "bench", {}, 0);
    if (!made) return complain(made.error()), 1;
  }
  const std::string folder = root + "/bench";
  if (what == "append") return append(topics, folder, n * 1024);
  if (what == "read") return read_back(topics, folder);
  return sync_each(topics, folder, n, std::max<uint64_t>(threads, 1));
}
