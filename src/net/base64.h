// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace penstock {

/// Standard alphabet, padded (RFC 4648 §4).
std::string base64(std::string_view bytes);
/// Nothing if the text is not canonical: wrong letters, length, padding or spare bits.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace penstock
