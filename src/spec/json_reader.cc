// SPDX-License-Identifier: Apache-2.0
#include "spec/json_reader.h"

#include <unordered_map>

#include "config/value_type.h"
#include "spec/limits.h"
#include "spec/scalar_pieces.h"
#include "spec/text_places.h"

namespace penstock {
namespace {

constexpr const char* kNoComments = "JSON has no comments";
constexpr const char* kNoCommentsHint = "remove it, or use YAML";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

class JsonReader {
 public:
  JsonReader(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : text_(text), places_(text, file), diagnostics_(diagnostics) {}

  std::optional<Node> read() {
    if (!check_text(text_, places_, diagnostics_)) return {};
    skip_space();
    if (at_ == text_.size()) {
      diagnostics_.error("empty-document", places_.at_offset(0),
                         "there is no document in this file",
                         "a flow has `stages:` and `queues:` at its top level");
      return {};
    }
    Node root;
    if (!value(root, 1)) return {};
    skip_space();
    if (at_ < text_.size()) {
      fail(at_, "text after the end of the document", "remove it");
      return {};
    }
    return root;
  }

 private:
  bool fail(size_t offset, std::string what, std::string hint = {}) {
    diagnostics_.error("json-syntax", places_.at_offset(offset), std::move(what), std::move(hint));
    return false;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (at_ < text_.size() && (peek() == ' ' || peek() == '\t' || peek() == '\n' ||
                                  peek() == '\r')) {
      ++at_;
    }
  }
  bool value(Node& out, size_t depth);
  bool object(Node& out, size_t depth);
  bool list(Node& out, size_t depth);
  bool string(std::string& out);
  bool escape(std::string& out);
  bool hex4(uint32_t& out);
  bool word(Node& out);
  bool number(Node& out);
  bool comma_or_close(char close, const char* kind, bool& done);

  std::string_view text_;
  TextPlaces places_;
  Diagnostics& diagnostics_;
  size_t at_ = 0;
  size_t nodes_ = 0;
};

bool JsonReader::value(Node& out, size_t depth) {
  skip_space();
  out.position = places_.at_offset(at_);
  if (depth > kDocumentDepthMax) {
    diagnostics_.error("document-too-deep", out.position,
                       "more than " + std::to_string(kDocumentDepthMax) +
                           " lists and maps stand inside one another");
    return false;
  }
  if (++nodes_ > kDocumentNodesMax) {
    diagnostics_.error("document-too-large", out.position,
                       "the document has more than " + std::to_string(kDocumentNodesMax) +
                           " values");
    return false;
  }
  const char c = peek();
  if (at_ == text_.size()) return fail(at_, "the file ends where a value should stand");
  if (c == '{') return object(out, depth);
  if (c == '[') return list(out, depth);
  if (c == '"') {
    out.kind = Node::Kind::kScalar;
    out.quoted = true;
    const size_t begin = at_;
    if (!string(out.text)) return false;
    out.pieces = scalar_pieces(text_.substr(begin, at_ - begin), begin, out.text, places_);
    return true;
  }
  if (c == '-' || is_digit(c)) return number(out);
  if (c >= 'a' && c <= 'z') return word(out);
  if (c == '\'') return fail(at_, "JSON text stands in double quotes", "write \"…\"");
  if (c == '/' || c == '#') return fail(at_, kNoComments, kNoCommentsHint);
  return fail(at_, "a value cannot begin with " + shown(text_.substr(at_, 1)));
}

/// After an element: takes the comma, or the closing bracket.
bool JsonReader::comma_or_close(char close, const char* kind, bool& done) {
  skip_space();
  if (peek() == close) {
    ++at_;
    done = true;
    return true;
  }
  if (peek() != ',') {
    return fail(at_, std::string("a comma or ") + close + " is missing in this " + kind,
                std::string("add `,` or `") + close + "`");
  }
  const size_t comma = at_++;
  skip_space();
  if (peek() == close) {
    return fail(comma, std::string("a comma before the closing ") + close,
                "JSON allows no comma after the last element: remove it");
  }
  return true;
}

bool JsonReader::object(Node& out, size_t depth) {
  out.kind = Node::Kind::kMap;
  std::unordered_map<std::string, int> lines;
  ++at_;
  skip_space();
  if (peek() == '}') return ++at_, true;
  for (bool done = false; !done;) {
    skip_space();
    const Position at = places_.at_offset(at_);
    std::string key;
    if (peek() == '/' || peek() == '#') return fail(at_, kNoComments, kNoCommentsHint);
    if (peek() != '"') return fail(at_, "a key in double quotes is missing", "write \"name\": …");
    if (!string(key)) return false;
    skip_space();
    if (peek() != ':') return fail(at_, "a key without its `:`", "write \"name\": value");
    ++at_;
    Node node;
    if (!value(node, depth + 1)) return false;
    const auto [first, is_new] = lines.emplace(key, at.line);
    if (key.empty()) {
      diagnostics_.error("bad-key", at, "a key is empty", "write `name: value`");
    } else if (!is_new) {
      diagnostics_.error("duplicate-key", at,
                         shown(key) + " stands twice in this map; first in line " +
                             std::to_string(first->second),
                         "remove one of them, or indent it under what it belongs to");
    } else {
      out.entries.push_back({std::move(key), at, std::move(node)});
    }
    if (!comma_or_close('}', "map", done)) return false;
  }
  return true;
}

bool JsonReader::list(Node& out, size_t depth) {
  out.kind = Node::Kind::kList;
  ++at_;
  skip_space();
  if (peek() == ']') return ++at_, true;
  for (bool done = false; !done;) {
    out.items.emplace_back();
    if (!value(out.items.back(), depth + 1)) return false;
    if (!comma_or_close(']', "list", done)) return false;
  }
  return true;
}

bool JsonReader::string(std::string& out) {
  const size_t start = at_++;
  while (true) {
    const size_t stop = text_.find_first_of("\"\\\n\r\t", at_);
    if (stop == std::string_view::npos || text_[stop] == '\n' || text_[stop] == '\r') {
      return fail(start, "this text is not closed in its line", "add the closing quote");
    }
    out += text_.substr(at_, stop - at_);
    at_ = stop + 1;
    if (text_[stop] == '"') return true;
    if (text_[stop] == '\t') return fail(stop, "a tab inside a text", "write \\t");
    if (!escape(out)) return false;
  }
}

bool JsonReader::hex4(uint32_t& out) {
  out = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    const char c = peek();
    const int digit = is_digit(c)               ? c - '0'
                      : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                      : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                               : -1;
    if (digit < 0) return fail(at_, "\\u wants four hexadecimal digits", "write \\u0041");
    out = out * 16 + static_cast<uint32_t>(digit);
  }
  return true;
}

/// After the backslash.
bool JsonReader::escape(std::string& out) {
  const size_t start = at_ - 1;
  const char c = peek();
  ++at_;
  switch (c) {
    case '"': case '\\': case '/': out += c; return true;
    case 'b': out += '\b'; return true;
    case 'f': out += '\f'; return true;
    case 'n': out += '\n'; return true;
    case 'r': out += '\r'; return true;
    case 't': out += '\t'; return true;
    case 'u': break;
    default:
      return fail(start, "this escape does not exist in JSON", "write the backslash twice");
  }
  uint32_t code = 0;
  if (!hex4(code)) return false;
  if (code >= 0xDC00 && code <= 0xDFFF) return fail(start, "half of a pair of \\u escapes");
  if (code >= 0xD800 && code <= 0xDBFF) {
    uint32_t low = 0;
    if (text_.substr(at_, 2) != "\\u") return fail(start, "half of a pair of \\u escapes");
    at_ += 2;
    if (!hex4(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return fail(start, "half of a pair of \\u escapes");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  append_utf8(out, code);
  return true;
}

bool JsonReader::word(Node& out) {
  const size_t start = at_;
  while ((peek() >= 'a' && peek() <= 'z') || peek() == '_') ++at_;
  out.text = text_.substr(start, at_ - start);
  if (out.text == "null") return out.kind = Node::Kind::kNull, true;
  out.kind = Node::Kind::kScalar;
  if (out.text == "true" || out.text == "false") return true;
  return fail(start, shown(out.text) + " is not a JSON value", "put text in double quotes");
}

bool JsonReader::number(Node& out) {
  const size_t start = at_;
  const auto digits = [this] {
    const size_t first = at_;
    while (is_digit(peek())) ++at_;
    return at_ > first;
  };
  if (peek() == '-') ++at_;
  const bool zero = peek() == '0';
  if (!digits()) return fail(start, "a number without digits");
  const bool padded = zero && at_ - start > (text_[start] == '-' ? 2u : 1u);
  if (padded) return fail(start, "a number cannot begin with 0", "remove the zero");
  if (peek() == '.' && (++at_, !digits())) return fail(start, "a number ends with its dot");
  if (peek() == 'e' || peek() == 'E') {
    ++at_;
    if (peek() == '+' || peek() == '-') ++at_;
    if (!digits()) return fail(start, "an exponent without digits");
  }
  out.kind = Node::Kind::kScalar;
  out.text = text_.substr(start, at_ - start);
  return true;
}

}  // namespace

std::optional<Node> read_json(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics) {
  return JsonReader(without_mark(text), file, diagnostics).read();
}

}  // namespace penstock
