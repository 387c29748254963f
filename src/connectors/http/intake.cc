// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/intake.h"

#include <algorithm>
#include <utility>

namespace penstock {
namespace {

// Requests with more records than this are copied before the lock is taken, so that the task does
// not wait for it.
constexpr size_t kCopiedUnderLockMax = 64;

void answer_all(std::vector<std::pair<HttpReply, uint32_t>>& replies, int status) {
  for (auto& [reply, records] : replies)
    reply.send({status, "{\"records\":" + std::to_string(records) + "}\n", "application/json", {}});
}

}  // namespace

void HttpIntake::append(BatchBuilder& builder, std::string_view record, std::string_view headers,
                        uint64_t number) {
  Record& head = builder.append(record);
  head.position = static_cast<int64_t>(number);
  if (!headers.empty()) builder.set_headers(head, headers);
}

/// What came last becomes a batch of its own. REQUIRES: the lock.
void HttpIntake::flush() {
  if (builder_.empty()) return;
  batches_.push_back({builder_.take(), last_});
}

HttpIntake::Offer HttpIntake::offer(const std::vector<std::string_view>& records,
                                    std::string_view headers, HttpReply& reply, bool& wake) {
  size_t bytes = 0;
  for (std::string_view record : records) bytes += record.size() + headers.size() + sizeof(Record);
  std::vector<Batch> prepared;
  const bool many = records.size() > kCopiedUnderLockMax;
  uint64_t number;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return Offer::kStopped;
    // One request is always taken, so that one larger than the bound does not wait for ever.
    if (waiting_bytes_ > 0 && waiting_bytes_ + bytes > options_.waiting_bytes_max)
      return Offer::kFull;
    waiting_bytes_ += bytes;
    number = last_;  // only this thread counts it up
  }
  if (many) {
    BatchBuilder own(pool_, options_.batch_records_max);
    for (std::string_view record : records) {
      append(own, record, headers, ++number);
      if (own.full()) prepared.push_back(own.take());
    }
    if (!own.empty()) prepared.push_back(own.take());
  }
  std::lock_guard lock(mutex_);
  if (stopped_) return Offer::kStopped;
  if (many) {
    flush();
    for (Batch& batch : prepared) {
      last_ += batch.size();
      batches_.push_back({std::move(batch), last_});
    }
  } else {
    for (std::string_view record : records) {
      append(builder_, record, headers, ++last_);
      if (builder_.full()) flush();
    }
  }
  replies_.push_back({last_, static_cast<uint32_t>(records.size()), std::move(reply)});
  wake = std::exchange(idle_, false);
  return Offer::kTaken;
}

Batch HttpIntake::take(uint64_t& last) {
  std::lock_guard lock(mutex_);
  if (batches_.empty()) flush();
  if (batches_.empty()) {
    idle_ = true;
    return {};
  }
  Taken taken = std::move(batches_.front());
  batches_.pop_front();
  waiting_bytes_ -= std::min<size_t>(waiting_bytes_, taken.batch.weight());
  if (batches_.empty() && builder_.empty()) waiting_bytes_ = 0;
  last = taken.last;
  return std::move(taken.batch);
}

void HttpIntake::answer(uint64_t last, int status) {
  std::vector<std::pair<HttpReply, uint32_t>> ready;
  {
    std::lock_guard lock(mutex_);
    while (!replies_.empty() && replies_.front().last <= last) {
      ready.emplace_back(std::move(replies_.front().reply), replies_.front().records);
      replies_.pop_front();
    }
  }
  answer_all(ready, status);
}

void HttpIntake::stop(uint64_t last) {
  std::deque<Taken> forgotten;
  std::vector<std::pair<HttpReply, uint32_t>> unheard;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    forgotten.swap(batches_);
    if (!builder_.empty()) forgotten.push_back({builder_.take(), last_});
    while (!replies_.empty() && replies_.back().last > last) {
      unheard.emplace_back(std::move(replies_.back().reply), 0);
      replies_.pop_back();
    }
  }
  for (auto& [reply, records] : unheard) reply.send({503, "", "", {{"Retry-After", "1"}}});
}

}  // namespace penstock
