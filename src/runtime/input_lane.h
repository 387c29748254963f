// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "runtime/edge.h"

namespace penstock {

/// The consuming side of a lane in one task, with the control state that its elements left. Not
/// thread-safe.
struct InputLane {
  Edge* edge = nullptr;
  uint32_t producer = 0;
  uint32_t consumer = 0;
  Epoch barrier = 0;             ///< newest barrier read from it
  int64_t watermark_us = kNoEventTime;
  bool idle = false;             ///< asks not to be waited for (watermarks)
  bool ended = false;

  /// The next element, or null if the lane is empty now. Valid until pop().
  Element* front() {
    if (at_ == taken_.size()) {
      taken_.clear();
      at_ = 0;
      edge->lane(producer, consumer).take_all(taken_);
      if (taken_.empty()) return nullptr;
      edge->progressed();
    }
    return &taken_[at_];
  }
  Element pop() { return std::move(taken_[at_++]); }

 private:
  std::vector<Element> taken_;
  size_t at_ = 0;
};

}  // namespace penstock
