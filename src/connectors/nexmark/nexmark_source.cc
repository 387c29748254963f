// SPDX-License-Identifier: Apache-2.0
#include "connectors/nexmark/nexmark_source.h"

#include <algorithm>
#include <cmath>

namespace penstock {
namespace {

constexpr int64_t kPaceNs = 1'000'000;             // events are made at most this often
constexpr double kBurstSeconds = 0.1;              // after a pause, what is made up for
constexpr int64_t kTimeEndMs = 253'370'764'800'000;  // 9999-01-01: auctions end after they begin
constexpr double kSecondsMs = 1000;

void check(const NexmarkOptions& options, const Position& at, Diagnostics& diagnostics) {
  if (options.out_of_order_group % EventLine::kShuffle == 0) {
    diagnostics.error("bad-number", at, "out_of_order_group must not be a multiple of 953");
  }
  if (!std::isfinite(options.rate) || !std::isfinite(options.event_rate)) {
    diagnostics.error("bad-number", at, "rate and event_rate must be finite");
    return;
  }
  const uint64_t most = options.events_max();
  if (options.first_event >= most || options.events > most - options.first_event) {
    diagnostics.error("bad-number", at,
                      "these events end after the year 9998, or their numbers after 2^53",
                      "raise event_rate, or make fewer events");
  }
}

}  // namespace

uint64_t NexmarkOptions::events_max() const {
  const double room_s = static_cast<double>(kTimeEndMs - base_time_ms) / kSecondsMs;
  return static_cast<uint64_t>(
      std::min(room_s * event_rate, static_cast<double>(EventLine::kPlacesMax)));
}

const Schema<NexmarkOptions>& nexmark_schema() {
  using O = NexmarkOptions;
  static const Schema<O> schema(
      {
          field("events", &O::events)
              .about("Events in all, of every kind; 0 = without end."),
          field("first_event", &O::first_event)
              .about("Number of the first event: a file can be made in parts."),
          field("rate", &O::rate).at_least(0).about(
              "Events a second by the clock, all tasks together; 0 = full speed."),
          field("event_rate", &O::event_rate).range(0.001, 1e9).about(
              "Events a second of event time: event n happens n / event_rate seconds after "
              "base_time_ms, however fast it is made."),
          field("base_time_ms", &O::base_time_ms)
              .range(0, 250'000'000'000'000)
              .about("When event 0 happens, in milliseconds since 1970; by default 2026-01-01."),
          field("out_of_order_group", &O::out_of_order_group).range(1, 1'000'000).about(
              "Events are shuffled within groups of so many; 1 = in order. Watermarks follow."),
          field("kinds", &O::kinds)
              .one_of({{"person", NexmarkKind::kPerson},
                       {"auction", NexmarkKind::kAuction},
                       {"bid", NexmarkKind::kBid}})
              .about("Kinds that are made; the numbers of others are passed over.")
              .example("[bid]"),
          field("key", &O::key)
              .one_of({{"none", NexmarkKey::kNone},
                       {"person", NexmarkKey::kPerson},
                       {"auction", NexmarkKey::kAuction}})
              .about("person: the person's id, the auction's seller, the bid's bidder. auction: "
                     "the auction's id, the bid's auction; persons have none."),
          field("seed", &O::seed).about("Another seed makes other random values."),
          field("partitions", &O::partitions)
              .range(1, 256)
              .about("Virtual partitions: how many tasks can share the work. Not to be changed "
                     "between runs that go on from each other."),
      },
      check);
  return schema;
}

NexmarkSource::NexmarkSource(std::shared_ptr<const NexmarkOptions> options)
    : options_(std::move(options)), line_(options_->line()), text_(options_->seed, line_) {
  for (const NexmarkKind kind : options_->kinds) wanted_[static_cast<size_t>(kind)] = true;
}

Result<void> NexmarkSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  start_ns_ = context.clock->monotonic_ns();
  const uint64_t first = options_->first_event;
  const uint64_t events =
      options_->events > 0 ? options_->events : options_->events_max() - first;
  Result<void> opened = shares_.open(first, events, options_->partitions, context, restored);
  rate_ = options_->rate * shares_.part();
  return opened;
}

/// How many events the rate allows now.
uint64_t NexmarkSource::due(int64_t now_ns) {
  if (options_->rate == 0) return UINT64_MAX;
  double allowed = std::floor(static_cast<double>(now_ns - start_ns_) * 1e-9 * rate_) -
                   static_cast<double>(made_);
  const double burst = std::max(1.0, std::floor(rate_ * kBurstSeconds));
  if (allowed > burst) {  // a pipeline that was slow is not flooded
    start_ns_ = now_ns - static_cast<int64_t>(burst / rate_ * 1e9);
    made_ = 0;
    allowed = burst;
  }
  return static_cast<uint64_t>(allowed);
}

Result<Pull> NexmarkSource::pull(SourceOutput& out) {
  const int64_t now_ns = context_.clock->monotonic_ns();
  const uint64_t allowed = due(now_ns);
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  Shares::Run run = shares_.next();
  uint64_t done = 0;
  // A pull ends also when none of many events is of a kind that is wanted.
  while (run.size > 0 && !builder.full() && done < allowed && done < kBatchRecordsMax) {
    const uint64_t made = make(run.place, std::min(run.size, allowed - done), builder);
    shares_.advance(made);
    done += made;
    run = shares_.next();
  }
  made_ += done;
  if (!builder.empty()) out.emit(builder.take());
  if (run.size == 0) return Pull::end();
  if (done > 0) out.watermark(line_.watermark_ms(run.place) * 1000);
  if (done < allowed) return Pull::more();
  const double next_s = (static_cast<double>(made_) + 1) / rate_;
  const auto next_ns = static_cast<int64_t>(std::ceil(next_s * 1e9));
  return Pull::idle(std::max(start_ns_ + next_ns, now_ns + std::min(kPaceNs, next_ns)));
}

/// Makes the events at up to so many places, until the builder is full; returns at how many.
uint64_t NexmarkSource::make(uint64_t place, uint64_t places, BatchBuilder& builder) {
  for (uint64_t i = 0; i < places; ++i) {
    if (builder.full()) return i;
    const uint64_t number = line_.number(place + i);
    if (!wanted_[static_cast<size_t>(EventLine::kind(number))]) continue;
    const EventText::Written written =
        text_.write(builder.reserve(EventText::kBytesMax), number);
    Record& record = builder.commit(written.size);
    record.position = static_cast<int64_t>(place + i);
    record.event_time_us = written.time_ms * 1000;
    if (options_->key == NexmarkKey::kNone) continue;
    const std::string_view key =
        options_->key == NexmarkKey::kPerson ? written.person : written.auction;
    if (key.empty()) continue;
    record.key = key.data();
    record.key_size = static_cast<uint32_t>(key.size());
  }
  return places;
}

}  // namespace penstock
