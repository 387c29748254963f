// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count.h"

#include <algorithm>
#include <memory>
#include <string>

#include "record/batch_builder.h"
#include "stages/count/count_table.h"
#include "stages/count/count_text.h"

namespace penstock {
namespace {

enum class CountMode : uint8_t { kFinal, kRunning };
enum class CountFormat : uint8_t { kText, kJson };

struct CountOptions {
  CountMode mode = CountMode::kFinal;
  CountFormat format = CountFormat::kText;
  std::string text_template = "{key}\t{count}";
  bool fold = false;
};

const Schema<CountOptions>& count_schema() {
  using O = CountOptions;
  static const Schema<O> schema({
      field("mode", &O::mode)
          .one_of({{"final", CountMode::kFinal}, {"running", CountMode::kRunning}})
          .about("`final` = one record a key at the end of the input, `running` = the key's new "
                 "count after each record."),
      field("format", &O::format)
          .one_of({{"text", CountFormat::kText}, {"json", CountFormat::kJson}})
          .about("`text` = as `template` says, `json` = {\"key\":\"…\",\"count\":…}; bytes of the "
                 "key that are not UTF-8 become U+FFFD there."),
      field("template", &O::text_template)
          .about("With `format: text`: {key} and {count} are replaced, all else stays."),
      field("fold", &O::fold)
          .about("With `mode: running`: one record a key and batch, with the newest count, "
                 "instead of one for each input record."),
  });
  return schema;
}

CountText make_text(const CountOptions& options) {
  return options.format == CountFormat::kJson ? CountText::json()
                                              : CountText::from_template(options.text_template);
}

/// Keys are looked up in groups of this size, so that the memory of all of them is on its way
/// before the first is needed.
constexpr uint32_t kGroup = 64;

/// Calls f(key, record) for each record of a batch.
template <class F>
void for_each_key(const CountTable& table, const Batch& batch, const KeySelector& selector, F&& f) {
  CountKey keys[kGroup];
  for (uint32_t from = 0; from < batch.size(); from += kGroup) {
    const uint32_t n = std::min(kGroup, batch.size() - from);
    for (uint32_t i = 0; i < n; ++i) {
      keys[i] = table.prepare(selector.of(batch[from + i]));
      table.prefetch(keys[i]);
    }
    for (uint32_t i = 0; i < n; ++i) f(keys[i], batch[from + i]);
  }
}

// What a combiner hands to its counts: record key = the key, payload = u64 little-endian.
uint64_t partial_count(const Record& record) {
  CHECK_EQ(record.payload_size, sizeof(uint64_t));
  uint64_t count;
  std::memcpy(&count, record.payload, sizeof count);
  return count;
}

/// Keeps a count for each key, as durable state.
class Count final : public Stage {
 public:
  explicit Count(std::shared_ptr<const CountOptions> options)
      : options_(std::move(options)), text_(make_text(*options_)) {}

  Result<void> open(const TaskContext& context) override {
    table_ = std::make_unique<CountTable>(context.seed + context.task);
    builder_ = std::make_unique<BatchBuilder>(*context.pool, context.batch_records_max);
    turn_records_ = kTurnBatches * context.batch_records_max;
    combined_ = context.combined;
    selector_ = context.key;
    if (combined_) selector_ = KeySelector{KeySelector::Kind::kRecordKey, {}};
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (options_->mode == CountMode::kRunning) return options_->fold ? fold(batch, out)
                                                                     : run(batch, out);
    if (combined_) {
      for_each_key(*table_, batch, selector_, [&](const CountKey& key, const Record& record) {
        const uint64_t count = partial_count(record);
        if (count > 0) table_->add(key, count);
      });
    } else {
      for_each_key(*table_, batch, selector_,
                   [&](const CountKey& key, const Record&) { table_->add(key, 1); });
    }
  }
  void on_end(Output& out) override {
    if (options_->mode == CountMode::kRunning) return;
    ending_ = true;
    emit_some(out);
  }
  void on_timer(int64_t now_ns, Output& out) override {
    if (ending_) emit_some(out);
    resume_at_ns_ = now_ns + 1;
  }
  int64_t next_timer_ns() const override { return ending_ ? resume_at_ns_ : kNever; }
  /// While it hands out its counts, the end waits; no position does, for the counts are state.
  Epoch floor() const override { return ending_ ? kNoEpoch - 1 : kNoEpoch; }

  void snapshot(StateWriter& writer) override {
    CountTable::Cursor cursor;
    table_->scan(cursor, SIZE_MAX, [&](const CountTable::Slot& slot) {
      writer.put(slot.key(), {reinterpret_cast<const char*>(&slot.count), sizeof slot.count});
    });
  }
  Result<void> restore(StateReader& reader) override {
    return reader.for_each([this](std::string_view key, std::string_view value) -> Result<void> {
      uint64_t count = 0;
      if (value.size() != sizeof count) {
        return stop_error("state-format", "the state of a count is not 8 bytes but " +
                                              std::to_string(value.size()));
      }
      std::memcpy(&count, value.data(), sizeof count);
      std::string padded(key);  // the table reads behind its keys
      padded.append(CountTable::kPadding, '\0');
      if (count > 0) table_->add(table_->prepare({padded.data(), key.size()}), count);
      return {};
    });
  }

 private:
  static constexpr size_t kTurnBatches = 16;

  void run(const Batch& batch, Output& out);
  void fold(const Batch& batch, Output& out);
  void append(const CountKey& key, const Record& from, uint64_t count, const Batch& batch,
              Output& out);
  void emit_like(const Batch& batch, Output& out);
  void emit_some(Output& out);

  std::shared_ptr<const CountOptions> options_;
  CountText text_;
  KeySelector selector_;
  bool combined_ = false;
  std::unique_ptr<CountTable> table_;
  std::unique_ptr<BatchBuilder> builder_;
  size_t turn_records_ = 0;
  bool ending_ = false;  // final counts are being handed out
  CountTable::Cursor cursor_;
  int64_t resume_at_ns_ = 0;
};

void Count::run(const Batch& batch, Output& out) {
  builder_->attach_all(batch);
  for_each_key(*table_, batch, selector_, [&](const CountKey& key, const Record& record) {
    append(key, record, ++table_->slot(key).count, batch, out);
  });
  emit_like(batch, out);
}

void Count::fold(const Batch& batch, Output& out) {
  // mark = how many records of the key are still to come in this batch
  for_each_key(*table_, batch, selector_, [&](const CountKey& key, const Record&) {
    CountTable::Slot& slot = table_->slot(key);
    ++slot.count;
    ++slot.mark;
  });
  builder_->attach_all(batch);
  for_each_key(*table_, batch, selector_, [&](const CountKey& key, const Record& record) {
    CountTable::Slot& slot = table_->slot(key);
    if (--slot.mark == 0) append(key, record, slot.count, batch, out);
  });
  emit_like(batch, out);
}

void Count::append(const CountKey& key, const Record& from, uint64_t count, const Batch& batch,
                   Output& out) {
  Record& record = text_.append(*builder_, {key.data, key.size}, count);
  record.event_time_us = from.event_time_us;
  record.position = from.position;
  record.headers = from.headers;
  record.headers_size = from.headers_size;
  if (builder_->full()) {
    emit_like(batch, out);
    builder_->attach_all(batch);
  }
}

void Count::emit_like(const Batch& batch, Output& out) {
  Batch made = builder_->take();
  made.set_epoch(batch.epoch());
  made.set_source(batch.source());
  out.emit(std::move(made));
}

void Count::emit_some(Output& out) {
  const bool all = table_->scan(cursor_, turn_records_,
                                [&](const CountTable::Slot& slot) {
                                  text_.append(*builder_, slot.key(), slot.count);
                                  if (builder_->full()) out.emit(builder_->take());
                                });
  out.emit(builder_->take());
  ending_ = !all;
}

/// Adds up counts by key before the exchange. Bounded: when it has too many keys it hands on those
/// of one shard after another; where keys hardly repeat it lets records pass instead. It keeps
/// counts past a barrier (as a hold) but not past a checkpoint: a source into state commits its
/// positions with those only.
class CountCombiner final : public Stage {
 public:
  Result<void> open(const TaskContext& context) override {
    table_ = std::make_unique<CountTable>(context.seed + context.task);
    builder_ = std::make_unique<BatchBuilder>(*context.pool, context.batch_records_max);
    selector_ = context.key;
    one_ = context.pool->arenas().get(sizeof(uint64_t));
    const uint64_t one = 1;
    std::memcpy(one_->data(), &one, sizeof one);
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (passing_ > 0) return pass(batch, out);
    epoch_ = std::min(epoch_, batch.epoch());
    folded_ += batch.size();
    for_each_key(*table_, batch, selector_,
                 [&](const CountKey& key, const Record&) { table_->add(key, 1); });
    for (uint32_t i = 0; i < CountTable::kShards && too_much(); ++i) hand_on_next(out);
    emit(epoch_, out);
  }
  void on_barrier(const Barrier& barrier, Output& out) override {
    if (barrier.checkpoint) flush(out);
  }
  void on_end(Output& out) override {
    ending_ = true;
    on_timer(0, out);
  }
  void on_timer(int64_t now_ns, Output& out) override {
    resume_at_ns_ = now_ns + 1;
    if (!ending_) return;
    for (uint32_t i = 0; i < kTurnShards && table_->keys() > 0; ++i) hand_on_next(out);
    emit(epoch_, out);
    ending_ = table_->keys() > 0;
    if (!ending_) epoch_ = kNoEpoch;
  }
  int64_t next_timer_ns() const override { return ending_ ? resume_at_ns_ : kNever; }
  void flush(Output& out) override {
    for (uint32_t shard = 0; shard < CountTable::kShards; ++shard) hand_on(shard, out);
    emit(epoch_, out);
    epoch_ = kNoEpoch;
    ending_ = false;
  }
  Epoch floor() const override { return epoch_; }

 private:
  static constexpr uint32_t kTurnShards = 4;      // at the end
  static constexpr uint64_t kKeysMax = 256 << 10;
  static constexpr uint64_t kMemoryBytesMax = 32 << 20;
  static constexpr uint64_t kFoldMin = 2;         // records a key that make folding worth while
  static constexpr uint64_t kPassing = 1 << 20;   // records until folding is tried again

  bool too_much() const {
    return table_->keys() > kKeysMax || table_->memory_bytes() > kMemoryBytesMax;
  }
  void hand_on_next(Output& out);
  void hand_on(uint32_t shard, Output& out);
  void pass(const Batch& batch, Output& out);
  void emit(Epoch epoch, Output& out) {
    Batch batch = builder_->take();
    batch.set_epoch(epoch);
    if (!batch.empty()) out.emit(std::move(batch));
  }

  KeySelector selector_;
  std::unique_ptr<CountTable> table_;
  std::unique_ptr<BatchBuilder> builder_;
  ArenaRef one_;  // the count of a record that is let pass
  uint32_t next_shard_ = 0;
  uint64_t folded_ = 0;     // records since next_shard_ was 0
  uint64_t handed_on_ = 0;  // keys since then
  uint64_t passing_ = 0;    // records still to be let pass
  bool ending_ = false;     // what is left is being handed on
  int64_t resume_at_ns_ = 0;
  Epoch epoch_ = kNoEpoch;  // the oldest of what it keeps
};

void CountCombiner::hand_on_next(Output& out) {
  const uint64_t before = table_->keys();
  hand_on(next_shard_, out);
  handed_on_ += before - table_->keys();
  if (++next_shard_ < CountTable::kShards) return;
  if (folded_ < kFoldMin * handed_on_) passing_ = kPassing;
  next_shard_ = 0;
  folded_ = handed_on_ = 0;
}

void CountCombiner::hand_on(uint32_t shard, Output& out) {
  table_->take_shard(shard, [&](const CountTable::Slot& slot) {
    Record& record =
        builder_->append({reinterpret_cast<const char*>(&slot.count), sizeof slot.count});
    builder_->set_key(record, slot.key());
    if (builder_->full()) emit(epoch_, out);
  });
}

void CountCombiner::pass(const Batch& batch, Output& out) {
  passing_ -= std::min<uint64_t>(passing_, batch.size());
  builder_->attach(one_);
  builder_->attach_all(batch);
  batch.for_each([&](const Record& from) {
    const std::string_view key = selector_.of(from);
    Record& record = builder_->append_slice({one_->data(), sizeof(uint64_t)});
    record.key = key.data();
    record.key_size = static_cast<uint32_t>(key.size());
    if (!builder_->full()) return;
    emit(batch.epoch(), out);
    builder_->attach(one_);
    builder_->attach_all(batch);
  });
  emit(batch.epoch(), out);
}

class CountFactory final : public StageFactory {
 public:
  explicit CountFactory(std::shared_ptr<const CountOptions> options)
      : options_(std::move(options)) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<Count>(options_); }
  std::unique_ptr<Stage> create_combiner() const override {
    if (options_->mode == CountMode::kRunning) return nullptr;
    return std::make_unique<CountCombiner>();
  }

 private:
  std::shared_ptr<const CountOptions> options_;
};

}  // namespace

void register_count(Catalog& catalog) {
  Traits traits;
  traits.keyed = true;
  traits.stateful = true;
  catalog.add(component<CountOptions>(
      ComponentKind::kStage, "count", "stages/count", "Counts records by key.", traits,
      count_schema(), [](Bound& bound, std::shared_ptr<const CountOptions> options) {
        bound.stage = std::make_unique<CountFactory>(std::move(options));
      }));
}

}  // namespace penstock
