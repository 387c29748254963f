// SPDX-License-Identifier: Apache-2.0
#include "codec/codec_error.h"

#include "config/value_type.h"
#include "value/utf8.h"

namespace penstock {
namespace {

std::string at_byte(std::string_view format, size_t offset, std::string_view what) {
  return std::string(format) + ": byte " + std::to_string(offset) + ": " + std::string(what);
}

}  // namespace

Error undecodable(std::string_view format, size_t offset, std::string_view what) {
  return reject_error("cannot-decode", at_byte(format, offset, what));
}

Error unencodable(std::string_view format, std::string_view path, std::string_view what) {
  std::string message(format);
  message += ": ";
  if (!path.empty()) message.append(path).append(": ");
  return reject_error("cannot-encode", message.append(what));
}

Error codec_limit(std::string_view format, size_t offset, std::string_view what) {
  return reject_error("codec-limit", at_byte(format, offset, what));
}

std::string shown_bytes(std::string_view bytes) {
  constexpr size_t kShownMax = 40;
  std::string text;
  for (size_t at = 0; at < bytes.size() && text.size() < kShownMax;) {
    const size_t length = utf8_sequence(bytes, at);
    if (length == 0) {
      text += '?';
      ++at;
    } else {
      text.append(bytes.substr(at, length));
      at += length;
    }
  }
  if (text.size() < bytes.size()) text += "…";
  return shown(text);
}

}  // namespace penstock
