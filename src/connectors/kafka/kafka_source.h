// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/kafka_consumer.h"
#include "connectors/kafka/kafka_options.h"
#include "sdk/commit_point.h"

namespace penstock {

/// Reads topics, as a member of a consumer group or all of their partitions. Records are taken from
/// the client's queue in batches and copied once.
///
/// Polling does not depend on back-pressure: when the engine does not pull for a while, a thread of
/// the source's own stops the fetching and answers the group, until pulling goes on.
///
/// A partition that the group takes away is not read any more at once, but given up only when all
/// that was read of it is delivered and committed (or the bound is over: then the region starts
/// again from its last commit).
class KafkaSource final : public Source,
                          public SharesCommit,
                          public KnowsLag,
                          public InRegion {
 public:
  explicit KafkaSource(std::shared_ptr<const KafkaSourceOptions> options)
      : options_(std::move(options)) {}
  ~KafkaSource() override;
  void join(const RegionPlace& place) override { place_ = place; }
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  Result<std::optional<SourceShare>> share(const Positions& positions) override;
  int64_t lag() const override { return consumer_ == nullptr ? -1 : consumer_->lag(); }
  void stop() override;
  void close() override;

 private:
  struct Answer;
  /// What the group wants, until it has it.
  struct Change {
    KafkaRebalance wanted;
    int64_t since_ns = 0;            // 0: nothing was done about it yet
    std::shared_ptr<Answer> answer;  // of the work under way
  };

  KafkaSettings settings() const;
  Result<void> assign_all();
  void rebalanced(KafkaRebalance wanted);
  Result<void> change(SourceOutput* out);
  Result<bool> take_over(Change& change);
  Result<bool> give_up(Change& change, SourceOutput* out);
  KafkaReading* reading_of(const std::string& name);
  bool all_committed(const std::vector<KafkaPlace>& parts);
  std::shared_ptr<Answer> ask(std::function<Result<std::vector<KafkaPlace>>()> question);
  void keep_alive();
  void keep_alive_once(int64_t now_ns);
  bool done() const;

  const std::shared_ptr<const KafkaSourceOptions> options_;
  RegionPlace place_;
  TaskContext context_;
  std::shared_ptr<const Positions> restored_;
  bool grouped_ = false;         // a member of a group, which says what to read
  bool in_transaction_ = false;  // a commit point outside carries our offsets
  std::atomic<bool> lost_{false};  // partitions are others' now, with records of theirs under way

  // The mutex is for the keeper's sake: the task holds it while it pulls.
  mutable std::mutex mutex_;
  std::shared_ptr<KafkaConsumer> consumer_;
  std::optional<BatchBuilder> builder_;  // guarded by mutex_, as is all below
  std::deque<Change> changes_;
  std::vector<std::shared_ptr<Answer>> asked_;
  bool idle_ = false;    // pull() found nothing
  bool paused_ = false;  // by the keeper
  bool stopped_ = false;
  int64_t pulled_ns_ = 0;
  int64_t lag_looked_ns_ = 0;
  bool closing_ = false;
  std::condition_variable wake_keeper_;
  std::thread keeper_;
};

}  // namespace penstock
