// SPDX-License-Identifier: Apache-2.0
#include "penstock/bench_stages.h"

#include <algorithm>
#include <cmath>

namespace penstock {
namespace {

struct NoOptions {};

const Schema<NoOptions>& no_options() {
  static const Schema<NoOptions> schema({});
  return schema;
}

/// Makes numbered messages, each stamped with the time at which it was due: what waits because the
/// sink is slow has waited, whoever made it late.
class BenchLoad final : public Source {
 public:
  BenchLoad(std::shared_ptr<BenchLedger> ledger, const LoadShape& shape)
      : ledger_(std::move(ledger)), shape_(shape) {}

  Result<void> open(const TaskContext& context, const Positions&) override {
    context_ = context;
    const uint64_t tasks = context.tasks;
    if (shape_.records > 0) {
      count_ = shape_.records / tasks + (context.task < shape_.records % tasks ? 1 : 0);
    }
    per_ns_ = shape_.per_second / static_cast<double>(tasks) / 1e9;
    return {};
  }

  Result<Pull> pull(SourceOutput& out) override {
    const int64_t now_ns = context_.clock->monotonic_ns();
    if (start_ns_ == 0) start_ns_ = now_ns;
    const bool over = shape_.for_ns > 0 && now_ns - start_ns_ >= shape_.for_ns;
    if (number_ == count_ || over) return Pull::end();
    uint64_t due = count_;
    if (per_ns_ > 0) {
      const double passed = static_cast<double>(now_ns - start_ns_) * per_ns_;
      due = std::min(count_, static_cast<uint64_t>(passed) + 1);
      if (due <= number_) return Pull::idle(due_ns(number_));
    }
    BatchBuilder builder(*context_.pool, context_.batch_records_max);
    const uint64_t first = number_;
    for (; number_ < due && !builder.full(); ++number_) add(builder, now_ns);
    const uint64_t bytes = builder.bytes();
    // Noted first: nothing may come before it was sent.
    ledger_->sent(context_.task, number_ - first, bytes, now_ns);
    out.emit(builder.take());
    return Pull::more();
  }

  Positions positions() override {
    return {{std::to_string(context_.task), {std::to_string(number_), number_ == count_}}};
  }

 private:
  int64_t due_ns(uint64_t number) const {
    return start_ns_ + static_cast<int64_t>(std::ceil(static_cast<double>(number) / per_ns_));
  }
  void add(BatchBuilder& builder, int64_t now_ns) {
    const int64_t at_ns = per_ns_ > 0 ? due_ns(number_) : now_ns;
    write_load(text_, ledger_->run(), {context_.task, number_, at_ns}, shape_.bytes);
    Record& record = builder.append(text_);
    record.event_time_us = context_.clock->wall_us();
    if (ledger_->keys() > 0) {
      builder.set_key(record, "key-" + std::to_string(number_ % ledger_->keys()));
    }
  }

  const std::shared_ptr<BenchLedger> ledger_;
  const LoadShape shape_;
  TaskContext context_;
  uint64_t count_ = UINT64_MAX, number_ = 0;
  double per_ns_ = 0;
  int64_t start_ns_ = 0;
  std::string text_;
};

/// Notes what comes.
class BenchMeter final : public Sink {
 public:
  explicit BenchMeter(std::shared_ptr<BenchLedger> ledger) : ledger_(std::move(ledger)) {}
  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    return {};
  }
  void write(Batch batch, SinkOutput&) override {
    const int64_t now_ns = clock_->monotonic_ns();
    batch.for_each([&](const Record& record) {
      ledger_->received(record.payload_view(), now_ns);
    });
  }
  void barrier(const Barrier& barrier, SinkOutput& out) override { out.delivered(barrier.epoch); }

 private:
  const std::shared_ptr<BenchLedger> ledger_;
  const Clock* clock_ = nullptr;
};

class LoadFactory final : public SourceFactory {
 public:
  LoadFactory(std::shared_ptr<BenchLedger> ledger, const LoadShape& shape)
      : ledger_(std::move(ledger)), shape_(shape) {}
  std::unique_ptr<Source> create() const override {
    return std::make_unique<BenchLoad>(ledger_, shape_);
  }

 private:
  const std::shared_ptr<BenchLedger> ledger_;
  const LoadShape shape_;
};

class MeterFactory final : public SinkFactory {
 public:
  explicit MeterFactory(std::shared_ptr<BenchLedger> ledger) : ledger_(std::move(ledger)) {}
  std::unique_ptr<Sink> create() const override { return std::make_unique<BenchMeter>(ledger_); }

 private:
  const std::shared_ptr<BenchLedger> ledger_;
};

}  // namespace

void register_bench(Catalog& catalog, std::shared_ptr<BenchLedger> ledger,
                    const LoadShape& shape) {
  catalog.add(component<NoOptions>(
      ComponentKind::kSource, "bench_load", "", "The load of `penstock bench`.", {}, no_options(),
      [ledger, shape](Bound& bound, std::shared_ptr<const NoOptions>) {
        bound.source = std::make_unique<LoadFactory>(ledger, shape);
      }));
  Traits meter;
  meter.two_phase = true;  // it counts what comes: there is nothing to publish
  meter.single_task = true;
  catalog.add(component<NoOptions>(
      ComponentKind::kSink, "bench_meter", "", "The meter of `penstock bench`.", meter,
      no_options(), [ledger](Bound& bound, std::shared_ptr<const NoOptions>) {
        bound.sink = std::make_unique<MeterFactory>(ledger);
      }));
}

}  // namespace penstock
