// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/regex_search.h"
#include "expr/functions/semver.h"
#include "expr/functions/url_text.h"

namespace penstock {
namespace {

Result<Value> match(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[1].size()));
  const auto regex = context.regex(args[0].text());
  if (!regex) {
    return regex.error().code == "bad-pattern" ? Result<Value>(Value::boolean(false))
                                               : regex.error();
  }
  return Value::boolean((*regex)->matches(args[1].text()));
}

Result<Value> find(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[1].size()));
  const auto regex = context.regex(args[0].text());
  if (!regex) return regex.error();
  std::string_view found[1];
  if (!(*regex)->find(args[1].text(), 0, found)) return Value::string("");
  return Value::string(found[0]);
}

Result<Value> find_all(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[0].text());
  if (!regex) return regex.error();
  ArrayBuilder out(context.arena());
  PENSTOCK_TRY(each_match(context, **regex, args[1].text(), whole(args[2]),
                          [&](const RegexMatch& m) -> Result<void> {
                            out.push(Value::string(m[0]));
                            return {};
                          }));
  return out.finish();
}

template <bool kLiteral>
Result<Value> replace(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[0].text());
  if (!regex) return regex.error();
  return replace_matches(context, **regex, args[1].text(), args[2].text(), kLiteral);
}

Result<Value> split(EvalContext& context, Arguments args) {
  const auto regex = context.regex(args[0].text());
  if (!regex) return regex.error();
  return split_matches(context, **regex, args[1].text(), whole(args[2]));
}

Result<Value> semver_compare(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 8));
  const auto version = parse_semver(args[1].text());
  if (!version) return eval_error("Invalid Semantic Version");
  const auto yes = semver_matches(args[0].text(), *version);
  return yes ? Result<Value>(Value::boolean(*yes)) : yes.error();
}

Result<Value> semver(EvalContext& context, Arguments args) {
  const auto v = parse_semver(args[0].text());
  if (!v) return eval_error("Invalid Semantic Version");
  const auto prerelease = context.string(v->prerelease), metadata = context.string(v->metadata);
  if (!prerelease || !metadata) return prerelease ? metadata : prerelease;
  MapBuilder out(context.arena(), 6);
  out.add_new("Major", Value::integer(v->major));
  out.add_new("Minor", Value::integer(v->minor));
  out.add_new("Patch", Value::integer(v->patch));
  out.add_new("Prerelease", *prerelease);
  out.add_new("Metadata", *metadata);
  out.add_new("Original", args[0]);
  return out.finish();
}

Result<Value> url_parse(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto url = parse_url_text(args[0].text());
  if (!url) return url.error();
  MapBuilder out(context.arena(), 8);
  Result<void> problem;
  const auto put = [&](std::string_view key, const std::string& text) {
    const auto value = context.string(text);
    if (!value) problem = value.error();
    else out.add_new(key, *value);
  };
  put("scheme", url->scheme);
  put("host", url->host);
  put("hostname", url->hostname());
  put("path", url->path);
  put("query", url->query);
  put("opaque", url->opaque);
  put("fragment", url->fragment);
  put("userinfo", url->user_info);
  if (!problem) return problem.error();
  return out.finish();
}

Result<Value> url_join(EvalContext& context, Arguments args) {
  UrlParts url;
  Result<void> problem;
  const auto part = [&](std::string_view key) -> std::string {
    const Value* found = args[0].find(key);
    if (found == nullptr) return "";
    if (found->is(ValueKind::kString)) return std::string(found->text());
    problem = eval_error("unable to parse " + std::string(key) + " key, must be of type string");
    return "";
  };
  url.scheme = part("scheme");
  url.host = part("host");
  url.path = part("path");
  url.query = part("query");
  url.opaque = part("opaque");
  url.fragment = part("fragment");
  const std::string user = part("userinfo");
  if (!problem) return problem.error();
  if (!user.empty()) {
    const auto parsed = parse_url_text("proto://" + user + "@host");
    if (!parsed) return eval_error("unable to parse userinfo in dict");
    url.user_info = parsed->user_info;
    url.has_user_info = parsed->has_user_info;
  }
  return context.string(format_url(url));
}

constexpr Function kRegex[] = {
    {.name = "regexMatch",
     .signatures = {"(pattern: string, text: string) -> bool"},
     .about = "Whether the pattern is found; false if it cannot be read.",
     .body = match,
     .examples = {{"sprig.regexMatch('^a', 'abc')", "", "true"},
                  {"sprig.regexMatch('(', 'abc')", "", "false"}}},
    {.name = "regexFind",
     .signatures = {"(pattern: string, text: string) -> string"},
     .about = "The first match; empty if there is none.",
     .body = find,
     .examples = {{"sprig.regexFind('[0-9]+', 'a12')", "", R"("12")"},
                  {"sprig.regexFind('[0-9]+', 'a')", "", R"("")"}}},
    {.name = "regexFindAll",
     .signatures = {"(pattern: string, text: string, most: int) -> array[string]"},
     .about = "The first so many matches; −1 = all.",
     .body = find_all,
     .examples = {{"sprig.regexFindAll('[0-9]', 'a1b2', -1)", "", R"(["1","2"])"},
                  {"sprig.regexFindAll('(', '', 1)", "", "", "pattern"}}},
    {.name = "regexReplaceAll",
     .signatures = {"(pattern: string, text: string, replacement: string) -> string"},
     .about = "Every match replaced; $1 and ${name} stand for groups.",
     .body = replace<false>,
     .examples = {{"sprig.regexReplaceAll('a(x*)b', '-ab-axxb-', '${1}W')", "", R"("-W-xxW-")"},
                  {"sprig.regexReplaceAll('x', 'abc', '')", "", R"("abc")"}}},
    {.name = "regexReplaceAllLiteral",
     .signatures = {"(pattern: string, text: string, replacement: string) -> string"},
     .about = "Every match replaced by the text as it is.",
     .body = replace<true>,
     .examples = {{"sprig.regexReplaceAllLiteral('a(x*)b', '-ab-', '${1}')", "", R"("-${1}-")"},
                  {"sprig.regexReplaceAllLiteral('b*', 'abc', '-')", "", R"("-a-c-")"}}},
    {.name = "regexSplit",
     .signatures = {"(pattern: string, text: string, parts: int) -> array[string]"},
     .about = "What stands between the matches; −1 = all parts.",
     .body = split,
     .examples = {{"sprig.regexSplit('z+', 'pizza', -1)", "", R"(["pi","a"])"},
                  {"sprig.regexSplit('z', 'pizza', 2)", "", R"(["pi","za"])"}}},
    {.name = "semver",
     .signatures = {"(version: string) -> map"},
     .about =
         "The parts of a version, as a map: Major, Minor, Patch, Prerelease, Metadata, Original.",
     .body = semver,
     .examples = {{"sprig.semver('v1.2').Minor", "", "2"},
                  {"sprig.semver('x')", "", "", "Invalid Semantic Version"}}},
    {.name = "semverCompare",
     .signatures = {"(constraint: string, version: string) -> bool"},
     .about = "Whether a version fits.",
     .body = semver_compare,
     .examples = {{"sprig.semverCompare('^1.2.0', '1.3.0')", "", "true"},
                  {"sprig.semverCompare('what', '1.3.0')", "", "", "improper constraint"}}},
    {.name = "urlParse",
     .signatures = {"(address: string) -> map"},
     .about = "scheme, host, hostname, path, query, opaque, fragment and userinfo.",
     .body = url_parse,
     .examples = {{"sprig.urlParse('http://u:p@h:80/a?b=1#c').hostname", "", R"("h")"},
                  {"sprig.urlParse(':')", "", "", "missing protocol scheme"}}},
    {.name = "urlJoin",
     .signatures = {"(parts: map) -> string"},
     .about = "An address of parts as urlParse gives them.",
     .body = url_join,
     .examples = {{"sprig.urlJoin({scheme: 'http', host: 'h:80', path: '/a'})", "",
                   R"("http://h:80/a")"},
                  {"sprig.urlJoin({scheme: 1})", "", "", "must be of type string"}}},
};

}  // namespace

void add_sprig_regex_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kRegex);
}

}  // namespace penstock
