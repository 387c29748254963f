// SPDX-License-Identifier: Apache-2.0
// The bytes of a segment's index.
#include "state/wire.h"
#include "topiclog/segment.h"
#include "topiclog/settings.h"

namespace penstock {
namespace {

constexpr std::string_view kMagic = "PNSTKIDX";

bool ascends(const SegmentIndex& index, uint64_t segment_base) {
  SegmentIndex::Entry last{segment_base, 0, INT64_MIN};
  for (const SegmentIndex::Entry& entry : index.entries) {
    const bool up = entry.base > last.base && entry.position > last.position &&
                    entry.time_before_us >= last.time_before_us;
    if (!up) return false;
    last = entry;
  }
  return index.end.offset >= last.base && index.end.bytes >= last.position &&
         index.end.time_max_us >= last.time_before_us;
}

}  // namespace

std::string encode_index(const SegmentIndex& index) {
  std::string body;
  WireWriter writer(body);
  writer.u64(index.end.offset);
  writer.u64(index.end.bytes);
  writer.u64(static_cast<uint64_t>(index.end.appended_us));
  writer.u64(static_cast<uint64_t>(index.end.time_max_us));
  writer.u32(static_cast<uint32_t>(index.entries.size()));
  for (const SegmentIndex::Entry& entry : index.entries) {
    writer.u64(entry.base);
    writer.u64(entry.position);
    writer.u64(static_cast<uint64_t>(entry.time_before_us));
  }
  return sealed_file(kMagic, body);
}

Result<SegmentIndex> decode_index(std::string_view bytes, uint64_t segment_base,
                                  const std::string& file) {
  const Result<std::string_view> body = opened_file(kMagic, bytes, file);
  if (!body) return body.error();
  WireReader reader(*body);
  SegmentIndex index;
  index.end.offset = reader.u64();
  index.end.bytes = index.end.file_bytes = reader.u64();
  index.end.appended_us = static_cast<int64_t>(reader.u64());
  index.end.time_max_us = static_cast<int64_t>(reader.u64());
  const uint32_t count = reader.u32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    SegmentIndex::Entry entry;
    entry.base = reader.u64();
    entry.position = reader.u64();
    entry.time_before_us = static_cast<int64_t>(reader.u64());
    index.entries.push_back(entry);
  }
  if (!reader.ok() || reader.left() > 0 || !ascends(index, segment_base)) {
    return topic_damaged(file, "its fields make no sense");
  }
  return index;
}

}  // namespace penstock
