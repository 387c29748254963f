// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/harness.h"

#include <algorithm>

namespace penstock::conformance {
namespace {

std::string text_of(const Diagnostics& diagnostics) {
  std::string all;
  for (const Diagnostic& d : diagnostics.all()) all += to_string(d) + "\n";
  return all;
}

class MapWriter final : public StateWriter {
 public:
  explicit MapWriter(StateMap& into) : into_(into) {}
  void put(std::string_view key, std::string_view value) override {
    CHECK(into_.emplace(key, value).second);  // keys are unique within a stage
  }

 private:
  StateMap& into_;
};

class MapReader final : public StateReader {
 public:
  explicit MapReader(const StateMap& from) : from_(from) {}
  Result<void> for_each(
      const std::function<Result<void>(std::string_view, std::string_view)>& f) override {
    for (const auto& [key, value] : from_) PENSTOCK_TRY(f(key, value));
    return {};
  }

 private:
  const StateMap& from_;
};

/// Moves `clock` forward by `by`, stopping at each moment that `next()` names to call `fire(now)`.
template <class Next, class Fire>
void advance_through(ManualClock& clock, Duration by, Next next, Fire fire) {
  const int64_t until = clock.monotonic_ns() + by.ns();
  for (int64_t at = next(); at <= until; at = next()) {
    clock.advance_ns(std::max<int64_t>(0, at - clock.monotonic_ns()));
    fire(clock.monotonic_ns());
    CHECK(next() == kNever || next() > clock.monotonic_ns());  // a timer must not stay due
  }
  clock.advance_ns(until - clock.monotonic_ns());
}

}  // namespace

std::shared_ptr<const Bound> bind(const Catalog& catalog, std::string_view type,
                                  ComponentKind kind, const Node& options) {
  const Component* component = catalog.find(type, kind);
  CHECK(component != nullptr);
  Diagnostics diagnostics;
  std::shared_ptr<const Bound> bound = component->bind(options, diagnostics);
  CHECK_EQ(text_of(diagnostics), "");
  CHECK(bound != nullptr);
  return bound;
}

std::string bind_problems(const Catalog& catalog, std::string_view type, ComponentKind kind,
                          const Node& options) {
  const Component* component = catalog.find(type, kind);
  CHECK(component != nullptr);
  Diagnostics diagnostics;
  CHECK((component->bind(options, diagnostics) == nullptr) == diagnostics.has_errors());
  return text_of(diagnostics);
}

Batch make_batch(Services& services, const std::vector<std::string>& payloads, Epoch epoch) {
  BatchBuilder builder(services.pool, kBatchRecordsMax, UINT64_MAX);
  for (const std::string& payload : payloads) builder.append(payload);
  Batch batch = builder.take();
  batch.set_epoch(epoch);
  return batch;
}

Batch make_batch(Services& services, const std::vector<TestRecord>& records, Epoch epoch) {
  BatchBuilder builder(services.pool, kBatchRecordsMax, UINT64_MAX);
  for (const TestRecord& record : records) {
    Record& head = builder.append(record.payload);
    head.event_time_us = record.event_time_us;
    if (!record.key.empty()) builder.set_key(head, record.key);
    std::string encoded;
    for (const auto& [name, value] : record.headers) append_header(encoded, name, value);
    if (!encoded.empty()) builder.set_headers(head, encoded);
  }
  Batch batch = builder.take();
  batch.set_epoch(epoch);
  return batch;
}

SourceHarness::SourceHarness(Services& services, std::shared_ptr<const Bound> bound)
    : waker(&services.waker),
      context(services.context()),
      services_(services),
      bound_(std::move(bound)),
      source_(bound_->source->create()),
      output_(out, epoch) {}

Result<void> SourceHarness::open(const Positions& restored) {
  context.waker = &waker;
  return source_->open(context, restored);
}

Pull SourceHarness::pull() {
  Result<Pull> pull = source_->pull(output_);
  if (pull) return *pull;
  out.errors.push_back(pull.error());
  return Pull::end();
}

Pull SourceHarness::pull_all(size_t records_max) { return pull_until(records_max, kNever); }

Pull SourceHarness::pull_for(Duration time) {
  return pull_until(SIZE_MAX, services_.clock.monotonic_ns() + time.ns());
}

Pull SourceHarness::pull_until(size_t records_max, int64_t until_ns) {
  Pull last = Pull::more();
  while (out.records.size() < records_max) {
    services_.blocking.run_all();
    last = pull();
    if (last.state == Pull::State::kEnd) break;
    if (last.state == Pull::State::kMore || services_.blocking.waiting() > 0) continue;
    if (waker.take()) continue;
    const int64_t now_ns = services_.clock.monotonic_ns();
    if (last.wake_at_ns > until_ns || last.wake_at_ns == kNever) {
      if (until_ns != kNever) services_.clock.advance_ns(until_ns - now_ns);
      break;
    }
    services_.clock.advance_ns(std::max<int64_t>(last.wake_at_ns - now_ns, 0));
  }
  return last;
}

Pull SourceHarness::pull_threaded(size_t records_max) {
  Pull last = Pull::more();
  while (out.records.size() < records_max) {
    last = pull();
    if (last.state == Pull::State::kEnd) break;
    if (last.state == Pull::State::kIdle) CHECK(waker.wait());
  }
  return last;
}

Positions SourceHarness::barrier() {
  ++epoch;
  return source_->positions();
}

void SourceHarness::close() {
  source_->stop();
  source_->close();
}

void merge(Positions& into, const Positions& from) {
  for (const auto& [partition, position] : from) into[partition] = position;
}

StageHarness::StageHarness(Services& services, std::shared_ptr<const Bound> bound)
    : waker(&services.waker),
      context(services.context()),
      services_(services),
      bound_(std::move(bound)),
      stage_(bound_->stage->create()),
      output_(out, epoch) {}

Result<void> StageHarness::open(const StateMap& restored) {
  context.waker = &waker;
  PENSTOCK_TRY(stage_->open(context));
  if (restored.empty()) return {};
  MapReader reader(restored);
  return stage_->restore(reader);
}

void StageHarness::process(Batch batch) { stage_->process(std::move(batch), output_); }

void StageHarness::process(const std::vector<std::string>& payloads) {
  process(make_batch(services_, payloads, epoch));
}

StateMap StageHarness::barrier(bool checkpoint) {
  stage_->on_barrier({epoch, checkpoint}, output_);
  StateMap snapshot;
  MapWriter writer(snapshot);
  if (checkpoint) stage_->snapshot(writer);
  ++epoch;
  return snapshot;
}

void StageHarness::watermark(int64_t event_time_us) {
  stage_->on_watermark(event_time_us, output_);
}

void StageHarness::end() { stage_->on_end(output_); }
void StageHarness::flush() { stage_->flush(output_); }

void StageHarness::advance(Duration by) {
  advance_through(services_.clock, by, [this] { return stage_->next_timer_ns(); },
                  [this](int64_t now_ns) { stage_->on_timer(now_ns, output_); });
}

void StageHarness::settle() {
  while (services_.blocking.run_all() > 0 || waker.take()) {
    stage_->on_timer(services_.clock.monotonic_ns(), output_);
  }
}

void StageHarness::close() { stage_->close(); }

SinkHarness::SinkHarness(Services& services, std::shared_ptr<const Bound> bound)
    : waker(&services.waker),
      context(services.context()),
      services_(services),
      bound_(std::move(bound)),
      sink_(bound_->sink->create()),
      output_(out, epoch) {}

Result<void> SinkHarness::open() {
  context.waker = &waker;
  return sink_->open(context);
}

void SinkHarness::write(Batch batch) { sink_->write(std::move(batch), output_); }

void SinkHarness::write(const std::vector<std::string>& payloads) {
  write(make_batch(services_, payloads, epoch));
}

Epoch SinkHarness::barrier(bool checkpoint) {
  sink_->barrier({epoch, checkpoint}, output_);
  return epoch++;
}

void SinkHarness::advance(Duration by) {
  advance_through(services_.clock, by, [this] { return sink_->next_timer_ns(); },
                  [this](int64_t now_ns) {
                    sink_->on_wake(now_ns, output_);
                    settle();
                  });
}

void SinkHarness::settle() {
  while (services_.blocking.run_all() > 0 || waker.take()) wake();
}

void SinkHarness::wake() { sink_->on_wake(services_.clock.monotonic_ns(), output_); }

bool SinkHarness::deliver(bool checkpoint) {
  const Epoch closed = barrier(checkpoint);
  settle();
  return out.newest_delivered() >= closed;
}

}  // namespace penstock::conformance
