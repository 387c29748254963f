// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "base/error.h"

namespace penstock {

/// Where the bytes of a scalar's text stand in its file, when quotes, escapes, indentation or line
/// breaks lie between them: from each piece's offset on they follow one another in its line.
struct TextPieces {
  struct Piece {
    size_t offset = 0;  ///< into the text; ascending
    int line = 0;
    int column = 0;
  };
  std::vector<Piece> pieces;

  /// The place of byte `offset` of the text; `base` gives the file.
  Position at(size_t offset, const Position& base) const {
    const auto next = std::upper_bound(
        pieces.begin(), pieces.end(), offset,
        [](size_t wanted, const Piece& piece) { return wanted < piece.offset; });
    if (next == pieces.begin()) return base;
    const Piece& piece = *(next - 1);
    return {base.file, piece.line, piece.column + static_cast<int>(offset - piece.offset)};
  }
};

}  // namespace penstock
