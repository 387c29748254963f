// SPDX-License-Identifier: Apache-2.0
#include "expr/problem.h"

#include <algorithm>

#include "value/utf8.h"

namespace penstock {
namespace {

constexpr size_t kShownColumns = 80;

/// The line of `offset`, at most kShownColumns bytes around it, and where the caret starts.
std::string caret_lines(std::string_view text, size_t offset, size_t length) {
  offset = std::min(offset, text.size());
  const size_t before = text.substr(0, offset).rfind('\n');
  size_t from = before == std::string_view::npos ? 0 : before + 1;
  const size_t newline = text.find('\n', offset);
  size_t to = newline == std::string_view::npos ? text.size() : newline;
  const bool cut_left = offset - from > kShownColumns / 2;
  if (cut_left) from = offset - kShownColumns / 2;
  while (cut_left && from < offset && (text[from] & '\xc0') == '\x80') ++from;
  to = std::min(to, from + kShownColumns);
  while (to < text.size() && to > offset && (text[to] & '\xc0') == '\x80') --to;
  std::string line(cut_left ? "…" : "");
  std::string marks(cut_left ? " " : "");
  const auto copy = [&](size_t a, size_t b, bool mark) {
    while (a < b) {
      size_t next = a;
      const char32_t c = next_code_point(text.substr(0, to), next);
      line += c < 0x20 || c == 0x7f ? std::string(" ") : std::string(text.substr(a, next - a));
      if (mark) marks += marks.empty() || marks.back() == ' ' ? '^' : '~';
      else marks += ' ';
      a = next;
    }
  };
  copy(from, std::min(offset, to), false);
  const size_t blank = marks.size();
  copy(std::min(offset, to), std::min(to, offset + length), true);
  if (marks.size() == blank) marks += '^';
  const std::string kept = marks;
  copy(std::min(to, offset + length), to, false);
  return "  | " + line + "\n  | " + kept;
}

}  // namespace

LineColumn place_of(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const size_t newline = before.rfind('\n');
  return {static_cast<int>(std::count(before.begin(), before.end(), '\n')) + 1,
          static_cast<int>(newline == std::string_view::npos ? before.size() + 1
                                                             : before.size() - newline)};
}

std::string to_string(const Problem& problem, std::string_view text) {
  const LineColumn at = place_of(text, problem.offset);
  std::string out = std::to_string(at.line) + ":" + std::to_string(at.column) + ": error[" +
                    problem.code + "]: " + problem.what + "\n" +
                    caret_lines(text, problem.offset, problem.length);
  if (!problem.hint.empty()) out += "\n  hint: " + problem.hint;
  return out;
}

std::string to_string(const Problems& problems, std::string_view text) {
  std::string out;
  for (const Problem& problem : problems) {
    if (!out.empty()) out += '\n';
    out += to_string(problem, text);
  }
  return out;
}

void report(const Problems& problems, std::string_view text, const Position& at,
            Diagnostics& diagnostics) {
  for (const Problem& problem : problems) {
    const LineColumn place = place_of(text, problem.offset);
    Position position = at;
    if (at.line > 0) {
      position.line = at.line + place.line - 1;
      position.column = place.line == 1 ? at.column + place.column - 1 : place.column;
    }
    diagnostics.error(problem.code, position,
                      problem.what + "\n" +
                          caret_lines(text, problem.offset, problem.length),
                      problem.hint);
  }
}

}  // namespace penstock
