// SPDX-License-Identifier: Apache-2.0
#include "stages/batch/batch.h"

#include <algorithm>
#include <memory>
#include <string>

#include "record/batch_builder.h"

namespace penstock {
namespace {

enum class BatchFraming : uint8_t { kLines, kJsonArray, kRaw };

struct BatchOptions {
  uint64_t records_max = 1000;
  ByteSize bytes_max = mebibytes(1);
  Duration timeout = seconds(1);
  BatchFraming framing = BatchFraming::kLines;
};

const Schema<BatchOptions>& batch_schema() {
  using O = BatchOptions;
  static const Schema<O> schema({
      field("records_max", &O::records_max)
          .range(1, 100'000'000)
          .about("Records after which the joined record is let go."),
      field("bytes_max", &O::bytes_max)
          .range(ByteSize{1}, mebibytes(1024))
          .about("A record that would make the joined one longer than this begins the next one. A "
                 "single record may be longer."),
      field("timeout", &O::timeout)
          .range(milliseconds(1), seconds(24 * 3600))
          .about("How long the first record waits for others at most."),
      field("framing", &O::framing)
          .one_of({{"lines", BatchFraming::kLines},
                   {"json_array", BatchFraming::kJsonArray},
                   {"raw", BatchFraming::kRaw}})
          .about("`lines` = a newline between payloads, `json_array` = [payload,payload,…] for "
                 "payloads that are JSON (not checked), `raw` = one behind the other."),
  });
  return schema;
}

/// Joins payloads in a buffer of its own; nothing of the input is pinned.
class BatchStage final : public Stage {
 public:
  explicit BatchStage(std::shared_ptr<const BatchOptions> options) : options_(std::move(options)) {}

  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    builder_ = std::make_unique<BatchBuilder>(*context.pool, context.batch_records_max);
    return {};
  }
  void process(Batch batch, Output& out) override {
    now_ns_ = clock_->monotonic_ns();
    batch.for_each([&](const Record& record) { add(record, batch, out); });
    emit(out);
  }
  void on_end(Output& out) override { flush(out); }
  void flush(Output& out) override {
    finish(out);
    emit(out);
  }
  void on_timer(int64_t now_ns, Output& out) override {
    if (records_ > 0 && now_ns >= due_ns_) flush(out);
  }
  int64_t next_timer_ns() const override { return records_ > 0 ? due_ns_ : kNever; }
  Epoch floor() const override { return records_ > 0 ? epoch_ : kNoEpoch; }
  int64_t oldest_event_time_us() const override {
    return records_ > 0 ? oldest_event_time_us_ : kEndOfTime;
  }

 private:
  void add(const Record& record, const Batch& batch, Output& out);
  /// The joined record goes into the builder.
  void finish(Output& out);
  void emit(Output& out);
  size_t framed_bytes(const Record& record) const {
    return record.payload_size + (options_->framing == BatchFraming::kRaw ? 0 : 1);
  }

  std::shared_ptr<const BatchOptions> options_;
  const Clock* clock_ = nullptr;
  std::string joined_;
  uint64_t records_ = 0;  // in joined_
  int64_t due_ns_ = kNever;
  Epoch epoch_ = kNoEpoch;  // of the oldest in joined_
  int64_t oldest_event_time_us_ = kEndOfTime;
  int64_t position_ = 0;  // of the newest in joined_
  uint32_t source_ = 0;
  int64_t now_ns_ = 0;
  std::unique_ptr<BatchBuilder> builder_;
  Epoch made_epoch_ = kNoEpoch;  // of the oldest in builder_
};

void BatchStage::add(const Record& record, const Batch& batch, Output& out) {
  const size_t frame = options_->framing == BatchFraming::kJsonArray ? 1 : 0;  // the last bracket
  if (records_ > 0 && joined_.size() + framed_bytes(record) + frame > options_->bytes_max.bytes) {
    finish(out);
  }
  if (records_ == 0) {
    due_ns_ = now_ns_ + options_->timeout.ns();
    epoch_ = kNoEpoch;
    oldest_event_time_us_ = kEndOfTime;
  }
  if (options_->framing == BatchFraming::kJsonArray) joined_ += records_ == 0 ? '[' : ',';
  if (options_->framing == BatchFraming::kLines && records_ > 0) joined_ += '\n';
  joined_ += record.payload_view();
  ++records_;
  epoch_ = std::min(epoch_, batch.epoch());
  if (record.event_time_us != kNoEventTime) {
    oldest_event_time_us_ = std::min(oldest_event_time_us_, record.event_time_us);
  }
  position_ = record.position;
  source_ = batch.source();
  if (records_ >= options_->records_max || joined_.size() + frame >= options_->bytes_max.bytes) {
    finish(out);
  }
}

void BatchStage::finish(Output& out) {
  if (records_ == 0) return;
  if (options_->framing == BatchFraming::kJsonArray) joined_ += ']';
  Record& record = builder_->append(joined_);
  if (oldest_event_time_us_ != kEndOfTime) record.event_time_us = oldest_event_time_us_;
  record.position = position_;
  made_epoch_ = std::min(made_epoch_, epoch_);
  joined_.clear();
  records_ = 0;
  if (builder_->full()) emit(out);
}

void BatchStage::emit(Output& out) {
  if (builder_->empty()) return;
  Batch batch = builder_->take();
  batch.set_epoch(std::exchange(made_epoch_, kNoEpoch));
  batch.set_source(source_);
  out.emit(std::move(batch));
}

}  // namespace

void register_batch(Catalog& catalog) {
  Traits traits;
  traits.holds = true;
  traits.clocked = true;
  catalog.add(stage_component<BatchOptions, BatchStage>(
      "batch", "stages/batch", "Joins many records into one, by number, size and time.", traits,
      batch_schema()));
}

}  // namespace penstock
