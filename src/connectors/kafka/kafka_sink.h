// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <string>

#include "connectors/kafka/kafka_options.h"
#include "connectors/kafka/kafka_producer.h"
#include "connectors/kafka/kafka_transaction.h"
#include "sdk/sink.h"

namespace penstock {

/// Writes records to a topic. At least once, delivered is what the brokers have confirmed; a record
/// that can never be taken is rejected. Exactly once, all sinks of the region write in one
/// transaction, which is its commit point. Everything else that fails starts the region again from
/// its last commit, which keeps the order.
class KafkaSink final : public Sink, public CommitsOutside, public InRegion {
 public:
  KafkaSink(std::shared_ptr<const KafkaSinkOptions> options,
            std::shared_ptr<KafkaPoison> poison)
      : options_(std::move(options)), poison_(std::move(poison)) {}
  ~KafkaSink() override;
  void join(const RegionPlace& place) override { place_ = place; }
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  bool full() const override {
    return flight_->sealed() || flight_->full(options_->buffer_bytes.bytes);
  }
  CommitPoint* commit_point() override { return transaction_.get(); }

 private:
  struct Closed {
    std::unique_ptr<KafkaSending> sending;
    Epoch epoch = 0;
  };
  Result<void> meet();
  Result<void> find_topic();
  void send(const Batch& batch, SinkOutput& out);
  void send_waiting(SinkOutput& out);
  void confirm(SinkOutput& out);
  void take_back(SinkOutput& out);

  const std::shared_ptr<const KafkaSinkOptions> options_;
  const std::shared_ptr<KafkaPoison> poison_;  // outlives resets
  Shelf own_shelf_;  // where no region has one
  RegionPlace place_;
  TaskContext context_;
  std::shared_ptr<KafkaTransaction> transaction_;  // exactly once only
  std::shared_ptr<KafkaProducer> producer_;
  std::shared_ptr<KafkaFlight> flight_;
  rd_kafka_topic_s* topic_ = nullptr;
  uint64_t record_bytes_max_ = 0;
  std::unique_ptr<KafkaSending> open_;  // since the last barrier
  std::deque<Closed> closed_;           // behind barriers that are not confirmed
  std::deque<Batch> waiting_;           // came while the sink was sealed
  bool failed_ = false;
};

}  // namespace penstock
