// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.h"
#include "json/structure.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// Which of two members of the same name counts (RFC 8259 leaves it open). Projected columns take
/// the first, so that they may stop there.
enum class DuplicateKeys : uint8_t { kFirst, kLast };

/// Reads whole documents, strictly by RFC 8259; nesting up to kJsonDepthMax. Reused from document
/// to document; owned by one task.
class JsonParser {
 public:
  /// The value, in the arena; strings without escapes borrow from `text`.
  /// Errors (reject_record): "bad-json" with the byte offset in the message, "expression-memory".
  /// `before`: so many bytes of the document stand before the text; offsets count them.
  /// REQUIRES: kJsonPadding readable bytes behind the text.
  Result<Value> parse_padded(std::string_view text, ValueArena& arena,
                             DuplicateKeys duplicates = DuplicateKeys::kFirst, size_t before = 0);
  /// The same for any text: it is copied into the arena first.
  Result<Value> parse(std::string_view text, ValueArena& arena,
                      DuplicateKeys duplicates = DuplicateKeys::kFirst);

 private:
  JsonStructure structure_;
};

/// "not JSON: WHAT at byte OFFSET"
Error json_error(size_t offset, std::string_view what);

}  // namespace penstock
