// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// Columns that a UTF-8 text takes on a terminal: one a character (we print no wide ones), none for
/// escape codes.
size_t columns_of(std::string_view text);
/// The length of the terminal's escape code at the start of the text, 0 if there is none.
size_t escape_length(std::string_view text);

/// The first `columns` columns of a text without escape codes; "…" stands for what was cut.
std::string cut_to(std::string_view text, size_t columns);

/// `text` broken at blanks into lines of at most `columns`; its own line breaks are kept.
std::vector<std::string> wrapped(std::string_view text, size_t columns);

/// Rows of cells, aligned. Columns are two blanks apart; the last one is not padded.
class TextTable {
 public:
  enum class Align : uint8_t { kLeft, kRight };
  explicit TextTable(std::vector<Align> aligns = {}) : aligns_(std::move(aligns)) {}
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  /// The lines, without line ends.
  std::vector<std::string> lines() const;
  /// The lines, each with its end.
  std::string text() const;

 private:
  std::vector<Align> aligns_;  // by column; missing = left
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace penstock
