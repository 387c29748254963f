// SPDX-License-Identifier: Apache-2.0
#include "config/codes.h"

#include <algorithm>

#include "config/code_tables.h"
#include "config/suggest.h"

namespace penstock {
namespace {

std::string indented(std::string_view text) {
  std::string out = "    ";
  for (char c : text) {
    out += c;
    if (c == '\n') out += "    ";
  }
  return out + "\n";
}

}  // namespace

const std::vector<CodeInfo>& all_codes() {
  static const std::vector<CodeInfo> codes = [] {
    std::vector<CodeInfo> out;
    const auto add = [&out](void (*part)(std::vector<CodeInfo>&), FoundBy found_by) {
      const size_t before = out.size();
      part(out);
      for (size_t i = before; i < out.size(); ++i) out[i].found_by = found_by;
    };
    add(add_option_codes, FoundBy::kDocument);
    add(add_document_codes, FoundBy::kDocument);
    add(add_flow_codes, FoundBy::kDocument);
    add(add_plan_codes, FoundBy::kPlan);
    add(add_component_codes, FoundBy::kComponent);
    add(add_expression_codes, FoundBy::kComponent);
    add(add_run_codes, FoundBy::kRun);
    add(add_nats_codes, FoundBy::kRun);
    std::sort(out.begin(), out.end(),
              [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
    return out;
  }();
  return codes;
}

const CodeInfo* find_code(std::string_view code) {
  for (const CodeInfo& info : all_codes()) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

std::string explain(std::string_view code) {
  const CodeInfo* info = find_code(code);
  if (!info) {
    std::vector<std::string> known;
    for (const CodeInfo& each : all_codes()) known.emplace_back(each.code);
    const std::string near = closest(code, known);
    return "there is no code " + std::string(code) +
           (near.empty() ? "" : "; did you mean " + near + "?") + "\n";
  }
  std::string out = std::string(info->code) + ": " + std::string(info->title) + "\n\n" +
                    std::string(info->about) + "\n";
  if (!info->bad.empty()) out += "\nWrong:\n\n" + indented(info->bad);
  if (!info->good.empty()) out += "\nRight:\n\n" + indented(info->good);
  return out;
}

}  // namespace penstock
