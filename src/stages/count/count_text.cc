// SPDX-License-Identifier: Apache-2.0
#include "stages/count/count_text.h"

#include <charconv>
#include <cstring>

namespace penstock {
namespace {

constexpr size_t kCountDigitsMax = 20;
constexpr size_t kEscapeMax = 6;  // \u001f

/// Length of the UTF-8 sequence at the start of `text`; 0 if it is none (RFC 3629 table 3-7).
size_t utf8_length(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](size_t i, unsigned low = 0x80, unsigned high = 0xbf) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool second = tail(1, lead == 0xe0 ? 0xa0 : 0x80, lead == 0xed ? 0x9f : 0xbf);
    return second && tail(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool second = tail(1, lead == 0xf0 ? 0x90 : 0x80, lead == 0xf4 ? 0x8f : 0xbf);
    return second && tail(2) && tail(3) ? 4 : 0;
  }
  return 0;
}

/// Writes the inside of a JSON string; a byte that is not UTF-8 becomes U+FFFD.
char* write_escaped(char* to, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  while (!text.empty()) {
    const size_t length = utf8_length(text);
    const auto c = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      to = static_cast<char*>(std::memcpy(to, "\\ufffd", 6)) + 6;
    } else if (c == '"' || c == '\\') {
      *to++ = '\\';
      *to++ = static_cast<char>(c);
    } else if (c < 0x20) {
      to = static_cast<char*>(std::memcpy(to, "\\u00", 4)) + 4;
      *to++ = kHex[c >> 4];
      *to++ = kHex[c & 15];
    } else {
      to = static_cast<char*>(std::memcpy(to, text.data(), length)) + length;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return to;
}

}  // namespace

CountText CountText::from_template(std::string_view text) {
  static constexpr std::string_view kKey = "{key}";
  static constexpr std::string_view kCount = "{count}";
  CountText out;
  std::string literal;
  const auto place = [&](Part part, size_t length) {
    if (!literal.empty()) out.pieces_.push_back({Part::kLiteral, std::move(literal)});
    literal.clear();
    out.pieces_.push_back({part, {}});
    text.remove_prefix(length);
  };
  while (!text.empty()) {
    if (text.starts_with(kKey)) {
      place(Part::kKey, kKey.size());
    } else if (text.starts_with(kCount)) {
      place(Part::kCount, kCount.size());
    } else {
      literal += text.front();
      text.remove_prefix(1);
    }
  }
  if (!literal.empty()) out.pieces_.push_back({Part::kLiteral, std::move(literal)});
  return out;
}

CountText CountText::json() {
  CountText out = from_template(R"({"key":"{key}","count":{count}})");
  out.escape_ = true;
  return out;
}

Record& CountText::append(BatchBuilder& builder, std::string_view key, uint64_t count) const {
  size_t bytes_max = 0;
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::kLiteral: bytes_max += piece.literal.size(); break;
      case Part::kKey: bytes_max += key.size() * (escape_ ? kEscapeMax : 1); break;
      case Part::kCount: bytes_max += kCountDigitsMax; break;
    }
  }
  char* const start = builder.reserve(bytes_max);
  char* to = start;
  const char* key_at = nullptr;  // the key's own bytes within the text, if they stand there
  for (const Piece& piece : pieces_) {
    switch (piece.part) {
      case Part::kLiteral:
        to = static_cast<char*>(std::memcpy(to, piece.literal.data(), piece.literal.size())) +
             piece.literal.size();
        break;
      case Part::kKey:
        key_at = to;
        if (escape_) to = write_escaped(to, key);
        else if (!key.empty()) to = static_cast<char*>(std::memcpy(to, key.data(), key.size())) +
                                    key.size();
        if (static_cast<size_t>(to - key_at) != key.size()) key_at = nullptr;
        break;
      case Part::kCount: to = std::to_chars(to, to + kCountDigitsMax, count).ptr; break;
    }
  }
  Record& record = builder.commit(static_cast<size_t>(to - start));
  if (key_at == nullptr) {
    builder.set_key(record, key);
  } else {
    record.key = key_at;
    record.key_size = static_cast<uint32_t>(key.size());
  }
  return record;
}

}  // namespace penstock
