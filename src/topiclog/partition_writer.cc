// SPDX-License-Identifier: Apache-2.0
#include "topiclog/partition_writer.h"

#include <algorithm>

namespace penstock {

Result<std::unique_ptr<PartitionWriter>> PartitionWriter::open(const TopicPlace& place,
                                                               const std::string& folder,
                                                               const TopicSettings& settings,
                                                               uint32_t partition,
                                                               uint64_t committed) {
  std::unique_ptr<PartitionWriter> writer(
      new PartitionWriter(place, folder, settings, partition));
  PENSTOCK_TRY(writer->recover(committed));
  return writer;
}

Result<void> PartitionWriter::recover(uint64_t committed) {
  Result<LogChain> chain = walk_chain(*place_.disk, folder_, true);
  if (!chain) return chain.error();
  if (chain->links.empty()) {
    // The first segment's name is always safe: it says with which offset the log begins.
    PENSTOCK_TRY(begin_segment(0));
    return sync_names();
  }
  const LogChain::Link last = chain->links.back();
  chain->links.pop_back();
  for (const LogChain::Link& link : chain->links) {
    sealed_.push_back({link.base, link.end.bytes, link.end.appended_us});
    // After a kill it may be in the page cache only.
    auto file = place_.disk->open(path(segment_name(link.base)), LogDisk::Open::kWrite);
    if (!file) return file.error();
    unsynced_.push_back({link.base, link.end.offset, *std::move(file)});
    if (unsynced_.size() > kUnsyncedMax) unsynced_.pop_front();
  }
  const std::string name = path(segment_name(last.base));
  if (chain->was_safe && last.end.offset < committed) {
    return topic_damaged(name, "the batch at byte " + std::to_string(last.end.bytes) +
                                   " is not what was written, and it had been on the disk");
  }
  PENSTOCK_TRY(drop_lost(chain->lost));
  auto file = place_.disk->open(name, LogDisk::Open::kWrite);
  if (!file) return file.error();
  file_ = *std::move(file);
  base_ = last.base;
  index_ = std::move(chain->last);
  if (!last.end.whole()) {
    torn_bytes_ += last.end.file_bytes - last.end.bytes;
    PENSTOCK_TRY(place_.disk->remove(path(index_name(base_))));
    PENSTOCK_TRY(file_->truncate(last.end.bytes));
  }
  // What the page cache shows after a kill, a power cut could still take away.
  PENSTOCK_TRY(sync_all());
  visible_ = durable_;
  return {};
}

/// Newest first: whatever a crash leaves of them, they do not connect.
Result<void> PartitionWriter::drop_lost(const std::vector<uint64_t>& bases) {
  for (auto base = bases.rbegin(); base != bases.rend(); ++base) {
    const std::string name = path(segment_name(*base));
    if (const auto file = place_.disk->open(name, LogDisk::Open::kRead)) {
      if (const auto size = (*file)->size()) torn_bytes_ += *size;
    }
    PENSTOCK_TRY(place_.disk->remove(path(index_name(*base))));
    PENSTOCK_TRY(place_.disk->remove(name));
  }
  return bases.empty() ? Result<void>() : place_.disk->sync_folder(folder_);
}

/// Every segment and the folder, at once: for moments when nobody appends.
Result<void> PartitionWriter::sync_all() {
  for (const Unsynced& segment : unsynced_) PENSTOCK_TRY(segment.file->sync());
  PENSTOCK_TRY(file_->sync());
  PENSTOCK_TRY(place_.disk->sync_folder(folder_));
  unsynced_.clear();
  folder_synced_ = begun_;
  durable_ = index_.end.offset;
  durable_bytes_ = index_.end.bytes;
  return {};
}

Result<void> PartitionWriter::begin_segment(uint64_t base) {
  auto file = place_.disk->open(path(segment_name(base)), LogDisk::Open::kWrite);
  if (!file) return file.error();
  PENSTOCK_TRY((*file)->truncate(0));  // of a segment that was begun and not used
  file_ = *std::move(file);
  base_ = base;
  index_ = {};
  index_.end.offset = base;
  durable_bytes_ = 0;
  ++begun_;
  return {};
}

void PartitionWriter::show_in(std::shared_ptr<Tail> tail, Visible rule, uint64_t visible) {
  const Lock lock(mutex_);
  tail_ = std::move(tail);
  rule_ = rule;
  visible_ = visible;
}

Error PartitionWriter::fail(Error error) {
  if (!failed_) {
    failed_ = std::move(error);
    failed_->reaction = Reaction::kStopPipeline;
  }
  synced_.notify_all();
  return *failed_;
}

void PartitionWriter::show(uint64_t end) {
  if (end <= visible_) return;
  visible_ = end;
  if (tail_ == nullptr) return;
  tail_->publish(partition_, end);
  tail_->announce();
}

Result<uint64_t> PartitionWriter::append(std::span<BatchBody> batches) {
  Lock lock(mutex_);
  if (failed_) return *failed_;
  uint64_t bytes = 0;
  for (const BatchBody& batch : batches) bytes += batch.bytes();
  const auto full = [&] {
    const bool over = index_.end.bytes + bytes > settings_.segment_bytes.bytes;
    return rolling_ || (over && index_.end.bytes > 0);
  };
  while (full() && unsynced_.size() >= kUnsyncedMax) PENSTOCK_TRY(sync_oldest(lock));
  if (full()) PENSTOCK_TRY(roll());
  PENSTOCK_TRY(write(batches));
  if (rule_ == Visible::kWritten) show(index_.end.offset);
  return index_.end.offset;
}

Result<void> PartitionWriter::write(std::span<BatchBody> batches) {
  const int64_t now_us = place_.clock->wall_us();
  std::vector<std::string_view> pieces;
  pieces.reserve(batches.size());
  uint64_t base = index_.end.offset;
  for (BatchBody& batch : batches) {
    batch.seal(base, durable_, now_us);
    base += batch.records();
    pieces.push_back(batch.view());
  }
  if (Result<void> written = file_->append(pieces); !written) {
    // What is there of it goes away again; else nobody knows where the log ends.
    if (const Result<void> cut = cut_file(index_.end.bytes); !cut) return fail(cut.error());
    return written.error();
  }
  for (const BatchBody& batch : batches) note_batch(index_, batch.head(), index_.end.bytes);
  return {};
}

/// Cut and synced, so that no power cut brings old bytes back between new ones.
Result<void> PartitionWriter::cut_file(uint64_t bytes) {
  PENSTOCK_TRY(file_->truncate(bytes));
  return file_->sync();
}

Result<void> PartitionWriter::roll() {
  const Sealed sealed{base_, index_.end.bytes, index_.end.appended_us};
  const Unsynced unsynced{base_, index_.end.offset, file_};
  const std::string bytes = encode_index(index_), name = path(index_name(base_));
  // From here on the next segment may be there: nothing more goes into this one.
  rolling_ = true;
  PENSTOCK_TRY(begin_segment(index_.end.offset));
  rolling_ = false;
  sealed_.push_back(sealed);
  unsynced_.push_back(unsynced);
  // A cache: made again from the segment where it is missing.
  if (place_.disk->write(name + ".tmp", bytes, false)) {
    (void)place_.disk->rename(name + ".tmp", name, false);
  }
  return retain_locked();
}

/// The names of all segments survive a power cut.
Result<void> PartitionWriter::sync_names() {
  if (folder_synced_ == begun_) return {};
  PENSTOCK_TRY(place_.disk->sync_folder(folder_));
  folder_synced_ = begun_;
  return {};
}

/// Bounds what a power cut can take, and what an opening has to walk. Lets others go on while it
/// waits for a sync that is under way: the kernel tells one caller only that it failed.
Result<void> PartitionWriter::sync_oldest(Lock& lock) {
  if (syncing_) {
    synced_.wait(lock);
    return failed_ ? Result<void>(*failed_) : Result<void>();
  }
  const Unsynced oldest = unsynced_.front();
  if (Result<void> done = oldest.file->sync(); !done) return fail(done.error());
  if (Result<void> done = sync_names(); !done) return fail(done.error());
  durable_ = std::max(durable_, oldest.end);
  unsynced_.pop_front();
  if (rule_ == Visible::kDurable) show(durable_);
  synced_.notify_all();
  return {};
}

Result<void> PartitionWriter::sync() {
  Lock lock(mutex_);
  return sync_locked(lock, index_.end.offset);
}

Result<void> PartitionWriter::sync_locked(Lock& lock, uint64_t upto) {
  while (durable_ < upto) {
    if (failed_) return *failed_;
    if (syncing_) {
      synced_.wait(lock);
      continue;
    }
    syncing_ = true;
    const uint64_t end = index_.end.offset, bytes = index_.end.bytes, begun = begun_;
    const bool names = folder_synced_ < begun;
    std::vector<std::shared_ptr<LogFile>> files;
    for (const Unsynced& segment : unsynced_) files.push_back(segment.file);
    files.push_back(file_);
    lock.unlock();
    Result<void> done;
    for (size_t i = 0; i < files.size() && done; ++i) done = files[i]->sync();
    if (names && done) done = place_.disk->sync_folder(folder_);
    lock.lock();
    syncing_ = false;
    if (failed_) {  // perhaps another call was told that the disk had failed
      synced_.notify_all();
      return *failed_;
    }
    if (!done) {
      // The kernel may have dropped the pages: a second sync would promise what is not so. What
      // nobody has seen goes, so that the next opening does not take it for written. Not so what
      // waits for its commit: that may have been promised to survive a kill, and a restart that
      // does not want it takes it back.
      const bool unseen =
          rule_ == Visible::kDurable && visible_ <= durable_ && unsynced_.empty();
      if (unseen && files.back() == file_) (void)file_->truncate(durable_bytes_);
      done.error().code = "topic-sync-failed";
      return fail(std::move(done.error()));
    }
    folder_synced_ = std::max(folder_synced_, begun);
    durable_ = std::max(durable_, end);
    while (!unsynced_.empty() && unsynced_.front().end <= durable_) unsynced_.pop_front();
    if (files.back() == file_) durable_bytes_ = std::max(durable_bytes_, bytes);
    if (rule_ == Visible::kDurable) show(durable_);
    synced_.notify_all();
  }
  return {};
}

Result<void> PartitionWriter::cut(uint64_t offset) {
  Lock lock(mutex_);
  while (syncing_) synced_.wait(lock);
  if (failed_) return *failed_;
  if (offset >= index_.end.offset) return {};
  CHECK_GE(offset, visible_);
  while (offset < base_) {
    if (Result<void> done = drop_last_segment(); !done) return fail(done.error());
  }
  SegmentIndex index;
  index.end.offset = base_;
  const auto end = walk_segment(*file_, base_, 0, false, [&](const BatchHead& head, uint64_t at) {
    if (head.end() > offset) return false;
    note_batch(index, head, at);
    return true;
  });
  if (!end) return end.error();
  if (end->offset != offset) {
    return topic_damaged(path(segment_name(base_)),
                         "no batch ends at offset " + std::to_string(offset));
  }
  index_ = std::move(index);
  if (Result<void> done = file_->truncate(index_.end.bytes); !done) return fail(done.error());
  if (Result<void> done = sync_all(); !done) return fail(done.error());
  return {};
}

/// The segment in front of the last becomes the last.
Result<void> PartitionWriter::drop_last_segment() {
  CHECK(!sealed_.empty());
  const uint64_t base = sealed_.back().base;
  auto file = place_.disk->open(path(segment_name(base)), LogDisk::Open::kWrite);
  if (!file) return file.error();
  const auto index = load_index(*place_.disk, folder_, base, **file, false);
  if (!index) return index.error();
  PENSTOCK_TRY(place_.disk->remove(path(segment_name(base_))));
  PENSTOCK_TRY(place_.disk->remove(path(index_name(base))));
  PENSTOCK_TRY(place_.disk->sync_folder(folder_));
  file_ = *std::move(file);
  base_ = base;
  index_ = *index;
  sealed_.pop_back();
  if (!unsynced_.empty()) unsynced_.pop_back();
  return {};
}

void PartitionWriter::release(uint64_t end) {
  const Lock lock(mutex_);
  CHECK_LE(end, index_.end.offset);
  show(end);
}

Result<void> PartitionWriter::retain() {
  Lock lock(mutex_);
  if (failed_) return *failed_;
  const int64_t oldest_us = place_.clock->wall_us() - settings_.retention.us;
  const auto aged = [&] {
    return settings_.retention.us > 0 && index_.end.bytes > 0 &&
           index_.end.appended_us < oldest_us && visible_ == index_.end.offset;
  };
  while (aged() && unsynced_.size() >= kUnsyncedMax) PENSTOCK_TRY(sync_oldest(lock));
  if (aged()) return roll();
  return retain_locked();
}

/// Oldest first, each removal synced before the next: whatever a power cut undoes, no gap remains.
Result<void> PartitionWriter::retain_locked() {
  uint64_t bytes = index_.end.bytes;
  for (const Sealed& segment : sealed_) bytes += segment.bytes;
  const int64_t oldest_us = place_.clock->wall_us() - settings_.retention.us;
  while (!sealed_.empty()) {
    const Sealed& segment = sealed_.front();
    const uint64_t next = sealed_.size() > 1 ? sealed_[1].base : base_;
    const bool large = settings_.retention_bytes.bytes > 0 &&
                       bytes - segment.bytes >= settings_.retention_bytes.bytes;
    const bool old = settings_.retention.us > 0 && segment.appended_us < oldest_us;
    if ((!large && !old) || next > visible_) return {};
    PENSTOCK_TRY(sync_names());  // of the one that will be the first
    PENSTOCK_TRY(place_.disk->remove(path(index_name(segment.base))));
    PENSTOCK_TRY(place_.disk->remove(path(segment_name(segment.base))));
    PENSTOCK_TRY(place_.disk->sync_folder(folder_));
    bytes -= segment.bytes;
    if (!unsynced_.empty() && unsynced_.front().base == segment.base) unsynced_.pop_front();
    sealed_.pop_front();
  }
  return {};
}

uint64_t PartitionWriter::start() const {
  const Lock lock(mutex_);
  return sealed_.empty() ? base_ : sealed_.front().base;
}

uint64_t PartitionWriter::end() const {
  const Lock lock(mutex_);
  return index_.end.offset;
}

uint64_t PartitionWriter::visible() const {
  const Lock lock(mutex_);
  return visible_;
}

}  // namespace penstock
