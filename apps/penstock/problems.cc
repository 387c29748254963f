// SPDX-License-Identifier: Apache-2.0
#include "penstock/problems.h"

#include <algorithm>

#include "config/codes.h"

namespace penstock {

std::string complaint(const Error& error) {
  std::string out = "penstock: " + error.message;
  if (!error.detail.empty()) out += " (" + error.detail + ")";
  if (find_code(error.code) != nullptr) out += " [" + error.code + "]";  // can be explained
  out += "\n";
  if (!error.hint.empty()) out += "  hint: " + error.hint + "\n";
  return out;
}

std::string problems_text(const Diagnostics& diagnostics) {
  if (diagnostics.all().empty()) return {};
  std::string out = to_string(diagnostics);
  if (!out.empty() && out.back() != '\n') out += "\n";
  if (!diagnostics.has_errors()) return out;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if (diagnostic.severity != Severity::kError) continue;
    const size_t count = diagnostics.error_count();
    out += std::to_string(count) + (count == 1 ? " error" : " errors") +
           "; more about one: penstock explain " + diagnostic.code + "\n";
    break;
  }
  return out;
}

void write_problems(JsonWriter& json, const Diagnostics& diagnostics) {
  json.open_list();
  for (const Diagnostic& d : diagnostics.all()) {
    json.open_object();
    json.key("severity"), json.string(d.severity == Severity::kError ? "error" : "warning");
    json.key("code"), json.string(d.code);
    json.key("file"), json.string(d.position.file);
    json.key("line"), json.raw(std::to_string(d.position.line));
    json.key("column"), json.raw(std::to_string(d.position.column));
    json.key("what"), json.string(d.what);
    json.key("hint"), json.string(d.hint);
    json.close_object();
  }
  json.close_list();
}

std::string one_line(const std::string& json) {
  std::string out;
  for (size_t i = 0; i < json.size(); ++i) {
    // strings hold no line break of their own: it is escaped there
    if (json[i] != '\n') out += json[i];
    else i = std::min(json.find_first_not_of(' ', i + 1), json.size()) - 1;
  }
  return out + "\n";
}

}  // namespace penstock
