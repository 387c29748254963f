// SPDX-License-Identifier: Apache-2.0
#include "connectors/noop/noop_transform.h"

#include <algorithm>

namespace penstock {

const Schema<NoopTransformOptions>& noop_transform_schema() {
  using O = NoopTransformOptions;
  static const Schema<O> schema({
      field("verbose", &O::verbose).about("Logs each batch at level debug."),
      field("delay_ms", &O::delay_ms)
          .about("Service time of one record in one task, in milliseconds."),
  });
  return schema;
}

Result<void> NoopTransform::open(const TaskContext& context) {
  context_ = context;
  return {};
}

void NoopTransform::process(Batch batch, Output& out) {
  if (options_->verbose && context_.log->enabled(LogLevel::kDebug)) {
    context_.log->debug("noop_transform passes records on",
                        {{"stage", context_.stage}, {"records", std::to_string(batch.size())}});
  }
  if (options_->delay_ms == 0) return out.emit(std::move(batch));
  if (batch.empty()) return;
  if (held_.empty()) {
    due_ns_ = context_.clock->monotonic_ns() + milliseconds(options_->delay_ms).ns();
  }
  held_.push_back(std::move(batch));
}

/// Emits the next records of the oldest batch.
void NoopTransform::release(uint32_t records, Output& out) {
  Batch& oldest = held_.front();
  BatchBuilder builder(*context_.pool);
  builder.attach_all(oldest);
  for (; records > 0 && released_ < oldest.size(); --records, ++released_) {
    builder.append_head(oldest[released_]);
  }
  Batch batch = builder.take();
  batch.set_epoch(oldest.epoch());
  batch.set_source(oldest.source());
  if (released_ == oldest.size()) {
    held_.pop_front();
    released_ = 0;
  }
  out.emit(std::move(batch));
}

void NoopTransform::on_timer(int64_t now_ns, Output& out) {
  const int64_t step = milliseconds(options_->delay_ms).ns();
  while (!held_.empty() && due_ns_ <= now_ns) {
    const int64_t late = (now_ns - due_ns_) / step;  // a coarse timer releases several at once
    const uint32_t left = held_.front().size() - released_;
    const auto count = static_cast<uint32_t>(std::min<int64_t>(late + 1, left));
    due_ns_ += count * step;
    release(count, out);
  }
}

void NoopTransform::flush(Output& out) {
  while (!held_.empty()) release(kBatchRecordsMax, out);
}

Epoch NoopTransform::floor() const {
  Epoch oldest = kNoEpoch;
  for (const Batch& batch : held_) oldest = std::min(oldest, batch.epoch());
  return oldest;
}

int64_t NoopTransform::oldest_event_time_us() const {
  int64_t oldest = kEndOfTime;
  for (const Batch& batch : held_) {
    batch.for_each([&](const Record& record) {
      if (record.event_time_us != kNoEventTime) oldest = std::min(oldest, record.event_time_us);
    });
  }
  return oldest;
}

}  // namespace penstock
