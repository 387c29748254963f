// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/semver.h"

#include <charconv>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

bool is_word(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
}

/// Dot-separated words at the start; empty if there are none.
std::string_view take_words(std::string_view& rest) {
  const std::string_view all = rest;
  size_t end = 0;
  for (size_t at = 0;;) {
    size_t word = at;
    while (word < all.size() && is_word(all[word])) ++word;
    if (word == at) break;
    end = word;
    if (word >= all.size() || all[word] != '.') break;
    at = word + 1;
  }
  rest.remove_prefix(end);
  return all.substr(0, end);
}

/// Digits, or also wildcards, at the start.
std::string_view take_number(std::string_view& rest, bool wildcards) {
  size_t end = 0;
  while (end < rest.size() && ((rest[end] >= '0' && rest[end] <= '9') ||
                               (wildcards && std::string_view("xX*|").find(rest[end]) !=
                                                 std::string_view::npos))) {
    ++end;
  }
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end);
  return out;
}

struct Pattern {
  std::string_view major, minor, patch, prerelease, metadata;  // without their marks
};

/// A version, possibly with wildcards, at the start of `rest`.
std::optional<Pattern> take_pattern(std::string_view& rest, bool wildcards) {
  Pattern out;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  out.major = take_number(rest, wildcards);
  if (out.major.empty()) return std::nullopt;
  for (std::string_view* part : {&out.minor, &out.patch}) {
    if (!rest.starts_with('.')) break;
    std::string_view behind = rest.substr(1);
    *part = take_number(behind, wildcards);
    if (part->empty()) break;
    rest = behind;
  }
  for (const auto& [mark, part] : {std::pair{'-', &out.prerelease}, {'+', &out.metadata}}) {
    if (!rest.starts_with(mark)) continue;
    std::string_view behind = rest.substr(1);
    *part = take_words(behind);
    if (!part->empty()) rest = behind;
  }
  return out;
}

bool read_int(std::string_view text, int64_t& out) {
  if (text.empty()) return true;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

int compare_words(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty() ? 0 : a.empty() ? 1 : -1;
  while (!a.empty() && !b.empty()) {
    const std::string_view x = a.substr(0, a.find('.')), y = b.substr(0, b.find('.'));
    a.remove_prefix(std::min(x.size() + 1, a.size()));
    b.remove_prefix(std::min(y.size() + 1, b.size()));
    if (x == y) continue;
    int64_t m = 0, n = 0;
    const bool x_number = read_int(x, m) && m >= 0, y_number = read_int(y, n) && n >= 0;
    if (x_number && y_number && m != n) return m < n ? -1 : 1;
    if (x_number != y_number) return x_number ? -1 : 1;
    if (!x_number) return x < y ? -1 : 1;
  }
  return a.empty() && b.empty() ? 0 : a.empty() ? -1 : 1;
}

struct Constraint {
  std::string_view op;
  Semver version;
  bool minor_open = false, patch_open = false, open = false;
};

bool is_wildcard(std::string_view text) { return text == "x" || text == "X" || text == "*"; }

std::optional<Constraint> parse_constraint(std::string_view text) {
  const auto skip = [](std::string_view& s) {
    while (!s.empty() && std::string_view(" \t\n\r\f").find(s[0]) != std::string_view::npos) {
      s.remove_prefix(1);
    }
  };
  Constraint out;
  skip(text);
  for (const std::string_view op : {"!=", ">=", "=>", "<=", "=<", "~>", "=", ">", "<", "~", "^"}) {
    if (!text.starts_with(op)) continue;
    out.op = op;
    text.remove_prefix(op.size());
    break;
  }
  skip(text);
  const auto pattern = take_pattern(text, true);
  skip(text);
  if (!pattern || !text.empty()) return std::nullopt;
  Semver& v = out.version;
  v.prerelease = pattern->prerelease;
  v.metadata = pattern->metadata;
  if (is_wildcard(pattern->major)) {
    out.open = true;
    v.prerelease.clear();
    return out;
  }
  if (!read_int(pattern->major, v.major)) return std::nullopt;
  if (pattern->minor.empty() || is_wildcard(pattern->minor)) {
    out.minor_open = out.open = true;
    return out;
  }
  if (!read_int(pattern->minor, v.minor)) return std::nullopt;
  if (is_wildcard(pattern->patch)) {
    out.patch_open = out.open = true;
    return out;
  }
  return read_int(pattern->patch, v.patch) ? std::optional(out) : std::nullopt;
}

bool tilde(const Semver& v, const Constraint& c) {
  if (compare(v, c.version) < 0) return false;
  const Semver& w = c.version;
  if (w.major == 0 && w.minor == 0 && w.patch == 0 && !c.minor_open && !c.patch_open) return true;
  return v.major == w.major && (v.minor == w.minor || c.minor_open);
}

bool holds(const Semver& v, const Constraint& c) {
  const bool hidden = !v.prerelease.empty() && c.version.prerelease.empty();
  const int order = compare(v, c.version);
  if (c.op == "!=") {
    if (!c.open) return order != 0;
    if (hidden) return false;
    if (c.version.major != v.major) return true;
    return c.version.minor != v.minor && !c.minor_open;
  }
  if (hidden) return false;
  if (c.op == ">") return order > 0;
  if (c.op == ">=" || c.op == "=>") return order >= 0;
  if (c.op == "<" || c.op == "<=" || c.op == "=<") {
    if (!c.open) return c.op == "<" ? order < 0 : order <= 0;
    if (v.major > c.version.major) return false;
    return !(v.minor > c.version.minor && !c.minor_open);
  }
  if (c.op == "~" || c.op == "~>") return tilde(v, c);
  if (c.op == "^") return order >= 0 && v.major == c.version.major;
  return c.open ? tilde(v, c) : order == 0;
}

/// "1.0 - 2.0" becomes ">= 1.0, <= 2.0".
std::string rewrite_ranges(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::string_view rest = text;
    const auto low = take_pattern(rest, true);
    std::string_view behind = rest;
    const auto blanks = [&] {
      size_t n = 0;
      for (; !behind.empty() && (behind[0] == ' ' || behind[0] == '\t'); ++n) {
        behind.remove_prefix(1);
      }
      return n > 0;
    };
    if (low && blanks() && behind.starts_with('-')) {
      behind.remove_prefix(1);
      const std::string_view start = text.substr(0, text.size() - rest.size());
      const bool spaced = blanks();
      const std::string_view high_text = behind;
      if (spaced && take_pattern(behind, true)) {
        out += ">= " + std::string(start) + ", <= " +
               std::string(high_text.substr(0, high_text.size() - behind.size()));
        text = behind;
        continue;
      }
    }
    const size_t step = low ? text.size() - rest.size() : 1;
    out += text.substr(0, step);
    text.remove_prefix(step);
  }
  return out;
}

}  // namespace

std::string Semver::text() const {
  std::string out =
      std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
  if (!prerelease.empty()) out += "-" + prerelease;
  if (!metadata.empty()) out += "+" + metadata;
  return out;
}

std::optional<Semver> parse_semver(std::string_view text) {
  std::string_view rest = text;
  const auto pattern = take_pattern(rest, false);
  if (!pattern || !rest.empty()) return std::nullopt;
  Semver out;
  out.original = text;
  out.prerelease = pattern->prerelease;
  out.metadata = pattern->metadata;
  if (!read_int(pattern->major, out.major) || !read_int(pattern->minor, out.minor) ||
      !read_int(pattern->patch, out.patch)) {
    return std::nullopt;
  }
  return out;
}

int compare(const Semver& a, const Semver& b) {
  if (a.major != b.major) return a.major < b.major ? -1 : 1;
  if (a.minor != b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch != b.patch) return a.patch < b.patch ? -1 : 1;
  return compare_words(a.prerelease, b.prerelease);
}

Result<bool> semver_matches(std::string_view constraint, const Semver& version) {
  const std::string text = rewrite_ranges(constraint);
  bool any = false;
  for (std::string_view rest = text, next; !any; rest = next) {
    const size_t bars = rest.find("||");
    std::string_view group = rest.substr(0, bars);
    next = bars == std::string_view::npos ? "" : rest.substr(bars + 2);
    bool all = true;
    for (bool more = true; more;) {
      const size_t comma = group.find(',');
      const auto one = parse_constraint(group.substr(0, comma));
      if (!one) {
        return eval_error("improper constraint: " + std::string(group.substr(0, comma)));
      }
      all = all && holds(version, *one);
      more = comma != std::string_view::npos;
      if (more) group.remove_prefix(comma + 1);
    }
    any = all;
    if (bars == std::string_view::npos) break;
  }
  return any;
}

namespace {

Error not_version(std::string_view text) {
  return eval_error("\"" + std::string(text.substr(0, 60)) + "\" is not a semantic version");
}

Result<Value> compare_versions(EvalContext&, Arguments args) {
  const auto a = parse_semver(args[0].text()), b = parse_semver(args[1].text());
  if (!a || !b) return not_version(args[a ? 1 : 0].text());
  return Value::integer(compare(*a, *b));
}

Result<Value> match_version(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[1].size() / 8));
  const auto version = parse_semver(args[0].text());
  if (!version) return not_version(args[0].text());
  const auto yes = semver_matches(args[1].text(), *version);
  return yes ? Result<Value>(Value::boolean(*yes)) : yes.error();
}

Result<Value> parse_version(EvalContext& context, Arguments args) {
  const auto v = parse_semver(args[0].text());
  if (!v) return not_version(args[0].text());
  MapBuilder out(context.arena(), 5);
  const auto prerelease = context.string(v->prerelease), metadata = context.string(v->metadata);
  if (!prerelease || !metadata) return prerelease ? metadata : prerelease;
  out.add_new("major", Value::integer(v->major));
  out.add_new("minor", Value::integer(v->minor));
  out.add_new("patch", Value::integer(v->patch));
  out.add_new("prerelease", *prerelease);
  out.add_new("metadata", *metadata);
  return out.finish();
}

constexpr Function kVersions[] = {
    {.name = "semverCompare",
     .signatures = {"(a: text, b: text) -> int"},
     .about = "−1, 0 or 1: which of two versions comes first.",
     .body = compare_versions,
     .examples = {{"semverCompare('1.9.0', 'v1.10')", "", "-1"},
                  {"semverCompare('1.0.0-rc.1', '1.0.0')", "", "-1"},
                  {"semverCompare('x', '1')", "", "", "not a semantic version"}}},
    {.name = "semverMatches",
     .signatures = {"(version: text, constraint: text) -> bool"},
     .about =
         "Whether a version fits: = != > >= < <= ~ ^, x and * as wildcards, \"a - b\", commas for "
         "and, || for or.",
     .body = match_version,
     .examples = {{"semverMatches('1.4.2', '^1.2 || ~3.1')", "", "true"},
                  {"semverMatches('2.0.0', '>= 1.0, < 2.0.0')", "", "false"},
                  {"semverMatches('1.0.0', 'what')", "", "", "improper constraint"}}},
    {.name = "semverParse",
     .signatures = {"(version: text) -> map"},
     .about = "major, minor, patch, prerelease and metadata.",
     .body = parse_version,
     .examples = {{"semverParse('v1.2.3-rc.1+x')", "",
                   R"({"major":1,"minor":2,"patch":3,"prerelease":"rc.1","metadata":"x"})"},
                  {"semverParse('1.2.3.4')", "", "", "not a semantic version"}}},
};

}  // namespace

void add_semver_functions(FunctionTable& table) { add_rows(table, {"version"}, kVersions); }

}  // namespace penstock
