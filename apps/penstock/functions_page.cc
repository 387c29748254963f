// SPDX-License-Identifier: Apache-2.0
#include "penstock/functions_page.h"

#include <algorithm>
#include <span>
#include <vector>

#include "expr/functions/language.h"

namespace penstock {
namespace {

/// The categories in the order of the page, and their headings.
constexpr std::pair<std::string_view, std::string_view> kHeadings[] = {
    {"string", "Strings"},         {"regexp", "Regular expressions"},
    {"number", "Numbers"},         {"bits", "Bits"},
    {"array", "Arrays"},           {"map", "Maps"},
    {"choice", "Choice"},          {"conversion", "Types and JSON"},
    {"time", "Time"},              {"methods", "Methods of times and durations"},
    {"parsing", "Small formats"},  {"encoding", "Encodings"},
    {"hash", "Hashes"},            {"id", "Identifiers"},
    {"url", "Addresses"},          {"network", "IP addresses"},
    {"version", "Versions"},       {"argo", "Argo Dataflow"},
    {"sprig", "Sprig"},
};

/// In a cell of a table: no bars, no line ends.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += "\\|";
    else if (c != '\n') out += c;
  }
  return out;
}

std::string code(std::string_view text) {
  const char* mark = text.find('`') == std::string_view::npos ? "`" : "``";
  return mark + cell(text) + mark;
}

std::string examples_table(std::span<const FunctionExample> examples) {
  bool inputs = false;
  for (const FunctionExample& e : examples) inputs = inputs || !e.input.empty();
  std::string out = inputs ? "\n| expression | over | gives |\n|---|---|---|\n"
                           : "\n| expression | gives |\n|---|---|\n";
  for (const FunctionExample& e : examples) {
    out += "| " + code(e.expression) + " | ";
    if (inputs) out += (e.input.empty() ? "" : code(e.input)) + " | ";
    out += (e.expected.empty() ? "error: … " + cell(e.error) + " …" : code(e.expected)) + " |\n";
  }
  return out;
}

std::string function_section(const FunctionEntry& entry) {
  const Function& f = entry.function;
  const bool method = f.space == ".";
  std::string out = "\n### " + entry.full_name + "\n\n";
  for (const std::string_view signature : f.signatures) {
    out += std::string("`") + (method ? "value" : "") + entry.full_name + std::string(signature) +
           "`  \n";
  }
  out += std::string(f.about);
  if (!f.aliases.empty()) {
    out += " Also ";
    for (size_t i = 0; i < f.aliases.size(); ++i) {
      const std::string space = f.space.empty() || method ? (method ? "." : "")
                                                          : std::string(f.space) + ".";
      out += (i > 0 ? ", `" : "`") + space + std::string(f.aliases[i]) + "`";
    }
    out += ".";
  }
  if (f.dialects == kInArgo) out += " Only in the `argo` dialect.";
  if (f.dialects == kInPenstock) out += " Only in the `penstock` dialect.";
  if (f.purity == Purity::kPerRecord) out += " Evaluated for each record.";
  return out + "\n" + examples_table(f.examples);
}

std::string language_sections(std::span<const LanguageEntry> entries) {
  std::string out;
  for (const LanguageEntry& entry : entries) {
    out += "\n### " + std::string(entry.name) + "\n\n`" + std::string(entry.form) + "`  \n" +
           std::string(entry.about) + "\n" + examples_table(entry.examples);
  }
  return out;
}

}  // namespace

std::string functions_page(const FunctionTable& table) {
  std::string out =
      "# Operators and functions of expressions\n\n"
      "Every example below is run by the tests. A parameter with `?` may be left out; `...` takes "
      "any number; `text` is a string or bytes. Functions count the characters (code points) of a "
      "string; `text[1:3]` and sprig count bytes. "
      "What differs from the Go libraries that these functions come from is listed in "
      "[differences](../expr_differences.md).\n";
  out += "\n## Operators\n\nFrom the loosest to the tightest.\n" +
         language_sections(operator_entries());
  out +=
      "\n## Functions with a closure\n\nThe closure sees the item as `#`, its place as `#index`; "
      "`.name` is a member of the item. The braces may be left out.\n" +
      language_sections(predicate_entries());
  for (const auto& [category, heading] : kHeadings) {
    std::vector<const FunctionEntry*> entries;
    for (const auto& entry : table.all()) {
      if (entry->function.category == category) entries.push_back(entry.get());
    }
    std::sort(entries.begin(), entries.end(), [](const FunctionEntry* a, const FunctionEntry* b) {
      return a->full_name < b->full_name;
    });
    out += "\n## " + std::string(heading) + "\n";
    for (const FunctionEntry* entry : entries) out += function_section(*entry);
  }
  return out;
}

}  // namespace penstock
