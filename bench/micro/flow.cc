// SPDX-License-Identifier: Apache-2.0
// Runs a flow in this process and prints its figures: the engine without a command line around it.
// Two components of its own measure hand-overs: `stamp` makes records that say when, `latency`
// looks how long ago that was.
//   micro_flow FILE
#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "base/log.h"
#include "ceiling/measure.h"
#include "penstock/catalog.h"
#include "plan/plan.h"
#include "runtime/engine.h"
#include "spec/load.h"
#include "state/disk.h"

namespace penstock {
namespace {

struct StampOptions {
  uint64_t count = 200'000;
  Duration every = microseconds(10);
};

const Schema<StampOptions>& stamp_schema() {
  static const Schema<StampOptions> schema({
      field("count", &StampOptions::count).about("Records in all."),
      field("every", &StampOptions::every).about("From one record to the next."),
  });
  return schema;
}

/// One record every so often: the moment at which it was made.
class Stamp final : public Source {
 public:
  explicit Stamp(std::shared_ptr<const StampOptions> options) : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context, const Positions&) override {
    clock_ = context.clock;
    builder_ = std::make_unique<BatchBuilder>(*context.pool);
    next_ns_ = clock_->monotonic_ns();
    return {};
  }
  Result<Pull> pull(SourceOutput& out) override {
    const int64_t now_ns = clock_->monotonic_ns();
    if (now_ns < next_ns_) return Pull::idle(next_ns_);
    if (made_ == options_->count) return Pull::end();
    ++made_;
    next_ns_ = std::max(next_ns_ + options_->every.ns(), now_ns);
    builder_->append({reinterpret_cast<const char*>(&now_ns), sizeof now_ns});
    out.emit(builder_->take());
    return Pull::idle(next_ns_);
  }
  Positions positions() override { return {}; }

 private:
  std::shared_ptr<const StampOptions> options_;
  const Clock* clock_ = nullptr;
  std::unique_ptr<BatchBuilder> builder_;
  uint64_t made_ = 0;
  int64_t next_ns_ = 0;
};

struct NoOptions {};

const Schema<NoOptions>& no_schema() {
  static const Schema<NoOptions> schema({});
  return schema;
}

/// Prints percentiles of the ages of stamps when it closes.
class Latency final : public Sink {
 public:
  explicit Latency(std::shared_ptr<const NoOptions>) {}
  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    ages_ns_.reserve(1 << 20);
    return {};
  }
  void write(Batch batch, SinkOutput&) override {
    const int64_t now_ns = clock_->monotonic_ns();
    batch.for_each([&](const Record& record) {
      int64_t made_ns;
      std::memcpy(&made_ns, record.payload, sizeof made_ns);
      ages_ns_.push_back(now_ns - made_ns);
    });
  }
  void barrier(const Barrier& barrier, SinkOutput& out) override { out.delivered(barrier.epoch); }
  void close() override {
    if (ages_ns_.empty()) return;
    std::sort(ages_ns_.begin(), ages_ns_.end());
    const auto at = [&](double part) {
      return static_cast<double>(ages_ns_[static_cast<size_t>(part * (ages_ns_.size() - 1))]) / 1e3;
    };
    std::printf("{\"name\":\"latency\",\"records\":%zu,\"p50_us\":%.2f,\"p99_us\":%.2f,"
                "\"p999_us\":%.2f}\n",
                ages_ns_.size(), at(0.5), at(0.99), at(0.999));
  }

 private:
  const Clock* clock_ = nullptr;
  std::vector<int64_t> ages_ns_;
};

int run(const char* path) {
  Catalog catalog = make_catalog();
  catalog.add(source_component<StampOptions, Stamp>("stamp", "", "", {}, stamp_schema()));
  catalog.add(sink_component<NoOptions, Latency>("latency", "", "", {}, no_schema()));
  Diagnostics diagnostics;
  std::optional<Spec> spec = load_file(path, diagnostics);
  std::shared_ptr<const Plan> plan;
  if (spec) plan = make_plan(std::move(*spec), catalog, diagnostics);
  if (plan == nullptr) return std::fputs(to_string(diagnostics).c_str(), stderr), 2;

  SystemClock clock;
  Logger log(2, LogLevel::kInfo, LogFormat::kText, clock);
  const std::unique_ptr<Disk> disk = make_system_disk();
  EngineServices services;
  services.clock = &clock;
  services.log = &log;
  services.disk = disk.get();
  const std::unique_ptr<Engine> engine = Engine::create(plan, {}, services);
  Measure measure;
  const Result<void> started = engine->start();
  if (!started) return std::fprintf(stderr, "%s\n", to_string(started.error()).c_str()), 1;
  const Outcome outcome = engine->wait();
  uint64_t records = 0, bytes = 0;
  for (const StageStatus& stage : engine->status().stages) {
    records = std::max(records, stage.records_in);
    bytes = std::max(bytes, stage.bytes_in);
  }
  measure.print("flow", records, bytes, 0);
  return static_cast<int>(outcome);
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc != 2) return std::fputs("usage: micro_flow FILE\n", stderr), 2;
  return penstock::run(argv[1]);
}
