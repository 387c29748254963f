// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

// Names in other conventions exactly as github.com/huandu/xstrings 1.3 (behind sprig 2.22) makes
// them; our own camelCase() and snakeCase() cut words in a simpler way.
namespace penstock {

/// ToSnakeCase, ToKebabCase.
std::string lower_case_name(std::string_view text, char connector);
/// ToCamelCase.
std::string camel_case_name(std::string_view text);

}  // namespace penstock
