// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_intake.h"

#include <utility>

#include "base/clock.h"

namespace penstock {

NatsIntake::NatsIntake(BatchPool& pool, uint32_t batch_records_max, Waker* waker)
    : waker_(waker), builder_(pool, batch_records_max) {}

void NatsIntake::close_batch() {
  if (builder_.empty()) return;
  ready_.push_back({builder_.take(), std::exchange(receipts_, {}),
                    std::exchange(filled_bytes_, 0)});
  ripe_ = false;
}

bool NatsIntake::to_be_woken() {
  return (ripe_ || !ready_.empty()) && std::exchange(asleep_, false);
}

bool NatsIntake::add(const Message& message, bool receipts, bool more) {
  bool wake = false, begins = false;
  {
    const std::lock_guard lock(mutex_);
    begins = builder_.empty() && more;
    if (begins) begun_ns_ = SystemClock().monotonic_ns();
    Record& record = builder_.append(message.payload);
    if (message.has_key) builder_.set_key(record, message.key);
    if (!message.headers.empty()) builder_.set_headers(record, message.headers);
    record.event_time_us = message.event_time_us;
    record.position = static_cast<int64_t>(message.sequence);
    if (receipts) {
      receipts_.marks.push_back(message.mark);
      receipts_.replies.append(message.reply);
      receipts_.replies.push_back('\0');
    }
    ++records_;
    const uint64_t bytes = message.payload.size() + message.key.size() + message.headers.size();
    filled_bytes_ += bytes;
    bytes_ += bytes;
    ripe_ = ripe_ || !more;
    if (builder_.full()) close_batch();
    wake = to_be_woken();
  }
  if (wake) waker_->wake();
  return begins;
}

bool NatsIntake::ripen(Duration longest) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (ripe_ || builder_.empty()) return false;
    if (SystemClock().monotonic_ns() - begun_ns_ < longest.ns()) return true;
    ripe_ = true;
    wake = to_be_woken();
  }
  if (wake) waker_->wake();
  return false;
}

std::optional<NatsIntake::Taken> NatsIntake::take() {
  const std::lock_guard lock(mutex_);
  if (ready_.empty() && ripe_) close_batch();
  if (ready_.empty()) {
    asleep_ = true;
    return std::nullopt;
  }
  Taken taken = std::move(ready_.front());
  ready_.pop_front();
  records_ -= taken.batch.size();
  bytes_ -= taken.bytes;
  return taken;
}

std::vector<NatsReceipts> NatsIntake::drop() {
  const std::lock_guard lock(mutex_);
  close_batch();
  std::vector<NatsReceipts> all;
  for (Taken& taken : ready_) all.push_back(std::move(taken.receipts));
  ready_.clear();
  records_ = bytes_ = 0;
  return all;
}

std::vector<NatsReceipts> NatsIntake::receipts() const {
  const std::lock_guard lock(mutex_);
  std::vector<NatsReceipts> all;
  for (const Taken& taken : ready_) all.push_back(taken.receipts);
  all.push_back(receipts_);
  return all;
}

uint64_t NatsIntake::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

uint64_t NatsIntake::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace penstock
