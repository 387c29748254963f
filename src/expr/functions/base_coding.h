// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>

// RFC 4648.
namespace penstock {

std::string encode_base64(std::string_view bytes, bool url = false, bool padded = true);
/// Line ends are skipped, as Go does. `where` gets the byte at fault, counted as Go counts.
std::optional<std::string> decode_base64(std::string_view text, bool url, bool padded,
                                         size_t* where = nullptr);
std::string encode_base32(std::string_view bytes);
std::optional<std::string> decode_base32(std::string_view text, size_t* where = nullptr);
std::string encode_hex(std::string_view bytes);
std::optional<std::string> decode_hex(std::string_view text);

}  // namespace penstock
