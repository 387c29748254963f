// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic_sink.h"

#include <algorithm>
#include <charconv>

#include "topiclog/murmur2.h"

namespace penstock {
namespace {

/// "12 0 7": the end of each partition.
std::string handle_text(const std::vector<uint64_t>& ends) {
  std::string text;
  for (const uint64_t end : ends) text += (text.empty() ? "" : " ") + std::to_string(end);
  return text;
}

Result<std::vector<uint64_t>> parse(const SinkHandles& handles) {
  std::vector<uint64_t> ends;
  for (const std::string& handle : handles) {
    const char* at = handle.data();
    const char* const stop = at + handle.size();
    while (at < stop) {
      uint64_t end = 0;
      const auto [after, error] = std::from_chars(at, stop, end);
      if (error != std::errc()) {
        return stop_error("bad-position", "cannot read the topic's handle '" + handle + "'",
                          "reset the positions of this pipeline");
      }
      ends.push_back(end);
      at = after + (after < stop ? 1 : 0);
    }
  }
  return ends;
}

TopicFsync policy(const TopicSinkOptions& options, const TaskContext& context) {
  switch (options.fsync) {
    case TopicSync::kAlways: return TopicFsync::kAlways;
    case TopicSync::kInterval: return TopicFsync::kInterval;
    case TopicSync::kNever: return TopicFsync::kNever;
    case TopicSync::kAuto: break;
  }
  return context.durability == Durability::kPower ? TopicFsync::kAlways : TopicFsync::kInterval;
}

}  // namespace

Result<std::shared_ptr<TopicWriterMeeting::Held>> TopicWriterMeeting::meet(
    const TopicSinkOptions& options, const TaskContext& context) {
  const std::lock_guard lock(mutex_);
  if (auto held = held_.lock()) return held;
  const Result<std::string> root = topics_root(options.folder);
  if (!root) return root.error();
  auto held = std::make_shared<Held>();
  held->topics = std::make_shared<SystemTopics>(*context.clock);
  const std::string folder = *root + "/" + options.topic;
  const auto there = load_topic(held->topics->disk(), folder);
  if (!there && (there.error().code != "topic-not-found" || !options.create)) return there.error();
  if (!there) {
    TopicSettings settings;
    settings.partitions = options.partitions;
    settings.segment_bytes = options.segment_bytes;
    settings.record_bytes_max = options.max_record_bytes;
    settings.retention_bytes = options.retention_bytes;
    settings.retention = options.retention;
    PENSTOCK_TRY(create_topic(held->topics->disk(), *root, options.topic, settings,
                              context.clock->wall_us()));
  }
  TopicWriterOptions writing{policy(options, context), options.fsync_interval, {}};
  if (context.exactly_once) {
    writing.transaction = options.transaction.empty() ? context.stage : options.transaction;
  }
  auto writer = TopicWriter::open(held->topics->place(), folder, writing);
  if (!writer) return writer.error();
  held->writer = *std::move(writer);
  held_ = held;
  return held;
}

Result<void> TopicSink::open(const TaskContext& context) {
  context_ = context;
  if (context.exactly_once && context.tasks > 1) {
    return stop_error("option-conflict",
                      "stage '" + context.stage + "' writes a topic exactly once with " +
                          std::to_string(context.tasks) + " tasks",
                      "a checkpoint needs one end for each partition: set threads: 1");
  }
  if (context.durability == Durability::kPower &&
      policy(*options_, context) != TopicFsync::kAlways) {
    return stop_error("option-conflict",
                      "durability: power needs the topic's fsync to be always or auto",
                      "leave fsync out");
  }
  auto held = meeting_->meet(*options_, context);
  if (!held) return held.error();
  auto work = std::make_unique<Work>();
  work->held = *std::move(held);
  work->two_phase = context.exactly_once;
  work->sync = policy(*options_, context) == TopicFsync::kAlways;
  bodies_.resize(work->held->writer->partitions());
  work_.open(context_, std::move(work));
  next_.resize(bodies_.size());
  keyless_ = context.task % static_cast<uint32_t>(bodies_.size());
  return {};
}

uint32_t TopicSink::partition_of(const Record& record) {
  const auto partitions = static_cast<uint32_t>(bodies_.size());
  if (partitions == 1) return 0;
  if (options_->partitioner == TopicPartitioner::kMurmur2 && record.has_key()) {
    return murmur2_partition(record.key_view(), partitions);
  }
  // A batch at a time: small batches cost every reader.
  if (!bodies_[keyless_].fits(record)) keyless_ = (keyless_ + 1) % partitions;
  return keyless_;
}

void TopicSink::add(const Record& record) {
  const uint32_t partition = partition_of(record);
  if (!bodies_[partition].fits(record)) close_body(partition);
  bodies_[partition].add(record, now_us_);
}

void TopicSink::close_body(uint32_t partition) {
  BatchBody body = std::exchange(bodies_[partition], {});
  if (body.empty()) return;
  body.close();
  next_[partition].partition = partition;
  next_[partition].bytes += body.bytes();
  next_bytes_ += body.bytes();
  accepted_ += body.bytes();
  next_[partition].batches.push_back(std::move(body));
}

/// Moves what is closed to the orders.
void TopicSink::queue_all() {
  for (Work::Order& order : next_) {
    if (!order.batches.empty()) work_.add(std::exchange(order, {}));
  }
  next_bytes_ = 0;
}

void TopicSink::write(Batch batch, SinkOutput& out) {
  now_us_ = context_.clock->wall_us();
  const uint64_t bytes_max = work_.work().held->writer->settings().record_bytes_max.bytes;
  batch.for_each([&](const Record& record) {
    const uint64_t bytes = uint64_t{record.payload_size} + record.key_size + record.headers_size;
    if (bytes <= bytes_max) return add(record);
    out.reject(record, batch.epoch(),
               reject_error("record-too-large",
                            "a record of " + std::to_string(bytes) + " bytes; the topic '" +
                                options_->topic + "' takes " + std::to_string(bytes_max),
                            "make the topic with a larger max_record_bytes"));
  });
  if (next_bytes_ < kWriteBytes) return;
  queue_all();
  work_.start(context_.clock->monotonic_ns());
}

void TopicSink::barrier(const Barrier& barrier, SinkOutput& out) {
  for (uint32_t p = 0; p < bodies_.size(); ++p) close_body(p);
  const bool idle = work_.idle() && next_bytes_ == 0;
  if (idle && !context_.exactly_once) return out.delivered(barrier.epoch);
  queue_all();
  work_.add({0, {}, 0, barrier.epoch});
  const int64_t now_ns = context_.clock->monotonic_ns();
  work_.start(now_ns);
  collect(now_ns, out);
}

void TopicSink::on_wake(int64_t now_ns, SinkOutput& out) {
  collect(now_ns, out);
  work_.start(now_ns);
}

Result<void> TopicSink::Work::carry_out(Order& order, WorkReport<Reached>& report) {
  TopicWriter& writer = *held->writer;
  if (order.epoch != 0 && sync) PENSTOCK_TRY(writer.sync());
  if (two_phase && !adopted) PENSTOCK_TRY(writer.rewind({}));
  adopted = true;
  if (order.epoch != 0) {
    report.reached({order.epoch, two_phase ? writer.ends() : std::vector<uint64_t>()});
    return {};
  }
  const Result<uint64_t> end = writer.append_only(order.partition, order.batches);
  if (!end) return end.error();
  report.wrote(order.bytes);
  return {};
}

void TopicSink::collect(int64_t now_ns, SinkOutput& out) {
  // One after the other: each checkpoint has ends of its own.
  work_.collect(now_ns, out, [&](Work::Reached& barrier) {
    prepared_ = std::move(barrier.ends);
    out.delivered(barrier.epoch);
  });
}

SinkHandles TopicSink::prepare(Epoch) {
  if (prepared_.empty()) return {};
  return {handle_text(prepared_)};
}

Result<void> TopicSink::commit(Epoch, const SinkHandles& handles) {
  if (!context_.exactly_once) return {};
  const Result<std::vector<uint64_t>> ends = parse(handles);
  if (!ends) return ends.error();
  return work_.work().held->writer->commit(*ends);
}

Result<void> TopicSink::recover(const SinkHandles& handles) {
  const Result<std::vector<uint64_t>> ends = parse(handles);
  if (!ends) return ends.error();
  PENSTOCK_TRY(work_.work().held->writer->rewind(*ends));
  work_.work().adopted = true;
  return {};
}

}  // namespace penstock
