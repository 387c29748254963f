// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/codec.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// Which of two rows with the same key counts.
enum class SameKeyRows : uint8_t { kRefuse, kFirst, kLast };

/// What is kept of a table's rows.
struct TableShape {
  std::string key_column;
  std::vector<std::string> columns;  ///< empty = all but the key's
  SameKeyRows same_key = SameKeyRows::kRefuse;
  /// Rows are kept as one JSON text each, to be put under one member; otherwise as maps of texts.
  bool whole_rows = false;
  uint64_t rows_max = 1'000'000;
  uint64_t memory_max = 64 << 20;
};

/// Rows by key, read once. Immutable, shared by tasks.
class LookupTable {
 public:
  /// Rows are what the codec's decoder finds in `text`. Error: "bad-table".
  static Result<std::shared_ptr<const LookupTable>> read(std::string_view text, const Codec& codec,
                                                         const TableShape& shape);

  /// A row: JSON text, or a map of JSON texts. Null if no row has the key.
  const Value* find(std::string_view key) const;
  size_t rows() const { return rows_.size(); }
  /// What the rows and the index take.
  uint64_t memory_bytes() const;

 private:
  struct Row {
    std::string_view key;
    Value value;
  };
  class Reader;

  explicit LookupTable(uint64_t memory_max) : arena_(memory_max) {}
  uint32_t* slot_of(std::string_view key);
  void grow_slots();

  ValueArena arena_;
  std::vector<Row> rows_;
  std::vector<uint32_t> slots_;  // place in rows_ + 1; 0 = free; a power of two of them
};

/// The text by which keys are compared: whole numbers without fraction, strings and bytes as they
/// are, everything else as JSON. In the arena, or borrowed from `value`. REQUIRES: not nil.
Result<std::string_view> lookup_key(const Value& value, ValueArena& arena);

}  // namespace penstock
