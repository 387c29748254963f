// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// 128 bits of an id: two different ids with the same are not to be expected (one in 10^20 among a
/// billion ids).
struct IdHash {
  uint64_t low = 0, high = 0;
  friend bool operator==(const IdHash&, const IdHash&) = default;
};
IdHash hash_id(std::string_view id);

/// What the window may hold. 0 = no such bound.
struct IdWindowLimits {
  uint64_t ids_max = 0;
  uint64_t bytes_max = 0;
  int64_t age_max_us = 0;
};

/// Which ids were seen lately: the oldest are forgotten first. Hash table and list in one array;
/// constant time. With `keep_ids` it can say which ids they are. One thread.
class IdWindow {
 public:
  IdWindow(const IdWindowLimits& limits, bool keep_ids);

  /// Forgets what is too old at `now_us`; the others go by count and memory as new ones come.
  void expire(int64_t now_us);
  /// Whether the id is new; it is known from now on. If it is not new and `refresh`, it becomes the
  /// newest.
  bool add(std::string_view id, int64_t now_us, bool refresh);
  void prefetch(const IdHash& hash) const { __builtin_prefetch(&slots_[hash.low & mask_]); }
  bool add(const IdHash& hash, std::string_view id, int64_t now_us, bool refresh);

  uint64_t size() const { return used_; }
  uint64_t evicted() const { return evicted_; }
  /// Bytes of table, list and ids.
  uint64_t memory_bytes() const;

  /// Calls f(id, last_seen_us) from the oldest to the newest. REQUIRES: keep_ids.
  template <class F>
  void for_each(F&& f) const {
    for (uint32_t at = oldest_; at != kNone; at = entries_[at].newer) {
      f(std::string_view(ids_[at]), entries_[at].seen_us);
    }
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Entry {
    IdHash hash;
    int64_t seen_us = 0;
    uint32_t older = kNone, newer = kNone;
  };
  uint32_t* slot_of(const IdHash& hash);
  void forget_oldest();
  void unlink(uint32_t at);
  void link_newest(uint32_t at);
  void erase_slot(const IdHash& hash);
  void grow();
  bool too_large() const;

  IdWindowLimits limits_;
  bool keep_ids_;
  std::vector<Entry> entries_;
  std::vector<std::string> ids_;      // by entry, if keep_ids_
  std::vector<uint32_t> free_;        // entries
  std::vector<uint32_t> slots_;       // open addressing: entry + 1; 0 = free
  uint64_t mask_ = 0;
  uint64_t used_ = 0;
  uint64_t id_bytes_ = 0;
  uint64_t evicted_ = 0;
  uint32_t oldest_ = kNone, newest_ = kNone;
};

}  // namespace penstock
