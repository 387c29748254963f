// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace penstock {

/// Bytes behind a text that a scan may load (they are not looked at).
inline constexpr size_t kJsonPadding = 64;

/// Finds where the tokens of JSON text begin: every brace, bracket, colon and comma outside of
/// strings, the opening quote of every string and the first byte of every other scalar. Checks on
/// the way that the text is UTF-8, that strings end and that they have no control characters.
/// At memory speed (simdjson's first stage). Owned by one task.
class JsonStructure {
 public:
  JsonStructure();
  ~JsonStructure();
  JsonStructure(const JsonStructure&) = delete;
  JsonStructure& operator=(const JsonStructure&) = delete;

  /// False if one of the checks failed, or there is no token. May be several documents with white
  /// space between them: a line break there keeps an open string of one from reaching into the
  /// next. REQUIRES: kJsonPadding readable bytes behind the text; text.size() < 4 GiB.
  bool scan(std::string_view text);
  /// Offsets of the tokens, ascending, after a scan() that was true. One more element is readable:
  /// the size of the text.
  std::span<const uint32_t> tokens() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// What is wrong with text that scan() refused, and where. Slow; for messages.
struct JsonFault {
  size_t offset = 0;
  const char* what = "";
};
JsonFault find_json_fault(std::string_view text);

}  // namespace penstock
