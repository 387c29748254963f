// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "topiclog/chain.h"
#include "topiclog/topic_reader.h"

namespace penstock {
namespace {

/// A batch of at least this size is read by itself, with the next one's head: nothing is read
/// twice.
constexpr uint64_t kLargeBytes = kArenaBytes / 4;

}  // namespace

Error PartitionReader::gone(uint64_t offset, uint64_t first) const {
  return stop_error("topic-offset-gone",
                    "offset " + std::to_string(offset) + " of '" + folder_ +
                        "' is not there any more: the first is " + std::to_string(first),
                    "retention removed it before it was read; `lost: skip` goes on at the first");
}

Error PartitionReader::damaged() const {
  return topic_damaged(folder_ + "/" + segment_name(base_),
                       "there is no right batch of offset " + std::to_string(next_) +
                           " at byte " + std::to_string(at_));
}

Result<uint64_t> PartitionReader::start() {
  const Result<std::vector<uint64_t>> bases = list_segments(*place_.disk, folder_);
  if (!bases) return bases.error();
  return bases->empty() ? 0 : bases->front();
}

Result<uint64_t> PartitionReader::scan_end() {
  const Result<LogChain> chain = walk_chain(*place_.disk, folder_, false);
  if (!chain) return chain.error();
  return chain->links.empty() ? 0 : chain->last.end.offset;
}

Result<void> PartitionReader::open_segment(uint64_t base) {
  auto file = place_.disk->open(folder_ + "/" + segment_name(base), LogDisk::Open::kRead);
  if (!file) return file.error();
  file_ = *std::move(file);
  base_ = next_ = base;
  at_ = next_bytes_ = 0;
  return {};
}

void PartitionReader::begin_at(const SegmentIndex::Entry* entry) {
  if (entry == nullptr) return;
  next_ = entry->base;
  at_ = entry->position;
}

Result<void> PartitionReader::seek(uint64_t offset, uint64_t visible) {
  const Result<std::vector<uint64_t>> bases = list_segments(*place_.disk, folder_);
  if (!bases) return bases.error();
  if (bases->empty() && offset == visible) {  // nothing was ever written
    file_.reset();
    next_ = offset;
    return {};
  }
  auto after = std::upper_bound(bases->begin(), bases->end(), offset);
  if (after == bases->begin()) return gone(offset, bases->empty() ? visible : bases->front());
  // At a segment's very end: stay in the earlier one only if there is no later one.
  const uint64_t base = *(after - 1);
  if (Result<void> opened = open_segment(base); !opened) {
    // Removed since it was listed.
    const Result<uint64_t> first = start();
    if (first && *first > base) return gone(offset, *first);
    return opened;
  }
  if (offset == base) return {};
  const bool sealed = after != bases->end();
  if (sealed) {
    // None where a power cut tore the segment and no writer has cut it since: what is in front of
    // the tear can be read all the same.
    const Result<SegmentIndex> index = load_index(*place_.disk, folder_, base, *file_, false);
    if (index) begin_at(index->find_offset(offset));
  }
  return find_in(offset);
}

/// Walks from (next_, at_) to the batch that holds an offset, or the place behind the last batch.
Result<void> PartitionReader::find_in(uint64_t offset) {
  const auto end = walk_segment(*file_, next_, at_, false, [&](const BatchHead& head, uint64_t) {
    return head.end() <= offset;
  });
  if (!end) return end.error();
  next_ = end->offset;
  at_ = end->bytes;
  return {};
}

Result<void> PartitionReader::next_segment() {
  const Result<std::vector<uint64_t>> bases = list_segments(*place_.disk, folder_);
  if (!bases) return bases.error();
  const uint64_t wanted = next_;
  const auto found = std::lower_bound(bases->begin(), bases->end(), wanted);
  if (found == bases->end()) return damaged();
  if (*found > wanted) return base_ < wanted && bases->front() > base_ ? gone(wanted, *found)
                                                                       : damaged();
  if (wanted == base_) return damaged();
  return open_segment(wanted);
}

void PartitionReader::parse(TopicChunk& chunk, size_t got, uint64_t visible) {
  const std::string_view bytes(chunk.arena->data(), got);
  size_t at = 0;
  while (next_ < visible) {
    const std::optional<BatchHead> head = decode_head(bytes.substr(at));
    if (!head || head->base != next_ || head->end() > visible) break;
    next_bytes_ = head->bytes();
    if (at + head->bytes() > got) break;
    const std::string_view body = bytes.substr(at + kBatchHeadBytes, head->body_bytes);
    if (!body_fits(*head, body)) break;
    chunk.parts.push_back({*head, body});
    at += head->bytes();
    next_ = head->end();
    next_bytes_ = 0;
  }
  at_ += at;
  chunk.next = next_;
}

Result<TopicChunk> PartitionReader::read(ArenaPool& arenas, uint64_t visible) {
  TopicChunk chunk;
  chunk.next = next_;
  if (file_ == nullptr) PENSTOCK_TRY(seek(next_, visible));
  while (next_ < visible) {
    uint64_t want = kArenaBytes;
    if (next_bytes_ >= kLargeBytes) want = next_bytes_ + kBatchHeadBytes;
    // A batch of a whole arena does without the look at the next one.
    if (next_bytes_ <= kArenaBytes) want = std::min<uint64_t>(want, kArenaBytes);
    if (!chunk.arena || chunk.arena->capacity() < want) chunk.arena = arenas.get(want);
    const Result<size_t> got = file_->read_at(at_, chunk.arena->data(), want);
    if (!got) return got.error();
    if (*got == 0) {
      PENSTOCK_TRY(next_segment());
      continue;
    }
    parse(chunk, *got, visible);
    if (!chunk.parts.empty()) return chunk;
    // The batch is larger than what was read, and its size is known now; or it is not right.
    if (next_bytes_ <= want) return damaged();
  }
  return chunk;
}

Result<uint64_t> PartitionReader::mark_before(uint64_t offset, uint64_t visible) {
  if (offset == 0 || offset > visible) return uint64_t{0};
  const Result<uint64_t> first = start();
  if (!first) return first.error();
  if (offset - 1 < *first) return uint64_t{0};
  PENSTOCK_TRY(seek(offset - 1, visible));
  char bytes[kBatchHeadBytes];
  const Result<size_t> got = file_->read_at(at_, bytes, sizeof bytes);
  if (!got) return got.error();
  const auto head = decode_head({bytes, *got});
  return head ? head->body_checksum : 0;
}

Result<uint64_t> PartitionReader::find_time(int64_t us, uint64_t visible) {
  const Result<std::vector<uint64_t>> bases = list_segments(*place_.disk, folder_);
  if (!bases) return bases.error();
  for (size_t i = 0; i < bases->size(); ++i) {
    PENSTOCK_TRY(open_segment((*bases)[i]));
    if (i + 1 < bases->size()) {
      const auto index = load_index(*place_.disk, folder_, base_, *file_, false);
      if (index && index->end.time_max_us < us) continue;
      if (index) begin_at(index->find_time(us));
    }
    bool found = false;
    BatchHead head;
    const auto end = walk_segment(*file_, next_, at_, false, [&](const BatchHead& h, uint64_t) {
      found = h.time_max_us >= us;
      head = h;
      return !found;
    });
    if (!end) return end.error();
    if (!found) continue;
    if (head.base >= visible) return visible;
    std::string body(head.body_bytes, '\0');
    const auto got = file_->read_at(end->bytes + kBatchHeadBytes, body.data(), body.size());
    if (!got) return got.error();
    at_ = end->bytes, next_ = end->offset;
    if (!body_fits(head, body)) return damaged();
    uint64_t offset = head.end();
    const bool sane = for_each_record(head, body, [&](const Record& record) {
      if (record.event_time_us < us) return;
      offset = std::min(offset, static_cast<uint64_t>(record.position));
    });
    if (!sane) return damaged();
    return offset;
  }
  return visible;
}

}  // namespace penstock
