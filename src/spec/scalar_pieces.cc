// SPDX-License-Identifier: Apache-2.0
#include "spec/scalar_pieces.h"

namespace penstock {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes of the escape at a backslash.
size_t escape_size(std::string_view source) {
  if (source.size() < 2) return source.size();
  switch (source[1]) {
    case 'x': return 4;
    case 'u': return 6;
    case 'U': return 10;
    default: return 2;
  }
}

}  // namespace

std::shared_ptr<const TextPieces> scalar_pieces(std::string_view source, size_t begin,
                                                std::string_view text, const TextPlaces& places) {
  if (source.starts_with(text) || text.empty()) return nullptr;
  const char style = source.empty() ? ' ' : source[0];
  size_t from = style == '"' || style == '\'' ? 1 : 0;
  if (style == '|' || style == '>') from = std::min(source.find('\n'), source.size());
  auto made = std::make_shared<TextPieces>();
  size_t last_at = 0;    // in the text: where the newest piece began
  size_t last_from = 0;  // in the source
  // What is not blank comes in the same order on both sides; blanks may be folded or indentation.
  for (size_t at = 0; at < text.size(); ++at) {
    const bool escaped = style == '"' && from < source.size() && source[from] == '\\';
    if (is_blank(text[at]) && !escaped) {
      const bool same = from < source.size() && source[from] == text[at] && text[at] != '\n';
      from += same;
      continue;
    }
    while (from < source.size() && is_blank(source[from])) ++from;
    while (style == '"' && source.substr(from).starts_with("\\\n")) {  // a line goes on
      from += 2;
      while (from < source.size() && is_blank(source[from])) ++from;
    }
    if (from >= source.size()) break;
    if (made->pieces.empty() || from - last_from != at - last_at) {
      const Position position = places.at_offset(begin + from);
      made->pieces.push_back({at, position.line, position.column});
      last_at = at;
      last_from = from;
    }
    if (style == '"' && source[from] == '\\') {
      from += escape_size(source.substr(from));
      while (at + 1 < text.size() && is_continuation(text[at + 1])) ++at;
    } else {
      from += style == '\'' && source.substr(from).starts_with("''") ? 2 : 1;
    }
  }
  return made;
}

}  // namespace penstock
