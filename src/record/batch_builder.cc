// SPDX-License-Identifier: Apache-2.0
#include "record/batch_builder.h"

namespace penstock {

Record& BatchBuilder::append_copy(const Record& record) {
  const bool tombstone = record.payload == nullptr;
  Record& head = append(tombstone ? std::string_view("") : record.payload_view());
  const char* payload = head.payload;
  head = record;
  if (!tombstone) head.payload = payload;  // and a tombstone stays one
  if (record.has_key()) set_key(head, record.key_view());
  if (record.headers_size > 0) set_headers(head, record.headers_view());
  return head;
}

Batch BatchBuilder::take() {
  Batch batch;
  batch.data_ = std::exchange(data_, nullptr);
  batch.count_ = batch.data_ == nullptr ? 0 : batch.data_->size;
  return batch;
}

const char* BatchBuilder::store(std::string_view bytes) {
  char* to = reserve(bytes.size());
  if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
  at_ += bytes.size();
  use_arena();
  data_->bytes += bytes.size();
  return to;
}

void BatchBuilder::new_arena(size_t bytes) {
  arena_ = pool_->arenas().get(bytes);
  at_ = 0;
  attached_ = false;
}

Batch compact(const Batch& batch, BatchPool& pool) {
  BatchBuilder builder(pool);
  batch.for_each([&](const Record& record) { builder.append_copy(record); });
  Batch copy = builder.take();
  copy.set_epoch(batch.epoch());
  copy.set_source(batch.source());
  return copy;
}

}  // namespace penstock
