// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

/// How the blocks of an Avro container are compressed.
enum class BlockCompression : uint8_t { kNone, kDeflate, kSnappy, kZstandard };

/// As containers name it: "null", "deflate", "snappy", "zstandard".
const char* to_string(BlockCompression compression);
std::optional<BlockCompression> block_compression(std::string_view name);

/// Appends the block compressed. Deflate is raw (RFC 1951); snappy has the CRC-32 of the content
/// behind it, big-endian, as Avro wants it.
void append_compressed(BlockCompression compression, std::string_view block, std::string& to);

/// The block's content into `out`. Errors (reject_record): "cannot-decode" if it is damaged,
/// "codec-limit" if there are more than `bytes_max` bytes inside.
Result<void> decompress(BlockCompression compression, std::string_view block, size_t bytes_max,
                        std::string& out);

}  // namespace penstock
