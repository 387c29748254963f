// SPDX-License-Identifier: Apache-2.0
// Ceiling: two threads hand over recycled arenas of records through a mutex queue; one
// writes every byte, the other reads every byte.
//   ceiling_handover [MILLIONS=100] [RECORD_BYTES=64] [RECORDS_PER_ARENA=512] [ARENAS=8]
#include <cstdlib>
#include <thread>

#include "ceiling/arena_queue.h"
#include "ceiling/measure.h"

int main(int argc, char** argv) {
  const uint64_t records = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 100) * 1'000'000;
  const size_t record_bytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64;
  const size_t per_arena = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 512;
  const size_t arenas = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 8;
  ArenaQueue full, empty;
  for (size_t i = 0; i < arenas; ++i) empty.push(std::make_unique<BareArena>(per_arena,
      record_bytes));
  Measure measure;
  std::thread producer([&] {
    DecimalNumber number;
    for (uint64_t made = 0; made < records; made += per_arena) {
      std::unique_ptr<BareArena> arena = empty.pop();
      arena->fill(number);
      full.push(std::move(arena));
    }
    full.push(nullptr);
  });
  uint64_t done = 0, total = 0;
  while (std::unique_ptr<BareArena> arena = full.pop()) {
    done += arena->records;
    total += arena->sum();
    empty.push(std::move(arena));
  }
  producer.join();
  measure.print("handover", done, done * record_bytes, total);
}
