// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace penstock {

/// What the other end of a descriptor can show.
struct Terminal {
  bool is_terminal = false;
  bool colours = false;  ///< a terminal, and neither NO_COLOR nor TERM=dumb is set
  bool unicode = false;  ///< the locale's encoding is UTF-8
  size_t columns = 80;
  size_t rows = 24;
};

/// Asks the descriptor and the environment, now: the size changes while a program runs.
Terminal look_at_terminal(int fd);

enum class Colour { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };
/// The text between escape codes; unchanged if `on` is false.
std::string coloured(Colour colour, std::string_view text, bool on);

/// Lines redrawn in place at the bottom of a terminal. Pure: gives bytes, writes nothing itself.
class InPlace {
 public:
  /// Bytes that replace what was drawn before by `lines`. Each is cut to the terminal's width, and
  /// no more lines are drawn than it has rows. `above` scrolls away over them: whole lines.
  std::string draw(const std::vector<std::string>& lines, const Terminal& terminal,
                   std::string_view above = {});
  /// Bytes that remove what was drawn.
  std::string erase(const Terminal& terminal);

 private:
  std::vector<size_t> drawn_;  // visible columns of each line on the screen
};

}  // namespace penstock
