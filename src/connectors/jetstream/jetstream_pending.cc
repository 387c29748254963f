// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_pending.h"

#include <utility>

namespace penstock {

JetStreamPending::Arrival JetStreamPending::arrived(uint64_t mark, uint64_t sequence) {
  const std::lock_guard lock(mutex_);
  if (sequence > sequence_max_) {
    sequence_max_ = sequence;
  } else if (done_.contains(mark) || done_before_.contains(mark)) {
    return Arrival::kDone;
  }
  return in_flight_.insert(mark).second ? Arrival::kNew : Arrival::kInFlight;
}

void JetStreamPending::emitted(NatsReceipts receipts, uint64_t number, int64_t now_ns) {
  const std::lock_guard lock(mutex_);
  emitted_.push_back({std::move(receipts), number, now_ns});
}

void JetStreamPending::committed(uint64_t number) {
  const std::lock_guard lock(mutex_);
  for (; !emitted_.empty() && emitted_.front().last <= number; emitted_.pop_front()) {
    for (const uint64_t mark : emitted_.front().receipts.marks) {
      auto known = in_flight_.extract(mark);
      if (!known.empty()) done_.insert(std::move(known));
    }
    committed_.push_back(std::move(emitted_.front().receipts));
  }
  if (done_.size() < remembered_max_) return;
  done_before_ = std::exchange(done_, {});
}

std::vector<NatsReceipts> JetStreamPending::take_committed() {
  const std::lock_guard lock(mutex_);
  return std::exchange(committed_, {});
}

void JetStreamPending::forget(const NatsReceipts& receipts) {
  const std::lock_guard lock(mutex_);
  for (const uint64_t mark : receipts.marks) in_flight_.erase(mark);
}

std::vector<NatsReceipts> JetStreamPending::older(int64_t than_ns) const {
  const std::lock_guard lock(mutex_);
  std::vector<NatsReceipts> all;
  for (const Emitted& emitted : emitted_) {
    if (emitted.at_ns > than_ns) break;
    all.push_back(emitted.receipts);
  }
  return all;
}

std::vector<NatsReceipts> JetStreamPending::take_rest() {
  const std::lock_guard lock(mutex_);
  std::vector<NatsReceipts> all;
  for (Emitted& emitted : emitted_) all.push_back(std::move(emitted.receipts));
  emitted_.clear();
  return all;
}

size_t JetStreamPending::size() const {
  const std::lock_guard lock(mutex_);
  size_t committed = 0;
  for (const NatsReceipts& receipts : committed_) committed += receipts.marks.size();
  return in_flight_.size() + committed;
}

}  // namespace penstock
