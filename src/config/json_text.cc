// SPDX-License-Identifier: Apache-2.0
#include "config/json_text.h"

#include <cstdio>

namespace penstock {

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escaped[8];
          std::snprintf(escaped, sizeof escaped, "\\u%04x", c);
          out += escaped;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

void JsonWriter::break_line() {
  if (!out_.empty()) out_ += "\n" + std::string(2 * depth_, ' ');
}

void JsonWriter::begin_value() {
  if (!after_key_) {
    if (!empty_) out_ += ",";
    break_line();
  }
  after_key_ = false;
  empty_ = false;
}

void JsonWriter::key(std::string_view name) {
  if (!empty_) out_ += ",";
  break_line();
  out_ += json_quoted(name) + ": ";
  empty_ = false;
  after_key_ = true;
}

void JsonWriter::raw(std::string_view json) {
  begin_value();
  out_ += json;
}

void JsonWriter::open(char bracket) {
  begin_value();
  out_ += bracket;
  ++depth_;
  empty_ = true;
}

void JsonWriter::close(char bracket) {
  --depth_;
  if (!empty_) break_line();
  out_ += bracket;
  empty_ = false;
}

}  // namespace penstock
