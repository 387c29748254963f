// SPDX-License-Identifier: Apache-2.0
#include "expr/function.h"

#include <algorithm>

#include "base/check.h"

namespace penstock {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// "name: type", "name?: type", "name...: type"
bool parse_parameter(std::string_view text, Parameter& out) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  std::string_view name = trimmed(text.substr(0, colon));
  if (name.ends_with("?")) {
    out.optional = true;
    name.remove_suffix(1);
  } else if (name.ends_with("...")) {
    out.variadic = true;
    name.remove_suffix(3);
  }
  const auto type = parse_type(trimmed(text.substr(colon + 1)));
  if (!type || name.empty()) return false;
  out.name = name;
  out.type = *type;
  return true;
}

}  // namespace

std::optional<Signature> parse_signature(std::string_view text) {
  Signature signature;
  signature.text = text;
  const size_t close = text.rfind(") -> ");
  if (!text.starts_with("(") || close == std::string_view::npos) return std::nullopt;
  const auto result = parse_type(trimmed(text.substr(close + 5)));
  if (!result) return std::nullopt;
  signature.result = *result;
  std::string_view list = trimmed(text.substr(1, close - 1));
  while (!list.empty()) {
    const size_t comma = list.find(',');
    Parameter parameter;
    const bool last_open = !signature.parameters.empty() && signature.parameters.back().variadic;
    if (last_open || !parse_parameter(list.substr(0, comma), parameter)) return std::nullopt;
    const bool after_optional =
        !signature.parameters.empty() && signature.parameters.back().optional;
    if (after_optional && !parameter.optional) return std::nullopt;
    signature.parameters.push_back(std::move(parameter));
    list = comma == std::string_view::npos ? "" : list.substr(comma + 1);
  }
  return signature;
}

void FunctionTable::add(Function function) {
  auto entry = std::make_unique<FunctionEntry>();
  CHECK(function.body != nullptr && !function.signatures.empty());
  CHECK(function.space.empty() || function.space == "." || is_function_space(function.space));
  for (const std::string_view text : function.signatures) {
    auto signature = parse_signature(text);
    if (!signature) check_failed(__FILE__, __LINE__, "signature", std::string(text));
    entry->signatures.push_back(*std::move(signature));
  }
  const auto full = [&](std::string_view name) {
    if (function.space.empty()) return std::string(name);
    const std::string space(function.space == "." ? "" : function.space);
    return space + "." + std::string(name);
  };
  std::vector<std::string> names = {full(function.name)};
  for (const std::string_view alias : function.aliases) names.push_back(full(alias));
  for (const std::string& name : names) {
    const auto [from, to] = by_name_.equal_range(name);
    for (auto it = from; it != to; ++it) {
      if ((it->second->function.dialects & function.dialects) != 0) {
        check_failed(__FILE__, __LINE__, "a function's name is new", name);
      }
    }
    by_name_.emplace(name, entry.get());
  }
  entry->full_name = names.front();
  entry->function = std::move(function);
  entries_.push_back(std::move(entry));
}

const FunctionEntry* FunctionTable::find(std::string_view full_name, ExprDialect dialect) const {
  const auto [from, to] = by_name_.equal_range(std::string(full_name));
  for (auto it = from; it != to; ++it) {
    if (has_dialect(it->second->function.dialects, dialect)) return it->second;
  }
  return nullptr;
}

std::vector<std::string> FunctionTable::names(ExprDialect dialect) const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : by_name_) {
    if (has_dialect(entry->function.dialects, dialect)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace penstock
