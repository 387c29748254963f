// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>

namespace penstock {

/// Appends the bytes that the text stands for (RFC 4648 §4 or §5, padded or not). False if it is
/// not base64; `to` then has a part.
bool append_base64_decoded(std::string_view text, std::string& to);

}  // namespace penstock
