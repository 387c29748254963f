// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/column.h"
#include "json/item_columns.h"
#include "json/path.h"
#include "json/structure.h"
#include "value/value_arena.h"

namespace penstock {

/// A record whose payload is not JSON. `row` is its place among the batch's heads.
struct BadRow {
  uint32_t row = 0;
  Error error;
};

/// Fills one column per path from the payloads of a batch: a forward pass, no look at what no path
/// names. Owned by one task, shared by those of its stages that see the same batches (readers).
///
/// Each reader names its paths and then asks for its columns batch by batch. The first one to ask
/// for a batch has filled, by the same pass, what others are likely to ask for as well: those that
/// lately wanted a good part of the records. Who does not is served by a pass of its own over the
/// records that it wants. What a reader sees does not depend on that: a document is bad for a
/// reader if its own paths lead to what is wrong with it.
///
/// A column's type follows the data of the batch: all int64, all uint64, all double, all text, all
/// bool; mixed kinds, exact decimals, maps and arrays (as kJson, verbatim, unless PathUse says
/// otherwise) make it kValue. A member
/// that occurs twice counts where it occurs first. Rows are places among the batch's heads.
///
/// Checked of every payload: UTF-8, strings, and that a map which is entered ends as one. Of what
/// is skipped, or stands behind the last value needed, the grammar is not checked; JsonParser
/// does.
class Projector {
 public:
  explicit Projector(size_t memory_max = ValueArena::kDefaultLimit);
  ~Projector();
  Projector(const Projector&) = delete;
  Projector& operator=(const Projector&) = delete;

  /// A number for the calls below. All readers and paths are known before the first read().
  size_t add_reader();
  /// Names a path that a reader reads; the same path gives the same column, for any reader.
  /// REQUIRES: the path is not empty.
  size_t add(size_t reader, const DocumentPath& path, const PathUse& use = {});
  /// What a reader reads of the items of arrays in one of its columns; add() paths to it. What is
  /// wrong inside of an array makes no document bad here: such an array has no rows, so that who
  /// looks into its text finds out, even if what is wrong is in a member that nobody named.
  ItemColumns& items(size_t reader, size_t column);

  /// Fills the reader's columns for those rows of the batch. Payloads must have kArenaPadding
  /// readable bytes behind them. Columns, and values made of them in arena(), are valid until
  /// somebody reads another batch; what a reader has may be refilled when another one reads the
  /// same batch, so that it must be done by then. Rows that are rejected have cells of kError.
  void read(size_t reader, const Batch& batch, const Rows& rows);
  const Column& column(size_t column) const;
  /// Whether the columns are of that batch.
  bool holds(const Batch& batch) const;
  /// Rows that the last read() rejected, ascending.
  std::span<const BadRow> bad_rows() const;
  /// Memory that lives as long as the columns.
  ValueArena& arena();

  /// How many documents were walked through since it was made; for tests and explanations.
  uint64_t documents_walked() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The cell of a row as a value; text is decoded into the arena, a kJson stays one. REQUIRES: the
/// cell is not kError. kNull and kMissing and kNoMember give null.
Result<Value> cell_value(const Column& column, uint32_t row, ValueArena& arena);

}  // namespace penstock
