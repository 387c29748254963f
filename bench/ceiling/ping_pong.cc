// SPDX-License-Identifier: Apache-2.0
// Ceiling: two threads wake each other through a futex; the time from before the wake to after the
// wait, p50 and p99, one way. The pause between rounds lets the other side fall asleep.
//   ceiling_ping_pong [ROUNDS=100000] [PAUSE_US=10]
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

namespace {

int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

struct alignas(64) Side {
  std::atomic<uint32_t> turn{0};
  void wait_for(uint32_t value) {
    for (uint32_t seen; (seen = turn.load(std::memory_order_acquire)) != value;) {
      syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
    }
  }
  void set(uint32_t value) {
    turn.store(value, std::memory_order_release);
    syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
  }
};

}  // namespace

int main(int argc, char** argv) {
  const uint32_t rounds =
      argc > 1 ? static_cast<uint32_t>(std::strtoul(argv[1], nullptr, 10)) : 100'000;
  const int64_t pause_ns = 1000 * (argc > 2 ? std::strtol(argv[2], nullptr, 10) : 10);
  Side there, back;
  std::atomic<int64_t> sent_ns{0};
  std::vector<int64_t> taken_ns(rounds);
  std::thread other([&] {
    for (uint32_t i = 0; i < rounds; ++i) {
      there.wait_for(i + 1);
      taken_ns[i] = now_ns() - sent_ns.load(std::memory_order_relaxed);
      back.set(i + 1);
    }
  });
  for (uint32_t i = 0; i < rounds; ++i) {
    for (const int64_t until = now_ns() + pause_ns; now_ns() < until;) {
    }
    sent_ns.store(now_ns(), std::memory_order_relaxed);
    there.set(i + 1);
    back.wait_for(i + 1);
  }
  other.join();
  std::sort(taken_ns.begin(), taken_ns.end());
  std::printf("{\"name\":\"ping_pong\",\"rounds\":%u,\"p50_us\":%.2f,\"p99_us\":%.2f,"
              "\"p999_us\":%.2f}\n",
              rounds, taken_ns[rounds / 2] / 1e3, taken_ns[rounds / 100 * 99] / 1e3,
              taken_ns[rounds / 1000 * 999] / 1e3);
}
