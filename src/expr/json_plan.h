// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstring>
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
  JsonPiece(std::string_view written, const ExprNode* value)
      : node(value), size_(written.size()), padded_(std::string(written) + std::string(16, ' ')) {}
  /// Written first. 16 bytes behind it are readable.
  std::string_view text() const { return {padded_.data(), size_}; }

  const ExprNode* node = nullptr;  ///< its value then; null = nothing more

 private:
  size_t size_;
  std::string padded_;
};
using JsonPlan = std::vector<JsonPiece>;

JsonPlan plan_json(const ExprNode& root);

/// Where a part of a plan comes from in the batch at hand.
struct JsonPart {
  std::string_view before;         ///< written first
  const Column* column = nullptr;  ///< its cell then; null = nothing more
};

/// Bytes that any number, word or pair of quotes needs.
inline constexpr size_t kCellBytes = 32;
/// Room that a cell needs beyond kCellBytes; -1 if it has to be written by append_cell().
int64_t more_cell_bytes(const Column& column, uint32_t row);

/// Text behind which 16 bytes are readable, to where there is room for 16 bytes more.
inline char* put_padded(char* to, std::string_view text) {
  for (size_t i = 0; i < text.size(); i += 16) std::memcpy(to + i, text.data() + i, 16);
  return to + text.size();
}
char* put_other_cell(char* to, const Column& column, uint32_t row);
/// Writes a cell for which more_cell_bytes() is not negative; returns the end. REQUIRES: there is
/// room for 16 bytes more, and kJsonPadding bytes behind texts are readable, as in payloads.
inline char* put_cell(char* to, const Column& column, uint32_t row) {
  if (column.cell(row) == Cell::kValue && column.sources != nullptr) {
    const RawText& source = column.sources[row];
    if (source.data != nullptr) return put_padded(to, source.view());
  }
  return put_other_cell(to, column, row);
}

/// One cell as JSON. Text that was only read is written as it stood, with its escapes.
/// Error: "not-json" (NaN, infinity).
Result<void> append_cell(const Column& column, uint32_t row, std::string& out);

}  // namespace penstock
