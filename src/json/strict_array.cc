// SPDX-License-Identifier: Apache-2.0
#include "json/strict_array.h"

#include <string_view>

#include "json/scalar.h"
#include "value/write_json.h"

namespace penstock {
namespace {

class StrictWalk {
 public:
  explicit StrictWalk(const JsonCursor& in) : in_(in) {}

  /// After the opening bracket: calls f() behind each item. `depth` counts the brackets that are
  /// open, this one included.
  template <class F>
  bool array(int depth, F&& f) {
    if (depth > kJsonDepthMax) return false;
    if (in_.next() == ']') return in_.pass(1), true;
    for (;;) {
      if (!value(depth)) return false;
      f();
      const char c = in_.take();
      if (c != ',') return c == ']';
    }
  }
  const JsonCursor& cursor() const { return in_; }

 private:
  bool map(int depth) {
    if (depth > kJsonDepthMax) return false;
    if (in_.next() == '}') return in_.pass(1), true;
    for (;;) {
      if (in_.next() != '"' || !string() || in_.take() != ':' || !value(depth)) return false;
      const char c = in_.take();
      if (c != ',') return c == '}';
    }
  }
  bool value(int depth) {
    switch (in_.next()) {
      case '{': return in_.pass(1), map(depth + 1);
      case '[': return in_.pass(1), array(depth + 1, [] {});
      case '"': return string();
      case 't': return in_.pass_word("true");
      case 'f': return in_.pass_word("false");
      case 'n': return in_.pass_word("null");
      case '\0': return false;
      default: return number();
    }
  }
  bool string() {
    const char* const from = in_.here() + 1;
    const std::string_view text(from, in_.pass_string());
    return !in_.escapes() || text.find('\\') == std::string_view::npos ||
           valid_json_escapes(text);
  }
  bool number() {
    int64_t ignored = 0;
    if (const uint32_t size = parse_short_json_integer(in_.rest(), ignored); size > 0) {
      return in_.pass(size), true;
    }
    Value value;
    const char* stop = nullptr;
    const std::string_view rest = in_.rest();
    if (!parse_json_number(rest.data(), rest.data() + rest.size(), value, stop)) return false;
    return in_.pass(static_cast<uint32_t>(stop - rest.data())), true;
  }

  JsonCursor in_;
};

}  // namespace

bool strict_json_array(JsonCursor& cursor, std::vector<uint32_t>& items) {
  StrictWalk walk(cursor);
  items.clear();
  if (!walk.array(1, [&] { items.push_back(walk.cursor().at()); })) return false;
  cursor = walk.cursor();
  return true;
}

}  // namespace penstock
