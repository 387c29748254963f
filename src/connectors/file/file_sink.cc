// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_sink.h"

#include <algorithm>
#include <mutex>

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

/// What the blocking work and the task share; each outlives the other.
struct FileSink::Shared {
  std::mutex mutex;
  Waker* waker = nullptr;              // guarded by mutex; null once the sink is gone
  bool done = false;                   // guarded by mutex: the work has ended
  uint64_t written = 0;                // guarded by mutex: bytes, in all
  std::optional<Error> error;          // guarded by mutex: the first order failed
  std::vector<Reached> reached;        // guarded by mutex
  std::vector<std::string> published;  // guarded by mutex: paths

  // Touched by the work only, while there is work; by nobody else then.
  std::unique_ptr<PartWriter> writer;
  std::deque<Order> orders;
  bool two_phase = false;
};

FileSink::~FileSink() {
  if (shared_ == nullptr) return;
  std::lock_guard lock(shared_->mutex);
  shared_->waker = nullptr;
}

Result<void> FileSink::open(const TaskContext& context) {
  context_ = context;
  layout_ = {options_->framing != FileFraming::kRaw, options_->delimiter[0], options_->skip_empty};
  Result<PathTemplate> path = PathTemplate::parse(options_->path);
  if (!path) return unexpected(path.error());
  auto shared = std::make_shared<Shared>();
  shared->writer = std::make_unique<PartWriter>(options_, std::move(*path), context);
  shared->two_phase = context.exactly_once;
  PENSTOCK_TRY(shared->writer->open());
  shared->waker = context.waker;
  shared_ = std::move(shared);
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
  if (!orders_.empty()) start(now_ns);
}

void FileSink::queue_bytes() {
  if (next_->empty()) return;
  orders_.push_back({Order::Kind::kWrite, std::move(next_), 0});
  next_ = std::make_unique<Gather>(*context_.pool);
}

void FileSink::queue_roll() {
  queue_bytes();
  orders_.push_back({Order::Kind::kRoll, nullptr, 0});
  part_bytes_ = 0;
  part_begun_ns_ = kNever;
}

void FileSink::barrier(const Barrier& barrier, SinkOutput& out) {
  const bool idle = !working_ && orders_.empty() && next_->empty() && retry_at_ns_ == kNever;
  if (idle && !stopped_ && !context_.exactly_once) return out.delivered(barrier.epoch);
  queue_bytes();
  orders_.push_back({Order::Kind::kBarrier, nullptr, barrier.epoch});
  const int64_t now_ns = context_.clock->monotonic_ns();
  start(now_ns);
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
  start(now_ns);
}

int64_t FileSink::part_due_ns() const {
  if (options_->part_interval.us == 0 || part_begun_ns_ == kNever) return kNever;
  return part_begun_ns_ + options_->part_interval.ns();
}

int64_t FileSink::next_timer_ns() const {
  if (stopped_) return kNever;
  return std::min(working_ ? kNever : retry_at_ns_, part_due_ns());
}

/// Hands the orders to the blocking pool, unless some are under way or the disk is full.
void FileSink::start(int64_t now_ns) {
  if (working_ || stopped_) return;
  if (retry_at_ns_ != kNever && now_ns < retry_at_ns_) return;
  if (orders_.empty() && retry_at_ns_ == kNever) return;
  retry_at_ns_ = kNever;
  working_ = true;
  for (Order& order : orders_) shared_->orders.push_back(std::move(order));
  orders_.clear();
  context_.blocking->submit([shared = shared_] { run(*shared); });
}

/// On the blocking pool.
void FileSink::run(Shared& shared) {
  std::optional<Error> error;
  while (!shared.orders.empty() && !error) {
    Order& order = shared.orders.front();
    if (Result<void> done = carry_out(shared, order); !done) {
      error = std::move(done.error());
    } else {
      shared.orders.pop_front();
    }
  }
  std::lock_guard lock(shared.mutex);
  shared.done = true;
  shared.error = std::move(error);
  if (shared.waker != nullptr) shared.waker->wake();
}

Result<void> FileSink::carry_out(Shared& shared, Order& order) {
  PartWriter& writer = *shared.writer;
  switch (order.kind) {
    case Order::Kind::kRoll: return writer.roll();
    case Order::Kind::kWrite: {
      PENSTOCK_TRY(writer.write(*order.gather));
      std::lock_guard lock(shared.mutex);
      shared.written += order.gather->bytes();
      return {};
    }
    case Order::Kind::kBarrier: break;
  }
  PENSTOCK_TRY(writer.flush());
  std::lock_guard lock(shared.mutex);
  writer.forget_published(std::exchange(shared.published, {}));
  shared.reached.push_back(
      {order.epoch, shared.two_phase ? writer.handles() : std::vector<PartHandle>()});
  return {};
}

/// Takes the result of the work, if there is one.
void FileSink::collect(int64_t now_ns, SinkOutput& out) {
  std::optional<Error> error;
  std::vector<Reached> reached;
  {
    std::lock_guard lock(shared_->mutex);
    written_ = shared_->written;
    if (!std::exchange(shared_->done, false)) return;
    reached.swap(shared_->reached);
    error = std::exchange(shared_->error, std::nullopt);
  }
  working_ = false;
  if (error) {
    failed(*error, now_ns, out);
  } else {
    retry_pause_ns_ = kRetryFirstNs;
  }
  // One after the other: each checkpoint has handles of its own.
  for (Reached& barrier : reached) {
    prepared_ = std::move(barrier.parts);
    out.delivered(barrier.epoch);
  }
}

void FileSink::failed(const Error& error, int64_t now_ns, SinkOutput& out) {
  if (error.reaction == Reaction::kRetryLater) {
    context_.log->warn("cannot write now; trying again",
                       {{"stage", context_.stage}, {"error", to_string(error)}});
    retry_at_ns_ = now_ns + retry_pause_ns_;
    retry_pause_ns_ = std::min(2 * retry_pause_ns_, kRetryMaxNs);
    return;
  }
  stopped_ = true;
  out.fail(error);
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
  PENSTOCK_TRY(shared_->writer->publish(*parts));
  std::lock_guard lock(shared_->mutex);
  for (const PartHandle& part : *parts) {
    if (part.done) shared_->published.push_back(part.path);
  }
  return {};
}

Result<void> FileSink::recover(const SinkHandles& handles) {
  Result<std::vector<PartHandle>> parts = parse(handles);
  if (!parts) return unexpected(parts.error());
  PENSTOCK_TRY(shared_->writer->recover(*parts));
  part_bytes_ = shared_->writer->part_length();
  if (part_bytes_ > 0) part_begun_ns_ = context_.clock->monotonic_ns();
  return {};
}

}  // namespace penstock
