// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "base/diagnostic.h"
#include "config/node.h"

namespace penstock {

/// A tree on one line for comparison: {a: "x", b: [1, null]}; quoted scalars in quotes.
inline std::string flat(const Node& node) {
  std::string out;
  switch (node.kind) {
    case Node::Kind::kNull: return "null";
    case Node::Kind::kScalar: return node.quoted ? "\"" + node.text + "\"" : node.text;
    case Node::Kind::kList:
      for (const Node& item : node.items) out += (out.empty() ? "" : ", ") + flat(item);
      return "[" + out + "]";
    case Node::Kind::kMap:
      for (const Node::Entry& entry : node.entries) {
        out += (out.empty() ? "" : ", ") + entry.key + ": " + flat(entry.value);
      }
      return "{" + out + "}";
  }
  return out;
}

/// "line:column".
inline std::string place(const Position& at) {
  return std::to_string(at.line) + ":" + std::to_string(at.column);
}

/// The codes and places of all findings: "bad-key@2:3 …".
inline std::string codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics.all()) {
    out += (out.empty() ? "" : " ") + d.code + "@" + place(d.position);
  }
  return out;
}

}  // namespace penstock
