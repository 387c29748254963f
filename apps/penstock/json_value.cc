// SPDX-License-Identifier: Apache-2.0
#include "penstock/json_value.h"

#include <charconv>

namespace penstock {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// RFC 8259 §6.
bool is_json_number(std::string_view text) {
  size_t i = text.starts_with("-") ? 1 : 0;
  const auto digits = [&] {
    const size_t from = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i > from;
  };
  const size_t first = i;
  if (!digits() || (text[first] == '0' && i > first + 1)) return false;
  if (i < text.size() && text[i] == '.' && (++i, !digits())) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (!digits()) return false;
  }
  return i == text.size();
}

bool same_number(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto value = [](std::string_view text) {
    double number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  };
  return is_json_number(a) && is_json_number(b) && value(a) == value(b);
}

bool same_scalar(const Node& expected, const Node& got) {
  const bool word = !expected.quoted && is_json_word(expected.text);
  if (word != !got.quoted) return false;
  return word ? same_number(expected.text, got.text) : expected.text == got.text;
}

}  // namespace

bool is_json_word(std::string_view text) {
  return text == "true" || text == "false" || text == "null" || is_json_number(text);
}

bool same_json(const Node& expected, const Node& got) {
  if (expected.kind != got.kind) return false;
  switch (expected.kind) {
    case Node::Kind::kNull: return true;
    case Node::Kind::kScalar: return same_scalar(expected, got);
    case Node::Kind::kList:
      if (expected.items.size() != got.items.size()) return false;
      for (size_t i = 0; i < expected.items.size(); ++i) {
        if (!same_json(expected.items[i], got.items[i])) return false;
      }
      return true;
    case Node::Kind::kMap:
      if (expected.entries.size() != got.entries.size()) return false;
      for (const Node::Entry& entry : expected.entries) {
        const Node* other = got.find(entry.key);
        if (other == nullptr || !same_json(entry.value, *other)) return false;
      }
      return true;
  }
  return false;
}

}  // namespace penstock
