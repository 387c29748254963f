// SPDX-License-Identifier: Apache-2.0
#include "runtime/park.h"

#include <algorithm>

namespace penstock {

Epoch Park::floor() const {
  Epoch floor = kNoEpoch;
  for (const auto& [covered_by, epoch] : sent_) floor = std::min(floor, epoch);
  for (const auto& [name, queue] : queues_) {
    for (const Parked& parked : queue.records) floor = std::min(floor, parked.epoch);
  }
  return floor;
}

int64_t Park::oldest_event_time_us() const {
  if (!oldest_us_) {
    oldest_us_ = kEndOfTime;
    for (const auto& [name, queue] : queues_) {
      for (const Parked& parked : queue.records) {
        if (parked.head.event_time_us == kNoEventTime) continue;
        oldest_us_ = std::min(*oldest_us_, parked.head.event_time_us);
      }
    }
  }
  return *oldest_us_;
}

int64_t Park::next_ns() const {
  int64_t next = kNever;
  for (const auto& [name, queue] : queues_) next = std::min(next, queue.due_ns);
  return next;
}

std::string_view Park::key_of(const Record& record) const {
  if (whole_lane_) return "*";
  return key_.is_set() ? key_.of(record) : record.key_view();
}

std::string Park::queue_name(const Record& record) {
  const std::string_view key = key_of(record);
  if (!key.empty()) return "k" + std::string(key);
  return "u" + std::to_string(unkeyed_++);
}

/// Counts a record in.
void Park::keep(const Record& record) {
  ++count_;
  if (oldest_us_ && record.event_time_us != kNoEventTime) {
    oldest_us_ = std::min(*oldest_us_, record.event_time_us);
  }
}

void Park::put_back(const Record& record, Epoch epoch, int64_t now_ns, bool tried) {
  Queue& queue = queues_[queue_name(record)];
  Parked parked{std::string(record.payload_view()), std::string(record.key_view()),
                std::string(record.headers_view()), record, epoch};
  if (tried) ++parked.head.attempts;
  // What waits behind it, be it due, waits as long.
  if (queue.due_ns == kNever || queue.due_ns <= now_ns || queue.records.empty()) {
    queue.due_ns = now_ns + back_off_ns(parked.head.attempts);
  }
  queue.records.insert(queue.records.begin() + queue.returned, std::move(parked));
  ++queue.returned;
  keep(record);
}

void Park::settle_key(const Record& record) {
  const std::string_view key = key_of(record);
  const auto at = queues_.find("k" + std::string(key));
  if (at != queues_.end() && at->second.records.empty()) queues_.erase(at);
}

void Park::divert(Batch& batch) {
  if (queues_.empty()) return;
  const Epoch epoch = batch.epoch();
  batch.filter([&](const Record& record) {
    const std::string_view key = key_of(record);
    if (key.empty()) return true;
    const auto at = queues_.find("k" + std::string(key));
    if (at == queues_.end()) return true;
    at->second.records.push_back({std::string(record.payload_view()),
                                  std::string(record.key_view()),
                                  std::string(record.headers_view()), record, epoch});
    keep(record);
    return false;
  });
}

Batch Park::take_due(int64_t now_ns, BatchPool& pool, Epoch covered_by) {
  BatchBuilder builder(pool);
  Epoch epoch = kNoEpoch;
  for (auto at = queues_.begin(); at != queues_.end() && !builder.full();) {
    Queue& queue = at->second;
    if (queue.due_ns > now_ns) {
      ++at;
      continue;
    }
    while (!queue.records.empty() && !builder.full()) {
      const Parked& parked = queue.records.front();
      Record head = parked.head;
      head.payload = parked.payload.data();
      head.key = parked.head.key == nullptr ? nullptr : parked.key.data();
      head.headers = parked.headers.data();
      builder.append_copy(head);
      epoch = std::min(epoch, parked.epoch);
      queue.records.pop_front();
      --count_;
    }
    queue.returned = 0;
    queue.covered_by = covered_by;
    if (!queue.records.empty()) break;  // the rest of this key follows in the next batch
    queue.due_ns = kNever;
    // A record without a key blocks nobody: its queue is done with.
    at = at->first[0] == 'u' ? queues_.erase(at) : std::next(at);
  }
  Batch batch = builder.take();
  batch.set_epoch(epoch);
  if (!batch.empty()) {
    oldest_us_.reset();
    Epoch& oldest = sent_.emplace(covered_by, kNoEpoch).first->second;
    oldest = std::min(oldest, epoch);
  }
  return batch;
}

void Park::settled(Epoch covered) {
  sent_.erase(sent_.begin(), sent_.upper_bound(covered));
  for (auto at = queues_.begin(); at != queues_.end();) {
    Queue& queue = at->second;
    if (queue.due_ns != kNever || queue.covered_by > covered) {
      ++at;
    } else if (queue.records.empty()) {
      at = queues_.erase(at);
    } else {  // successors came meanwhile: they may go now
      queue.due_ns = 0;
      ++at;
    }
  }
}

int64_t Park::back_off_ns(uint32_t attempts) {
  const uint32_t doublings = std::min(attempts > 0 ? attempts - 1 : 0, 40u);
  const double base = std::min(static_cast<double>(policy_.initial.ns()) *
                                   static_cast<double>(uint64_t{1} << doublings),
                               static_cast<double>(policy_.max.ns()));
  const double factor = 1.0 + policy_.jitter * (2.0 * random_.uniform() - 1.0);
  return static_cast<int64_t>(base * factor);
}

}  // namespace penstock
