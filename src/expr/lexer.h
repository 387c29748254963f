// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "expr/problem.h"

namespace penstock {

enum class TokenKind : uint8_t { kEnd, kName, kNumber, kString, kBytes, kOperator, kBracket };

/// A piece of an expression. Words that are operators (`and`, `in`, `matches`, …) are kOperator.
struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string_view text;  ///< as it stands; of kEnd empty
  std::string string;     ///< kString: without quotes and escapes
  size_t offset = 0;

  bool is(TokenKind k) const { return kind == k; }
  bool is(TokenKind k, std::string_view t) const { return kind == k && text == t; }
  bool is_operator(std::string_view t) const { return is(TokenKind::kOperator, t); }
  bool is_bracket(std::string_view t) const { return is(TokenKind::kBracket, t); }
};

/// Cuts the text into tokens; the last is kEnd. Comments (`// …`, `/* … */`) and blanks are left
/// out. What cannot be read becomes a problem and is skipped.
std::vector<Token> tokenize(std::string_view text, Problems& problems);

/// Whether a word is an operator and so not a name.
bool is_operator_word(std::string_view word);

}  // namespace penstock
