// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

/// A text with `{{…}}` in it that is different for each record. What it makes depends only on the
/// values given (and, for now, on the clock), so that a restart makes the same again. Immutable.
class RecordTemplate {
 public:
  struct Values {
    uint64_t n = 0;          ///< number of the record
    uint32_t task = 0;
    uint32_t partition = 0;
    uint64_t seed = 0;
    int64_t now_us = 0;      ///< wall clock
  };

  /// Code "bad-template".
  static Result<RecordTemplate> parse(std::string_view text);
  bool empty() const { return parts_.empty(); }
  void render(const Values& values, std::string& out) const;

 private:
  enum class Kind : uint8_t {
    kText, kNumber, kTask, kPartition, kRandom, kHex, kNow, kNowMs, kNowUs, kPick,
  };
  struct Part {
    Kind kind = Kind::kText;
    std::string text;                  // kText
    uint32_t width = 0;                // kNumber: zero-padded to this
    uint64_t low = 0, high = UINT64_MAX;  // kRandom, inclusive
    std::vector<std::string> choices;  // kPick
  };
  static Result<Part> parse_part(std::string_view inside);
  std::vector<Part> parts_;
};

/// 2026-01-31T12:00:00.123Z
void append_timestamp(int64_t us, std::string& out);

}  // namespace penstock
