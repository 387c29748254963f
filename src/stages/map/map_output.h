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
  void emit(Output& out);

 private:
  BatchBuilder builder_;
  const Batch* batch_ = nullptr;
  std::string text_;
  bool attached_ = false;  // the batch's arenas, to the one that is being built
};

}  // namespace penstock
