// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
#include <string_view>

#include "record/batch.h"

namespace penstock {

/// Fills one batch after another, copying bytes into arenas or borrowing slices of arenas that the
/// caller attaches. One thread; owned by the task that fills it.
///
///   char* to = builder.reserve(n);  …write ≤ n bytes…  builder.commit(n);   // free of copies
///   builder.append(payload);                                             // copies
///   builder.attach_all(input); builder.append_slice(view);               // borrows
///   if (builder.full()) out.emit(builder.take());
class BatchBuilder {
 public:
  /// `records_max` ≤ kBatchRecordsMax; `bytes_max` = payload bytes after which full() says so.
  explicit BatchBuilder(BatchPool& pool, uint32_t records_max = kBatchRecordsMax,
                        uint64_t bytes_max = kArenaBytes)
      : pool_(&pool), records_max_(records_max), bytes_max_(bytes_max) {
    CHECK(records_max >= 1 && records_max <= kBatchRecordsMax);
  }
  BatchBuilder(BatchBuilder&& o) noexcept
      : pool_(o.pool_), records_max_(o.records_max_), bytes_max_(o.bytes_max_),
        data_(std::exchange(o.data_, nullptr)), arena_(std::move(o.arena_)), at_(o.at_),
        attached_(o.attached_) {}
  ~BatchBuilder() {
    if (data_ != nullptr) pool_->put(data_);
  }

  bool empty() const { return data_ == nullptr || data_->size == 0; }
  bool full() const {
    return data_ != nullptr && (data_->size >= records_max_ || data_->bytes >= bytes_max_);
  }
  uint32_t size() const { return data_ == nullptr ? 0 : data_->size; }
  uint64_t bytes() const { return data_ == nullptr ? 0 : data_->bytes; }

  /// Room for `bytes` in the current arena (a new one if it does not fit). Valid until the next
  /// call. REQUIRES: !full() before the commit().
  char* reserve(size_t bytes) {
    if (__builtin_expect(!arena_ || arena_->capacity() - at_ < bytes, 0)) new_arena(bytes);
    return arena_->data() + at_;
  }
  /// The `bytes` just written at reserve() become the payload of a new record.
  Record& commit(size_t bytes) {
    const char* at = arena_->data() + at_;
    use(bytes);
    return add(at, bytes);
  }
  /// The `bytes` just written at reserve() stay: what heads that will be added() point into.
  void use(size_t bytes) {
    at_ += bytes;
    use_arena();
  }
  /// A new record with a copy of `payload`.
  Record& append(std::string_view payload) {
    std::memcpy(reserve(payload.size()), payload.data(), payload.size());
    return commit(payload.size());
  }
  /// A new record whose payload is borrowed: its arena must have been attached.
  Record& append_slice(std::string_view payload) {
    data();
    return add(payload.data(), payload.size());
  }
  /// A copy of another record's head and bytes (payload, key, headers).
  Record& append_copy(const Record& record);
  /// A copy of another record's head only; its batch must have been attached with attach_all().
  Record& append_head(const Record& record) {
    Record& head = append_slice(record.payload_view());
    data_->bytes += record.key_size + record.headers_size;
    return head = record;
  }
  /// For loops that add many records: the heads that are left in the current batch, uninitialised.
  /// Fill some from the front, then call added(). REQUIRES: !full().
  std::span<Record> free_heads() {
    data();
    return {data_->records + data_->size, records_max_ - data_->size};
  }
  /// The first `n` of free_heads() are records now. They refer to `bytes` in arenas that are
  /// attached. REQUIRES: n <= free_heads().size().
  void added(uint32_t n, uint64_t bytes) {
    CHECK(data_ != nullptr && data_->size + n <= records_max_);
    data_->size += n;
    data_->bytes += bytes;
  }
  /// Copies bytes into the arena; for keys and headers of the last record. REQUIRES: a record was
  /// added to the current batch.
  void set_key(Record& record, std::string_view key) {
    record.key = store(key);
    record.key_size = static_cast<uint32_t>(key.size());
  }
  void set_headers(Record& record, std::string_view encoded) {
    record.headers = store(encoded);
    record.headers_size = static_cast<uint32_t>(encoded.size());
  }
  /// Keeps an arena alive as long as the current batch (adds it once in a row).
  void attach(const ArenaRef& arena) {
    if (data()->arenas.empty() || data_->arenas.back().get() != arena.get()) {
      data_->arenas.push_back(arena);
    }
  }
  void attach_all(const Batch& batch) {
    for (const ArenaRef& arena : batch.arenas()) attach(arena);
  }
  /// The records so far. The builder goes on in the same arena.
  Batch take();

 private:
  BatchData* data() {
    if (data_ == nullptr) {
      data_ = pool_->get();
      attached_ = false;
    }
    return data_;
  }
  Record& add(const char* payload, size_t size) {
    CHECK(data_->size < kBatchRecordsMax);
    Record& record = data_->records[data_->size++];
    record = Record{};
    record.payload = payload;
    record.payload_size = static_cast<uint32_t>(size);
    data_->bytes += size;
    return record;
  }
  void use_arena() {
    data();
    if (__builtin_expect(!attached_, 0)) {
      data_->arenas.push_back(arena_);
      attached_ = true;
    }
  }
  const char* store(std::string_view bytes);
  void new_arena(size_t bytes);

  BatchPool* pool_;
  uint32_t records_max_;
  uint64_t bytes_max_;
  BatchData* data_ = nullptr;
  ArenaRef arena_;         // where copies go
  size_t at_ = 0;          // next free byte of arena_
  bool attached_ = false;  // arena_ is in data_->arenas
};

/// A copy of the selected records with arenas of their own: for what is kept long, and for batches
/// of which few records are selected.
Batch compact(const Batch& batch, BatchPool& pool);

}  // namespace penstock
