// SPDX-License-Identifier: Apache-2.0
#include "spec/text_places.h"

#include <algorithm>
#include <cstdio>

#include "spec/limits.h"

namespace penstock {
namespace {

/// The length of the line break at `i`, 0 if there is none. YAML 1.1 counts NEL, LS and PS too.
size_t break_size(std::string_view text, size_t i) {
  const char c = text[i];
  if (c == '\n') return 1;
  if (c == '\r') return i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
  if (c == '\xC2') return text.substr(i, 2) == "\xC2\x85" ? 2 : 0;
  if (c != '\xE2') return 0;
  const std::string_view three = text.substr(i, 3);
  return three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9" ? 3 : 0;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

TextPlaces::TextPlaces(std::string_view text, std::string file)
    : text_(text), file_(std::move(file)), starts_{0} {
  for (size_t i = 0; i < text.size();) {
    const size_t size = break_size(text, i);
    if (size > 0) starts_.push_back(i + size);
    i += std::max<size_t>(size, 1);
  }
}

Position TextPlaces::at_offset(size_t offset) const {
  const auto next = std::upper_bound(starts_.begin(), starts_.end(), offset);
  const size_t line = static_cast<size_t>(next - starts_.begin()) - 1;
  return {file_, static_cast<int>(line) + 1, static_cast<int>(offset - starts_[line]) + 1};
}

Position TextPlaces::at_line(size_t line, size_t column) {
  line = std::min(line, starts_.size() - 1);
  if (line != last_.line || column < last_.column) last_ = {line, 0, starts_[line]};
  size_t& offset = last_.offset;
  for (; last_.column < column && offset < text_.size(); ++last_.column) {
    do ++offset;
    while (offset < text_.size() && is_continuation(text_[offset]));
  }
  return {file_, static_cast<int>(line) + 1, static_cast<int>(offset - starts_[line]) + 1};
}

size_t TextPlaces::offset_of(const Position& at) const {
  return starts_[static_cast<size_t>(at.line) - 1] + static_cast<size_t>(at.column) - 1;
}

std::optional<size_t> invalid_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || i + size > text.size()) return i;
    for (size_t k = 1; k < size; ++k) {
      if (!is_continuation(text[i + k])) return i;
    }
    const auto second = static_cast<unsigned char>(text[i + 1]);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool surrogate = lead == 0xED && second >= 0xA0;
    const bool beyond = lead == 0xF4 && second >= 0x90;
    if (overlong || surrogate || beyond) return i;
    i += size;
  }
  return std::nullopt;
}

bool check_text(std::string_view text, const TextPlaces& places, Diagnostics& diagnostics) {
  if (text.size() > kDocumentBytesMax) {
    diagnostics.error("document-too-large", places.at_offset(0),
                      "the document has " + std::to_string(text.size()) + " bytes; at most " +
                          std::to_string(kDocumentBytesMax) + " are read");
    return false;
  }
  if (const auto bad = invalid_utf8(text)) {
    diagnostics.error("not-utf8", places.at_offset(*bad), "this byte is not part of UTF-8 text",
                      "save the file as UTF-8");
    return false;
  }
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c >= 0x20 && c != 0x7F) || c == '\t' || c == '\n' || c == '\r') continue;
    char name[8];
    std::snprintf(name, sizeof name, "0x%02x", c);
    diagnostics.error("control-character", places.at_offset(i),
                      std::string("the control character ") + name + " cannot stand here",
                      "remove it, or write it as an escape in double quotes");
    return false;
  }
  return true;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

}  // namespace penstock
