// SPDX-License-Identifier: Apache-2.0
// Ceiling: one thread makes records in an arena and reads every byte of them, over and
// over: what a chain of stages does without anything around it.
//   ceiling_bare_loop [MILLIONS=400] [RECORD_BYTES=64] [RECORDS_PER_ARENA=512]
#include <cstdlib>

#include "ceiling/arena_queue.h"
#include "ceiling/measure.h"

int main(int argc, char** argv) {
  const uint64_t records = (argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 400) * 1'000'000;
  const size_t record_bytes = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 64;
  BareArena arena(argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 512, record_bytes);
  Measure measure;
  DecimalNumber number;
  uint64_t made = 0, total = 0;
  for (; made < records; made += arena.records) {
    arena.fill(number);
    total += arena.sum();
  }
  measure.print("bare_loop", made, made * record_bytes, total);
}
