// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mapping/mapping.h"

namespace penstock {

/// What gives a record another key, headers and event time; null = stays.
struct RecordPartPrograms {
  std::shared_ptr<const Program> key;
  std::shared_ptr<const Program> event_time;
  std::vector<std::pair<std::string, std::shared_ptr<const Program>>> headers;
  bool empty() const { return key == nullptr && event_time == nullptr && headers.empty(); }
};

/// Evaluates them for the rows of the evaluator's batch. One task.
class RecordParts {
 public:
  /// Adds the programs; `programs` and `evaluator` must live longer.
  RecordParts(const RecordPartPrograms& programs, Evaluator& evaluator);
  /// Sets what the programs give. Views live until the evaluator's next begin().
  Result<void> apply(const Record& record, uint32_t row, MappingOutcome& outcome);

 private:
  Result<void> headers(const Record& record, uint32_t row, MappingOutcome& outcome);

  const RecordPartPrograms& programs_;
  Evaluator& evaluator_;
  size_t key_ = 0, event_time_ = 0;
  std::vector<size_t> headers_;
};

}  // namespace penstock
