// SPDX-License-Identifier: Apache-2.0
#include "connectors/generator/generator_source.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "connectors/generator/decimal_counter.h"

namespace penstock {
namespace {

constexpr size_t kDigits = DecimalCounter::kDigits;  // of a number without template
constexpr size_t kWord = 16;                         // bytes copied at once
constexpr size_t kRowBytes = 4096;                   // payload bytes made at a time
static_assert(kWord <= kArenaPadding);
constexpr uint64_t kSizeDefault = 64;   // of a payload without template
constexpr int64_t kPaceNs = 1'000'000;  // records are made at most this often
constexpr double kBurstSeconds = 0.1;   // after a pause, what is made up for

void check_template(const std::string& text, const char* name, const Position& at,
                    Diagnostics& diagnostics) {
  const Result<RecordTemplate> parsed = RecordTemplate::parse(text);
  if (parsed) return;
  diagnostics.error(parsed.error().code, at, std::string(name) + ": " + parsed.error().message,
                    parsed.error().hint);
}

/// Writes heads.size() copies of `row`, of which `size` bytes count, each with its number. `words`
/// is how many vectors a row has, if that is known when this is compiled (else 0).
template <size_t words>
void fill_rows(const std::string& row, size_t size, std::span<Record> heads, int64_t position,
               char* to, DecimalCounter& numbers) {
  DecimalCounter digits = numbers;
  Record head;
  head.payload_size = static_cast<uint32_t>(size);
  head.position = position;
  const size_t count = words > 0 ? words : row.size() / kWord;
  const char* const from = row.data();
  for (Record& record : heads) {
    // Whole vectors: what is too much, the next row overwrites, or the arena's padding takes.
    for (size_t i = 0; i < count; ++i) std::memcpy(to + kWord * i, from + kWord * i, kWord);
    digits.write(to);
    digits.increment();
    head.payload = to;
    record = head;
    ++head.position;
    to += size;
  }
  numbers = digits;
}

}  // namespace

const Schema<GeneratorOptions>& generator_schema() {
  using O = GeneratorOptions;
  static const Schema<O> schema(
      {
          field("rate", &O::rate).at_least(0).about(
              "Records a second, all tasks together; 0 = full speed."),
          field("count", &O::count).about("Records in all; 0 = without end."),
          field("size", &O::size)
              .range(ByteSize{1}, mebibytes(16))
              .about("Bytes of a payload. Without a template (default 64): its number in 20 "
                     "digits, or the last ones, then letters. With one: filled up with blanks."),
          field("template", &O::payload)
              .about("Payload with {{n}}, {{n:8}} (zero-padded), {{task}}, {{partition}}, "
                     "{{random}}, {{random:1-6}}, {{hex}}, {{now}}, {{now_ms}}, {{now_us}}, "
                     "{{pick:a|b|c}}.")
              .example("{\"id\": {{n}}, \"side\": \"{{pick:buy|sell}}\"}"),
          field("key", &O::key).about("Key, a template too; empty = records without key.")
              .example("user-{{random:1-1000}}"),
          field("seed", &O::seed).about("Another seed makes other random values."),
          field("partitions", &O::partitions)
              .range(1, 256)
              .about("Virtual partitions: how many tasks can share the work. Not to be changed "
                     "between runs that go on from each other."),
          field("event_time", &O::event_time)
              .one_of({{"none", GeneratorEventTime::kNone}, {"now", GeneratorEventTime::kNow}})
              .about("now: records carry the time at which they were made."),
      },
      [](const O& options, const Position& at, Diagnostics& diagnostics) {
        check_template(options.payload, "template", at, diagnostics);
        check_template(options.key, "key", at, diagnostics);
        if (!std::isfinite(options.rate)) {
          diagnostics.error("bad-number", at, "rate must be finite");
        }
      });
  return schema;
}

GeneratorSource::GeneratorSource(std::shared_ptr<const GeneratorOptions> options)
    : options_(std::move(options)) {
  payload_ = *RecordTemplate::parse(options_->payload);
  key_ = *RecordTemplate::parse(options_->key);
  size_ = options_->size.value_or(ByteSize{payload_.empty() ? kSizeDefault : 0}).bytes;
  for (size_t i = kDigits; payload_.empty() && i < size_; ++i) {
    filler_ += static_cast<char>('a' + (i - kDigits) % 26);
  }
  row_ = std::string(kDigits, '0') + filler_;
  row_.resize((row_.size() + kWord - 1) / kWord * kWord);
}

Result<void> GeneratorSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  start_ns_ = context.clock->monotonic_ns();
  PENSTOCK_TRY(shares_.open(0, options_->count == 0 ? Shares::kEndless : options_->count,
                            options_->partitions, context, restored));
  rate_ = options_->rate * shares_.part();
  return {};
}

/// How many records the rate allows now.
uint64_t GeneratorSource::due(int64_t now_ns) {
  if (options_->rate == 0) return UINT64_MAX;
  double allowed = std::floor(static_cast<double>(now_ns - start_ns_) * 1e-9 * rate_) -
                   static_cast<double>(made_);
  const double burst = std::max(1.0, std::floor(rate_ * kBurstSeconds));
  if (allowed > burst) {  // a pipeline that was slow is not flooded
    start_ns_ = now_ns;
    made_ = 0;
    allowed = burst;
    start_ns_ -= static_cast<int64_t>(burst / rate_ * 1e9);
  }
  return static_cast<uint64_t>(allowed);
}

Result<Pull> GeneratorSource::pull(SourceOutput& out) {
  const int64_t now_ns = context_.clock->monotonic_ns();
  const uint64_t allowed = due(now_ns);
  const int64_t now_us = context_.clock->wall_us();
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  uint64_t made = 0;
  while (!builder.full() && made < allowed) {
    const Shares::Run run = shares_.next();
    if (run.size == 0) break;
    const uint64_t records = std::min(
        {run.size, allowed - made, uint64_t{context_.batch_records_max - builder.size()}});
    const uint32_t done = make(run, records, now_us, builder);
    shares_.advance(done);
    made += done;
  }
  made_ += made;
  const bool some = !builder.empty();
  if (some) out.emit(builder.take());
  if (some && options_->event_time == GeneratorEventTime::kNow) out.watermark(now_us);
  if (shares_.next().size == 0) return Pull::end();
  if (made < allowed) return Pull::more();
  const double next_s = (static_cast<double>(made_) + 1) / rate_;
  const auto next_ns = static_cast<int64_t>(std::ceil(next_s * 1e9));
  return Pull::idle(std::max(start_ns_ + next_ns, now_ns + std::min(kPaceNs, next_ns)));
}

/// Makes up to `records` of a run, until the builder is full; says how many.
uint32_t GeneratorSource::make(const Shares::Run& run, uint64_t records, int64_t now_us,
                               BatchBuilder& builder) {
  const uint32_t before = builder.size();
  if (payload_.empty() && key_.empty() && options_->event_time == GeneratorEventTime::kNone) {
    make_numbers(run.place, records, builder);
  } else {
    make_texts(run, records, now_us, builder);
  }
  return builder.size() - before;
}

void GeneratorSource::make_numbers(uint64_t first, uint64_t records, BatchBuilder& builder) {
  DecimalCounter digits(first);
  if (size_ >= kDigits) return make_rows(first, records, digits, builder);
  for (uint64_t i = 0; i < records && !builder.full(); ++i) {
    char all[kDigits];
    digits.write(all);
    builder.append({all + kDigits - size_, size_}).position = static_cast<int64_t>(first + i);
    digits.increment();
  }
}

/// Some rows at a time, so that neither the builder nor the arena is asked for each record.
void GeneratorSource::make_rows(uint64_t first, uint64_t records, DecimalCounter& digits,
                                BatchBuilder& builder) {
  const uint64_t rows_max = std::max<uint64_t>(1, kRowBytes / size_);
  for (uint64_t made = 0; made < records && !builder.full();) {
    const std::span<Record> heads = builder.free_heads();
    const size_t rows = std::min({rows_max, records - made, uint64_t{heads.size()}});
    char* const to = builder.reserve(rows * size_);
    const auto fill = row_.size() == 4 * kWord ? fill_rows<4> : fill_rows<0>;
    fill(row_, size_, heads.first(rows), static_cast<int64_t>(first + made), to, digits);
    builder.use(rows * size_);
    builder.added(static_cast<uint32_t>(rows), rows * size_);
    made += rows;
  }
}

void GeneratorSource::make_texts(const Shares::Run& run, uint64_t records, int64_t now_us,
                                 BatchBuilder& builder) {
  RecordTemplate::Values values{run.place, context_.task, run.partition, options_->seed,
                              now_us};
  for (uint64_t i = 0; i < records && !builder.full(); ++i, ++values.n) {
    text_.clear();
    if (payload_.empty()) {
      char all[kDigits];
      DecimalCounter(values.n).write(all);
      const size_t digits = std::min<size_t>(kDigits, size_);
      text_.append(all + kDigits - digits, digits).append(filler_);
    } else {
      payload_.render(values, text_);
      if (text_.size() < size_) text_.resize(size_, ' ');
    }
    Record& record = builder.append(text_);
    record.position = static_cast<int64_t>(values.n);
    if (options_->event_time == GeneratorEventTime::kNow) record.event_time_us = now_us;
    if (key_.empty()) continue;
    text_.clear();
    RecordTemplate::Values for_key = values;
    for_key.seed = ~values.seed;  // not the payload's sequence again
    key_.render(for_key, text_);
    builder.set_key(record, text_);
  }
}

}  // namespace penstock
