// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sdk/source.h"

namespace penstock {

/// A file as its first bytes show it: a file that was replaced has another head. `size` bytes were
/// looked at, at most kHeadBytesMax; a file that was short then is compared as far as it went.
struct FileHead {
  static constexpr uint32_t kHeadBytesMax = 4096;
  uint32_t size = 0;
  uint64_t hash = 0;
  bool operator==(const FileHead&) const = default;
};

/// The head of an open file. Blocks.
Result<FileHead> read_head(int fd, uint32_t size_max = FileHead::kHeadBytesMax);

/// What is kept of a stretch of a file: every line that starts in [begin, at) was read. Such
/// stretches only grow, so that reports of several tasks, and of several runs, are simply united;
/// what no stretch covers has not been read.
///
///   partition  path@inode|begin, or path@inode~generation|begin
///   value      at=N head=SIZE:HASH, and torn=N if the last line had no end
struct FilePosition {
  std::string path;
  uint64_t inode = 0;
  /// Counts how often the same inode turned out to have new contents; lower ones are void.
  uint32_t generation = 0;
  uint64_t begin = 0;
  uint64_t at = 0;
  /// The file ended inside a line, which was given out; it starts here and is given out again,
  /// whole, should the file have grown.
  std::optional<uint64_t> torn;
  FileHead head;
  bool finished = false;

  std::string partition() const;
  PartitionPosition position() const;
  static Result<FilePosition> parse(std::string_view partition, const PartitionPosition& position);
};

}  // namespace penstock
