// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/split_body.h"

#include <cstring>
#include <string>

#include "net/http_fields.h"

namespace penstock {
namespace {

constexpr std::string_view kBlank = " \t\r\n";
constexpr size_t kDepthMax = 256;

bool is_blank(char c) { return kBlank.find(c) != std::string_view::npos; }

Error bad_body(const std::string& what, size_t offset) {
  return reject_error("bad-body", what + " at byte " + std::to_string(offset) + " of the body");
}

/// Walks over one JSON array without building anything.
class ArrayWalker {
 public:
  explicit ArrayWalker(std::string_view text) : text_(text) {}

  Result<void> walk(std::vector<std::string_view>& elements) {
    skip_blanks();
    if (!take('[')) return bad_body("a JSON array must start", at_);
    skip_blanks();
    if (!take(']')) {
      do {
        skip_blanks();
        const size_t begin = at_;
        PENSTOCK_TRY(element());
        elements.push_back(text_.substr(begin, at_ - begin));
        skip_blanks();
      } while (take(','));
      if (!take(']')) return bad_body("a comma or the end of the array is missing", at_);
    }
    skip_blanks();
    if (at_ < text_.size()) return bad_body("something follows the array", at_);
    return {};
  }

 private:
  bool at_end() const { return at_ >= text_.size(); }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[at_])) at_++;
  }
  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    at_++;
    return true;
  }

  Result<void> string() {
    const size_t begin = at_++;
    while (!at_end()) {
      const char c = text_[at_++];
      if (c == '"') return {};
      if (c == '\\') at_++;
    }
    return bad_body("a string without an end starts", begin);
  }

  /// One value: a string, a bracketed one with all that is in it, or a word up to what ends it.
  Result<void> element() {
    if (at_end()) return bad_body("an element is missing", at_);
    const char first = text_[at_];
    if (first == '"') return string();
    if (first == '{' || first == '[') return bracketed();
    const size_t begin = at_;
    at_ = text_.find_first_of(",]}[{\": \t\r\n", at_);
    if (at_ == std::string_view::npos) at_ = text_.size();
    if (at_ == begin) return bad_body("an element is missing", begin);
    return {};
  }

  Result<void> bracketed() {
    char open[kDepthMax];
    size_t depth = 0;
    const size_t begin = at_;
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '"') {
        PENSTOCK_TRY(string());
        continue;
      }
      if (c == '{' || c == '[') {
        if (depth == kDepthMax) return bad_body("brackets are nested too deep", at_);
        open[depth++] = c;
      } else if (c == '}' || c == ']') {
        if (open[--depth] != (c == '}' ? '{' : '[')) return bad_body("brackets do not match", at_);
      }
      at_++;
      if (depth == 0) return {};
    }
    return bad_body("a bracket without an end starts", begin);
  }

  std::string_view text_;
  size_t at_ = 0;
};

void split_lines(std::string_view body, std::vector<std::string_view>& records) {
  while (!body.empty()) {
    const void* newline = std::memchr(body.data(), '\n', body.size());
    const size_t end = newline == nullptr
                           ? body.size()
                           : static_cast<size_t>(static_cast<const char*>(newline) - body.data());
    std::string_view line = body.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.find_first_not_of(kBlank) != std::string_view::npos) records.push_back(line);
    body.remove_prefix(newline == nullptr ? end : end + 1);
  }
}

}  // namespace

HttpFraming framing_of(HttpFraming framing, std::string_view content_type) {
  if (framing != HttpFraming::kAuto) return framing;
  const std::string_view type = content_type.substr(0, content_type.find_first_of("; "));
  for (std::string_view lines : {"application/x-ndjson", "application/ndjson",
                                 "application/jsonl", "application/x-jsonlines"})
    if (equals_ignoring_case(type, lines)) return HttpFraming::kNdjson;
  return HttpFraming::kRecord;
}

Result<void> split_body(std::string_view body, HttpFraming framing, size_t record_bytes_max,
                        std::vector<std::string_view>& records) {
  records.clear();
  if (framing == HttpFraming::kNdjson) {
    split_lines(body, records);
  } else if (framing == HttpFraming::kJsonArray) {
    PENSTOCK_TRY(ArrayWalker(body).walk(records));
  } else {
    records.push_back(body);
  }
  for (std::string_view record : records) {
    if (record.size() <= record_bytes_max) continue;
    return reject_error("record-too-large", "a record of " + std::to_string(record.size()) +
                                                " bytes is larger than max_record_bytes");
  }
  return {};
}

}  // namespace penstock
