// SPDX-License-Identifier: Apache-2.0
#include "codec/csv_encoder.h"

#include "codec/codec_error.h"
#include "value/write_json.h"

namespace penstock {
namespace {

class CsvEncoder final : public Encoder {
 public:
  explicit CsvEncoder(const CsvOptions& options) : options_(options), names_(options.columns) {}
  bool gathers() const override { return true; }

  Result<void> encode(std::span<const Value> values, ValueArena&, EncodedPayload& out,
                      size_t& failed) override {
    failed = 0;
    if (options_.columns.empty()) take_names(values.front());
    std::string& to = out.payload;
    const std::string_view line_end = options_.crlf ? "\r\n" : "\n";
    if (options_.header && !names_.empty()) {
      for (const std::string& name : names_) add_field(name, to);
      close_row(to, names_.size());
      to += line_end;
    }
    for (size_t i = 0; i < values.size(); ++i) {
      failed = i;
      if (i > 0) to += line_end;
      PENSTOCK_TRY(add_row(values[i], to));
    }
    return {};
  }

 private:
  void take_names(const Value& first) {
    names_.clear();
    if (!first.is(ValueKind::kMap)) return;
    for (const MapEntry& entry : first.entries()) names_.emplace_back(entry.key);
  }

  Result<void> add_row(const Value& value, std::string& to) {
    if (value.is(ValueKind::kArray)) {
      for (const Value& item : value.items()) PENSTOCK_TRY(add_value(item, to));
      close_row(to, value.size());
      return {};
    }
    if (!value.is(ValueKind::kMap)) {
      return unencodable("csv", "", std::string("a row is a map or an array, not ") +
                                        to_string(value.kind()));
    }
    size_t present = 0;
    for (const std::string& name : names_) {
      const Value* member = value.find(name);
      present += member != nullptr ? 1 : 0;
      PENSTOCK_TRY(add_value(member == nullptr ? Value::null() : *member, to));
    }
    close_row(to, names_.size());
    if (present == value.size() || options_.ragged == RaggedRows::kFit) return {};
    return unencodable("csv", "", "the map has a member that is not a column");
  }

  Result<void> add_value(const Value& value, std::string& to) {
    switch (value.kind()) {
      case ValueKind::kNull:
        to += options_.null_text.value_or("");
        to += options_.delimiter;
        return {};
      case ValueKind::kString:
        add_field(value.text(), to);
        return {};
      case ValueKind::kInt:
      case ValueKind::kUint:
      case ValueKind::kBool:
        PENSTOCK_TRY(write_json(value, to));
        to += options_.delimiter;
        return {};
      case ValueKind::kBytes:
      case ValueKind::kTime:
      case ValueKind::kDuration:
        scratch_.clear();
        PENSTOCK_TRY(write_json(value, scratch_));
        add_field(std::string_view(scratch_).substr(1, scratch_.size() - 2), to);
        return {};
      default:
        scratch_.clear();
        PENSTOCK_TRY(write_json(value, scratch_));
        add_field(scratch_, to);
        return {};
    }
  }

  bool needs_quotes(std::string_view text) const {
    if (options_.null_text && text == *options_.null_text) return true;
    if (options_.trim && !text.empty() && (text.front() <= ' ' || text.back() <= ' ')) return true;
    for (const char c : text) {
      if (c == '"' || c == options_.delimiter || c == '\n' || c == '\r') return true;
    }
    // A decoder would take it for a byte order mark.
    return text.starts_with("\xef\xbb\xbf");
  }

  void add_field(std::string_view text, std::string& to) {
    if (needs_quotes(text)) {
      to += '"';
      for (const char c : text) {
        if (c == '"') to += '"';
        to += c;
      }
      to += '"';
    } else {
      to += text;
    }
    to += options_.delimiter;
  }

  /// A row of one empty field would be an empty line, which readers skip.
  static void close_row(std::string& to, size_t fields) {
    if (fields == 0) {
      to += "\"\"";
      return;
    }
    const bool alone = fields == 1;
    to.pop_back();
    if (alone && (to.empty() || to.back() == '\n')) to += "\"\"";
  }

  const CsvOptions& options_;
  std::vector<std::string> names_;
  std::string scratch_;
};

}  // namespace

std::unique_ptr<Encoder> make_csv_encoder(const CsvOptions& options) {
  return std::make_unique<CsvEncoder>(options);
}

}  // namespace penstock
