// SPDX-License-Identifier: Apache-2.0
// Whatever bytes stand in a topic's files, reading them gives what was written or an error.
#include <cstring>

#include "base/hash.h"
#include "state/sim_disk.h"
#include "topiclog/topic_writer.h"
#include "topiclog/topics.h"

namespace penstock {
namespace {

/// Gives every batch head and body the checksum that fits, as far as sizes make sense.
void seal_batches(std::string& bytes) {
  size_t at = 0;
  while (bytes.size() - at >= kBatchHeadBytes) {
    uint32_t body;
    std::memcpy(bytes.data() + at, "PNSTKBAT", 8);
    std::memcpy(&body, bytes.data() + at + 60, sizeof body);
    body = static_cast<uint32_t>(body % (bytes.size() - at - kBatchHeadBytes + 1));
    std::memcpy(bytes.data() + at + 60, &body, sizeof body);
    const uint64_t of_body = hash64(std::string_view(bytes).substr(at + kBatchHeadBytes, body));
    std::memcpy(bytes.data() + at + 16, &of_body, sizeof of_body);
    const uint64_t of_head = hash64(std::string_view(bytes).substr(at + 16, 48));
    std::memcpy(bytes.data() + at + 8, &of_head, sizeof of_head);
    at += kBatchHeadBytes + body;
  }
}

void fuzz_segment(std::string bytes, bool seal) {
  if (seal) seal_batches(bytes);
  SimDisk disk(1);
  MemoryTailStore tails;
  const ManualClock clock;
  ArenaPool arenas;
  const TopicPlace place{&disk, &tails, &clock};
  CHECK(create_topic(disk, "/r", "t", {}, 0).has_value());
  CHECK(disk.make_folders("/r/t/0").has_value());
  CHECK(disk.write("/r/t/0/" + segment_name(0), bytes, true).has_value());
  for (const bool recovered : {false, true}) {
    if (recovered) {
      const auto writer = TopicWriter::open(place, "/r/t", {TopicFsync::kNever, {}, {}});
      if (!writer) return;
      CHECK_LE((*writer)->partition(0).torn_bytes(), bytes.size());
    }
    auto reader = TopicReader::open(place, "/r/t");
    CHECK(reader.has_value());
    const auto end = (*reader)->visible(0);
    CHECK(end.has_value());
    PartitionReader& partition = (*reader)->partition(0);
    CHECK(partition.seek(0, *end).has_value());
    uint64_t next = 0;
    while (next < *end) {
      const auto chunk = partition.read(arenas, *end);
      CHECK(chunk.has_value());  // the walk has found all of it right
      for (const TopicChunk::Part& part : chunk->parts) {
        (void)for_each_record(part.head, part.body, [](const Record& record) {
          uint64_t sum = record.payload_size;
          for (const char c : record.key_view()) sum += static_cast<unsigned char>(c);
          CHECK(sum < UINT64_MAX);
        });
      }
      CHECK(chunk->next > next);
      next = chunk->next;
    }
  }
}

void fuzz_small_files(std::string_view body) {
  const auto index = decode_index(sealed_file("PNSTKIDX", body), 0, "index");
  if (index) CHECK(encode_index(*index) == sealed_file("PNSTKIDX", body));
  const auto group = decode_group(sealed_file("PNSTKGRP", body), "group");
  if (group) CHECK(encode_group(*group) == sealed_file("PNSTKGRP", body));
  const auto transaction = decode_transaction(sealed_file("PNSTKTXN", body), "transaction");
  if (transaction) CHECK(encode_transaction(*transaction) == sealed_file("PNSTKTXN", body));
  const auto settings = decode_settings(sealed_file("PNSTKTOP", body), "topic");
  if (settings) CHECK(encode_settings(*settings) == sealed_file("PNSTKTOP", body));
  (void)decode_index(body, 0, "index");
  (void)decode_group(body, "group");
}

}  // namespace
}  // namespace penstock

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 4 == 0) {
    penstock::fuzz_small_files(bytes);
  } else {
    penstock::fuzz_segment(bytes, data[0] % 4 != 1);
  }
  return 0;
}
