// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "expr/dialect.h"
#include "expr/regex.h"
#include "json/parse.h"
#include "value/build.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

class TimeZone;  // expr/time_zone.h

/// What one evaluation may use. Everything has a limit, so that an expression over hostile data
/// ends in an error and not in an outage.
struct EvalLimits {
  uint64_t steps_max = 10'000'000;        ///< node visits and bytes/64 touched, per record
  size_t memory_max = 64 << 20;           ///< arena bytes, per record
  uint32_t depth_max = 200;               ///< nesting of an expression, and of JSON values
  uint32_t range_max = 1'000'000;         ///< items of `a..b`
  size_t regex_cache_max = 64;            ///< patterns that come from data
};

/// The machine, for the few functions that look at it (`env`, `io.cat`). The simulator and tests
/// give their own; without one those functions fail.
class EvalOutside {
 public:
  virtual ~EvalOutside() = default;
  virtual std::optional<std::string> environment(std::string_view name) const = 0;
  virtual Result<std::string> file(const std::string& path) const = 0;
  virtual std::string host_name() const = 0;
};

/// Passed to every function. One per evaluator: not thread-safe. Memory from arena() lives until
/// the batch is done with.
class EvalContext {
 public:
  EvalContext(ValueArena& arena, const Clock* clock, uint64_t seed, const EvalLimits& limits = {},
              const EvalOutside* outside = nullptr, ExprDialect dialect = ExprDialect::kPenstock)
      : arena_(arena), clock_(clock), random_(seed), limits_(limits), outside_(outside),
        dialect_(dialect) {}

  ValueArena& arena() { return arena_; }
  const EvalLimits& limits() const { return limits_; }
  ExprDialect dialect() const { return dialect_; }
  /// Wall clock, µs since 1970. One reading per record, so that an expression sees one `now`.
  int64_t now_us();
  Random& random() { return random_; }
  /// Null where an expression may not look at the machine.
  const EvalOutside* outside() const { return outside_; }

  /// Charges work that the evaluator does not see: a function that loops over n items or bytes
  /// charges n / 64 (items: n). Error: code "expression-steps", reject_record.
  Result<void> spend(uint64_t steps) {
    steps_left_ -= static_cast<int64_t>(steps);
    if (__builtin_expect(steps_left_ < 0, 0)) return out_of_steps();
    return {};
  }
  /// Cheap form for the evaluator: false when there is nothing left.
  bool step() { return --steps_left_ >= 0; }
  Error out_of_steps() const;

  /// A pattern that comes from data: compiled once, kept in a bounded cache.
  Result<const Regex*> regex(std::string_view pattern);
  /// A time zone by its name: read once, kept in a bounded cache.
  Result<const TimeZone*> zone(std::string_view name);

  /// A JSON text as a value in arena(). Error: "bad-json". The dialect says which of two members
  /// of the same name counts: the first, in Argo's the last.
  Result<Value> json(std::string_view text);

  /// Shorthands for results.
  Result<Value> string(std::string_view text) { return copy_string(arena_, text); }
  Result<Value> bytes(std::string_view text) { return copy_bytes(arena_, text); }

  /// Called by the evaluator before each record.
  void begin_record() {
    steps_left_ = static_cast<int64_t>(limits_.steps_max);
    now_us_ = INT64_MIN;
  }

 private:
  ValueArena& arena_;
  const Clock* clock_;
  Random random_;
  EvalLimits limits_;
  const EvalOutside* outside_;
  ExprDialect dialect_;
  int64_t steps_left_ = 10'000'000;
  int64_t now_us_ = INT64_MIN;
  std::unique_ptr<JsonParser> parser_;  // made when first needed
  std::vector<std::shared_ptr<const Regex>> regexes_;  // most recently used first
  std::vector<std::shared_ptr<const TimeZone>> zones_;  // likewise
};

/// What a function returns when its arguments will not do: code "expression-failed",
/// reject_record. The evaluator puts the function's place in the expression before the message.
Error eval_error(std::string message, std::string hint = {});

}  // namespace penstock
