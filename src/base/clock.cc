// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"

#include <ctime>

namespace penstock {

int64_t SystemClock::monotonic_ns() const {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

int64_t SystemClock::wall_us() const {
  timespec t{};
  clock_gettime(CLOCK_REALTIME, &t);
  return int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000;
}

}  // namespace penstock
