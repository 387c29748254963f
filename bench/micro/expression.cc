// SPDX-License-Identifier: Apache-2.0
// Expressions over batches that are in memory already: what the evaluator alone costs a record,
// over ready columns and by the generic path, and with the projection of the columns.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <string>

#include "expr/evaluator.h"
#include "expr/interpreter.h"
#include "expr/program.h"
#include "expr/vector.h"
#include "json/projector.h"
#include "record/batch_builder.h"

namespace penstock {
namespace {

constexpr uint32_t kRecords = kBatchRecordsMax;

/// A batch of records, as lines stand in an arena. `line(i)` has at most `bytes_max`.
template <class F>
Batch lines(BatchPool& pool, size_t bytes_max, F&& line) {
  ArenaRef arena = pool.arenas().get(kRecords * (bytes_max + 1));
  BatchBuilder builder(pool);
  builder.attach(arena);
  char* at = arena->data();
  for (uint32_t i = 0; i < kRecords; ++i) {
    const std::string text = line(i);
    std::memcpy(at, text.data(), text.size());
    builder.append_slice({at, text.size()});
    at += text.size();
    *at++ = '\n';
  }
  return builder.take();
}

/// Bids of NEXMark's size.
Batch bids(BatchPool& pool) {
  return lines(pool, 400, [](uint32_t i) {
    return R"({"event_type":2,"bid":{"auction":)" + std::to_string(1000 + i * 7) +
           R"(,"bidder":)" + std::to_string(1000 + i) + R"(,"price":)" +
           std::to_string(100 + i * i) + R"(,"channel":"channel-)" + std::to_string(i) +
           R"(","url":"https://www.nexmark.com/abc/def/item.htm?query=1&channel_id=)" +
           std::to_string(i * 1048576) +
           R"(","dateTime":"2015-07-15 00:00:00.000","extra":"IOcrekvvkhgrtmmzkjacvvjmqgfqtyu"}})";
  });
}

/// Orders of ten items.
Batch orders(BatchPool& pool) {
  return lines(pool, 1200, [](uint32_t i) {
    std::string line = R"({"order":)" + std::to_string(i) + R"(,"items":[)";
    for (uint32_t j = 0; j < 10; ++j) {
      line += std::string(j == 0 ? "" : ",") + R"({"sku":"item-)" + std::to_string(i * 10 + j) +
              R"(","name":"a thing of some kind","price":)" + std::to_string((i + j) % 10 + 1) +
              R"(,"quantity":)" + std::to_string(j + 1) + "}";
    }
    return line + R"(],"customer":"nobody in particular"})";
  });
}

std::shared_ptr<const Program> program(const char* text) {
  Problems problems;
  auto compiled = compile(text, ExprEnvironment{}, problems);
  if (compiled == nullptr) std::abort();
  return compiled;
}

/// The columns of a program, filled.
struct Columns {
  Columns(const Batch& batch, std::shared_ptr<const Program> p) : compiled(std::move(p)) {
    std::vector<size_t> ids;
    const size_t reader = projector.add_reader();
    for (const DocumentPath& path : compiled->facts.paths) {
      ids.push_back(projector.add(reader, path));
    }
    projector.read(reader, batch, Rows{nullptr, batch.size()});
    for (const size_t id : ids) columns.push_back(&projector.column(id));
  }
  ValueArena arena;
  EvalContext context{arena, nullptr, 1};
  Projector projector;
  std::shared_ptr<const Program> compiled;
  std::vector<const Column*> columns;
};

/// Only the kernels: the columns were filled before.
void ready_columns(benchmark::State& state, const char* text) {
  BatchPool pool;
  const Batch batch = bids(pool);
  Columns columns(batch, program(text));
  VectorEngine engine(columns.context, columns.projector.arena());
  for (auto _ : state) {
    engine.begin(batch);
    engine.use_program(*columns.compiled, columns.columns.data());
    benchmark::DoNotOptimize(
        engine.filter(*columns.compiled->root, Rows{nullptr, kRecords}).count);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

/// The tree for one row after the other.
void generic(benchmark::State& state, const char* text) {
  BatchPool pool;
  const Batch batch = bids(pool);
  Columns columns(batch, program(text));
  Interpreter interpreter(columns.context, columns.projector.arena());
  interpreter.use_program(*columns.compiled);
  interpreter.use_columns(columns.columns.data());
  for (auto _ : state) {
    for (uint32_t row = 0; row < kRecords; ++row) {
      interpreter.use_row(row, &batch[row]);
      columns.context.begin_record();
      Value value;
      if (!interpreter.eval(*columns.compiled->root, value)) std::abort();
      benchmark::DoNotOptimize(value);
    }
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

/// With the pass over the payloads.
void whole_filter(benchmark::State& state, const char* text) {
  BatchPool pool;
  Batch batch = bids(pool);
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(program(text));
  for (auto _ : state) {
    batch.mutable_heads();  // as if it had just come
    evaluator.begin(batch);
    benchmark::DoNotOptimize(evaluator.filter(id, evaluator.all_rows()).count);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

/// A closure over the items of orders: by columns of items, or item by item.
void closure(benchmark::State& state, const char* text, ResultUse use) {
  BatchPool pool;
  Batch batch = orders(pool);
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(program(text), use);
  for (auto _ : state) {
    batch.mutable_heads();
    evaluator.begin(batch);
    benchmark::DoNotOptimize(&evaluator.column(id, evaluator.all_rows()));
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

void write_all(Evaluator& evaluator, size_t id, std::vector<char>& out) {
  const Rows rows = evaluator.prepare_json(id, evaluator.all_rows());
  for (uint32_t i = 0; i < rows.count; ++i) {
    const int64_t room = evaluator.json_room(id, rows[i]);
    if (room < 0 || room > static_cast<int64_t>(out.size())) std::abort();
    benchmark::DoNotOptimize(evaluator.put_json(id, rows[i], out.data()));
  }
}

/// The same and the result written as JSON.
void whole_map(benchmark::State& state, const char* text) {
  BatchPool pool;
  Batch batch = bids(pool);
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(program(text), ResultUse::kWritten);
  std::vector<char> out(4096);
  for (auto _ : state) {
    batch.mutable_heads();
    evaluator.begin(batch);
    write_all(evaluator, id, out);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

/// A filter and a map behind it, which read the payloads together or each for itself.
void chain(benchmark::State& state, const char* keep, const char* result, bool together) {
  BatchPool pool;
  Batch batch = bids(pool);
  EvaluatorOptions options;
  if (together) options.projector = std::make_shared<Projector>();
  Evaluator first(options), second(options);
  const size_t filter = first.add(program(keep));
  const size_t map = second.add(program(result), ResultUse::kWritten);
  std::vector<char> out(4096);
  for (auto _ : state) {
    batch.mutable_heads();
    Batch all = batch.share();
    first.begin(all);
    const Rows kept = first.filter(filter, first.all_rows());
    all.select(kept.index, kept.count);
    second.begin(all);
    write_all(second, map, out);
  }
  state.SetItemsProcessed(state.iterations() * kRecords);
}

constexpr const char* kEvery123 = "bid.auction % 123 == 0";
BENCHMARK_CAPTURE(ready_columns, modulo, kEvery123);
BENCHMARK_CAPTURE(generic, modulo, kEvery123);
BENCHMARK_CAPTURE(whole_filter, modulo, kEvery123);
BENCHMARK_CAPTURE(ready_columns, two_fields, "bid.auction % 123 == 0 and bid.price > 1000");
BENCHMARK_CAPTURE(whole_filter, last_field, "bid.extra startsWith 'IO'");
BENCHMARK_CAPTURE(ready_columns, text, "bid.url contains 'channel_id=1048'");
BENCHMARK_CAPTURE(whole_map, two_fields, "{auction: bid.auction, price: bid.price}");
BENCHMARK_CAPTURE(chain, two_fields_together, "event_type == 2",
                  "{auction: bid.auction, price: bid.price}", true);
BENCHMARK_CAPTURE(chain, two_fields_each, "event_type == 2",
                  "{auction: bid.auction, price: bid.price}", false);
constexpr const char* kDear = "any(items, {.price > 10})";
BENCHMARK_CAPTURE(closure, any_by_columns, kDear, ResultUse::kValues);
BENCHMARK_CAPTURE(closure, any_by_items, kDear, ResultUse::kEach);
constexpr const char* kTotal = "sum(items, {.price * .quantity})";
BENCHMARK_CAPTURE(closure, sum_by_columns, kTotal, ResultUse::kValues);
BENCHMARK_CAPTURE(closure, sum_by_items, kTotal, ResultUse::kEach);
constexpr const char* kCheap = "filter(items ?? [], {.price < 3})";
BENCHMARK_CAPTURE(closure, filter_by_columns, kCheap, ResultUse::kValues);
BENCHMARK_CAPTURE(closure, filter_by_items, kCheap, ResultUse::kEach);
BENCHMARK_CAPTURE(whole_map, arithmetic,
                  "{auction: bid.auction, bidder: bid.bidder, price: bid.price * 0.908, "
                  "dateTime: bid.dateTime, extra: bid.extra}");

}  // namespace
}  // namespace penstock

BENCHMARK_MAIN();
