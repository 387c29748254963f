// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "base/result.h"

namespace penstock {

// Where the last complete record of a file ends, so that what a kill left behind it can be cut off.
// They block.

/// Behind the last delimiter; 0 if there is none.
Result<uint64_t> last_line_end(const std::string& path, char delimiter);
/// Whether the last byte is the delimiter. True for an empty file.
Result<bool> ends_with(const std::string& path, char delimiter);
/// Behind the last complete gzip member. Reads the whole file.
Result<uint64_t> last_member_end(const std::string& path);

}  // namespace penstock
