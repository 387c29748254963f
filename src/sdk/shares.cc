// SPDX-License-Identifier: Apache-2.0
#include "sdk/shares.h"

#include <algorithm>
#include <charconv>

namespace penstock {

Result<void> Shares::open(uint64_t first, uint64_t count, uint32_t partitions,
                          const TaskContext& context, const Positions& restored) {
  first_ = first;
  partitions_ = partitions;
  const uint64_t cycle = kBlock * partitions;
  for (uint32_t p = context.task; p < partitions; p += context.tasks) {
    const uint64_t before = p * kBlock, rest = count % cycle;
    const uint64_t last_block = rest > before ? std::min(rest - before, kBlock) : 0;
    mine_.push_back({p, 0, count / cycle * kBlock + last_block, 0});
  }
  const std::string suffix = "/" + std::to_string(partitions);
  for (const auto& [name, position] : restored) {
    if (!name.ends_with(suffix)) {
      return stop_error("bad-position",
                        "these positions were made with another number of partitions",
                        "set partitions as before, or reset the positions");
    }
    for (Partition& partition : mine_) {
      if (name != std::to_string(partition.index) + suffix) continue;
      const std::string& text = position.value;
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), partition.done);
      if (error != std::errc{} || end != text.data() + text.size()) {
        return stop_error("bad-position", "this is no position of the source: '" + text + "'",
                          "reset the positions of this pipeline");
      }
    }
  }
  for (Partition& partition : mine_) find_place(partition);
  look();
  return {};
}

void Shares::find_place(Partition& partition) const {
  partition.place = kNoPlace;
  if (partition.done >= partition.count) return;
  partition.place = first_ +
                    (partition.done / kBlock * partitions_ + partition.index) * kBlock +
                    partition.done % kBlock;
}

/// Once a block: a scan of what fits a few cache lines.
void Shares::look() {
  lowest_ = nullptr;
  uint64_t lowest = kNoPlace;
  for (Partition& partition : mine_) {
    if (partition.place >= lowest) continue;
    lowest = partition.place;
    lowest_ = &partition;
  }
}

Shares::Run Shares::next() const {
  if (lowest_ == nullptr) return {};
  return {lowest_->place,
          std::min(kBlock - lowest_->done % kBlock, lowest_->count - lowest_->done),
          lowest_->index};
}

void Shares::advance(uint64_t places) {
  if (places == 0) return;
  lowest_->done += places;
  find_place(*lowest_);
  if (lowest_->done % kBlock == 0 || lowest_->done >= lowest_->count) look();
}

Positions Shares::positions() const {
  Positions all;
  for (const Partition& partition : mine_) {
    all[std::to_string(partition.index) + "/" + std::to_string(partitions_)] = {
        std::to_string(partition.done), partition.done >= partition.count};
  }
  return all;
}

}  // namespace penstock
