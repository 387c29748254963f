// SPDX-License-Identifier: Apache-2.0
#include "stages/delay/delay.h"

#include <memory>

#include "stages/held_records.h"

namespace penstock {
namespace {

struct DelayOptions {
  Duration duration;
  ByteSize bytes_max = mebibytes(64);
};

const Schema<DelayOptions>& delay_schema() {
  using O = DelayOptions;
  static const Schema<O> schema({
      field("duration", &O::duration)
          .required()
          .at_most(seconds(24 * 3600))
          .about("How long each record waits, counted from its arrival."),
      field("bytes_max", &O::bytes_max)
          .at_least(kibibytes(64))
          .about("Bytes that may wait in one task; beyond them the input waits too."),
  });
  return schema;
}

/// Lets each batch go `duration` after it came.
class Delay final : public Stage {
 public:
  explicit Delay(std::shared_ptr<const DelayOptions> options) : options_(std::move(options)) {}

  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    held_ = std::make_unique<HeldRecords>(*context.pool);
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (options_->duration.us == 0) return out.emit(std::move(batch));
    held_->add(std::move(batch), clock_->monotonic_ns() + options_->duration.ns());
  }
  void on_timer(int64_t now_ns, Output& out) override { let_go(now_ns, out); }
  void flush(Output& out) override { let_go(kNever, out); }
  int64_t next_timer_ns() const override {
    return held_->empty() ? kNever : held_->front_time_ns();
  }
  bool full() const override { return held_->bytes() >= options_->bytes_max.bytes; }
  Epoch floor() const override { return held_->epoch(); }
  int64_t oldest_event_time_us() const override { return held_->oldest_event_time_us(); }

 private:
  void let_go(int64_t until_ns, Output& out) {
    while (!held_->empty() && held_->front_time_ns() <= until_ns) {
      out.emit(held_->take(kBatchRecordsMax));
    }
  }

  std::shared_ptr<const DelayOptions> options_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<HeldRecords> held_;
};

}  // namespace

void register_delay(Catalog& catalog) {
  Traits traits;
  traits.holds = true;
  catalog.add(stage_component<DelayOptions, Delay>(
      "delay", "stages/delay", "Lets each record wait for a fixed time.", traits, delay_schema()));
}

}  // namespace penstock
