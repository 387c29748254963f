// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "topiclog/partition_writer.h"
#include "topiclog/transaction.h"

namespace penstock {

/// When what was appended goes to the disk by itself.
enum class TopicFsync : uint8_t {
  kAlways,    ///< sync() after every group; readers see it only then
  kInterval,  ///< a thread syncs every so often
  kNever,     ///< the kernel decides; segments are synced when they end
};

struct TopicWriterOptions {
  TopicFsync fsync = TopicFsync::kInterval;
  /// Of kInterval; and how often a topic whose records age is looked after, whatever the policy.
  /// 0 = never: they go when segments end.
  Duration interval = seconds(1);
  /// Readers see only what commit() has released; the name finds what a crash left uncommitted.
  /// Empty = no transactions.
  std::string transaction;
};

/// The one writer of a topic on this machine, shared by all who write it in this process.
/// Thread-safe. All calls block.
class TopicWriter {
 public:
  /// `folder` is the topic's. "topic-in-use" if another process writes it; "topic-pending" if
  /// records of another transaction's name wait there for their commit.
  static Result<std::shared_ptr<TopicWriter>> open(const TopicPlace& place,
                                                   const std::string& folder,
                                                   const TopicWriterOptions& options);
  ~TopicWriter();

  const TopicSettings& settings() const { return settings_; }
  uint32_t partitions() const { return settings_.partitions; }
  PartitionWriter& partition(uint32_t p) { return *partitions_[p]; }
  /// One group of closed batches into one partition, as the policy says: with kAlways the result
  /// is durable, for others it is in the kernel. The offset behind the last record.
  Result<uint64_t> append(uint32_t p, std::span<BatchBody> batches);
  /// As append, but never syncs: for those who sync() many groups at once.
  Result<uint64_t> append_only(uint32_t p, std::span<BatchBody> batches);
  /// Everything that was appended is on the disk.
  Result<void> sync();
  Result<void> retain();
  /// Ends of all partitions.
  std::vector<uint64_t> ends() const;

  /// Transactions. commit: offsets below `ends` are there for good, all partitions at once; ends
  /// that were passed already change nothing. rewind: what is beyond the last commit, or beyond
  /// `ends` where that is more, goes. "topic-records-lost" if the log does not reach `ends`.
  Result<void> commit(const std::vector<uint64_t>& ends);
  Result<void> rewind(const std::vector<uint64_t>& ends);

 private:
  TopicWriter(const TopicPlace& place, std::string folder, const TopicWriterOptions& options)
      : place_(place), folder_(std::move(folder)), options_(options) {}
  Result<void> start();
  Result<void> settle(const std::optional<TransactionFile>& found, std::vector<uint64_t>& visible);
  Result<void> save(const std::vector<uint64_t>& visible);
  Result<void> check_reach(const std::vector<uint64_t>& ends) const;
  void look_after();
  bool durable() const { return options_.fsync == TopicFsync::kAlways; }

  const TopicPlace place_;
  const std::string folder_;
  const TopicWriterOptions options_;
  TopicSettings settings_;
  std::shared_ptr<void> lock_;
  std::vector<std::unique_ptr<PartitionWriter>> partitions_;
  std::mutex mutex_;               // guards what follows
  std::condition_variable ended_;
  bool ending_ = false;
  std::vector<uint64_t> visible_;  // transactions: as the file says
  std::thread keeper_;             // syncs in turns, and removes what is old
};

}  // namespace penstock
