// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace penstock {

/// A compiled RE2 pattern: linear time whatever the pattern and the text. Immutable, thread-safe.
class Regex {
 public:
  /// Bytes a pattern's program may take; larger ones are refused.
  static constexpr size_t kProgramBytesMax = 1 << 20;
  static constexpr size_t kPatternBytesMax = 4096;
  /// Error: code "bad-pattern", reject_record (a pattern may come from data).
  static Result<std::shared_ptr<const Regex>> compile(std::string_view pattern);
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
  ~Regex();

  /// Whether the pattern is found anywhere in the text.
  bool matches(std::string_view text) const;
  /// Finds the first match at or after byte `from`. groups[0] is the whole match; a group that did
  /// not take part has data() == nullptr. Fills at most groups.size().
  bool find(std::string_view text, size_t from, std::span<std::string_view> groups) const;
  /// Number of capturing groups, without the whole match.
  int group_count() const;
  /// The name of a group (1 … group_count()), "" if it has none.
  std::string group_name(int group) const;
  std::string_view pattern() const { return pattern_; }

 private:
  struct Program;
  Regex(std::string pattern, std::unique_ptr<Program> program);
  std::string pattern_;
  std::unique_ptr<Program> program_;
};

}  // namespace penstock
