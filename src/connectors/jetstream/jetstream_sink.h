// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "connectors/jetstream/jetstream_options.h"
#include "connectors/nats/nats_publisher.h"
#include "sdk/identities.h"

namespace penstock {

/// Publishes records to a stream. Delivered means that the stream has stored them, or had them
/// already.
class JetStreamSink final : public Sink, public TakesIdentities {
 public:
  explicit JetStreamSink(std::shared_ptr<const JetStreamSinkOptions> options)
      : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput&) override { publisher_->write(std::move(batch)); }
  void barrier(const Barrier& barrier, SinkOutput& out) override {
    publisher_->barrier(barrier.epoch, out);
  }
  void on_wake(int64_t, SinkOutput& out) override { publisher_->on_wake(out); }
  bool full() const override { return publisher_->full(); }
  void close() override { publisher_.reset(); }
  void identify(std::vector<std::string> names) override { identities_ = std::move(names); }

 private:
  Result<void> prepare(NatsSession& session) const;
  NatsForm form(const TaskContext& context) const;
  NatsPublisher::Style style(uint32_t tasks) const;

  const std::shared_ptr<const JetStreamSinkOptions> options_;
  std::vector<std::string> identities_;
  std::unique_ptr<NatsPublisher> publisher_;
};

}  // namespace penstock
