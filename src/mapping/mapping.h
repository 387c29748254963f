// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/evaluator.h"
#include "expr/expr.h"
#include "record/record.h"

namespace penstock {

/// A compiled mapping: statements that change a record, one after another. Immutable, shared
/// between tasks. docs/guide/mapping.md is the language.
class Mapping;

/// Never crashes, whatever the text. Null if there are errors; all of them (at most
/// kExprProblemsMax) are in `problems`, with offsets into `text`. Variables and the result type of
/// the environment are not looked at.
std::shared_ptr<const Mapping> compile_mapping(std::string_view text,
                                               const ExprEnvironment& environment,
                                               Problems& problems);
inline constexpr size_t kMappingTextMax = 64 << 10;      ///< bytes
inline constexpr uint32_t kMappingDepthMax = 64;         ///< blocks within blocks
inline constexpr uint32_t kMappingVariablesMax = 256;
/// Statements that may run for one record, so that loops over hostile data end.
inline constexpr uint64_t kMappingSteps = 1'000'000;

/// The paths that a mapping reads and whether a record is ever read whole; for --explain.
struct MappingFacts {
  size_t statements = 0;
  size_t expressions = 0;
  std::vector<DocumentPath> paths;
  bool whole_document = false;
};
MappingFacts facts(const Mapping& mapping);

/// What a mapping made of one record. Views live until the evaluator's next begin().
struct MappingOutcome {
  enum class Kind : uint8_t {
    kUnchanged,  ///< the payload is what it was
    kChanged,    ///< it was appended to `out`
    kDropped,    ///< the record ends here
  };
  Kind kind = Kind::kUnchanged;
  bool key_set = false;
  std::optional<std::string_view> key;  ///< none = no key
  bool headers_set = false;
  std::string_view headers;  ///< encoded, see record/headers.h
  std::optional<int64_t> event_time_us;
};

/// Runs a mapping over the records of the evaluator's current batch. Owned by one task.
class MappingRunner {
 public:
  /// Adds its expressions to `evaluator`, which must not have begun a batch and must live longer.
  MappingRunner(std::shared_ptr<const Mapping> mapping, Evaluator& evaluator);
  ~MappingRunner();
  MappingRunner(const MappingRunner&) = delete;
  MappingRunner& operator=(const MappingRunner&) = delete;

  /// `record` is row `row` of the batch; its payload must be padded (arena memory is). After an
  /// error (reject_record; "rejected" from reject()) `out` may have a part of a payload.
  Result<MappingOutcome> run(const Record& record, uint32_t row, std::string& out);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace penstock
