// SPDX-License-Identifier: Apache-2.0
#include "topiclog/segment.h"

#include <algorithm>
#include <cstring>

#include "topiclog/settings.h"

namespace penstock {
namespace {

constexpr size_t kWindowBytes = 1 << 20;
constexpr std::string_view kBatchMagic = "PNSTKBAT";

/// A stretch of a file in memory; moves and grows as it is asked for.
class Window {
 public:
  explicit Window(LogFile& file) : file_(file) {}
  /// Up to `size` bytes from `at`; fewer only where the file ends. Valid until the next call.
  Result<std::string_view> get(uint64_t at, size_t size) {
    if (at < at_ || at + size > at_ + bytes_.size()) {
      bytes_.resize(std::max(size, kWindowBytes));
      const Result<size_t> got = file_.read_at(at, bytes_.data(), bytes_.size());
      if (!got) {
        bytes_.clear();
        return got.error();
      }
      bytes_.resize(*got);
      at_ = at;
    }
    const size_t from = std::min<uint64_t>(at - at_, bytes_.size());
    return std::string_view(bytes_).substr(from, size);
  }

 private:
  LogFile& file_;
  std::string bytes_;
  uint64_t at_ = 0;
};

}  // namespace

Result<SegmentEnd> walk_segment(LogFile& file, uint64_t base, uint64_t position, bool bodies,
                                const OnBatch& on_batch) {
  const Result<uint64_t> size = file.size();
  if (!size) return size.error();
  SegmentEnd end;
  end.offset = base;
  end.bytes = position;
  end.file_bytes = *size;
  Window window(file);
  for (;;) {
    const Result<std::string_view> bytes = window.get(end.bytes, kBatchHeadBytes);
    if (!bytes) return bytes.error();
    const std::optional<BatchHead> head = decode_head(*bytes);
    if (!head || head->base != end.offset || end.bytes + head->bytes() > *size) return end;
    if (bodies) {
      const Result<std::string_view> body =
          window.get(end.bytes + kBatchHeadBytes, head->body_bytes);
      if (!body) return body.error();
      if (!body_fits(*head, *body)) return end;
    }
    if (on_batch && !on_batch(*head, end.bytes)) return end;
    end.offset = head->end();
    end.bytes += head->bytes();
    end.appended_us = head->appended_us;
    end.time_max_us = std::max(end.time_max_us, head->time_max_us);
  }
}

Result<bool> was_safe(LogFile& file, const SegmentEnd& end) {
  Window window(file);
  for (uint64_t at = end.bytes; at + kBatchHeadBytes <= end.file_bytes;) {
    const Result<std::string_view> bytes = window.get(at, kWindowBytes);
    if (!bytes) return bytes.error();
    const size_t found = bytes->find(kBatchMagic);
    if (found == std::string_view::npos) {
      if (bytes->size() < kBatchHeadBytes) return false;
      at += bytes->size() - kBatchMagic.size() + 1;
      continue;
    }
    at += found;
    const Result<std::string_view> there = window.get(at, kBatchHeadBytes);
    if (!there) return there.error();
    const std::optional<BatchHead> head = decode_head(*there);
    if (head && head->durable > end.offset) return true;
    ++at;
  }
  return false;
}

const SegmentIndex::Entry* SegmentIndex::find_offset(uint64_t offset) const {
  const auto after = std::upper_bound(entries.begin(), entries.end(), offset,
                                      [](uint64_t o, const Entry& e) { return o < e.base; });
  return after == entries.begin() ? nullptr : &*(after - 1);
}

const SegmentIndex::Entry* SegmentIndex::find_time(int64_t us) const {
  // time_before_us only grows, so the entries that are not beyond the time come first.
  const auto after = std::partition_point(entries.begin(), entries.end(),
                                          [&](const Entry& e) { return e.time_before_us < us; });
  return after == entries.begin() ? nullptr : &*(after - 1);
}

void note_batch(SegmentIndex& index, const BatchHead& head, uint64_t position) {
  const uint64_t last = index.entries.empty() ? 0 : index.entries.back().position;
  if (position >= last + kIndexStepBytes) {
    index.entries.push_back({head.base, position, index.end.time_max_us});
  }
  index.end.offset = head.end();
  index.end.bytes = position + head.bytes();
  index.end.file_bytes = index.end.bytes;
  index.end.appended_us = head.appended_us;
  index.end.time_max_us = std::max(index.end.time_max_us, head.time_max_us);
}

Result<SegmentIndex> load_index(LogDisk& disk, const std::string& folder, uint64_t base,
                                LogFile& segment, bool keep) {
  const std::string path = folder + "/" + index_name(base);
  const Result<uint64_t> size = segment.size();
  if (!size) return size.error();
  if (const Result<std::string> bytes = disk.read(path, kIndexBytesMax)) {
    Result<SegmentIndex> index = decode_index(*bytes, base, path);
    if (index && index->end.bytes == *size) return index;
  }
  SegmentIndex index;
  index.end.offset = base;
  const Result<SegmentEnd> end =
      walk_segment(segment, base, 0, false, [&](const BatchHead& head, uint64_t position) {
        note_batch(index, head, position);
        return true;
      });
  if (!end) return end.error();
  if (!end->whole()) {
    return topic_damaged(folder + "/" + segment_name(base),
                         "there is no batch at byte " + std::to_string(end->bytes));
  }
  if (keep && disk.write(path + ".tmp", encode_index(index), false)) {
    (void)disk.rename(path + ".tmp", path, false);
  }
  return index;
}

Result<std::vector<uint64_t>> list_segments(Disk& disk, const std::string& folder) {
  const Result<std::vector<std::string>> names = disk.list(folder);
  if (!names) return names.error();
  std::vector<uint64_t> bases;
  for (const std::string& name : *names) {
    if (const std::optional<uint64_t> base = segment_base(name)) bases.push_back(*base);
  }
  return bases;  // names of one length: sorted by name is sorted by number
}

}  // namespace penstock
