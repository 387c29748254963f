// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <string>

#include "record/record.h"
#include "world.h"

namespace penstock::simulation {

/// Sees to it that nothing comes after a watermark that says it has come. One instance's.
class Punctual {
 public:
  void watermark(World& world, const std::string& stage, int64_t us) {
    if (us < watermark_us_) world.fail(stage + " got a watermark that goes back");
    watermark_us_ = us;
  }
  void record(World& world, const std::string& stage, const Record& record) const {
    if (record.event_time_us == kNoEventTime || record.event_time_us >= watermark_us_) return;
    world.fail(stage + " got " + identity(record) + " behind a watermark");
  }

 private:
  int64_t watermark_us_ = kNoEventTime;
};

}  // namespace penstock::simulation
