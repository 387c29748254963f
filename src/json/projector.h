// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/column.h"
#include "json/path.h"
#include "json/structure.h"
#include "value/value_arena.h"

namespace penstock {

/// A record whose payload is not JSON.
struct BadRow {
  uint32_t row = 0;
  Error error;
};

/// Fills one column per path from the payloads of a batch: one forward pass, no look at what no
/// path names. Owned by one task.
///
/// A column's type follows the data of the batch: all int64, all double, all text, all bool; mixed
/// kinds, unsigned above INT64_MAX, exact decimals, maps and arrays (as kJson, verbatim) make it
/// kValue. A member that occurs twice counts where it occurs first.
///
/// Checked of every payload: UTF-8, strings, and that a map which is entered ends as one. Of what
/// is skipped, or stands behind the last value needed, the grammar is not checked; JsonParser
/// does.
class Projector {
 public:
  explicit Projector(ValueArena& arena);
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  /// Names a path to be read; before the first project(). The same path gives the same column.
  /// REQUIRES: the path is not empty.
  size_t add(const DocumentPath& path);
  bool empty() const;

  /// Fills all columns for all rows of the batch. Payloads must have kArenaPadding readable bytes
  /// behind them and outlive the columns; decoded text lives in the arena.
  void project(const Batch& batch);
  const Column& column(size_t path) const;
  /// Rows of the last project() that are rejected, ascending; their cells are kError.
  std::span<const BadRow> bad_rows() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The cell of a row as a value; text is decoded into the arena, a kJson stays one. REQUIRES: the
/// cell is not kError. kNull and kMissing and kNoMember give null.
Result<Value> cell_value(const Column& column, uint32_t row, ValueArena& arena);

}  // namespace penstock
