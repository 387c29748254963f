// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "record/arena.h"
#include "record/record.h"

namespace penstock {

inline constexpr uint32_t kBatchRecordsMax = 1024;

class BatchPool;

/// Heads and the arenas they point into. Immutable once a second Batch refers to it.
class BatchData {
 public:
  uint32_t size = 0;
  uint64_t bytes = 0;  ///< payload, key and header bytes of all heads
  std::vector<ArenaRef> arenas;
  union {  // so that no time and no page is spent on heads that are never used
    Record records[kBatchRecordsMax];
  };

 private:
  friend class Batch;
  friend class BatchBuilder;
  friend class BatchPool;
  friend class IdleList<BatchData>;
  explicit BatchData(BatchPool* pool) : pool_(pool) {}
  std::atomic<uint32_t> refs_{1};
  uint64_t serial_ = 0;  // written by a sole owner only; see Batch::contents()
  BatchPool* pool_;
  BatchData* next_ = nullptr;
};

/// Up to kBatchRecordsMax records that travel together: the unit of all work. A movable handle with
/// one owner; the heads behind it may be shared (broadcast). A filter marks what stays (selection),
/// it does not move heads.
class Batch {
 public:
  Batch() = default;
  Batch(Batch&& o) noexcept
      : data_(std::exchange(o.data_, nullptr)),
        selection_(std::move(o.selection_)),
        count_(std::exchange(o.count_, 0)),
        epoch_(o.epoch_),
        source_(o.source_) {}
  Batch& operator=(Batch&& o) noexcept {
    if (this != &o) {
      release();
      data_ = std::exchange(o.data_, nullptr);
      selection_ = std::move(o.selection_);
      count_ = std::exchange(o.count_, 0);
      epoch_ = o.epoch_;
      source_ = o.source_;
    }
    return *this;
  }
  ~Batch() { release(); }

  /// Records that are selected.
  uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  /// What a queue is charged: the bytes that the heads refer to and the heads themselves, in
  /// proportion to what is selected.
  uint64_t weight() const { return bytes() + sizeof(Record) * count_; }
  /// Payload, key and header bytes of the selected records (in proportion, not counted one by one).
  uint64_t bytes() const {
    if (data_ == nullptr || count_ == data_->size) return data_ == nullptr ? 0 : data_->bytes;
    return data_->bytes * count_ / data_->size;
  }

  /// The oldest epoch from which any record here is derived. A stage that keeps records reports
  /// the minimum over what it keeps as its floor.
  Epoch epoch() const { return epoch_; }
  void set_epoch(Epoch epoch) { epoch_ = epoch; }
  /// Which stage of the plan read it (index into the plan's stages).
  uint32_t source() const { return source_; }
  void set_source(uint32_t source) { source_ = source; }

  bool has_selection() const { return selection_ != nullptr; }
  /// All heads, without regard to the selection.
  std::span<const Record> heads() const {
    return data_ == nullptr ? std::span<const Record>{} : std::span(data_->records, data_->size);
  }
  const Record& operator[](uint32_t i) const { return data_->records[place(i)]; }
  /// Where the i-th selected record stands among heads(). Ascending.
  uint32_t place(uint32_t i) const { return selection_ == nullptr ? i : selection_[i]; }
  /// All places, or null if they are 0 … size()−1.
  const uint16_t* places() const { return selection_.get(); }
  /// Selects these `n` of heads(). REQUIRES: ascending, all of them selected now.
  void select(const uint16_t* places, uint32_t n);

  /// What the heads are: two batches of which this is the same have the same heads, and these did
  /// not change in between. For who keeps what was read from payloads. All zero if there are none.
  struct Contents {
    const BatchData* data = nullptr;
    uint64_t serial = 0;
    friend bool operator==(const Contents&, const Contents&) = default;
  };
  Contents contents() const {
    return data_ == nullptr ? Contents{} : Contents{data_, data_->serial_};
  }
  /// Calls f(const Record&) for each selected record, in order.
  template <class F>
  void for_each(F&& f) const {
    if (selection_ == nullptr) {
      for (uint32_t i = 0; i < count_; ++i) f(data_->records[i]);
    } else {
      for (uint32_t i = 0; i < count_; ++i) f(data_->records[selection_[i]]);
    }
  }
  /// Keeps the records for which keep(const Record&) is true. No head moves.
  template <class F>
  void filter(F&& keep) {
    std::unique_ptr<uint16_t[]> kept;
    uint32_t n = 0;
    for (uint32_t i = 0; i < count_; ++i) {
      const uint32_t at = selection_ == nullptr ? i : selection_[i];
      if (keep(std::as_const(data_->records[at]))) {
        if (kept != nullptr) kept[n] = static_cast<uint16_t>(at);
        ++n;
      } else if (kept == nullptr) {
        kept = std::make_unique<uint16_t[]>(count_);
        for (uint32_t j = 0; j < i; ++j) kept[j] = selection_ == nullptr ? j : selection_[j];
      }
    }
    if (kept != nullptr) selection_ = std::move(kept);
    count_ = n;
  }
  /// Heads that may be changed in place; copies them first if another Batch shares them. The
  /// span covers all heads; combine with the selection through operator[] indices.
  std::span<Record> mutable_heads();
  /// A second handle to the same records (same selection, epoch and source).
  Batch share() const;
  /// A handle to `n` of the selected records, from the `at`-th. REQUIRES: at + n <= size().
  Batch part(uint32_t at, uint32_t n) const;
  const std::vector<ArenaRef>& arenas() const { return data_->arenas; }
  /// Keeps an arena alive as long as this batch: for heads changed to point into it.
  void attach(const ArenaRef& arena);

 private:
  friend class BatchBuilder;
  friend class BatchPool;
  void release();

  BatchData* data_ = nullptr;
  std::unique_ptr<uint16_t[]> selection_;  // indices into data_->records; null = all
  uint32_t count_ = 0;
  Epoch epoch_ = kNoEpoch;
  uint32_t source_ = 0;
};

/// Recycles batch heads and arenas. Thread-safe. Must outlive every batch made from it.
class BatchPool {
 public:
  BatchPool() = default;
  ~BatchPool();
  BatchPool(const BatchPool&) = delete;
  BatchPool& operator=(const BatchPool&) = delete;
  ArenaPool& arenas() { return arenas_; }
  /// Batches alive; 0 when everything was delivered or dropped.
  size_t outstanding() const {
    const uint64_t returned = returned_.load(std::memory_order_relaxed);
    return static_cast<size_t>(serials_.load(std::memory_order_relaxed) - returned);
  }

 private:
  friend class Batch;
  friend class BatchBuilder;
  BatchData* get();
  void put(BatchData* data);
  ArenaPool arenas_;
  IdleList<BatchData> idle_;
  // Each batch gets a serial when it is made and when its heads are about to change.
  std::atomic<uint64_t> serials_{0};
  std::atomic<uint64_t> returned_{0};  // of them, those that are no more
};

}  // namespace penstock
