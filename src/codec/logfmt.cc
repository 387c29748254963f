// SPDX-License-Identifier: Apache-2.0
#include "codec/logfmt.h"

#include <vector>

#include "codec/codec_error.h"
#include "codec/utf8_fault.h"
#include "value/build.h"
#include "value/write_json.h"

namespace penstock {
namespace {

bool is_key_byte(char c) {
  return static_cast<uint8_t>(c) > ' ' && c != '=' && c != '"' && c != 127;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class LogfmtDecoder final : public Decoder {
 public:
  LogfmtDecoder(const LogfmtOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits) {}

  Result<void> begin(std::string_view payload, std::string_view) override {
    text_ = payload;
    at_ = 0;
    const size_t fault = utf8_fault(payload);
    if (fault != std::string_view::npos) return undecodable("logfmt", fault, "it is not UTF-8");
    return {};
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    for (;;) {
      skip_blanks();
      if (at_ >= text_.size()) return false;
      if (text_[at_] != '\n') break;
      ++at_;
    }
    MapBuilder line(arena, 8);
    while (at_ < text_.size() && text_[at_] != '\n') {
      if (line.size() >= limits_.values_max) {
        return codec_limit("logfmt", at_, "too many pairs in one line");
      }
      PENSTOCK_TRY(read_pair(arena, line));
      skip_blanks();
    }
    Result<Value> map = line.finish();
    if (!map) return map.error();
    out = *map;
    return true;
  }

 private:
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] != '\n' && static_cast<uint8_t>(text_[at_]) <= ' ') {
      ++at_;
    }
  }
  size_t key_end(size_t at) const {
    while (at < text_.size() && is_key_byte(text_[at])) ++at;
    return at;
  }

  Result<void> read_pair(ValueArena& arena, MapBuilder& line) {
    const size_t start = at_;
    at_ = key_end(at_);
    const std::string_view key = text_.substr(start, at_ - start);
    if (key.empty()) {
      return undecodable("logfmt", at_, "a key was expected, not " + shown_bytes({&text_[at_], 1}));
    }
    if (at_ >= text_.size() || text_[at_] != '=') {
      line.set(key, Value::boolean(true));
      return {};
    }
    ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      Result<Value> text = read_quoted(arena);
      if (!text) return text.error();
      line.set(key, *text);
      return {};
    }
    const size_t value = at_;
    while (at_ < text_.size() && static_cast<uint8_t>(text_[at_]) > ' ' && text_[at_] != '"') ++at_;
    if (at_ < text_.size() && text_[at_] == '"') {
      return undecodable("logfmt", at_, "a quote inside a value that does not begin with one");
    }
    const std::string_view text = text_.substr(value, at_ - value);
    const std::optional<Value> typed = typed_text(text, options_.types);
    if (!typed) {
      return undecodable("logfmt", value,
                         shown_bytes(text) + " is not of type " + to_string(options_.types));
    }
    line.set(key, *typed);
    return {};
  }

  Result<Value> read_quoted(ValueArena& arena) {
    const size_t start = ++at_;
    bool escaped = false;
    size_t end = start;
    for (; end < text_.size() && text_[end] != '"'; ++end) {
      if (text_[end] == '\n') break;
      if (text_[end] != '\\') continue;
      escaped = true;
      ++end;
    }
    if (end >= text_.size() || text_[end] != '"') {
      return undecodable("logfmt", start - 1, "a quoted value does not end");
    }
    at_ = end + 1;
    if (at_ < text_.size() && static_cast<uint8_t>(text_[at_]) > ' ') {
      return undecodable("logfmt", at_, "a quoted value goes on behind its closing quote");
    }
    const std::string_view inside = text_.substr(start, end - start);
    if (!escaped) return Value::string(inside);
    TextBuilder text(arena, inside.size());
    for (size_t at = 0; at < inside.size();) {
      if (inside[at] != '\\') {
        text.append(inside[at++]);
        continue;
      }
      const size_t length = append_escape(inside.substr(at), text);
      if (length == 0) return undecodable("logfmt", start + at, "an unknown escape");
      at += length;
    }
    return text.finish_string();
  }

  /// Appends what the escape at the front stands for; its length, or 0 if it is none.
  static size_t append_escape(std::string_view text, TextBuilder& to) {
    static constexpr std::string_view kLetters = "ntr\"\\/bfav'";
    static constexpr std::string_view kMeanings = "\n\t\r\"\\/\b\f\a\v'";
    if (text.size() < 2) return 0;
    const size_t letter = kLetters.find(text[1]);
    if (letter != std::string_view::npos) {
      to.append(kMeanings[letter]);
      return 2;
    }
    const size_t digits = text[1] == 'x' ? 2 : text[1] == 'u' ? 4 : text[1] == 'U' ? 8 : 0;
    if (digits == 0 || text.size() < 2 + digits) return 0;
    char32_t point = 0;
    for (size_t i = 0; i < digits; ++i) {
      const int digit = hex_digit(text[2 + i]);
      if (digit < 0) return 0;
      point = point << 4 | static_cast<char32_t>(digit);
    }
    append_utf8(to, point);
    return 2 + digits;
  }

  const LogfmtOptions& options_;
  const CodecLimits& limits_;
  std::string_view text_;
  size_t at_ = 0;
};

class LogfmtEncoder final : public Encoder {
 public:
  explicit LogfmtEncoder(const LogfmtOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits) {}
  bool gathers() const override { return true; }

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      if (!values[i].is(ValueKind::kMap)) {
        return unencodable("logfmt", "", std::string("a line is a map, not ") +
                                             to_string(values[i].kind()));
      }
      if (i > 0) out.payload += '\n';
      start_ = out.payload.size();
      key_.clear();
      PENSTOCK_TRY(add_members(values[i], 0, out.payload));
    }
    return {};
  }

 private:
  Result<void> add_members(const Value& map, uint32_t depth, std::string& to) {
    if (depth >= limits_.depth_max) return unencodable("logfmt", key_, "it is nested too deeply");
    for (const MapEntry& entry : map.entries()) {
      const size_t before = key_.size();
      if (before > 0) key_ += '.';
      for (const char c : entry.key) key_ += is_key_byte(c) ? c : '_';
      if (entry.key.empty()) key_ += '_';
      if (entry.value.is(ValueKind::kMap) && entry.value.size() > 0) {
        PENSTOCK_TRY(add_members(entry.value, depth + 1, to));
      } else {
        if (to.size() > start_) to += ' ';
        to += key_;
        to += '=';
        PENSTOCK_TRY(add_value(entry.value, to));
      }
      key_.resize(before);
    }
    return {};
  }

  Result<void> add_value(const Value& value, std::string& to) {
    if (value.is(ValueKind::kString)) {
      add_text(value.text(), true, to);
      return {};
    }
    scratch_.clear();
    PENSTOCK_TRY(write_json(value, scratch_));
    std::string_view text = scratch_;
    if (text.size() >= 2 && text.front() == '"') {  // bytes, times, durations
      add_text(text.substr(1, text.size() - 2), true, to);
    } else {
      add_text(text, false, to);
    }
    return {};
  }

  /// `is_string`: a decoder must not take it for a number or a bool.
  void add_text(std::string_view text, bool is_string, std::string& to) {
    bool quotes = false;
    for (const char c : text) {
      quotes = quotes || static_cast<uint8_t>(c) <= ' ' || c == '"' || c == '=' || c == '\\' ||
               c == 127;
    }
    if (is_string && !quotes && options_.types != TextType::kString) {
      const std::optional<Value> read = typed_text(text, options_.types);
      quotes = !read || !read->is(ValueKind::kString);
    }
    if (!quotes) {
      to += text;
    } else {
      append_json_string(to, text);  // Go's escapes are a superset of JSON's
    }
  }

  const LogfmtOptions& options_;
  const CodecLimits& limits_;
  std::string key_;
  std::string scratch_;
  size_t start_ = 0;
};

class LogfmtCodec final : public Codec {
 public:
  LogfmtCodec(const LogfmtOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return std::make_unique<LogfmtDecoder>(options_, limits_);
  }
  std::unique_ptr<Encoder> make_encoder() const override {
    return std::make_unique<LogfmtEncoder>(options_, limits_);
  }

 private:
  LogfmtOptions options_;
  CodecLimits limits_;
};

}  // namespace

std::shared_ptr<const Codec> make_logfmt_codec(const LogfmtOptions& options,
                                               const CodecLimits& limits) {
  return std::make_shared<LogfmtCodec>(options, limits);
}

}  // namespace penstock
