// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Times in nanoseconds, in rows that are at most 1/32 wide. One thread at a time.
class LatencyHistogram {
 public:
  void add(int64_t ns);
  uint64_t count() const { return count_; }
  /// The upper end of the row in which the part `p` of all times ends; 0 if there are none.
  int64_t percentile(double p) const;
  int64_t max() const { return max_; }
  /// Times of at least `from` and less than `to`.
  uint64_t between(int64_t from, int64_t to) const;

 private:
  static constexpr int kSubBits = 5;
  static constexpr size_t kRows = size_t{64} << kSubBits;
  static size_t row_of(uint64_t ns);
  static uint64_t end_of(size_t row);
  std::array<uint64_t, kRows> rows_{};
  uint64_t count_ = 0;
  int64_t max_ = 0;
};

/// One message of the load: who made it, which one, when it was due.
struct LoadMark {
  uint32_t task = 0;
  uint64_t number = 0;
  int64_t at_ns = 0;  ///< monotonic, of this process
};
/// Writes a message of about `bytes` (never less than the mark needs): JSON, filled up.
void write_load(std::string& to, std::string_view run, const LoadMark& mark, size_t bytes);
/// The mark of a message of this run, wherever it stands in the payload.
std::optional<LoadMark> read_load(std::string_view payload, std::string_view run);

/// What was sent, and what of it came: shared by load and meter. Thread-safe.
class BenchLedger {
 public:
  struct Seen {
    uint64_t received = 0;   ///< different ones
    uint64_t bytes = 0;
    uint64_t twice = 0;      ///< came again
    uint64_t disordered = 0; ///< came behind a later one of its key
    uint64_t foreign = 0;    ///< not of this run
    int64_t first_ns = 0, last_ns = 0;
    LatencyHistogram latency;
  };
  /// `run` tells these messages from those of other runs. Messages due before `warm_ns` are not
  /// in the latencies.
  BenchLedger(std::string run, uint32_t tasks, uint64_t keys);
  const std::string& run() const { return run_; }
  uint64_t keys() const { return keys_; }

  void sent(uint32_t task, uint64_t count, uint64_t bytes, int64_t now_ns);
  void received(std::string_view payload, int64_t now_ns);
  /// Latencies of what is due from here on count.
  void warm_until(int64_t ns) { warm_ns_ = ns; }

  uint64_t sent_count() const { return sent_.load(std::memory_order_relaxed); }
  uint64_t received_count() const { return received_.load(std::memory_order_relaxed); }
  uint64_t sent_bytes() const { return sent_bytes_.load(std::memory_order_relaxed); }
  int64_t first_sent_ns() const { return first_sent_ns_.load(std::memory_order_relaxed); }
  int64_t last_sent_ns() const { return last_sent_ns_.load(std::memory_order_relaxed); }
  Seen seen() const;

 private:
  struct Task {
    std::vector<uint64_t> bits;  // which have come
    std::vector<uint64_t> last;  // by key: the highest number that came, plus one
  };
  const std::string run_;
  const uint64_t keys_;
  std::atomic<int64_t> warm_ns_{INT64_MIN};
  std::atomic<uint64_t> sent_{0}, sent_bytes_{0}, received_{0};
  std::atomic<int64_t> first_sent_ns_{0}, last_sent_ns_{0};
  mutable std::mutex mutex_;  // guards what follows
  std::vector<Task> tasks_;
  Seen seen_;
};

}  // namespace penstock
