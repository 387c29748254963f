// SPDX-License-Identifier: Apache-2.0
// split and count with nothing around them but a loop that cuts lines: what the stages alone cost.
//   micro_word_count INPUT [split]
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string_view>

#include "ceiling/measure.h"
#include "sdk/conformance/nodes.h"
#include "stages/count/count.h"
#include "stages/split/split.h"

namespace penstock {
namespace {

/// Hands each batch to the next stage, as a chain does; counts what leaves the last one.
class Chain final : public Output {
 public:
  Stage* next = nullptr;
  Chain* after = nullptr;
  uint64_t records = 0;
  uint64_t bytes = 0;
  void emit(Batch batch, uint32_t) override {
    records += batch.size();
    if (next != nullptr) return next->process(std::move(batch), *after);
    batch.for_each([&](const Record& r) { bytes += r.payload_size; });
  }
  void reject(const Record&, Epoch, const Error&) override { std::abort(); }
  void retry(Batch, const Error&) override { std::abort(); }
  void fail(Error) override { std::abort(); }
};

std::unique_ptr<Stage> make(const Catalog& catalog, const char* type, const Node& options,
                            const TaskContext& context) {
  Diagnostics diagnostics;
  auto bound = catalog.find(type, ComponentKind::kStage)->bind(options, diagnostics);
  auto stage = bound->stage->create();
  if (!stage->open(context)) std::abort();
  return stage;
}

/// One arena of lines: reads after what was left over, cuts whole lines into heads.
uint64_t read_lines(int fd, BatchPool& pool, Output& out) {
  BatchBuilder builder(pool, kBatchRecordsMax, UINT64_MAX);
  ArenaRef arena = pool.arenas().get();
  size_t kept = 0;
  uint64_t total = 0;
  for (;;) {
    const ssize_t n = read(fd, arena->data() + kept, arena->capacity() - kept);
    if (n <= 0) return total;
    total += static_cast<uint64_t>(n);
    const char* at = arena->data();
    const char* end = at + kept + n;
    builder.attach(arena);
    while (const void* found = std::memchr(at, '\n', static_cast<size_t>(end - at))) {
      const char* newline = static_cast<const char*>(found);
      builder.append_slice({at, static_cast<size_t>(newline - at)});
      at = newline + 1;
      if (builder.full()) {
        out.emit(builder.take());
        builder.attach(arena);
      }
    }
    kept = static_cast<size_t>(end - at);
    ArenaRef fresh = pool.arenas().get();
    std::memcpy(fresh->data(), at, kept);
    arena = std::move(fresh);
    Batch batch = builder.take();
    batch.set_epoch(1);
    out.emit(std::move(batch));
  }
}

int run(const char* path, bool only_split) {
  Catalog catalog;
  register_split(catalog);
  register_count(catalog);
  BatchPool pool;
  TaskContext context;
  context.pool = &pool;
  context.key.kind = KeySelector::Kind::kPayload;
  auto split = make(catalog, "split", conformance::map({}), context);
  auto count = make(catalog, "count", conformance::map({}), context);
  Chain lines, words, counts;
  lines.next = split.get();
  lines.after = &words;
  words.next = only_split ? nullptr : count.get();
  words.after = &counts;
  const int fd = open(path, O_RDONLY);
  if (fd < 0) return std::perror(path), 1;
  Measure measure;
  const uint64_t bytes = read_lines(fd, pool, lines);
  while (!only_split && count->floor() == kNoEpoch && counts.records == 0) {
    count->on_end(counts);
    while (count->next_timer_ns() != kNever) count->on_timer(0, counts);
  }
  measure.print(only_split ? "micro_split" : "micro_word_count", words.records, bytes,
                counts.bytes + counts.records + words.bytes);
  close(fd);
  return 0;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc < 2) return std::fputs("usage: micro_word_count INPUT [split]\n", stderr), 2;
  return penstock::run(argv[1], argc > 2);
}
