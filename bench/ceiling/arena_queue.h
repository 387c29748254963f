// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

inline constexpr size_t kRecordBytes = 64;

/// Records of 64 bytes, one behind the other.
struct BareArena {
  explicit BareArena(size_t records) : bytes(records * kRecordBytes) {}
  size_t records = 0;
  std::vector<char> bytes;

  /// Fills it with records: a text and the record's number.
  void fill(uint64_t& number) {
    static constexpr char kText[kRecordBytes + 1] =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWX....";
    records = bytes.size() / kRecordBytes;
    for (size_t i = 0; i < records; ++i) {
      char* to = bytes.data() + i * kRecordBytes;
      std::memcpy(to, kText, kRecordBytes);
      std::memcpy(to, &number, sizeof number);
      ++number;
    }
  }
  /// Reads every byte.
  uint64_t sum() const {
    uint64_t total = 0;
    for (size_t at = 0; at < records * kRecordBytes; at += sizeof(uint64_t)) {
      uint64_t word;
      std::memcpy(&word, bytes.data() + at, sizeof word);
      total += word;
    }
    return total;
  }
};

/// The plainest queue between two threads: a mutex and a condition. A null pointer = the end.
class ArenaQueue {
 public:
  void push(std::unique_ptr<BareArena> arena) {
    {
      std::lock_guard lock(mutex_);
      arenas_.push_back(std::move(arena));
    }
    ready_.notify_one();
  }
  std::unique_ptr<BareArena> pop() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [this] { return !arenas_.empty(); });
    std::unique_ptr<BareArena> arena = std::move(arenas_.front());
    arenas_.pop_front();
    return arena;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::unique_ptr<BareArena>> arenas_;
};
