// SPDX-License-Identifier: Apache-2.0
#include "runtime/tap.h"

#include <algorithm>

namespace penstock {

TapView::TapView(uint32_t per_second, int64_t now_ns)
    : per_ns_(per_second / 1e9),
      burst_(std::max(1.0, per_second / 10.0)),
      credit_(burst_),
      credited_ns_(now_ns) {}

void TapView::add(const Record& record) {
  TapSample sample;
  sample.payload_bytes = record.payload_size;
  if (record.payload != nullptr) {
    sample.payload.emplace(record.payload_view().substr(0, kPayloadBytesMax));
  }
  if (record.has_key()) sample.key.emplace(record.key_view().substr(0, kPayloadBytesMax));
  if (record.headers_size <= kPayloadBytesMax) sample.headers = record.headers_view();
  sample.event_time_us = record.event_time_us;
  samples_.push_back(std::move(sample));
}

void TapView::offer(const Batch& batch, int64_t now_ns) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;  // it is being looked at: these pass unseen
  passed_ += batch.size();
  credit_ = std::min(burst_, credit_ + static_cast<double>(now_ns - credited_ns_) * per_ns_);
  credited_ns_ = now_ns;
  const size_t room = kSamplesMax - samples_.size();
  const auto wanted = static_cast<uint32_t>(
      std::min<size_t>({static_cast<size_t>(credit_), room, batch.size()}));
  credit_ -= wanted;
  // From all over the batch.
  for (uint32_t i = 0; i < wanted; ++i) {
    add(batch[static_cast<uint32_t>(uint64_t{i} * batch.size() / wanted)]);
  }
}

TapTake TapView::take() {
  TapTake taken;
  const std::lock_guard lock(mutex_);
  taken.passed = std::exchange(passed_, 0);
  for (TapSample& sample : samples_) taken.samples.push_back(std::move(sample));
  samples_.clear();
  return taken;
}

void Tap::offer(const Batch& batch) {
  if (batch.empty()) return;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock()) return;
  const int64_t now_ns = clock_.monotonic_ns();
  std::erase_if(views_, [&](const std::weak_ptr<TapView>& each) {
    const std::shared_ptr<TapView> view = each.lock();
    if (view != nullptr) view->offer(batch, now_ns);
    return view == nullptr;
  });
  lookers_.store(static_cast<uint32_t>(views_.size()), std::memory_order_relaxed);
}

std::shared_ptr<TapView> Tap::look(uint32_t per_second) {
  auto view = std::make_shared<TapView>(per_second, clock_.monotonic_ns());
  const std::lock_guard lock(mutex_);
  std::erase_if(views_, [](const std::weak_ptr<TapView>& each) { return each.expired(); });
  views_.push_back(view);
  lookers_.store(static_cast<uint32_t>(views_.size()), std::memory_order_relaxed);
  return view;
}

Taps::Taps(size_t edges, const Clock& clock) {
  for (size_t i = 0; i < edges; ++i) taps_.push_back(std::make_unique<Tap>(clock));
}

}  // namespace penstock
