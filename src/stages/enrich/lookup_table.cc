// SPDX-License-Identifier: Apache-2.0
#include "stages/enrich/lookup_table.h"

#include <algorithm>
#include <optional>

#include "base/hash.h"
#include "mapping/record_change.h"
#include "value/build.h"
#include "value/write_json.h"

namespace penstock {
namespace {

constexpr size_t kFirstSlots = 64;

Error table_error(uint64_t row, const std::string& what, std::string hint = {}) {
  return stop_error("bad-table", "row " + std::to_string(row) + ": " + what, std::move(hint));
}

}  // namespace

Result<std::string_view> lookup_key(const Value& value, ValueArena& arena) {
  if (value.is_numeric()) {
    if (const auto whole = exact_int(value)) return record_text(Value::integer(*whole), arena);
  }
  return record_text(value, arena);
}

const Value* LookupTable::find(std::string_view key) const {
  if (slots_.empty()) return nullptr;
  const size_t mask = slots_.size() - 1;
  for (size_t at = hash64(key) & mask; slots_[at] != 0; at = (at + 1) & mask) {
    const Row& row = rows_[slots_[at] - 1];
    if (row.key == key) return &row.value;
  }
  return nullptr;
}

uint64_t LookupTable::memory_bytes() const {
  return arena_.used() + rows_.capacity() * sizeof(Row) + slots_.size() * sizeof(uint32_t);
}

uint32_t* LookupTable::slot_of(std::string_view key) {
  const size_t mask = slots_.size() - 1;
  size_t at = hash64(key) & mask;
  while (slots_[at] != 0 && rows_[slots_[at] - 1].key != key) at = (at + 1) & mask;
  return &slots_[at];
}

void LookupTable::grow_slots() {
  slots_.assign(slots_.empty() ? kFirstSlots : slots_.size() * 2, 0);
  for (uint32_t i = 0; i < rows_.size(); ++i) *slot_of(rows_[i].key) = i + 1;
}

/// Reads rows into a table.
class LookupTable::Reader {
 public:
  Reader(LookupTable& table, const TableShape& shape) : table_(table), shape_(shape) {}

  Result<void> read(std::string_view text, const Codec& codec) {
    const std::unique_ptr<Decoder> decoder = codec.make_decoder();
    const Result<void> begun = decoder->begin(text, {});
    if (!begun) return table_error(1, begun.error().message);
    for (;;) {
      scratch_.reset();
      ++row_;
      Value value;
      const Result<bool> more = decoder->next(scratch_, value);
      if (!more) return table_error(row_, more.error().message);
      if (!*more) return {};
      PENSTOCK_TRY(add(value));
    }
  }

 private:
  Result<void> add(const Value& row) {
    if (!row.is(ValueKind::kMap)) {
      return table_error(row_, "it has no named columns; it is of kind " +
                                   std::string(to_string(row.kind())));
    }
    const Value* cell = row.find(shape_.key_column);
    if (cell == nullptr) return table_error(row_, "it has no column " + shape_.key_column);
    if (cell->is_null()) return table_error(row_, "its " + shape_.key_column + " is null");
    const Result<std::string_view> key = lookup_key(*cell, scratch_);
    if (!key) return table_error(row_, key.error().message);
    if (table_.rows_.size() * 2 >= table_.slots_.size()) table_.grow_slots();
    uint32_t* slot = table_.slot_of(*key);
    if (*slot != 0 && shape_.same_key == SameKeyRows::kFirst) return {};
    if (*slot != 0 && shape_.same_key == SameKeyRows::kRefuse) {
      return table_error(row_, "the key " + shown(*key) + " was there before",
                         "on_duplicate says which of two rows counts");
    }
    const Result<Value> kept = shape_.whole_rows ? whole(row) : members(row);
    if (!kept) return bound(kept.error());
    if (*slot != 0) {
      table_.rows_[*slot - 1].value = *kept;
      return {};
    }
    if (table_.rows_.size() >= shape_.rows_max) {
      return stop_error("bad-table", "it has more than " + std::to_string(shape_.rows_max) +
                                         " rows", "rows_max is the bound");
    }
    const Result<Value> own = copy_string(table_.arena_, *key);
    if (!own) return bound(own.error());
    table_.rows_.push_back({own->text(), *kept});
    *slot = static_cast<uint32_t>(table_.rows_.size());
    if (table_.memory_bytes() > shape_.memory_max) return bound(memory_limit_error(0));
    return {};
  }
  static std::string shown(std::string_view key) {
    return "\"" + std::string(key.substr(0, 60)) + "\"";
  }
  Error bound(const Error& error) const {
    if (error.code != "expression-memory") return table_error(row_, error.message);
    return stop_error("bad-table",
                      "it takes more than " + std::to_string(shape_.memory_max) + " bytes",
                      "memory_max is the bound");
  }

  bool wanted(std::string_view column) const {
    if (shape_.columns.empty()) return column != shape_.key_column;
    return std::find(shape_.columns.begin(), shape_.columns.end(), column) !=
           shape_.columns.end();
  }
  /// All wanted columns as one JSON text.
  Result<Value> whole(const Value& row) {
    text_ = "{";
    for (const MapEntry& entry : row.entries()) {
      if (!wanted(entry.key)) continue;
      if (text_.size() > 1) text_ += ',';
      append_json_string(text_, entry.key);
      text_ += ':';
      PENSTOCK_TRY(write_json(entry.value, text_));
    }
    text_ += '}';
    const Result<Value> own = copy_string(table_.arena_, text_);
    return own ? Result<Value>(Value::json(own->text())) : own;
  }
  /// The wanted columns, each as JSON text.
  Result<Value> members(const Value& row) {
    MapBuilder builder(table_.arena_, row.size());
    for (const MapEntry& entry : row.entries()) {
      if (!wanted(entry.key)) continue;
      text_.clear();
      PENSTOCK_TRY(write_json(entry.value, text_));
      const Result<Value> name = copy_string(table_.arena_, entry.key);
      const Result<Value> value = copy_string(table_.arena_, text_);
      if (!name) return unexpected(name.error());
      if (!value) return unexpected(value.error());
      builder.add_new(name->text(), Value::json(value->text()));
    }
    return builder.finish();
  }

  LookupTable& table_;
  const TableShape& shape_;
  ValueArena scratch_;
  std::string text_;
  uint64_t row_ = 0;
};

Result<std::shared_ptr<const LookupTable>> LookupTable::read(std::string_view text,
                                                             const Codec& codec,
                                                             const TableShape& shape) {
  const std::shared_ptr<LookupTable> table(new LookupTable(shape.memory_max));
  const Result<void> done = Reader(*table, shape).read(text, codec);
  if (!done) return done.error();
  return std::shared_ptr<const LookupTable>(table);
}

}  // namespace penstock
