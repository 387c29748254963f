// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"

namespace penstock {

/// Code "cannot-decode": "csv: byte 17: WHAT". `offset` counts from 0.
Error undecodable(std::string_view format, size_t offset, std::string_view what);
/// Code "cannot-encode": "avro: user.id: WHAT". An empty path stands for the whole value.
Error unencodable(std::string_view format, std::string_view path, std::string_view what);
/// Code "codec-limit": "avro: byte 17: more than 64 levels".
Error codec_limit(std::string_view format, size_t offset, std::string_view what);

/// A short text from a payload as a message may show it: quoted, cut, without control characters.
std::string shown_bytes(std::string_view bytes);

}  // namespace penstock
