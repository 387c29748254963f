// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>
#include <string>

#include "base/random.h"
#include "expr/dialect.h"

namespace penstock {

struct GeneratedCase {
  ExprDialect dialect;
  std::string expression;
  std::string input;  ///< a JSON object
};

/// Random expressions of a dialect that mostly have a value, over random documents. The same seed
/// gives the same cases on every machine.
class ExpressionGenerator {
 public:
  explicit ExpressionGenerator(uint64_t seed) : random_(seed) {}
  GeneratedCase next();
  /// One of a certain form, its parts as short as can be.
  GeneratedCase of_form(size_t form);
  static size_t form_count();

 private:
  /// `type`: i int, d double, s string, b bool, I S D arrays of those, m map, n any.
  std::string make(char type, int depth);
  std::string fill(std::string_view form, int depth);
  std::string text_literal();
  std::string json_text();
  std::string document();

  Random random_;
  ExprDialect dialect_ = ExprDialect::kPenstock;
};

}  // namespace penstock
