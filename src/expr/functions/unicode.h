// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

#include "expr/eval_context.h"

namespace penstock {

// Simple (one to one) case mapping and classes of code points, as Go's package unicode has them.
char32_t to_upper(char32_t c);
char32_t to_lower(char32_t c);
char32_t to_title(char32_t c);
bool is_upper(char32_t c);
bool is_lower(char32_t c);
bool is_letter(char32_t c);
bool is_digit(char32_t c);
/// Punctuation, without symbols such as + and $; beyond ASCII the common blocks.
bool is_punctuation(char32_t c);
/// White space: U+0009–000D, space, U+0085, U+00A0 and the Z category.
bool is_space(char32_t c);

/// Applies `map` to each code point; bytes that are not UTF-8 become U+FFFD.
std::string map_code_points(std::string_view text, char32_t (*map)(char32_t));
/// A copy in the other case, in the context's arena.
Result<Value> upper_case(EvalContext& context, std::string_view text);
Result<Value> lower_case(EvalContext& context, std::string_view text);
/// Without the white space at both ends.
std::string_view trim_space(std::string_view text);

}  // namespace penstock
