// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace penstock {

/// `text` as a JSON string with its quotes. Bytes that are not ASCII are copied.
std::string json_quoted(std::string_view text);

/// Writes JSON that people read: two spaces of indent, one member a line. The caller keeps the
/// order: key() only inside an object, one value after each key. Not thread-safe.
class JsonWriter {
 public:
  void open_object() { open('{'); }
  void close_object() { close('}'); }
  void open_list() { open('['); }
  void close_list() { close(']'); }
  void key(std::string_view name);
  void string(std::string_view value) { raw(json_quoted(value)); }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  /// A number or any other finished JSON text.
  void raw(std::string_view json);
  /// The whole text with a final newline.
  std::string finish() { return std::move(out_) + "\n"; }

 private:
  void open(char bracket);
  void close(char bracket);
  void begin_value();
  void break_line();
  std::string out_;
  size_t depth_ = 0;
  bool empty_ = true;       // nothing yet inside the innermost bracket
  bool after_key_ = false;  // the next value stands on its key's line
};

}  // namespace penstock
