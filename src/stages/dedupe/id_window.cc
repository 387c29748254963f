// SPDX-License-Identifier: Apache-2.0
#include "stages/dedupe/id_window.h"

#include "base/hash.h"

namespace penstock {
namespace {

constexpr uint64_t kSlotsMin = 1024;
/// Table (two slots an entry at most), list, place in the free list.
constexpr uint64_t kBytesPerId = 40 + 2 * 4 + 4;
constexpr uint64_t kBytesPerKeptId = 32;  // the string object

}  // namespace

IdHash hash_id(std::string_view id) {
  const XXH128_hash_t hash = XXH3_128bits(id.data(), id.size());
  return {hash.low64, hash.high64};
}

IdWindow::IdWindow(const IdWindowLimits& limits, bool keep_ids)
    : limits_(limits), keep_ids_(keep_ids), slots_(kSlotsMin), mask_(kSlotsMin - 1) {}

uint64_t IdWindow::memory_bytes() const {
  return used_ * (kBytesPerId + (keep_ids_ ? kBytesPerKeptId : 0)) + id_bytes_;
}

bool IdWindow::too_large() const {
  return (limits_.ids_max > 0 && used_ > limits_.ids_max) ||
         (limits_.bytes_max > 0 && memory_bytes() > limits_.bytes_max && used_ > 1) ||
         used_ >= kNone - 1;
}

/// Where the hash stands, or the free slot where it would.
uint32_t* IdWindow::slot_of(const IdHash& hash) {
  for (uint64_t at = hash.low & mask_;; at = (at + 1) & mask_) {
    if (slots_[at] == 0 || entries_[slots_[at] - 1].hash == hash) return &slots_[at];
  }
}

void IdWindow::unlink(uint32_t at) {
  const Entry& entry = entries_[at];
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
}

void IdWindow::link_newest(uint32_t at) {
  entries_[at].older = newest_;
  entries_[at].newer = kNone;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = at;
  newest_ = at;
}

/// Frees the slot and moves up what was pushed behind it.
void IdWindow::erase_slot(const IdHash& hash) {
  uint64_t hole = static_cast<uint64_t>(slot_of(hash) - slots_.data());
  slots_[hole] = 0;
  for (uint64_t at = (hole + 1) & mask_; slots_[at] != 0; at = (at + 1) & mask_) {
    const uint64_t home = entries_[slots_[at] - 1].hash.low & mask_;
    if (((at - home) & mask_) < ((at - hole) & mask_)) continue;  // it is behind its home already
    slots_[hole] = slots_[at];
    slots_[at] = 0;
    hole = at;
  }
}

void IdWindow::forget_oldest() {
  const uint32_t at = oldest_;
  erase_slot(entries_[at].hash);
  unlink(at);
  if (keep_ids_) {
    id_bytes_ -= ids_[at].size();
    std::string().swap(ids_[at]);
  }
  free_.push_back(at);
  --used_;
  ++evicted_;
}

void IdWindow::expire(int64_t now_us) {
  if (limits_.age_max_us == 0) return;
  while (oldest_ != kNone && entries_[oldest_].seen_us + limits_.age_max_us <= now_us) {
    forget_oldest();
  }
}

void IdWindow::grow() {
  std::vector<uint32_t> old(2 * slots_.size());
  old.swap(slots_);
  mask_ = slots_.size() - 1;
  for (const uint32_t entry : old) {
    if (entry != 0) *slot_of(entries_[entry - 1].hash) = entry;
  }
}

bool IdWindow::add(std::string_view id, int64_t now_us, bool refresh) {
  return add(hash_id(id), id, now_us, refresh);
}

bool IdWindow::add(const IdHash& hash, std::string_view id, int64_t now_us, bool refresh) {
  uint32_t* slot = slot_of(hash);
  if (*slot != 0) {
    if (!refresh) return false;
    const uint32_t at = *slot - 1;
    entries_[at].seen_us = now_us;
    unlink(at);
    link_newest(at);
    return false;
  }
  if (2 * (used_ + 1) > slots_.size()) {
    grow();
    slot = slot_of(hash);
  }
  uint32_t at = static_cast<uint32_t>(entries_.size());
  if (free_.empty()) {
    entries_.emplace_back();
    if (keep_ids_) ids_.emplace_back();
  } else {
    at = free_.back();
    free_.pop_back();
  }
  entries_[at].hash = hash;
  entries_[at].seen_us = now_us;
  if (keep_ids_) {
    ids_[at] = id;
    id_bytes_ += id.size();
  }
  *slot = at + 1;
  link_newest(at);
  ++used_;
  while (too_large()) forget_oldest();
  return true;
}

}  // namespace penstock
