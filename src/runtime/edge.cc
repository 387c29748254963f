// SPDX-License-Identifier: Apache-2.0
#include "runtime/edge.h"

#include <algorithm>

#include "base/hash.h"

namespace penstock {

Edge::Edge(const PlanEdge& plan, Scheduler& scheduler, uint32_t producers, uint32_t consumers,
           bool aligned)
    : plan_(plan),
      scheduler_(scheduler),
      aligned_(aligned),
      budget_(plan.capacity_records, plan.capacity_bytes, producers),
      producers_(producers),
      consumers_(consumers),
      lanes_(std::make_unique<Lane[]>(size_t{producers} * consumers)) {}

bool Edge::lane_free(uint32_t p) {
  for (uint32_t c = 0; c < consumers(); ++c) {
    if (lane(p, c).size() == 0) return true;
  }
  return false;
}

bool Edge::lanes_empty(uint32_t p) {
  for (uint32_t c = 0; c < consumers(); ++c) {
    if (lane(p, c).size() != 0) return false;
  }
  return true;
}

bool Edge::open_for(uint32_t p) {
  if (budget_.has_room() && (!one_waiting() || lane_free(p))) return true;
  return aligned_ && lanes_empty(p);
}

bool Edge::open_wide(uint32_t p) {
  // With one waiting batch a lane, any progress may free the lane that a producer waits for.
  if (one_waiting() ? budget_.has_room() && lane_free(p) : budget_.has_much_room()) return true;
  return aligned_ && lanes_empty(p);
}

bool Edge::wait(uint32_t p) {
  return budget_.wait(p, [&] { return open_wide(p); });
}

void Edge::progressed() {
  budget_.wake([&](uint32_t p) { return open_wide(p); },
               [&](uint32_t p) { scheduler_.ring(*producers_[p]); });
}

void Edge::served(uint32_t c, uint64_t records, int64_t ns) {
  if (!one_waiting() || records == 0) return;
  const int64_t measured = std::max<int64_t>(1, ns / static_cast<int64_t>(records));
  const int64_t before = consumers_[c].service_ns.load(std::memory_order_relaxed);
  consumers_[c].service_ns.store(before == 0 ? measured : before + (measured - before) / 4,
                                 std::memory_order_relaxed);
}

uint32_t Edge::batch_records_max(uint32_t c) const {
  if (!one_waiting()) return kBatchRecordsMax;
  constexpr uint32_t kUnmeasured = 16;
  const int64_t service = consumers_[c].service_ns.load(std::memory_order_relaxed);
  if (service == 0) return kUnmeasured;
  return static_cast<uint32_t>(std::clamp<int64_t>(kSharedWaitNs / service, 1, kBatchRecordsMax));
}

EdgeWriter::EdgeWriter(Edge& edge, uint32_t producer, const KeySelector& key, BatchPool& pool)
    : edge_(edge),
      producer_(producer),
      key_(key.for_task()),
      pool_(pool),
      next_(producer),
      dirty_(edge.consumers()) {
  if (edge.plan().mode != EdgeMode::kKeyed || edge.consumers() == 1) return;
  for (uint32_t c = 0; c < edge.consumers(); ++c) {
    scatter_.push_back({BatchBuilder(pool), kNoEpoch, false});
  }
}

void EdgeWriter::push(Batch batch) {
  if (batch.empty()) return;
  if (!scatter_.empty()) return push_keyed(batch);
  // Few of many heads selected: what waits should not pin what was filtered out.
  if (batch.has_selection() && batch.size() * 4 < batch.heads().size()) {
    batch = compact(batch, pool_);
  }
  if (edge_.consumers() > 1) return push_shared(std::move(batch));
  send(0, Element::of(std::move(batch)));
}

uint32_t EdgeWriter::pick() {
  const uint32_t n = edge_.consumers();
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t c = (next_ + i) % n;
    if (edge_.lane(producer_, c).size() == 0) return c;
  }
  return next_ % n;
}

void EdgeWriter::push_shared(Batch batch) {
  rest_.push_back(Element::of(std::move(batch)));
  hand_out();
}

void EdgeWriter::hand_out() {
  while (!rest_.empty()) {
    if (rest_.front().kind != Element::Kind::kBatch) {
      send_all(rest_.front());
      rest_.pop_front();
      continue;
    }
    if (!edge_.open_for(producer_)) return;
    Batch& batch = rest_.front().batch;
    const uint32_t c = pick();
    next_ = c + 1;
    const uint32_t n = std::min(batch.size() - rest_at_, edge_.batch_records_max(c));
    const bool last = rest_at_ + n == batch.size();
    const bool whole = n == batch.size();
    send(c, Element::of(whole ? std::move(batch) : batch.part(rest_at_, n)));
    rest_at_ += n;
    if (last) {
      rest_.pop_front();
      rest_at_ = 0;
    }
  }
}

void EdgeWriter::push_keyed(const Batch& batch) {
  const uint32_t n = edge_.consumers();
  for (Scatter& scatter : scatter_) scatter.attached = false;
  source_ = batch.source();
  // What has no key because it cannot be computed, the consumer rejects.
  if (key_.is_computed()) key_.reader->begin(batch);
  batch.for_each([&](const Record& record) {
    const uint32_t c = group_owner(key_group(hash64(key_.of(record))), n);
    Scatter& to = scatter_[c];
    if (to.builder.full()) flush_builder(c);
    if (!to.attached) {
      to.builder.attach_all(batch);
      to.epoch = std::min(to.epoch, batch.epoch());
      to.attached = true;
    }
    to.builder.append_head(record);
  });
  if (key_.is_computed()) key_.reader->forget();
}

void EdgeWriter::flush_builder(uint32_t c) {
  Scatter& from = scatter_[c];
  from.attached = false;
  if (from.builder.empty()) return;
  Batch batch = from.builder.take();
  batch.set_epoch(std::exchange(from.epoch, kNoEpoch));
  batch.set_source(source_);
  send(c, Element::of(std::move(batch)));
}

void EdgeWriter::send(uint32_t consumer, Element element) {
  if (element.kind == Element::Kind::kBatch) {
    edge_.budget().charge(element.batch.size(), element.batch.weight());
  }
  edge_.lane(producer_, consumer).push(std::move(element));
  dirty_[consumer] = true;
}

void EdgeWriter::control(const Element& element) {
  if (!rest_.empty()) {  // it may not overtake what waits
    rest_.push_back(Element{element.kind, element.checkpoint, element.value, {}});
    return;
  }
  send_all(element);
}

void EdgeWriter::send_all(const Element& element) {
  for (uint32_t c = 0; c < edge_.consumers(); ++c) {
    if (!scatter_.empty()) flush_builder(c);
    send(c, Element{element.kind, element.checkpoint, element.value, {}});
  }
}

void EdgeWriter::flush() {
  for (uint32_t c = 0; c < edge_.consumers(); ++c) {
    if (!scatter_.empty()) flush_builder(c);
    if (dirty_[c]) {
      dirty_[c] = false;
      edge_.ring_consumer(c);
    }
  }
}

}  // namespace penstock
