// SPDX-License-Identifier: Apache-2.0
#include "codec/csv.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "codec/codec_error.h"
#include "codec/csv_encoder.h"
#include "codec/utf8_fault.h"
#include "value/build.h"

namespace penstock {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

struct CsvField {
  std::string_view text;
  uint32_t offset = 0;
  bool quoted = false;
};

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

class CsvDecoder final : public Decoder {
 public:
  CsvDecoder(const CsvOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits), names_(options.columns) {
    set_types();
  }

  Result<void> begin(std::string_view payload, std::string_view) override {
    text_ = payload;
    at_ = payload.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    const size_t fault = utf8_fault(payload);
    if (fault != std::string_view::npos) return undecodable("csv", fault, "it is not UTF-8");
    if (!options_.header || !options_.columns.empty()) return {};
    return read_names();
  }

  Result<bool> next(ValueArena& arena, Value& out) override {
    for (;;) {
      skip_empty_lines();
      if (at_ >= text_.size()) return false;
      const size_t start = at_;
      PENSTOCK_TRY(read_row(&arena));
      if (options_.header && !options_.columns.empty() && is_header()) continue;
      Result<Value> row = names_.empty() ? array_of(arena) : map_of(arena, start);
      if (!row) return row.error();
      out = *row;
      return true;
    }
  }

 private:
  void skip_empty_lines() {
    while (at_ < text_.size()) {
      if (text_[at_] == '\n') {
        ++at_;
      } else if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') {
        at_ += 2;
      } else {
        return;
      }
    }
  }

  Result<void> read_names() {
    names_.clear();
    skip_empty_lines();
    if (at_ >= text_.size()) return {};
    own_.reset();
    PENSTOCK_TRY(read_row(&own_));
    std::set<std::string_view> seen;
    for (const CsvField& field : fields_) {
      if (!seen.insert(field.text).second) {
        return undecodable("csv", field.offset,
                           "the header names the column " + shown_bytes(field.text) + " twice");
      }
    }
    for (const CsvField& field : fields_) names_.emplace_back(field.text);
    set_types();
    return {};
  }

  void set_types() {
    types_.clear();
    for (const std::string& name : names_) {
      const auto found = options_.types.find(name);
      types_.push_back(found == options_.types.end() ? options_.other_types : found->second);
    }
  }

  bool is_header() const {
    if (fields_.size() != names_.size()) return false;
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].text != names_[i]) return false;
    }
    return true;
  }

  /// The fields of one row into fields_; at_ then stands behind its end.
  Result<void> read_row(ValueArena* arena) {
    fields_.clear();
    for (;;) {
      if (fields_.size() >= limits_.values_max) {
        return codec_limit("csv", at_, "too many fields in one row");
      }
      const bool quoted = at_ < text_.size() && text_[at_] == '"';
      PENSTOCK_TRY(quoted ? read_quoted(*arena) : read_plain());
      if (at_ >= text_.size()) return {};
      if (text_[at_] == options_.delimiter) {
        ++at_;
        continue;
      }
      at_ += text_[at_] == '\r' ? 2 : 1;
      return {};
    }
  }

  /// Whether a row ends here: at LF, CR LF, or the end of the text.
  bool at_row_end(size_t at) const {
    if (at >= text_.size() || text_[at] == '\n') return true;
    return text_[at] == '\r' && at + 1 < text_.size() && text_[at + 1] == '\n';
  }

  Result<void> read_plain() {
    const size_t start = at_;
    size_t at = at_;
    const char delimiter = options_.delimiter;
    for (; at < text_.size(); ++at) {
      const char c = text_[at];
      if (c == delimiter || c == '\n') break;
      if (c == '\r' && at_row_end(at)) break;
      if (c == '"' && !options_.lazy_quotes) {
        return undecodable("csv", at, "a quote inside a field that does not begin with one");
      }
    }
    const std::string_view text = text_.substr(start, at - start);
    fields_.push_back({options_.trim ? trimmed(text) : text, static_cast<uint32_t>(start), false});
    at_ = at;
    return {};
  }

  Result<void> read_quoted(ValueArena& arena) {
    const size_t start = at_;
    size_t at = at_ + 1;
    size_t doubled = 0;
    for (;;) {
      const void* quote = std::memchr(text_.data() + at, '"', text_.size() - at);
      if (quote == nullptr) return undecodable("csv", start, "a quoted field does not end");
      at = static_cast<size_t>(static_cast<const char*>(quote) - text_.data()) + 1;
      if (at >= text_.size() || text_[at] != '"') break;
      ++doubled;
      ++at;
    }
    const std::string_view inside = text_.substr(start + 1, at - start - 2);
    CsvField field{inside, static_cast<uint32_t>(start), true};
    if (doubled > 0) {
      Result<std::string_view> text = undoubled(arena, inside, inside.size() - doubled);
      if (!text) return text.error();
      field.text = *text;
    }
    if (options_.trim) {
      while (at < text_.size() && (text_[at] == ' ' || text_[at] == '\t') &&
             text_[at] != options_.delimiter) ++at;
    }
    if (!at_row_end(at) && text_[at] != options_.delimiter) {
      return undecodable("csv", at, "a quoted field goes on behind its closing quote");
    }
    fields_.push_back(field);
    at_ = at;
    return {};
  }

  static Result<std::string_view> undoubled(ValueArena& arena, std::string_view text, size_t size) {
    char* to = arena.allocate_array<char>(size);
    if (to == nullptr) return memory_limit_error(arena.limit());
    size_t n = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      to[n++] = text[i];
      if (text[i] == '"') ++i;
    }
    return std::string_view(to, size);
  }

  Result<Value> value_of(const CsvField& field, TextType type) {
    if (!field.quoted && options_.null_text && field.text == *options_.null_text) {
      return Value::null();
    }
    if (field.quoted && type == TextType::kInfer) return Value::string(field.text);
    const std::optional<Value> value = typed_text(field.text, type);
    if (value) return *value;
    return undecodable("csv", field.offset,
                       shown_bytes(field.text) + " is not of type " + to_string(type));
  }

  Result<Value> array_of(ValueArena& arena) {
    ArrayBuilder row(arena, fields_.size());
    for (const CsvField& field : fields_) {
      Result<Value> value = value_of(field, options_.other_types);
      if (!value) return value;
      row.push(*value);
    }
    return row.finish();
  }

  Result<Value> map_of(ValueArena& arena, size_t start) {
    if (fields_.size() != names_.size() && options_.ragged == RaggedRows::kReject) {
      return undecodable("csv", start,
                         "a row has " + std::to_string(fields_.size()) + " fields, not " +
                             std::to_string(names_.size()));
    }
    const size_t count = std::min(fields_.size(), names_.size());
    MapBuilder row(arena, count);
    for (size_t i = 0; i < count; ++i) {
      Result<Value> value = value_of(fields_[i], types_[i]);
      if (!value) return value;
      row.add_new(names_[i], *value);
    }
    return row.finish();
  }

  const CsvOptions& options_;
  const CodecLimits& limits_;
  std::string_view text_;
  size_t at_ = 0;
  std::vector<std::string> names_;
  std::vector<TextType> types_;  // by column
  std::vector<CsvField> fields_;
  ValueArena own_;  // for the header while it is read
};

class CsvCodec final : public Codec {
 public:
  CsvCodec(CsvOptions options, const CodecLimits& limits)
      : options_(std::move(options)), limits_(limits) {}
  std::unique_ptr<Decoder> make_decoder() const override {
    return std::make_unique<CsvDecoder>(options_, limits_);
  }
  std::unique_ptr<Encoder> make_encoder() const override { return make_csv_encoder(options_); }

 private:
  CsvOptions options_;
  CodecLimits limits_;
};

}  // namespace

std::shared_ptr<const Codec> make_csv_codec(CsvOptions options, const CodecLimits& limits) {
  return std::make_shared<CsvCodec>(std::move(options), limits);
}

}  // namespace penstock
