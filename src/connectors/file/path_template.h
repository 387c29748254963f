// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

/// A path with {task}, {part} and {stage} in it. Immutable.
class PathTemplate {
 public:
  /// Numbers of a name that the template made.
  struct Numbers {
    uint32_t task = 0;
    uint64_t part = 0;
  };

  /// Code "bad-path".
  static Result<PathTemplate> parse(std::string_view text);
  bool has_task() const { return has(Kind::kTask); }
  bool has_part() const { return has(Kind::kPart); }
  /// Parts are written with at least five digits, so that names sort.
  std::string path(std::string_view stage, uint32_t task, uint64_t part) const;
  /// The numbers if `path` is one that path() makes for this stage.
  std::optional<Numbers> match(std::string_view path, std::string_view stage) const;
  /// The folder in which the files lie; it has no {part} or {task} (parse() sees to it).
  std::string folder(std::string_view stage) const;

 private:
  enum class Kind : uint8_t { kText, kTask, kPart, kStage };
  struct Piece {
    Kind kind = Kind::kText;
    std::string text;
  };
  bool has(Kind kind) const;
  std::vector<Piece> pieces_;
};

}  // namespace penstock
