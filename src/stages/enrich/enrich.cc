// SPDX-License-Identifier: Apache-2.0
#include "stages/enrich/enrich.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "codec/codec_options.h"
#include "mapping/edits.h"
#include "stages/enrich/table_file.h"
#include "stages/expression_stage.h"
#include "stages/rewriter.h"

namespace penstock {
namespace {

enum class LookupMiss : uint8_t { kKeep, kDrop, kReject };
enum class TableFormat : uint8_t { kByName, kCsv, kTsv, kNdjson };

struct EnrichOptions {
  Located<std::string> path;
  TableFormat format = TableFormat::kByName;
  std::optional<CsvSettings> csv;
  std::string key_column;
  ExpressionText key;
  Located<std::string> into;
  std::vector<std::string> columns;
  LookupMiss on_miss = LookupMiss::kKeep;
  SameKeyRows on_duplicate = SameKeyRows::kRefuse;
  Duration reload_every = seconds(1);
  uint64_t rows_max = TableShape{}.rows_max;
  ByteSize memory_max{TableShape{}.memory_max};
  ExprDialect dialect = ExprDialect::kPenstock;
};

/// Null if the name of the file does not say it.
std::optional<CodecFormat> format_of(const EnrichOptions& o) {
  const std::string& path = o.path.value;
  switch (o.format) {
    case TableFormat::kCsv: return CodecFormat::kCsv;
    case TableFormat::kTsv: return CodecFormat::kTsv;
    case TableFormat::kNdjson: return CodecFormat::kJson;
    case TableFormat::kByName: break;
  }
  if (path.ends_with(".csv")) return CodecFormat::kCsv;
  if (path.ends_with(".tsv")) return CodecFormat::kTsv;
  if (path.ends_with(".ndjson") || path.ends_with(".jsonl")) return CodecFormat::kJson;
  return std::nullopt;
}

/// `a.b` as its names; empty if one of them is.
std::vector<std::string> names_of(const std::string& into) {
  std::vector<std::string> names;
  for (size_t at = 0; at <= into.size();) {
    const size_t end = std::min(into.find('.', at), into.size());
    if (end == at) return {};
    names.push_back(into.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

void check_enrich(const EnrichOptions& o, const Position& at, Diagnostics& diagnostics) {
  compile_option(o.key, o.dialect, kAnyType, diagnostics);
  const auto format = format_of(o);
  if (!format && o.path.set) {
    diagnostics.error("missing-field", o.path.position,
                      "the file's name does not say what it is written in",
                      "give format: csv, tsv or ndjson");
  }
  if (o.csv && format == CodecFormat::kJson) {
    diagnostics.error("option-conflict", at, "csv: is for tables of CSV, this one is NDJSON",
                      "remove csv:");
  }
  if (o.into.set && !o.into.value.empty() && names_of(o.into.value).empty()) {
    diagnostics.error("empty-value", o.into.position, "a name in the path of into is empty",
                      "write names with dots between them: user or user.profile");
  }
}

const Schema<EnrichOptions>& enrich_schema() {
  using O = EnrichOptions;
  static const Schema<O> schema(
      {
          field("path", &O::path).required().not_empty().example("users.csv").about(
              "The table's file."),
          field("format", &O::format)
              .one_of({{"by_name", TableFormat::kByName},
                       {"csv", TableFormat::kCsv},
                       {"tsv", TableFormat::kTsv},
                       {"ndjson", TableFormat::kNdjson}})
              .about("What the file is written in; `by_name`: what its name ends with (.csv, .tsv, "
                     ".ndjson, .jsonl)."),
          field("csv", &O::csv, csv_settings_schema())
              .about("How CSV and TSV are read; without it the first row names the columns and "
                     "all cells are strings."),
          field("key_column", &O::key_column).required().not_empty().example("id").about(
              "The column by which rows are looked up."),
          field("key", &O::key).required().example("user.id").about(
              "An expression: which row a record wants. Whole numbers and their text are the same "
              "key; nil finds nothing."),
          field("into", &O::into)
              .example("user")
              .about("The member that becomes the row, by names with dots between them. Without "
                     "it the row's columns become members of the document, over those of the "
                     "same name."),
          field("columns", &O::columns)
              .about("Which columns are added. Without it, all but the key's."),
          field("on_miss", &O::on_miss)
              .one_of({{"keep", LookupMiss::kKeep},
                       {"drop", LookupMiss::kDrop},
                       {"reject", LookupMiss::kReject}})
              .about("What becomes of a record without a row: `keep` = it passes as it is, `drop` "
                     "= it ends here, `reject`."),
          field("on_duplicate", &O::on_duplicate)
              .one_of({{"refuse", SameKeyRows::kRefuse},
                       {"first", SameKeyRows::kFirst},
                       {"last", SameKeyRows::kLast}})
              .about("Which of two rows with the same key counts; `refuse` = neither: the table "
                     "is not taken."),
          field("reload_every", &O::reload_every)
              .about("How often to look whether the file has changed. 0 = never."),
          field("rows_max", &O::rows_max).at_least(1).about("The most rows of a table."),
          field("memory_max", &O::memory_max)
              .at_least(ByteSize{4096})
              .about("The most bytes of the file, and of the table in memory; while a changed "
                     "file is read, there are two tables."),
          dialect_field(&O::dialect),
      },
      check_enrich);
  return schema;
}

/// The table and the expression; shared by tasks, also from one start of the region to the next.
struct EnrichShared {
  std::shared_ptr<const Program> key;
  std::shared_ptr<TableFile> file;
  std::vector<std::string> into;

  explicit EnrichShared(const EnrichOptions& o)
      : key(compiled_option(o.key, o.dialect, kAnyType)), into(names_of(o.into.value)) {
    CodecOptions codec;
    codec.format = *format_of(o);
    codec.csv = o.csv;
    if (codec.format == CodecFormat::kJson) codec.json = JsonOptions{JsonFraming::kLines, 0, false};
    codec.limits.payload_max = ByteSize{UINT64_MAX};
    codec.limits.records_max = UINT64_MAX;
    auto made = make_codec(codec, CodecUse::kDecode);
    CHECK(made.has_value());
    file = std::make_shared<TableFile>(
        o.path.value, *made,
        TableShape{o.key_column, o.columns, o.on_duplicate, !into.empty(), o.rows_max,
                   static_cast<uint64_t>(o.memory_max.bytes)});
  }
};

class Enrich final : public Stage {
 public:
  Enrich(std::shared_ptr<const EnrichOptions> options, std::shared_ptr<EnrichShared> shared)
      : options_(std::move(options)), shared_(std::move(shared)) {}

  Result<void> open(const TaskContext& context) override {
    context_ = context;
    TableFile& file = *shared_->file;
    file.look(context.clock->wall_us());
    if (file.table() == nullptr) return *file.error();
    take_table();
    if (options_->reload_every.us > 0) next_look_ns_ = context.clock->monotonic_ns() + every_ns();
    evaluator_ = make_evaluator(context);
    program_ = evaluator_->add(shared_->key, ResultUse::kEach);
    rewriter_ = std::make_unique<Rewriter>(context);
    for (const std::string& name : shared_->into) path_.push_back({name, -1});
    return {};
  }

  void process(Batch batch, Output& out) override {
    take_table();
    evaluator_->begin(batch);
    rewriter_->begin(batch);
    for (uint32_t i = 0; i < batch.size(); ++i) {
      const Record& record = batch[i];
      const Result<const Value*> found = find(batch.place(i));
      if (!found) out.reject(record, batch.epoch(), found.error());
      else if (*found == nullptr) miss(record, batch.epoch(), out);
      else add(record, **found, batch.epoch(), out);
    }
    rewriter_->end(out);
  }

  int64_t next_timer_ns() const override { return next_look_ns_; }
  /// The file is read on the blocking pool; this task hears of it at its next batch or timer.
  void on_timer(int64_t now_ns, Output&) override {
    if (now_ns < next_look_ns_) return;
    next_look_ns_ = now_ns + every_ns();
    take_table();
    report();
    if (!shared_->file->claim(now_ns, every_ns())) return;
    context_.blocking->submit([file = shared_->file, wall_us = context_.clock->wall_us()] {
      file->look(wall_us);
    });
  }

 private:
  int64_t every_ns() const { return options_->reload_every.ns(); }

  void take_table() {
    const uint64_t version = shared_->file->version();
    if (table_ != nullptr && version == version_) return;
    const bool first = table_ == nullptr;
    version_ = version;
    table_ = shared_->file->table();
    if (first || context_.task != 0) return;
    context_.log->info("the table was read again", {{"stage", context_.stage},
                                                    {"path", shared_->file->path()},
                                                    {"rows", std::to_string(table_->rows())}});
  }
  /// Says once of each new fault that the old table stays.
  void report() {
    const std::optional<Error> error = shared_->file->error();
    const std::string now = error ? to_string(*error) : "";
    if (now == reported_) return;
    reported_ = now;
    if (!error || context_.task != 0) return;
    context_.log->warn("the changed table is not used, the one before it stays",
                       {{"stage", context_.stage}, {"error", now}});
  }

  Result<const Value*> find(uint32_t row) {
    const Result<Value> key = evaluator_->value(program_, row);
    if (!key) return unexpected(key.error());
    if (key->is_null()) return nullptr;
    const Result<std::string_view> text = lookup_key(*key, evaluator_->context().arena());
    if (!text) return unexpected(text.error());
    return table_->find(*text);
  }
  void miss(const Record& record, Epoch epoch, Output& out) {
    if (options_->on_miss == LookupMiss::kKeep) {
      rewriter_->add_slice(record, record.payload_view(), out);
    } else if (options_->on_miss == LookupMiss::kReject) {
        out.reject(record, epoch,
                 reject_error("not-in-table", "the table " + shared_->file->path() +
                                                  " has no row for the record"));
    }
  }
  void add(const Record& record, const Value& found, Epoch epoch, Output& out) {
    text_.clear();
    const Result<void> made = write(record, found);
    if (made) rewriter_->add(record, text_, out);
    else out.reject(record, epoch, made.error());
  }
  Result<void> write(const Record& record, const Value& found) {
    edits_.clear();
    arena_.reset();
    if (!path_.empty()) {
      PENSTOCK_TRY(edits_.set(path_, found, arena_));
    } else {
      for (const MapEntry& entry : found.entries()) {
        const EditStep step[] = {{entry.key, -1}};
        PENSTOCK_TRY(edits_.set(step, entry.value, arena_));
      }
    }
    return edits_.apply(record.payload_view(), arena_, text_);
  }

  std::shared_ptr<const EnrichOptions> options_;
  std::shared_ptr<EnrichShared> shared_;
  std::shared_ptr<const LookupTable> table_;
  uint64_t version_ = 0;
  TaskContext context_;
  std::unique_ptr<Evaluator> evaluator_;
  size_t program_ = 0;
  std::unique_ptr<Rewriter> rewriter_;
  std::vector<EditStep> path_;
  Edits edits_;
  ValueArena arena_;
  std::string text_, reported_;
  int64_t next_look_ns_ = kNever;
};

class EnrichFactory final : public StageFactory {
 public:
  explicit EnrichFactory(std::shared_ptr<const EnrichOptions> options)
      : options_(std::move(options)), shared_(std::make_shared<EnrichShared>(*options_)) {}
  std::unique_ptr<Stage> create() const override {
    return std::make_unique<Enrich>(options_, shared_);
  }

 private:
  std::shared_ptr<const EnrichOptions> options_;
  std::shared_ptr<EnrichShared> shared_;
};

}  // namespace

void register_enrich(Catalog& catalog) {
  catalog.add(component<EnrichOptions>(
      ComponentKind::kStage, "enrich", "stages/enrich",
      "Adds the row that a table in a file has for a record.", {.clocked = true}, enrich_schema(),
      [](Bound& bound, std::shared_ptr<const EnrichOptions> options) {
        bound.traits.clocked = options->reload_every.us > 0;  // when a changed file is seen
        bound.stage = std::make_unique<EnrichFactory>(std::move(options));
      }));
}

}  // namespace penstock
