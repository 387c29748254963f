// SPDX-License-Identifier: Apache-2.0
#include "stages/split/split.h"

#include <cstring>
#include <deque>
#include <memory>
#include <string>

#include "record/batch_builder.h"
#include "stages/split/word_edges.h"

namespace penstock {
namespace {

enum class SplitBy : uint8_t { kWords, kLines, kDelimiter };

struct SplitOptions {
  SplitBy by = SplitBy::kWords;
  std::string delimiter = ",";
  bool trim = false;
  bool drop_empty = false;
  bool lower = false;
};

const Schema<SplitOptions>& split_schema() {
  using O = SplitOptions;
  static const Schema<O> schema(
      {
          field("by", &O::by)
              .one_of({{"words", SplitBy::kWords},
                       {"lines", SplitBy::kLines},
                       {"delimiter", SplitBy::kDelimiter}})
              .about("What separates the parts: `words` = any run of blanks (space, tab, newline, "
                     "vertical tab, form feed, carriage return), `lines` = a newline, with or "
                     "without a carriage return before it, `delimiter` = the text given there."),
          field("delimiter", &O::delimiter)
              .about("The text between two parts, one byte or more. Only with `by: delimiter`.")
              .example("\", \""),
          field("trim", &O::trim).about("Takes blanks off both ends of each part."),
          field("drop_empty", &O::drop_empty)
              .about("Leaves out parts that are empty (after `trim`). Words never are."),
          field("lower", &O::lower)
              .about("Turns A to Z into lower case. Other letters stay as they are. The parts are "
                     "copied then; otherwise they stay slices of the input."),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        if (o.by == SplitBy::kDelimiter && o.delimiter.empty()) {
          diagnostics.error("out-of-range", at, "delimiter is empty", "give at least one byte");
        }
      });
  return schema;
}

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Emits slices of its input. A batch that makes very many parts is worked off in several turns, so
/// that memory and the time of a turn stay bounded.
class Split final : public Stage {
 public:
  explicit Split(std::shared_ptr<const SplitOptions> options)
      : options_(std::move(options)), finder_(word_edge_finder()) {}

  Result<void> open(const TaskContext& context) override {
    const uint32_t records_max = std::min(context.batch_records_max, kOutputRecords);
    builder_ = std::make_unique<BatchBuilder>(*context.pool, records_max);
    return {};
  }
  void process(Batch batch, Output& out) override {
    pending_.push_back(std::move(batch));
    work(kTurnRecords, out);
  }
  void on_barrier(const Barrier&, Output& out) override { work(SIZE_MAX, out); }
  void on_end(Output& out) override { work(kTurnRecords, out); }
  void flush(Output& out) override { work(kTurnRecords, out); }
  void on_timer(int64_t now_ns, Output& out) override {
    work(kTurnRecords, out);
    resume_at_ns_ = now_ns + 1;
  }
  int64_t next_timer_ns() const override { return pending_.empty() ? kNever : resume_at_ns_; }
  bool full() const override { return !pending_.empty(); }
  Epoch floor() const override {
    Epoch oldest = kNoEpoch;
    for (const Batch& batch : pending_) oldest = std::min(oldest, batch.epoch());
    return oldest;
  }
  int64_t oldest_event_time_us() const override {
    int64_t oldest = kEndOfTime;
    for (const Batch& batch : pending_) {
      batch.for_each([&](const Record& r) { oldest = std::min(oldest, r.event_time_us); });
    }
    return oldest;
  }

 private:
  static constexpr uint32_t kOutputRecords = 512;  // heads of a batch then fit the first cache
  static constexpr size_t kTurnRecords = 32 * kOutputRecords;
  static constexpr size_t kEdgesRoom = 1024;

  /// Splits what is pending until about `budget` parts were emitted.
  void work(size_t budget, Output& out);
  /// Parts of records[record_] from offset_ on, until it is finished (true) or the budget is.
  bool work_record(const Record& record, size_t& budget, Output& out);
  bool split_words(const Record& record, size_t& budget, Output& out);
  bool split_at(const Record& record, std::string_view separator, size_t& budget, Output& out);
  void add_words(const Record& from, size_t count, Output& out);
  void add(const Record& from, std::string_view part, Output& out);
  Record& add_lower(std::string_view part);
  void emit_full(Output& out);
  void emit(Output& out);

  std::shared_ptr<const SplitOptions> options_;
  WordEdgeFinder finder_;
  std::unique_ptr<BatchBuilder> builder_;
  std::deque<Batch> pending_;
  uint32_t record_ = 0;  // where work goes on in pending_.front()
  uint64_t offset_ = 0;  // and in that record; beyond its end = finished
  int64_t resume_at_ns_ = 0;
  uint32_t edges_[kEdgesRoom];
};

void Split::work(size_t budget, Output& out) {
  while (!pending_.empty()) {
    const Batch& batch = pending_.front();
    builder_->attach_all(batch);
    for (; record_ < batch.size(); ++record_, offset_ = 0) {
      if (!work_record(batch[record_], budget, out)) return emit(out);
    }
    emit(out);
    record_ = 0;
    pending_.pop_front();
  }
}

bool Split::work_record(const Record& record, size_t& budget, Output& out) {
  switch (options_->by) {
    case SplitBy::kWords: return split_words(record, budget, out);
    case SplitBy::kLines: return split_at(record, "\n", budget, out);
    case SplitBy::kDelimiter: return split_at(record, options_->delimiter, budget, out);
  }
  return true;
}

bool Split::split_words(const Record& record, size_t& budget, Output& out) {
  while (offset_ < record.payload_size) {
    if (budget == 0) return false;
    const WordEdges found = finder_(record.payload, record.payload_size,
                                    static_cast<uint32_t>(offset_), edges_, kEdgesRoom);
    add_words(record, found.count, out);
    offset_ = found.next;
    budget -= std::min(budget, found.count / 2);
  }
  return true;
}

/// What add() does for each word, for all between `count` edges: the hot loop of word counts.
void Split::add_words(const Record& from, size_t count, Output& out) {
  if (options_->lower) {
    for (size_t i = 0; i < count; i += 2) {
      add(from, {from.payload + edges_[i], edges_[i + 1] - edges_[i]}, out);
    }
    return;
  }
  Record head = from;
  head.attempts = 0;
  for (size_t i = 0; i < count;) {
    const std::span<Record> heads = builder_->free_heads();
    const size_t end = std::min(count, i + 2 * heads.size());
    uint64_t bytes = 0;
    Record* to = heads.data();
    for (; i < end; i += 2, ++to) {
      head.payload = from.payload + edges_[i];
      head.payload_size = edges_[i + 1] - edges_[i];
      bytes += head.payload_size;
      *to = head;
    }
    builder_->added(static_cast<uint32_t>(to - heads.data()), bytes);
    if (builder_->full()) emit_full(out);
  }
}

bool Split::split_at(const Record& record, std::string_view separator, size_t& budget,
                     Output& out) {
  const std::string_view text = record.payload_view();
  const bool lines = options_->by == SplitBy::kLines;
  // A text of lines ends with its last newline; other texts end with a part, maybe an empty one.
  while (offset_ < text.size() || (!lines && offset_ == text.size())) {
    if (budget == 0) return false;
    --budget;
    const size_t end = text.find(separator, offset_);
    std::string_view part = text.substr(offset_, end - offset_);
    offset_ = end == std::string_view::npos ? text.size() + 1 : end + separator.size();
    if (lines && !part.empty() && part.back() == '\r') part.remove_suffix(1);
    if (options_->trim) part = trimmed(part);
    if (!part.empty() || !options_->drop_empty) add(record, part, out);
  }
  return true;
}

void Split::add(const Record& from, std::string_view part, Output& out) {
  Record& head = options_->lower ? add_lower(part) : builder_->append_slice(part);
  head.key = from.key;
  head.key_size = from.key_size;
  head.headers = from.headers;
  head.headers_size = from.headers_size;
  head.event_time_us = from.event_time_us;
  head.position = from.position;
  if (builder_->full()) emit_full(out);
}

Record& Split::add_lower(std::string_view part) {
  char* to = builder_->reserve(part.size());
  for (size_t i = 0; i < part.size(); ++i) to[i] = lower(part[i]);
  return builder_->commit(part.size());
}

void Split::emit_full(Output& out) {
  emit(out);
  builder_->attach_all(pending_.front());
}

void Split::emit(Output& out) {
  Batch batch = builder_->take();
  batch.set_epoch(pending_.front().epoch());
  batch.set_source(pending_.front().source());
  if (!batch.empty()) out.emit(std::move(batch));
}

}  // namespace

void register_split(Catalog& catalog) {
  catalog.add(stage_component<SplitOptions, Split>(
      "split", "stages/split", "Splits each record into words, lines or parts.", {},
      split_schema()));
}

}  // namespace penstock
