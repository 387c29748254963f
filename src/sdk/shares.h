// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sdk/source.h"

namespace penstock {

/// For sources that make what they give: one task's share of the places first, first + 1, … of a
/// stream, dealt in blocks of kBlock to partitions; partition p belongs to task p modulo the number
/// of tasks. A partition's position is how many of its places are done, so that any number of tasks
/// goes on where others stopped.
class Shares {
 public:
  static constexpr uint64_t kBlock = 64;

  static constexpr uint64_t kEndless = UINT64_MAX;

  /// All of [first, first + count). Code "bad-position".
  Result<void> open(uint64_t first, uint64_t count, uint32_t partitions, const TaskContext& context,
                    const Positions& restored);
  /// Places that follow each other, the lowest that are not done.
  struct Run {
    uint64_t place = 0;
    uint64_t size = 0;  ///< 0 = all are done
    uint32_t partition = 0;
  };
  Run next() const;
  /// The first `places` of next() are done.
  void advance(uint64_t places);
  Positions positions() const;
  /// What part of all places is in this task's hands: 0 to 1.
  double part() const { return static_cast<double>(mine_.size()) / partitions_; }

 private:
  struct Partition {
    uint32_t index = 0;
    uint64_t done = 0;
    uint64_t count = 0;
    uint64_t place = 0;  ///< that is next; kNoPlace once all are done
  };
  static constexpr uint64_t kNoPlace = UINT64_MAX;
  void find_place(Partition& partition) const;
  void look();

  uint64_t first_ = 0;
  uint32_t partitions_ = 1;
  std::vector<Partition> mine_;
  Partition* lowest_ = nullptr;  // null = all are done
};

}  // namespace penstock
