// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_sink.h"

#include <algorithm>
#include <utility>

namespace penstock {
namespace {

Result<std::vector<PartHandle>> parse(const SinkHandles& handles) {
  std::vector<PartHandle> parts;
  for (const std::string& handle : handles) {
    Result<PartHandle> part = PartHandle::parse(handle);
    if (!part) return unexpected(part.error());
    parts.push_back(std::move(*part));
  }
  return parts;
}

}  // namespace

Result<void> FileSink::open(const TaskContext& context) {
  context_ = context;
  layout_ = {options_->framing != FileFraming::kRaw, options_->delimiter[0], options_->skip_empty};
  Result<PathTemplate> path = PathTemplate::parse(options_->path);
  if (!path) return unexpected(path.error());
  auto work = std::make_unique<Work>();
  work->writer = std::make_unique<PartWriter>(options_, std::move(*path), context);
  work->two_phase = context.exactly_once;
  PENSTOCK_TRY(work->writer->open());
  work_.open(context_, std::move(work));
  next_ = std::make_unique<Gather>(*context_.pool);
  return {};
}

void FileSink::write(Batch batch, SinkOutput&) {
  const size_t before = next_->bytes();
  next_->add(std::move(batch), layout_);
  const size_t added = next_->bytes() - before;
  accepted_ += added;
  part_bytes_ += added;
  const int64_t now_ns = context_.clock->monotonic_ns();
  if (part_begun_ns_ == kNever && added > 0) part_begun_ns_ = now_ns;
  if (next_->bytes() >= kWriteBytes) queue_bytes();
  if (options_->part_bytes.bytes > 0 && part_bytes_ >= options_->part_bytes.bytes) queue_roll();
  if (work_.waiting()) work_.start(now_ns);
}

void FileSink::queue_bytes() {
  if (next_->empty()) return;
  work_.add({Work::Order::Kind::kWrite, std::move(next_), 0});
  next_ = std::make_unique<Gather>(*context_.pool);
}

void FileSink::queue_roll() {
  queue_bytes();
  work_.add({Work::Order::Kind::kRoll, nullptr, 0});
  part_bytes_ = 0;
  part_begun_ns_ = kNever;
}

void FileSink::barrier(const Barrier& barrier, SinkOutput& out) {
  const bool idle = work_.idle() && next_->empty();
  if (idle && !context_.exactly_once) return out.delivered(barrier.epoch);
  queue_bytes();
  work_.add({Work::Order::Kind::kBarrier, nullptr, barrier.epoch});
  const int64_t now_ns = context_.clock->monotonic_ns();
  work_.start(now_ns);
  collect(now_ns, out);
}

void FileSink::end(SinkOutput&) {
  // Without two phases the file stays as it is; with them it is to be published by the last commit.
  if (context_.exactly_once) queue_roll();
}

void FileSink::on_wake(int64_t now_ns, SinkOutput& out) {
  collect(now_ns, out);
  if (part_due_ns() <= now_ns) {
    queue_roll();
    if (context_.exactly_once) out.request_commit();  // which publishes the part
  }
  work_.start(now_ns);
}

int64_t FileSink::part_due_ns() const {
  if (options_->part_interval.us == 0 || part_begun_ns_ == kNever) return kNever;
  return part_begun_ns_ + options_->part_interval.ns();
}

int64_t FileSink::next_timer_ns() const {
  if (work_.stopped()) return kNever;
  return std::min(work_.retry_at_ns(), part_due_ns());
}

Result<void> FileSink::Work::carry_out(Order& order, WorkReport<Reached>& report) {
  switch (order.kind) {
    case Order::Kind::kRoll: return writer->roll();
    case Order::Kind::kWrite:
      PENSTOCK_TRY(writer->write(*order.gather));
      report.wrote(order.gather->bytes());
      return {};
    case Order::Kind::kBarrier: break;
  }
  PENSTOCK_TRY(writer->flush());
  {
    const std::lock_guard lock(mutex);
    writer->forget_published(std::exchange(published, {}));
  }
  report.reached({order.epoch, two_phase ? writer->handles() : std::vector<PartHandle>()});
  return {};
}

void FileSink::collect(int64_t now_ns, SinkOutput& out) {
  // One after the other: each checkpoint has handles of its own.
  work_.collect(now_ns, out, [&](Work::Reached& barrier) {
    prepared_ = std::move(barrier.parts);
    out.delivered(barrier.epoch);
  });
}

SinkHandles FileSink::prepare(Epoch) {
  SinkHandles handles;
  for (const PartHandle& part : prepared_) handles.push_back(part.text());
  return handles;
}

Result<void> FileSink::commit(Epoch, const SinkHandles& handles) {
  if (!context_.exactly_once) return {};
  Result<std::vector<PartHandle>> parts = parse(handles);
  if (!parts) return unexpected(parts.error());
  // The writer may be at work on later parts; publishing touches none that it has open.
  Work& work = work_.work();
  PENSTOCK_TRY(work.writer->publish(*parts));
  const std::lock_guard lock(work.mutex);
  for (const PartHandle& part : *parts) {
    if (part.done) work.published.push_back(part.path);
  }
  return {};
}

Result<void> FileSink::recover(const SinkHandles& handles) {
  Result<std::vector<PartHandle>> parts = parse(handles);
  if (!parts) return unexpected(parts.error());
  PENSTOCK_TRY(work_.work().writer->recover(*parts));
  part_bytes_ = work_.work().writer->part_length();
  if (part_bytes_ > 0) part_begun_ns_ = context_.clock->monotonic_ns();
  return {};
}

}  // namespace penstock
