// SPDX-License-Identifier: Apache-2.0
#include "penstock/terminal.h"

#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "penstock/text_table.h"

namespace penstock {
namespace {

std::string_view variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

bool names_utf8(std::string_view locale) {
  const size_t dot = locale.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string encoding(locale.substr(dot + 1, locale.find('@') - dot - 1));
  return strcasecmp(encoding.c_str(), "UTF-8") == 0 || strcasecmp(encoding.c_str(), "UTF8") == 0;
}

/// Cuts after `columns` visible ones and ends all colours.
std::string cut_visible(std::string_view text, size_t columns) {
  if (columns_of(text) <= columns) return std::string(text);
  std::string out;
  size_t seen = 0;
  bool escapes = false;
  while (!text.empty()) {
    size_t n = escape_length(text);
    if (n > 0) {
      escapes = true;
    } else {
      if (seen == columns) break;
      ++seen;
      n = 1;
      while (n < text.size() && (static_cast<unsigned char>(text[n]) & 0xc0) == 0x80) ++n;
    }
    out += text.substr(0, n);
    text.remove_prefix(n);
  }
  return escapes ? out + "\x1b[0m" : out;
}

}  // namespace

Terminal look_at_terminal(int fd) {
  Terminal terminal;
  terminal.is_terminal = isatty(fd) == 1;
  const std::string_view kind = variable("TERM");
  terminal.colours = terminal.is_terminal && variable("NO_COLOR").empty() && kind != "dumb" &&
                     !kind.empty();
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    if (variable(name).empty()) continue;
    terminal.unicode = names_utf8(variable(name));
    break;
  }
  winsize size{};
  if (terminal.is_terminal && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    terminal.columns = size.ws_col;
    terminal.rows = std::max<size_t>(size.ws_row, 2);
  }
  return terminal;
}

std::string coloured(Colour colour, std::string_view text, bool on) {
  const char* code = "";
  switch (colour) {
    case Colour::kPlain: return std::string(text);
    case Colour::kBold: code = "1"; break;
    case Colour::kDim: code = "2"; break;
    case Colour::kRed: code = "31"; break;
    case Colour::kGreen: code = "32"; break;
    case Colour::kYellow: code = "33"; break;
    case Colour::kCyan: code = "36"; break;
  }
  if (!on || text.empty()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string InPlace::erase(const Terminal& terminal) {
  // A terminal that became narrower has folded the old lines into more rows.
  size_t rows = 0;
  for (const size_t columns : drawn_) {
    rows += std::max<size_t>(1, (columns + terminal.columns - 1) / terminal.columns);
  }
  drawn_.clear();
  rows = std::min(rows, terminal.rows - 1);
  if (rows == 0) return {};
  return "\r\x1b[" + std::to_string(rows) + "A\x1b[J";
}

std::string InPlace::draw(const std::vector<std::string>& lines, const Terminal& terminal,
                          std::string_view above) {
  std::string out = erase(terminal);
  out += above;
  const size_t count = std::min(lines.size(), terminal.rows - 1);
  for (size_t i = 0; i < count; ++i) {
    // one column is left free: a full row makes some terminals begin a new one
    const std::string line = cut_visible(lines[i], terminal.columns - 1);
    drawn_.push_back(columns_of(line));
    out += line + "\x1b[K\n";
  }
  return out;
}

}  // namespace penstock
