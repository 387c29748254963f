// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "state/log_disk.h"
#include "topiclog/format.h"

namespace penstock {

/// How far a segment holds what was written.
struct SegmentEnd {
  uint64_t offset = 0;  ///< behind the last whole batch
  uint64_t bytes = 0;   ///< where that batch ends in the file
  uint64_t file_bytes = 0;
  int64_t appended_us = 0;          ///< of the last batch; 0 if there is none
  int64_t time_max_us = INT64_MIN;  ///< of all batches
  bool whole() const { return bytes == file_bytes; }
};

/// Called for each batch head and where it stands in the file; false ends the walk in front of it.
using OnBatch = std::function<bool(const BatchHead& head, uint64_t position)>;

/// From the batch that begins at `position` with offset `base` to the end of what is right.
/// `bodies`: bodies are read and checked too; else only that they are there as far as their size.
Result<SegmentEnd> walk_segment(LogFile& file, uint64_t base, uint64_t position, bool bodies,
                                const OnBatch& on_batch = {});

/// A walk that ended inside the file ended either where a write was cut off, or in bytes that were
/// once safe and are not any more. True in the second case: a batch behind the place says that
/// everything up to beyond `end.offset` had been on the disk when it was written.
Result<bool> was_safe(LogFile& file, const SegmentEnd& end);

/// Where batches stand in a finished segment, one entry for about every kIndexStepBytes. A cache:
/// a file that is missing or not right is made again from the segment.
struct SegmentIndex {
  struct Entry {
    uint64_t base = 0;
    uint64_t position = 0;
    int64_t time_before_us = INT64_MIN;  ///< the latest event time of all batches in front of it
  };
  SegmentEnd end;
  std::vector<Entry> entries;

  /// The last entry at or before an offset; nothing = the segment's start.
  const Entry* find_offset(uint64_t offset) const;
  /// The last entry in front of which every event time is earlier than `us`.
  const Entry* find_time(int64_t us) const;
};
inline constexpr uint64_t kIndexStepBytes = 256 << 10;
inline constexpr uint64_t kIndexBytesMax = 64 << 20;

/// Adds to an index while a segment is written or walked.
void note_batch(SegmentIndex& index, const BatchHead& head, uint64_t position);

std::string encode_index(const SegmentIndex& index);
/// "topic-damaged" or "topic-too-new", naming `file`.
Result<SegmentIndex> decode_index(std::string_view bytes, uint64_t segment_base,
                                  const std::string& file);

/// The index of the segment `base` in `folder`: its file if that is right, else walked. `keep`
/// writes it again where it was not right; a failure of that is no error.
Result<SegmentIndex> load_index(LogDisk& disk, const std::string& folder, uint64_t base,
                                LogFile& segment, bool keep);

/// Bases of the segments in a partition's folder, ascending.
Result<std::vector<uint64_t>> list_segments(Disk& disk, const std::string& folder);

}  // namespace penstock
