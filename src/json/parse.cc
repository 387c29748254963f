// SPDX-License-Identifier: Apache-2.0
#include "json/parse.h"

#include <cstring>

#include "json/scalar.h"
#include "value/build.h"
#include "value/write_json.h"

namespace penstock {
namespace {

/// Walks the tokens of one document. The first problem stops it.
class Walker {
 public:
  Walker(std::string_view text, std::span<const uint32_t> tokens, ValueArena& arena,
         DuplicateKeys duplicates, size_t before)
      : text_(text), tokens_(tokens), arena_(arena), duplicates_(duplicates), before_(before) {}

  Result<Value> document() {
    Value value;
    if (!read(value, 0)) return error_;
    if (at_ == tokens_.size()) return value;
    fail(tokens_[at_], "there is more after the value");
    return error_;
  }

 private:
  bool fail(size_t offset, std::string_view what) {
    error_ = json_error(before_ + offset, what);
    return false;
  }
  bool fail(Error error) {
    error_ = std::move(error);
    return false;
  }
  /// The next token's byte; the offset in `offset_`.
  char next() {
    if (at_ == tokens_.size()) {
      offset_ = text_.size();
      return '\0';
    }
    offset_ = tokens_[at_++];
    return text_[offset_];
  }

  bool read(Value& out, int depth) {
    const char c = next();
    switch (c) {
      case '{': return map(out, depth);
      case '[': return array(out, depth);
      case '"': return string(out);
      case 't': return word("true", Value::boolean(true), out);
      case 'f': return word("false", Value::boolean(false), out);
      case 'n': return word("null", Value(), out);
      case '-':
      case '0': case '1': case '2': case '3': case '4':
      case '5': case '6': case '7': case '8': case '9': {
        const char* end = nullptr;
        const char* limit = text_.data() + text_.size();
        if (parse_json_number(text_.data() + offset_, limit, out, end)) return true;
        return fail(offset_, "this is not a number");
      }
      default:
        if (offset_ == text_.size()) return fail(offset_, "a value is missing");
        return fail(offset_, "a value was expected");
    }
  }

  bool word(std::string_view expected, Value value, Value& out) {
    const std::string_view rest = text_.substr(offset_);
    if (!rest.starts_with(expected) ||
        (rest.size() > expected.size() && !ends_json_scalar(rest[expected.size()]))) {
      return fail(offset_, "a value was expected");
    }
    out = value;
    return true;
  }

  bool string(Value& out) {
    const char* quote = text_.data() + offset_;
    const RawText raw = read_raw_text(quote);
    auto value = text_value(raw, arena_);
    if (value) {
      out = *value;
      return true;
    }
    if (value.error().code != "bad-json") return fail(value.error());
    std::string scratch(raw.size, '\0');
    const int64_t bad = unescape_json(raw.view(), scratch.data());
    return fail(offset_ + 1 + static_cast<size_t>(-1 - bad), "this escape is not one of JSON's");
  }

  bool array(Value& out, int depth) {
    if (depth >= kJsonDepthMax) return fail(offset_, "nested too deep");
    ArrayBuilder items(arena_);
    if (at_ < tokens_.size() && text_[tokens_[at_]] == ']') {
      ++at_;
    } else {
      for (;;) {
        Value item;
        if (!read(item, depth + 1)) return false;
        items.push(item);
        const char c = next();
        if (c == ']') break;
        if (c != ',') return fail(offset_, "a comma or ] was expected");
      }
    }
    auto value = items.finish();
    if (!value) return fail(value.error());
    out = *value;
    return true;
  }

  bool map(Value& out, int depth) {
    if (depth >= kJsonDepthMax) return fail(offset_, "nested too deep");
    MapBuilder entries(arena_);
    if (at_ < tokens_.size() && text_[tokens_[at_]] == '}') {
      ++at_;
    } else {
      for (;;) {
        Value key, value;
        if (next() != '"') return fail(offset_, "a member's name was expected");
        if (!string(key)) return false;
        if (next() != ':') return fail(offset_, "a colon was expected");
        if (!read(value, depth + 1)) return false;
        if (duplicates_ == DuplicateKeys::kFirst) entries.add(key.text(), value);
        else entries.set(key.text(), value);
        const char c = next();
        if (c == '}') break;
        if (c != ',') return fail(offset_, "a comma or } was expected");
      }
    }
    auto value = entries.finish();
    if (!value) return fail(value.error());
    out = *value;
    return true;
  }

  std::string_view text_;
  std::span<const uint32_t> tokens_;
  ValueArena& arena_;
  DuplicateKeys duplicates_;
  size_t before_;
  size_t at_ = 0;
  size_t offset_ = 0;
  Error error_;
};

}  // namespace

Error json_error(size_t offset, std::string_view what) {
  return reject_error("bad-json",
                      "not JSON: " + std::string(what) + " at byte " + std::to_string(offset));
}

Result<Value> JsonParser::parse_padded(std::string_view text, ValueArena& arena,
                                       DuplicateKeys duplicates, size_t before) {
  if (!structure_.scan(text)) {
    const JsonFault fault = find_json_fault(text);
    return json_error(before + fault.offset, fault.what);
  }
  return Walker(text, structure_.tokens(), arena, duplicates, before).document();
}

Result<Value> JsonParser::parse(std::string_view text, ValueArena& arena,
                                DuplicateKeys duplicates) {
  char* copy = static_cast<char*>(arena.allocate(text.size() + kJsonPadding));
  if (copy == nullptr) return memory_limit_error(arena.limit());
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  std::memset(copy + text.size(), ' ', kJsonPadding);
  return parse_padded({copy, text.size()}, arena, duplicates);
}

}  // namespace penstock
