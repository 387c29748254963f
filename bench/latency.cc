// SPDX-License-Identifier: Apache-2.0
// Hand-over latency of the engine: a source emits records at a rate, a sink in another task takes
// the time since each was emitted. Compare with ceiling_ping_pong.
//   latency [RATE=100000] [SECONDS=5]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "plan/plan.h"
#include "runtime/engine.h"
#include "spec/load.h"

namespace penstock {
namespace {

struct PulseOptions {
  uint64_t rate = 100'000;
  uint64_t count = 500'000;
};

const Schema<PulseOptions>& pulse_schema() {
  using O = PulseOptions;
  static const Schema<O> schema({field("rate", &O::rate).about("Records a second."),
                                 field("count", &O::count).about("Records in all.")});
  return schema;
}

/// Emits what is due, each record stamped with the time at which it was emitted.
class Pulse final : public Source {
 public:
  explicit Pulse(std::shared_ptr<const PulseOptions> options) : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context, const Positions&) override {
    clock_ = context.clock;
    builder_.emplace(*context.pool);
    return {};
  }
  Result<Pull> pull(SourceOutput& out) override {
    const int64_t now = clock_->monotonic_ns();
    if (start_ == 0) start_ = now;
    const uint64_t due =
        std::min(options_->count,
                 static_cast<uint64_t>(now - start_) * options_->rate / 1'000'000'000);
    while (sent_ < due && !builder_->full()) {
      builder_->append("0123456789abcdef").position = clock_->monotonic_ns();
      ++sent_;
    }
    if (!builder_->empty()) {
      out.emit(builder_->take());
      return Pull::more();
    }
    if (sent_ == options_->count) return Pull::end();
    const uint64_t next_ns = (sent_ + 1) * 1'000'000'000 / options_->rate;
    return Pull::idle(start_ + static_cast<int64_t>(next_ns) + 1);
  }
  Positions positions() override { return {{"all", {std::to_string(sent_), false}}}; }

 private:
  std::shared_ptr<const PulseOptions> options_;
  const Clock* clock_ = nullptr;
  std::optional<BatchBuilder> builder_;
  int64_t start_ = 0;
  uint64_t sent_ = 0;
};

struct NoOptions {};
const Schema<NoOptions>& no_schema() {
  static const Schema<NoOptions> schema({});
  return schema;
}

std::vector<int64_t> taken_ns;  // read after the run

class StopWatch final : public Sink {
 public:
  explicit StopWatch(std::shared_ptr<const NoOptions>) {}
  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    return {};
  }
  void write(Batch batch, SinkOutput&) override {
    const int64_t now = clock_->monotonic_ns();
    batch.for_each([&](const Record& record) { taken_ns.push_back(now - record.position); });
  }
  void barrier(const Barrier& barrier, SinkOutput& out) override { out.delivered(barrier.epoch); }

 private:
  const Clock* clock_ = nullptr;
};

int run(uint64_t rate, uint64_t seconds) {
  Catalog catalog;
  Traits traits;
  traits.remembers = false;
  catalog.add(source_component<PulseOptions, Pulse>("pulse", "", "", traits, pulse_schema()));
  catalog.add(sink_component<NoOptions, StopWatch>("stop_watch", "", "", {}, no_schema()));
  const std::string text =
      "queues: [{name: q, capacity: 1024}]\nstages:\n"
      "  - {name: a, type: pulse, threads: 1, output_queue: q, chain: false, config: {rate: " +
      std::to_string(rate) + ", count: " + std::to_string(rate * seconds) +
      "}}\n  - {name: b, type: stop_watch, threads: 1, input_queue: q}\n";
  Diagnostics diagnostics;
  auto spec = load_text(text, "latency.yaml", diagnostics);
  std::shared_ptr<const Plan> plan;
  if (spec) plan = make_plan(std::move(*spec), catalog, diagnostics);
  for (const Diagnostic& d : diagnostics.all()) std::fprintf(stderr, "%s\n", to_string(d).c_str());
  if (plan == nullptr) return 2;
  taken_ns.reserve(rate * seconds);
  SystemClock clock;
  Logger log(2, LogLevel::kWarn, LogFormat::kText, clock);
  const auto disk = make_system_disk();
  EngineServices services;
  services.clock = &clock;
  services.log = &log;
  services.disk = disk.get();
  const auto engine = Engine::create(plan, {}, services);
  if (const Result<void> started = engine->start(); !started) return 1;
  if (engine->wait() != Outcome::kDelivered) return 1;
  std::sort(taken_ns.begin(), taken_ns.end());
  const size_t n = taken_ns.size();
  std::printf("{\"name\":\"latency\",\"records\":%zu,\"p50_us\":%.2f,\"p99_us\":%.2f,"
              "\"p999_us\":%.2f}\n",
              n, taken_ns[n / 2] / 1e3, taken_ns[n / 100 * 99] / 1e3,
              taken_ns[n / 1000 * 999] / 1e3);
  return 0;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  const auto argument = [&](int i, uint64_t otherwise) {
    return argc > i ? std::strtoull(argv[i], nullptr, 10) : otherwise;
  };
  return penstock::run(argument(1, 100'000), argument(2, 5));
}
