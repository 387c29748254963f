// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "record/batch.h"
#include "value/value.h"

namespace penstock {

/// Some rows of a batch, ascending: indices, or simply the first `count`.
struct Rows {
  const uint16_t* index = nullptr;  ///< null = 0 … count−1
  uint32_t count = 0;
  uint32_t operator[](uint32_t i) const { return index == nullptr ? i : index[i]; }
};

/// What a row of a column holds.
enum class Cell : uint8_t {
  kValue,
  kNull,
  kMissing,   ///< the document has no such member; `nil` in expressions
  kNoMember,  ///< what should contain it is neither a map nor nil: an error for who reads it
  kError,     ///< the record failed; no operator looks at it
};

/// Text as it stands between the quotes of a JSON document; or any other slice.
struct RawText {
  const char* data = nullptr;
  uint32_t size = 0;
  bool escaped = false;  ///< has backslashes: unescape before looking into it
  std::string_view view() const { return {data, size}; }
};
static_assert(sizeof(RawText) == 16);

/// What is wanted of a path's values beside themselves.
struct PathUse {
  bool source = false;   ///< their text
  bool scalars = false;  ///< arrays of scalars as values: they are looked into
  bool items = false;    ///< arrays as arrays of the texts (kJson) of their items; not with scalars
};

enum class ColumnType : uint8_t {
  kNone, kBool, kInt, kUint, kDouble,
  kText,    ///< as it stands in a document, its quotes around it
  kString,  ///< computed: `texts` without escapes and without quotes
  kValue,
};

/// One value per row of a batch, all of one type (kValue: of any). Arrays are indexed by row, also
/// when only some rows are selected. What stands in rows whose cell is not kValue is unspecified.
struct Column {
  ColumnType type = ColumnType::kNone;
  bool plain = false;     ///< every selected row is Cell::kValue
  bool constant = false;  ///< row 0 stands for all rows
  Cell* cells = nullptr;  ///< null if plain
  union {
    void* data = nullptr;
    bool* bools;
    int64_t* ints;
    uint64_t* uints;
    double* doubles;
    RawText* texts;
    Value* values;
  };
  /// By row: a value as it stands in its document, if `data` is not null. Null if no row has any.
  RawText* sources = nullptr;
  Cell cell(uint32_t row) const {
    return plain || cells == nullptr ? Cell::kValue : cells[constant ? 0 : row];
  }
};

}  // namespace penstock
