// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"

namespace penstock {

/// Turns places in a text into Positions. `text` must outlive it. Not thread-safe.
class TextPlaces {
 public:
  TextPlaces(std::string_view text, std::string file);
  Position at_offset(size_t offset) const;
  /// The offset of a place made by this object.
  size_t offset_of(const Position& at) const;
  /// Both from 0; the column counts characters, as a YAML parser does. Quick when the places that
  /// are asked for move forwards: a document may be one long line.
  Position at_line(size_t line, size_t column);

 private:
  std::string_view text_;
  std::string file_;
  std::vector<size_t> starts_;  // of each line; never empty
  struct {
    size_t line = 0, column = 0, offset = 0;
  } last_;  // the place that at_line() found last
};

/// The offset of the first byte that is not part of well-formed UTF-8.
std::optional<size_t> invalid_utf8(std::string_view text);

/// What every document must be, whatever its language: not too large, UTF-8, without control
/// characters. Reports the first breach and returns false.
bool check_text(std::string_view text, const TextPlaces& places, Diagnostics& diagnostics);

/// `text` without a byte order mark.
std::string_view without_mark(std::string_view text);

}  // namespace penstock
