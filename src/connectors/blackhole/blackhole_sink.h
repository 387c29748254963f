// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "config/schema.h"
#include "sdk/sink.h"

namespace penstock {

class Catalog;

/// The sink `blackhole`.
void register_blackhole(Catalog& catalog);

struct BlackholeOptions {
  bool touch = false;
};

const Schema<BlackholeOptions>& blackhole_schema();

/// Takes everything and keeps nothing. For measuring.
class BlackholeSink final : public Sink {
 public:
  explicit BlackholeSink(std::shared_ptr<const BlackholeOptions> options)
      : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override { out.delivered(barrier.epoch); }
  void close() override;

 private:
  std::shared_ptr<const BlackholeOptions> options_;
  TaskContext context_;
  uint64_t records_ = 0;
  uint64_t bytes_ = 0;
  uint64_t sum_ = 0;  // of all payload bytes, if they are touched
};

}  // namespace penstock
