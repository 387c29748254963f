// SPDX-License-Identifier: Apache-2.0
#include "record/batch.h"

#include <algorithm>

namespace penstock {

void Batch::release() {
  if (data_ != nullptr && data_->refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    data_->pool_->put(data_);
  }
  data_ = nullptr;
}

std::span<Record> Batch::mutable_heads() {
  if (data_ == nullptr) return {};
  if (data_->refs_.load(std::memory_order_acquire) != 1) {
    BatchData* copy = data_->pool_->get();
    copy->size = data_->size;
    copy->bytes = data_->bytes;
    copy->arenas = data_->arenas;
    std::copy_n(data_->records, data_->size, copy->records);
    release();
    data_ = copy;
  } else {
    data_->serial_ = data_->pool_->serials_.fetch_add(1, std::memory_order_relaxed) + 1;
    data_->pool_->returned_.fetch_add(1, std::memory_order_relaxed);
  }
  return {data_->records, data_->size};
}

void Batch::select(const uint16_t* places, uint32_t n) {
  CHECK_LE(n, count_);
  if (n == count_) return;
  auto kept = std::make_unique<uint16_t[]>(n);
  std::copy_n(places, n, kept.get());
  selection_ = std::move(kept);
  count_ = n;
}

Batch Batch::share() const {
  if (selection_ != nullptr) return part(0, count_);
  Batch other;
  if (data_ == nullptr) return other;
  data_->refs_.fetch_add(1, std::memory_order_relaxed);
  other.data_ = data_;
  other.count_ = count_;
  other.epoch_ = epoch_;
  other.source_ = source_;
  return other;
}

Batch Batch::part(uint32_t at, uint32_t n) const {
  CHECK_LE(at + n, count_);
  Batch other;
  if (data_ == nullptr) return other;
  data_->refs_.fetch_add(1, std::memory_order_relaxed);
  other.data_ = data_;
  other.count_ = n;
  other.epoch_ = epoch_;
  other.source_ = source_;
  other.selection_ = std::make_unique<uint16_t[]>(n);
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t from = at + i;
    other.selection_[i] = selection_ == nullptr ? static_cast<uint16_t>(from) : selection_[from];
  }
  return other;
}

void Batch::attach(const ArenaRef& arena) {
  mutable_heads();
  data_->arenas.push_back(arena);
}

BatchPool::~BatchPool() {
  CHECK_EQ(outstanding(), 0u);
  idle_.clear([](BatchData* data) { delete data; });
}

BatchData* BatchPool::get() {
  const uint64_t serial = serials_.fetch_add(1, std::memory_order_relaxed) + 1;
  BatchData* data = idle_.get();
  if (data == nullptr) data = new BatchData(this);
  data->serial_ = serial;
  return data;
}

void BatchPool::put(BatchData* data) {
  data->arenas.clear();
  data->size = 0;
  data->bytes = 0;
  data->refs_.store(1, std::memory_order_relaxed);
  returned_.fetch_add(1, std::memory_order_relaxed);
  if (!idle_.put(data)) delete data;
}

}  // namespace penstock
