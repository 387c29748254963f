// SPDX-License-Identifier: Apache-2.0
#include "penstock/text_table.h"

#include <algorithm>

namespace penstock {

size_t escape_length(std::string_view text) {
  if (!text.starts_with("\x1b[")) return 0;
  const size_t end = text.find_first_not_of("0123456789;?", 2);
  return end == std::string_view::npos ? text.size() : end + 1;
}

size_t columns_of(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const size_t n = escape_length(text);
    if (n == 0) columns += (static_cast<unsigned char>(text[0]) & 0xc0) != 0x80;
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  return columns;
}

std::string cut_to(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  if (columns == 0) return {};
  size_t kept = 0;
  size_t end = 0;
  for (; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && kept++ == columns - 1) break;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::vector<std::string> wrapped(std::string_view text, size_t columns) {
  std::vector<std::string> lines;
  while (true) {
    const size_t end = text.find('\n');
    std::string_view rest = text.substr(0, end);
    std::string line;
    while (!rest.empty()) {
      const size_t blank = rest.find(' ', rest.find_first_not_of(' '));
      const std::string_view word = rest.substr(0, blank);  // with the blanks before it
      if (!line.empty() && columns_of(line) + columns_of(word) > columns) {
        lines.push_back(std::move(line));
        line = word.substr(std::min(word.find_first_not_of(' '), word.size()));
      } else {
        line += word;
      }
      rest.remove_prefix(blank == std::string_view::npos ? rest.size() : blank);
    }
    lines.push_back(std::move(line));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

std::vector<std::string> TextTable::lines() const {
  std::vector<size_t> widths;
  for (const auto& row : rows_) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows_) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string blanks(widths[i] - columns_of(row[i]), ' ');
      const bool right = i < aligns_.size() && aligns_[i] == Align::kRight;
      line += (i ? "  " : "") + (right ? blanks + row[i] : row[i] + blanks);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string TextTable::text() const {
  std::string out;
  for (const std::string& line : lines()) out += line + "\n";
  return out;
}

}  // namespace penstock
