// SPDX-License-Identifier: Apache-2.0
#include "json/prefix_guess.h"

#include <algorithm>
#include <string>
#include <vector>

namespace penstock {

void PrefixGuess::learn(const PathTrie& trie, JsonCursor document) {
  size_ = 0;
  if (trie.column >= 0 || document.next() != '{') return;
  const char* last = document.here();
  uint32_t left = trie.leaves;
  if (!learn_map(trie, document, last, left) || left > 0) size_ = 0;
}

/// At the opening brace. False if the form is of another kind; true with left > 0 if the map ended.
bool PrefixGuess::learn_map(const PathTrie& node, JsonCursor& in, const char*& last,
                            uint32_t& left) {
  if (!node.items.empty()) return false;
  std::vector<const PathTrie*> met;
  in.pass(1);
  char c = in.next();
  while (c == '"') {
    const char* const name = in.here() + 1;
    const std::string_view key(name, in.pass_string());
    if (key.find('\\') != std::string_view::npos || in.take() != ':') return false;
    const auto same = [&](const auto& child) { return child->key == key; };
    const auto found = std::find_if(node.members.begin(), node.members.end(), same);
    const PathTrie* const child = found == node.members.end() ? nullptr : found->get();
    if (child != nullptr) {
      if (std::find(met.begin(), met.end(), child) != met.end()) return false;
      met.push_back(child);
    }
    if (child != nullptr && !child->leaf) {
      if (child->column >= 0 || in.next() != '{') return false;
      if (!learn_map(*child, in, last, left)) return false;
    } else {
      if (!learn_scalar(child, in, last)) return false;
      left -= child != nullptr;
    }
    if (left == 0) return true;
    c = in.next();
    if (c != ',') break;
    in.pass(1);
    c = in.next();
  }
  return c == '}' && (in.pass(1), true);
}

/// A value that `child` wants, or nobody.
bool PrefixGuess::learn_scalar(const PathTrie* child, JsonCursor& in, const char*& last) {
  const char first = in.next();
  const std::string_view rest = in.rest();
  if (first == '{' || first == '[' || !in.pass_value(first)) return false;
  Kind kind = first == '"' ? Kind::kPassedText : Kind::kPassedWord;
  if (child != nullptr) {
    int64_t ignored = 0;
    kind = first == '"' ? Kind::kText : Kind::kInteger;
    if (kind == Kind::kInteger && parse_short_json_integer(rest, ignored) == 0) {
      return false;
    }
  }
  const bool added = add(last, rest.data(), kind, child == nullptr ? -1 : child->column);
  last = in.here();
  return added;
}

/// A step: the bytes [last, value), and the value.
bool PrefixGuess::add(const char* last, const char* value, Kind kind, int column) {
  const bool quoted = kind == Kind::kText || kind == Kind::kPassedText;
  const auto bytes = static_cast<size_t>(value - last);
  if (size_ == kStepsMax || bytes + quoted > kLiteralMax) return false;
  Step& step = steps_[size_++];
  std::memset(step.literal, 0, sizeof step.literal);
  std::memcpy(step.literal, last, bytes + quoted);
  step.used = static_cast<uint32_t>((uint64_t{1} << (bytes + quoted)) - 1);
  step.size = static_cast<uint32_t>(bytes);
  step.column = column;
  step.kind = kind;
  return true;
}

}  // namespace penstock
