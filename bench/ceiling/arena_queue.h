// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

/// A number that counts up in decimal digits, the last one in the lowest byte: 16 of the 20 that a
/// record begins with.
class DecimalNumber {
 public:
  void write(char* to) const {
    const uint64_t words[2] = {__builtin_bswap64(high_), __builtin_bswap64(low_)};
    std::memcpy(to, words, sizeof words);
  }
  void increment() {
    if ((++low_ & 0xff) > '9' && !carry(low_)) ++high_, carry(high_);
  }

 private:
  static constexpr uint64_t kZero = 0x3030303030303030;
  /// False if the carry left the word.
  static bool carry(uint64_t& digits) {
    for (int bit = 0; bit < 64; bit += 8) {
      if ((digits >> bit & 0xff) <= '9') return true;
      digits -= uint64_t{10} << bit;
      if (bit < 56) digits += uint64_t{256} << bit;
    }
    return false;
  }
  uint64_t high_ = kZero, low_ = kZero;
};

/// Records one behind the other: what `generator` makes by itself. How long they are is known when
/// the program starts, as it is there.
struct BareArena {
  BareArena(size_t records, size_t record_bytes)
      : records(records), text(record_bytes, '0'), bytes(records * record_bytes) {
    for (size_t i = 20; i < record_bytes; ++i) text[i] = static_cast<char>('a' + (i - 20) % 26);
  }
  const size_t records;
  std::string text;
  std::vector<char> bytes;

  /// Fills it with records: the record's number in 20 digits, then letters.
  void fill(DecimalNumber& number) {
    char* to = bytes.data();
    for (size_t i = 0; i < records; ++i, to += text.size()) {
      std::memcpy(to, text.data(), text.size());
      number.write(to + 4);
      number.increment();
    }
  }
  /// Reads every byte.
  uint64_t sum() const {
    uint64_t total = 0;
    for (size_t at = 0; at < bytes.size(); at += sizeof(uint64_t)) {
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
