// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "record/record.h"

namespace penstock::simulation {

// Simulated payloads say where they come from and what happened to them:
//
//   src.PARTITION.OFFSET      a record as a source reads it
//   =COUNT.KEY                what a counting stage says at the end
//   …/STAGE:COPY              a stage made this of it
//   …#STAGE.KEY=N             a counting stage had counted N of this key, this one included
//   …~~~                      padding
//
// Rejections stand in the headers. The identity of a record is all this without counts and padding,
// and "!STAGE" for each rejection: the same whenever the same thing happens to the same record.

struct Origin {
  bool counted = false;    ///< the end of a count: source = the stage, and key is set
  std::string source;
  std::string key;
  uint32_t partition = 0;
  uint64_t offset = 0;
};

struct Count {
  std::string of;      ///< STAGE.KEY
  uint64_t n = 0;
  std::string record;  ///< identity of the record that was counted
};

std::string origin_text(std::string_view source, uint32_t partition, uint64_t offset);
std::string total_text(std::string_view stage, std::string_view key);
std::string made_by(std::string_view text, std::string_view stage, uint32_t copy);
std::string counted_as(std::string_view text, std::string_view of, uint64_t n);
/// The text without padding.
std::string_view without_padding(std::string_view payload);
/// Without counts and padding.
std::string plain(std::string_view payload);
std::string identity(const Record& record);
Origin origin(std::string_view payload);
/// What is left of an identity without the offset: the way that the record came.
std::string way(std::string_view identity);
/// All counts in the text, first to last.
std::vector<Count> counts(std::string_view payload);

}  // namespace penstock::simulation
