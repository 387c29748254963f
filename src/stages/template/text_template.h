// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"

namespace penstock {

/// Text with `{{ expression }}` in it (`${{ expression }}` is the same). `{{"{{"}}` gives two
/// braces. Immutable.
class TextTemplate {
 public:
  struct Piece {
    std::string text;                        ///< written first
    std::shared_ptr<const Program> program;  ///< its value then; null = nothing more
  };
  /// Null if there are problems; their offsets are into `text`.
  static std::shared_ptr<const TextTemplate> parse(std::string_view text,
                                                   const ExprEnvironment& environment,
                                                   Problems& problems);
  const std::vector<Piece>& pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
};

}  // namespace penstock
