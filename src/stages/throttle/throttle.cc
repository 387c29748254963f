// SPDX-License-Identifier: Apache-2.0
#include "stages/throttle/throttle.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "stages/held_records.h"

namespace penstock {
namespace {

struct ThrottleOptions {
  double rate = 0;
  Duration per = seconds(1);
  uint64_t burst = 0;
};

const Schema<ThrottleOptions>& throttle_schema() {
  using O = ThrottleOptions;
  static const Schema<O> schema(
      {
          field("rate", &O::rate)
              .required()
              .at_most(1e9)
              .about("Records in each `per`, of all tasks of the stage together."),
          field("per", &O::per)
              .range(milliseconds(1), seconds(24 * 3600))
              .about("The time that `rate` is counted in."),
          field("burst", &O::burst)
              .at_most(1'000'000'000)
              .about("Records that may pass at once after a pause; 0 = what comes in a hundredth "
                     "of a second, at least one."),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        if (o.rate <= 0) diagnostics.error("out-of-range", at, "rate must be more than 0");
      });
  return schema;
}

/// A token bucket, kept as the moment at which the next record is due: a record moves it on by one
/// interval, and a pause is worth `burst` intervals at most.
class Throttle final : public Stage {
 public:
  explicit Throttle(std::shared_ptr<const ThrottleOptions> options)
      : options_(std::move(options)) {}

  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    held_ = std::make_unique<HeldRecords>(*context.pool);
    const double rate = options_->rate / context.tasks;
    interval_ns_ = static_cast<double>(options_->per.ns()) / rate;
    const auto usual = static_cast<uint64_t>(kTurnNs / interval_ns_);
    const uint64_t burst = options_->burst > 0 ? options_->burst / context.tasks : usual;
    burst_ns_ = static_cast<double>(std::max<uint64_t>(1, burst) - 1) * interval_ns_;
    due_ns_ = static_cast<double>(clock_->monotonic_ns()) - burst_ns_;
    return {};
  }
  void process(Batch batch, Output& out) override {
    const int64_t now_ns = clock_->monotonic_ns();
    if (held_->empty()) {  // a pause fills the bucket, and no more than that
      due_ns_ = std::max(due_ns_, static_cast<double>(now_ns) - burst_ns_);
      if (due_ns_ + (batch.size() - 1.0) * interval_ns_ <= static_cast<double>(now_ns)) {
        due_ns_ += batch.size() * interval_ns_;
        return out.emit(std::move(batch));
      }
    }
    held_->add(std::move(batch), now_ns);
    let_go(now_ns, out);
  }
  void on_timer(int64_t now_ns, Output& out) override { let_go(now_ns, out); }
  int64_t next_timer_ns() const override { return held_->empty() ? kNever : timer_ns_; }
  bool full() const override { return !held_->empty(); }
  Epoch floor() const override { return held_->epoch(); }
  int64_t oldest_event_time_us() const override { return held_->oldest_event_time_us(); }

 private:
  static constexpr double kTurnNs = 10e6;     // a hundredth of a second
  static constexpr double kTimerNsMin = 1e6;  // finer than this, several records go at a time
  static constexpr double kLatenessNs = 1e9;  // what a clock that stood still makes up for

  void let_go(int64_t now_ns, Output& out);

  std::shared_ptr<const ThrottleOptions> options_;
  const Clock* clock_ = nullptr;
  double interval_ns_ = 0;
  double burst_ns_ = 0;
  double due_ns_ = 0;  // of the next record
  int64_t timer_ns_ = kNever;
  std::unique_ptr<HeldRecords> held_;
};

void Throttle::let_go(int64_t now_ns, Output& out) {
  const auto now = static_cast<double>(now_ns);
  due_ns_ = std::max(due_ns_, now - std::max(burst_ns_, kLatenessNs));
  while (!held_->empty() && due_ns_ <= now) {
    const double allowed = std::min(std::floor((now - due_ns_) / interval_ns_) + 1, 1e9);
    Batch batch = held_->take(static_cast<uint32_t>(allowed));
    due_ns_ += batch.size() * interval_ns_;
    out.emit(std::move(batch));
  }
  timer_ns_ = static_cast<int64_t>(std::ceil(std::max(due_ns_, now + kTimerNsMin)));
}

}  // namespace

void register_throttle(Catalog& catalog) {
  Traits traits;
  traits.holds = true;
  catalog.add(stage_component<ThrottleOptions, Throttle>(
      "throttle", "stages/throttle", "Lets so many records a second pass and no more.", traits,
      throttle_schema()));
}

}  // namespace penstock
