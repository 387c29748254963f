// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_options.h"
#include "connectors/kafka/kafka_producer.h"
#include "sdk/commit_point.h"

namespace penstock {

/// The transactions of a region: one producer for all its sinks, one transaction from a commit to
/// the next. It carries the offsets of the sources that read the same cluster.
///
/// A transaction is begun by the first record after a commit. Between a checkpoint's barrier and
/// the commit no sink sends anything.
class KafkaTransaction final : public CommitPoint {
 public:
  static Result<std::shared_ptr<KafkaTransaction>> make(const KafkaSinkOptions& options,
                                                        const std::string& identity,
                                                        const TaskContext& context);
  ~KafkaTransaction() override;

  KafkaProducer& producer() { return *producer_; }
  const std::shared_ptr<KafkaProducer>& shared_producer() const { return producer_; }
  /// Begins a transaction if none is open. Any task; hardly blocks.
  Result<void> begin();
  /// The sink has the barrier of a checkpoint; `go_on` says when it may send again.
  void seal(std::shared_ptr<KafkaFlight> flight);

  const std::string& place() const override { return place_; }
  Result<int64_t> recover() override;
  Result<void> commit(int64_t mark, const std::vector<SourceShare>& shares) override;
  void abandon() override;

 private:
  KafkaTransaction() = default;
  void unseal();
  Result<int64_t> read_mark() const;

  const KafkaSinkOptions* options_ = nullptr;  // the sink's, who keeps this
  Logger* log_ = nullptr;
  std::string stage_;
  std::shared_ptr<KafkaProducer> producer_;
  std::string place_;
  std::string id_;
  std::string mark_topic_;  // whose partition 0 carries the mark, as the offset of a group
  Duration timeout_;
  std::mutex mutex_;
  bool open_ = false;                                 // guarded by mutex_
  std::vector<std::shared_ptr<KafkaFlight>> sealed_;  // guarded by mutex_
};

}  // namespace penstock
