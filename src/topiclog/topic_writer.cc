// SPDX-License-Identifier: Apache-2.0
#include "topiclog/topic_writer.h"

#include <chrono>

namespace penstock {
namespace {

constexpr uint64_t kSettingsBytesMax = 4096;

Error in_use(const Error& locked, const std::string& folder) {
  if (locked.code != "state-locked") return locked;
  const size_t by = locked.message.rfind(" in use by ");
  return stop_error("topic-in-use",
                    "the topic '" + folder + "' is" + locked.message.substr(by) +
                        ", which writes it",
                    "one process at a time writes a topic: stop the other one, or write a topic "
                    "of its own");
}

}  // namespace

Result<std::shared_ptr<TopicWriter>> TopicWriter::open(const TopicPlace& place,
                                                       const std::string& folder,
                                                       const TopicWriterOptions& options) {
  std::shared_ptr<TopicWriter> writer(new TopicWriter(place, folder, options));
  PENSTOCK_TRY(writer->start());
  return writer;
}

Result<void> TopicWriter::start() {
  const Result<std::string> bytes = place_.disk->read(folder_ + "/topic", kSettingsBytesMax);
  if (!bytes) return bytes.error();
  const Result<TopicSettings> settings = decode_settings(*bytes, folder_ + "/topic");
  if (!settings) return settings.error();
  settings_ = *settings;
  Result<std::shared_ptr<void>> lock = place_.disk->lock(folder_ + "/lock");
  if (!lock) return in_use(lock.error(), folder_);
  lock_ = *std::move(lock);
  auto found = load_transaction(*place_.disk, folder_);
  if (!found) return found.error();
  if (*found && (*found)->ends.size() != settings_.partitions) {
    return topic_damaged(folder_ + "/transaction", "it is of another topic");
  }
  std::vector<uint64_t> visible;
  for (uint32_t p = 0; p < settings_.partitions; ++p) {
    const std::string folder = folder_ + "/" + std::to_string(p);
    PENSTOCK_TRY(place_.disk->make_folders(folder));
    auto partition = PartitionWriter::open(place_, folder, settings_, p,
                                           *found ? (*found)->ends[p] : UINT64_MAX);
    if (!partition) return partition.error();
    visible.push_back((*partition)->end());
    partitions_.push_back(*std::move(partition));
  }
  PENSTOCK_TRY(settle(*found, visible));
  const auto tail = place_.tails->open(folder_, settings_.partitions, true);
  if (!tail) return tail.error();
  (*tail)->publish_all(visible);
  const Visible rule = !options_.transaction.empty() ? Visible::kReleased
                       : durable()                   ? Visible::kDurable
                                                     : Visible::kWritten;
  for (uint32_t p = 0; p < settings_.partitions; ++p) {
    partitions_[p]->show_in(*tail, rule, visible[p]);
  }
  PENSTOCK_TRY(retain());
  const bool ages = settings_.retention.us > 0 && options_.interval.us > 0;
  if (options_.fsync == TopicFsync::kInterval || ages) {
    keeper_ = std::thread([this] { look_after(); });
  }
  return {};
}

/// Who may go on behind what is there, and how much of it may be read.
Result<void> TopicWriter::settle(const std::optional<TransactionFile>& found,
                                 std::vector<uint64_t>& visible) {
  if (found) {
    const TransactionFile& open = *found;
    bool pending = false;
    for (size_t p = 0; p < visible.size(); ++p) {
      pending = pending || open.ends[p] < visible[p];
      if (open.name == options_.transaction) visible[p] = std::min(visible[p], open.ends[p]);
    }
    if (pending && open.name != options_.transaction) {
      return stop_error("topic-pending",
                        "records of the transaction '" + open.name + "' in '" + folder_ +
                            "' wait for their commit",
                        "run the pipeline that wrote them to its end, or `penstock topic write "
                        "--abort " + open.name + "`");
    }
  }
  if (!options_.transaction.empty()) {
    PENSTOCK_TRY(save(visible));
    visible_ = visible;
    return {};
  }
  if (!found) return {};
  // For certain gone before anything is written that it would call uncommitted.
  PENSTOCK_TRY(place_.disk->remove(folder_ + "/transaction"));
  return place_.disk->sync_folder(folder_);
}

Result<void> TopicWriter::save(const std::vector<uint64_t>& visible) {
  const std::string path = folder_ + "/transaction";
  const std::string bytes = encode_transaction({options_.transaction, visible});
  PENSTOCK_TRY(place_.disk->remove(path + ".tmp"));
  // Synced whatever the policy: half of this file would leave nobody knowing what is committed.
  PENSTOCK_TRY(place_.disk->write(path + ".tmp", bytes, true));
  return place_.disk->rename(path + ".tmp", path, true);
}

TopicWriter::~TopicWriter() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ended_.notify_all();
  if (keeper_.joinable()) keeper_.join();
}

void TopicWriter::look_after() {
  const bool syncs = options_.fsync == TopicFsync::kInterval;
  std::unique_lock lock(mutex_);
  const auto pause = std::chrono::microseconds(options_.interval.us);
  while (!ended_.wait_for(lock, pause, [this] { return ending_; })) {
    lock.unlock();
    // A failure stands in the partition: who appends next is told.
    if (syncs) (void)sync();
    (void)retain();
    lock.lock();
  }
  lock.unlock();
  if (syncs) (void)sync();
}

Result<uint64_t> TopicWriter::append_only(uint32_t p, std::span<BatchBody> batches) {
  return partitions_[p]->append(batches);
}

Result<uint64_t> TopicWriter::append(uint32_t p, std::span<BatchBody> batches) {
  Result<uint64_t> end = append_only(p, batches);
  if (end && durable()) PENSTOCK_TRY(partitions_[p]->sync());
  return end;
}

Result<void> TopicWriter::sync() {
  for (const auto& partition : partitions_) PENSTOCK_TRY(partition->sync());
  return {};
}

Result<void> TopicWriter::retain() {
  for (const auto& partition : partitions_) PENSTOCK_TRY(partition->retain());
  return {};
}

std::vector<uint64_t> TopicWriter::ends() const {
  std::vector<uint64_t> ends;
  for (const auto& partition : partitions_) ends.push_back(partition->end());
  return ends;
}

Result<void> TopicWriter::check_reach(const std::vector<uint64_t>& ends) const {
  for (size_t p = 0; p < partitions_.size() && p < ends.size(); ++p) {
    const uint64_t there = partitions_[p]->end();
    if (there >= ends[p]) continue;
    return stop_error("topic-records-lost",
                      "partition " + std::to_string(p) + " of '" + folder_ + "' ends at offset " +
                          std::to_string(there) + "; records up to " + std::to_string(ends[p]) +
                          " had been committed",
                      "a power cut takes what `durability: kill` did not sync; `penstock "
                      "positions reset` begins anew");
  }
  return {};
}

Result<void> TopicWriter::commit(const std::vector<uint64_t>& ends) {
  CHECK(!options_.transaction.empty());
  PENSTOCK_TRY(check_reach(ends));
  const std::lock_guard lock(mutex_);
  std::vector<uint64_t> next = visible_;
  for (size_t p = 0; p < next.size() && p < ends.size(); ++p) next[p] = std::max(next[p], ends[p]);
  if (next == visible_) return {};
  PENSTOCK_TRY(save(next));
  visible_ = next;
  for (size_t p = 0; p < next.size(); ++p) partitions_[p]->release(next[p]);
  return {};
}

Result<void> TopicWriter::rewind(const std::vector<uint64_t>& ends) {
  CHECK(!options_.transaction.empty());
  PENSTOCK_TRY(check_reach(ends));
  std::vector<uint64_t> to;
  {
    const std::lock_guard lock(mutex_);
    to = visible_;
  }
  for (size_t p = 0; p < to.size(); ++p) {
    if (p < ends.size()) to[p] = std::max(to[p], ends[p]);
    PENSTOCK_TRY(partitions_[p]->cut(to[p]));
  }
  return {};
}

}  // namespace penstock
