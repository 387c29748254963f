// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "expr/node.h"
#include "json/column.h"

namespace penstock {

/// A result that is written as JSON, cut into what is always the same and what a column holds:
/// `{a: x, b: {c: y}}` is `{"a":` x `,"b":{"c":` y `}}`.
struct JsonPiece {
  std::string text;                ///< written first
  const ExprNode* node = nullptr;  ///< its value then; null = nothing more
};
using JsonPlan = std::vector<JsonPiece>;

JsonPlan plan_json(const ExprNode& root);

/// A buffer in which one result after the other is put together.
class JsonAssembly {
 public:
  /// Starts anew with room for `bytes`, more than which must not be added.
  void begin(size_t bytes);
  /// REQUIRES: kJsonPadding bytes behind the text are readable, as in payloads.
  void add_padded(std::string_view text);
  void add(std::string_view text);
  /// A cell for which cell_bytes() is not negative.
  void add_cell(const Column& column, uint32_t row);
  std::string_view view() const {
    return {buffer_.get(), static_cast<size_t>(at_ - buffer_.get())};
  }

 private:
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  char* at_ = nullptr;
};
/// Room that a cell needs in a JsonAssembly; -1 if it has to be written by append_cell().
int64_t cell_bytes(const Column& column, uint32_t row);

/// One cell as JSON. Text that was only read is written as it stood, with its escapes.
/// Error: "not-json" (NaN, infinity).
Result<void> append_cell(const Column& column, uint32_t row, std::string& out);

}  // namespace penstock
