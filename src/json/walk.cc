// SPDX-License-Identifier: Apache-2.0
#include "json/walk.h"

#include "json/parse.h"
#include "json/scalar.h"

namespace penstock {

size_t JsonWalk::end_of_last() const {
  size_t end = offset();
  while (end > 0 && (text_[end - 1] == ' ' || text_[end - 1] == '\n' || text_[end - 1] == '\t' ||
                     text_[end - 1] == '\r')) {
    --end;
  }
  return end;
}

Result<std::string_view> JsonWalk::skip() {
  const size_t begin = offset();
  const char first = here();
  if (first == '\0' || first == ',' || first == ':' || first == '}' || first == ']') {
    return fault("a value is missing");
  }
  size_t depth = 0;
  do {
    const char c = here();
    if (c == '\0') return fault("the document ends too early");
    depth += c == '{' || c == '[';
    depth -= c == '}' || c == ']';
    ++at_;
  } while (depth > 0);
  return text_.substr(begin, end_of_last() - begin);
}

Error JsonWalk::fault(const char* what) const { return json_error(offset(), what); }

Result<std::string_view> member_name(std::string_view raw, std::string& decoded) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  decoded.resize(raw.size());
  const int64_t size = unescape_json(raw, decoded.data());
  if (size < 0) return json_error(0, "a bad escape in a member's name");
  decoded.resize(static_cast<size_t>(size));
  return std::string_view(decoded);
}

}  // namespace penstock
