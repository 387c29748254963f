// SPDX-License-Identifier: Apache-2.0
#include "stages/dedupe/dedupe.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "mapping/record_change.h"
#include "stages/dedupe/id_window.h"
#include "stages/expression_stage.h"

namespace penstock {
namespace {

struct DedupeOptions {
  ExpressionText uid;
  uint64_t count = 1'000'000;
  ByteSize bytes{0};
  Duration window{0};
  bool refresh = true;
  bool durable = false;
  ExprDialect dialect = ExprDialect::kPenstock;
};

const Schema<DedupeOptions>& dedupe_schema() {
  using O = DedupeOptions;
  static const Schema<O> schema(
      {
          field("uid", &O::uid)
              .example("order.id")
              .about("What makes two records the same; nil lets a record pass. Without it the "
                     "stage's `key:` does."),
          field("count", &O::count)
              .alias("max_size")
              .about("Ids that are remembered, a task; the oldest go first. 0 = no such bound."),
          field("bytes", &O::bytes)
              .about("Memory for ids, a task; the oldest go first. 0 = no such bound."),
          field("window", &O::window)
              .about("How long an id is remembered, by the clock. 0 = no such bound."),
          field("refresh", &O::refresh)
              .about("Whether a repeat makes its id the newest again."),
          field("durable", &O::durable)
              .about("Ids are part of checkpoints: a restart goes on where it was. Otherwise it "
                     "begins with none."),
          dialect_field(&O::dialect),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        compile_option(o.uid, o.dialect, kAnyType, diagnostics);
        if (o.count == 0 && o.bytes.bytes == 0 && o.window.us == 0) {
          diagnostics.error("out-of-range", at, "nothing bounds the ids that are remembered",
                            "give count, bytes or window");
        }
      });
  return schema;
}

/// Marks what is new; nothing is copied but ids.
class Dedupe final : public Stage {
 public:
  Dedupe(std::shared_ptr<const DedupeOptions> options, std::shared_ptr<const Program> uid)
      : options_(std::move(options)), uid_(std::move(uid)),
        ids_({options_->count, static_cast<uint64_t>(options_->bytes.bytes), options_->window.us},
             options_->durable) {}

  Result<void> open(const TaskContext& context) override {
    clock_ = context.clock;
    key_ = context.key;
    if (uid_ == nullptr) return {};
    if (context.tasks > 1 && !key_.is_set()) {
      return stop_error("state-needs-key",
                        "stage " + context.stage + ": repeats may go to different tasks",
                        "give the stage a key: that is the same whenever the uid is, or threads: "
                        "1");
    }
    if (options_->durable && key_.is_set()) {
      return stop_error("state-needs-key",
                        "stage " + context.stage + ": durable ids are kept by key",
                        "leave out uid and let the stage's key: be the id, or leave out key:");
    }
    evaluator_ = make_evaluator(context);
    program_ = evaluator_->add(uid_, ResultUse::kEach);
    return {};
  }

  void process(Batch batch, Output& out) override {
    const int64_t now_us = clock_->wall_us();
    ids_.expire(now_us);
    const Batch* rows = &batch;
    const Record* const heads = batch.heads().data();
    if (evaluator_ != nullptr) evaluator_->begin(*rows);
    batch.filter([&](const Record& record) {
      if (evaluator_ == nullptr) return is_new(key_.of(record), now_us);
      const auto row = static_cast<uint32_t>(&record - heads);
      const Result<Value> value = evaluator_->value(program_, row);
      const auto id = value ? id_of(*value) : Result<std::string_view>(value.error());
      if (!id) {
        out.reject(record, rows->epoch(), id.error());
        return false;
      }
      return value->is_null() || is_new(*id, now_us);
    });
    if (!batch.empty()) out.emit(std::move(batch));
  }

  void snapshot(StateWriter& writer) override {
    if (!options_->durable) return;
    ids_.for_each([&](std::string_view id, int64_t seen_us) {
      writer.put(id, {reinterpret_cast<const char*>(&seen_us), sizeof seen_us});
    });
  }
  Result<void> restore(StateReader& reader) override {
    std::vector<std::pair<int64_t, std::string>> seen;
    PENSTOCK_TRY(reader.for_each([&](std::string_view id, std::string_view value) -> Result<void> {
      int64_t seen_us = 0;
      if (value.size() != sizeof seen_us) {
        return stop_error("state-format", "the state of an id is not 8 bytes but " +
                                              std::to_string(value.size()));
      }
      std::memcpy(&seen_us, value.data(), sizeof seen_us);
      seen.emplace_back(seen_us, id);
      return {};
    }));
    std::sort(seen.begin(), seen.end());
    for (const auto& [seen_us, id] : seen) ids_.add(id, seen_us, true);
    return {};
  }

 private:
  bool is_new(std::string_view id, int64_t now_us) {
    return ids_.add(id, now_us, options_->refresh);
  }
  Result<std::string_view> id_of(const Value& value) {
    return record_text(value, evaluator_->context().arena());
  }

  std::shared_ptr<const DedupeOptions> options_;
  std::shared_ptr<const Program> uid_;
  std::unique_ptr<Evaluator> evaluator_;
  size_t program_ = 0;
  IdWindow ids_;
  const Clock* clock_ = nullptr;
  KeySelector key_;
};

class DedupeFactory final : public StageFactory {
 public:
  explicit DedupeFactory(std::shared_ptr<const DedupeOptions> options)
      : options_(std::move(options)) {
    if (options_->uid.set) uid_ = compiled_option(options_->uid, options_->dialect, kAnyType);
  }
  std::unique_ptr<Stage> create() const override {
    return std::make_unique<Dedupe>(options_, uid_);
  }

 private:
  std::shared_ptr<const DedupeOptions> options_;
  std::shared_ptr<const Program> uid_;
};

}  // namespace

void register_dedupe(Catalog& catalog) {
  catalog.add(component<DedupeOptions>(
      ComponentKind::kStage, "dedupe", "stages/dedupe", "Of records with the same id, the first.",
      {.stateful = true, .passes_batches = true}, dedupe_schema(),
      [](Bound& bound, std::shared_ptr<const DedupeOptions> options) {
        bound.traits.keyed = !options->uid.set;
        bound.traits.stateful = options->durable;
        bound.traits.clocked = true;  // which of two comes first, and what is forgotten
        bound.stage = std::make_unique<DedupeFactory>(std::move(options));
      }));
}

}  // namespace penstock
