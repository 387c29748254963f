// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "topiclog/segment.h"

namespace penstock {

/// The segments of a partition as a crash left them. Segments that the first batch of a later one
/// calls durable are taken for whole by their indexes; the others are walked, bodies and all.
struct LogChain {
  struct Link {
    uint64_t base = 0;
    SegmentEnd end;
  };
  std::vector<Link> links;     ///< those that hold together; the last one may have a torn end
  std::vector<uint64_t> lost;  ///< bases behind it: what is in them does not connect
  SegmentIndex last;           ///< index of the last link
  bool was_safe = false;       ///< bytes behind the end say that more than this had been durable
};

/// Walks a partition's folder; changes nothing but indexes that are not right, if `keep`.
/// "topic-damaged" if segments that had been finished and durable are not whole.
Result<LogChain> walk_chain(LogDisk& disk, const std::string& folder, bool keep);

}  // namespace penstock
