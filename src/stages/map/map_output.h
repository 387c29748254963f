// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "mapping/mapping.h"
#include "record/batch_builder.h"
#include "sdk/output.h"

namespace penstock {

/// Collects what a mapping stage makes of one batch. One task.
///
///   output.begin(batch);
///   …append a payload to output.text(), then output.add(record, outcome, begin, out)…
///   output.emit(out);
class MapOutput {
 public:
  MapOutput(BatchPool& pool, uint32_t records_max) : builder_(pool, records_max) {}

  /// `batch` must live until emit().
  void begin(const Batch& batch);
  /// Where payloads are written, one behind the other; add() may empty it.
  std::string& text() { return text_; }
  /// A record like `from`, changed by `outcome`: its new payload, if any, is text() from `begin`
  /// on. Emits a batch when one is full.
  void add(const Record& from, const MappingOutcome& outcome, size_t begin, Output& out);
  /// The same without text(): room for so many bytes, of which then the first `size` are the new
  /// payload.
  char* room(size_t bytes) { return builder_.reserve(bytes); }
  void add_written(const Record& from, const MappingOutcome& outcome, size_t size, Output& out) {
    keep_arenas(from, outcome);
    finish(builder_.commit(size), from, outcome, out);
  }
  void emit(Output& out);

 private:
  void keep_arenas(const Record& from, const MappingOutcome& outcome);
  void finish(Record& head, const Record& from, const MappingOutcome& outcome, Output& out);

  BatchBuilder builder_;
  const Batch* batch_ = nullptr;
  std::string text_;
  bool attached_ = false;  // the batch's arenas, to the one that is being built
};

}  // namespace penstock
