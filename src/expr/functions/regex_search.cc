// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/regex_search.h"

#include "expr/functions/arguments.h"

namespace penstock {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The group a template names; empty if there is none.
std::string_view group_named(const Regex& regex, const RegexMatch& match, std::string_view name) {
  size_t number = 0;
  bool all_digits = !name.empty();
  for (const char c : name) {
    all_digits = all_digits && c >= '0' && c <= '9';
    if (all_digits)
      number = std::min<size_t>(1'000'000, number * 10 + static_cast<size_t>(c - '0'));
  }
  if (all_digits) return number < match.size() ? match[number] : std::string_view();
  for (int group = 1; group <= regex.group_count(); ++group) {
    if (regex.group_name(group) == name && match[static_cast<size_t>(group)].data() != nullptr) {
      return match[static_cast<size_t>(group)];
    }
  }
  return {};
}

void expand(const Regex& regex, const RegexMatch& match, std::string_view replacement,
            TextBuilder& out) {
  while (!replacement.empty()) {
    const size_t dollar = std::min(replacement.find('$'), replacement.size());
    out.append(replacement.substr(0, dollar));
    replacement.remove_prefix(dollar);
    if (replacement.empty()) return;
    if (replacement.starts_with("$$")) {
      out.append('$');
      replacement.remove_prefix(2);
      continue;
    }
    const bool braces = replacement.starts_with("${");
    size_t end = braces ? 2 : 1;
    while (end < replacement.size() && is_name(replacement[end])) ++end;
    const std::string_view name = replacement.substr(braces ? 2 : 1, end - (braces ? 2 : 1));
    if (name.empty() || (braces && (end >= replacement.size() || replacement[end] != '}'))) {
      out.append('$');
      replacement.remove_prefix(1);
      continue;
    }
    out.append(group_named(regex, match, name));
    replacement.remove_prefix(end + (braces ? 1 : 0));
  }
}

}  // namespace

Result<Value> replace_matches(EvalContext& context, const Regex& regex, std::string_view text,
                              std::string_view replacement, bool literal) {
  TextBuilder out(context.arena(), text.size());
  size_t copied = 0;
  PENSTOCK_TRY(each_match(context, regex, text, -1, [&](const RegexMatch& m) -> Result<void> {
    const auto start = static_cast<size_t>(m[0].data() - text.data());
    out.append(text.substr(copied, start - copied));
    if (literal) out.append(replacement);
    else expand(regex, m, replacement, out);
    copied = start + m[0].size();
    return context.spend(replacement.size() / 64);
  }));
  if (copied == 0 && out.size() == 0) return Value::string(text);
  out.append(text.substr(copied));
  return out.finish_string();
}

Result<Value> split_matches(EvalContext& context, const Regex& regex, std::string_view text,
                            int64_t parts) {
  if (parts == 0) return Value::array({});
  ArrayBuilder out(context.arena());
  if (!regex.pattern().empty() && text.empty()) {
    out.push(Value::string(""));
    return out.finish();
  }
  size_t begin = 0, end = 0;
  PENSTOCK_TRY(each_match(context, regex, text, parts, [&](const RegexMatch& m) -> Result<void> {
    if (parts > 0 && static_cast<int64_t>(out.size()) == parts - 1) return {};
    const auto start = static_cast<size_t>(m[0].data() - text.data());
    end = start;
    if (start + m[0].size() != 0) out.push(Value::string(text.substr(begin, end - begin)));
    begin = start + m[0].size();
    return {};
  }));
  if (end != text.size()) out.push(Value::string(text.substr(begin)));
  return out.finish();
}

}  // namespace penstock
