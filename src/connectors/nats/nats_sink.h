// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <memory>
#include <string>

#include "connectors/nats/nats_publisher.h"

namespace penstock {

struct NatsSinkOptions : NatsAccess {
  std::string subject;
  std::string subject_header;
  std::string key_header = kNatsKeyHeader;
  std::map<std::string, std::string> headers;
  Duration patience = seconds(5);
};

const Schema<NatsSinkOptions>& nats_sink_options();

/// Publishes records. Delivered means that the server has read them; who listens gets them, nobody
/// keeps them.
class NatsSink final : public Sink {
 public:
  explicit NatsSink(std::shared_ptr<const NatsSinkOptions> options)
      : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput&) override { publisher_->write(std::move(batch)); }
  void barrier(const Barrier& barrier, SinkOutput& out) override {
    publisher_->barrier(barrier.epoch, out);
  }
  void on_wake(int64_t, SinkOutput& out) override { publisher_->on_wake(out); }
  bool full() const override { return publisher_->full(); }
  void close() override { publisher_.reset(); }

 private:
  const std::shared_ptr<const NatsSinkOptions> options_;
  std::unique_ptr<NatsPublisher> publisher_;
};

}  // namespace penstock
