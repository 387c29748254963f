// SPDX-License-Identifier: Apache-2.0
#include "json/path.h"

#include "value/write_json.h"

namespace penstock {
namespace {

bool is_name(const std::string& key) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
           (c & '\x80') != 0;
  };
  if (key.empty() || !letter(key[0])) return false;
  for (const char c : key) {
    if (!letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

}  // namespace

std::string to_string(const DocumentPath& path) {
  if (path.empty()) return "this";
  std::string out;
  for (const PathStep& step : path) {
    if (step.index >= 0) {
      out += (out.empty() ? "this[" : "[") + std::to_string(step.index) + "]";
    } else if (is_name(step.key)) {
      out += (out.empty() ? "" : ".") + step.key;
    } else {
      out += out.empty() ? "this[" : "[";
      append_json_string(out, step.key);
      out += "]";
    }
  }
  return out;
}

}  // namespace penstock
