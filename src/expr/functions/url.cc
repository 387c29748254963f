// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/library.h"
#include "expr/functions/url_text.h"
#include "value/write_json.h"

namespace penstock {
namespace {

Result<Value> query_map(EvalContext& context, std::string_view query) {
  MapBuilder out(context.arena());
  for (const auto& [name, text] : parse_query(query)) {
    PENSTOCK_TRY(context.spend(1));
    const auto key = context.string(name), value = context.string(text);
    if (!key || !value) return key ? value : key;
    Value* there = out.find(key->text());
    if (there == nullptr) {
      out.set(key->text(), *value);
      continue;
    }
    ArrayBuilder several(context.arena(), 2);
    if (there->is(ValueKind::kArray)) {
      for (const Value& one : there->items()) several.push(one);
    } else {
      several.push(*there);
    }
    several.push(*value);
    PENSTOCK_TRY(context.spend(several.size()));
    const auto list = several.finish();
    if (!list) return list;
    *there = *list;
  }
  return out.finish();
}

Result<Value> parse(EvalContext& context, Arguments args) {
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
  put("user", url->user_info);
  put("host", url->hostname());
  put("port", url->port());
  put("path", url->opaque.empty() ? url->path : url->opaque);
  put("query", url->query);
  put("fragment", url->fragment);
  if (!problem) return problem.error();
  auto query = query_map(context, url->query);
  if (!query) return query;
  out.add_new("params", *query);
  return out.finish();
}

Result<Value> part(EvalContext& context, Arguments args) {
  auto map = parse(context, args.first(1));
  if (!map) return map;
  const Value* found = map->find(args[1].text());
  if (found != nullptr) return *found;
  return eval_error("an address has no part \"" + std::string(args[1].text()) + "\"",
                    "the parts are scheme, user, host, port, path, query, fragment and params");
}

std::string part_text(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found == nullptr ? "" : display(*found);
}

std::string query_text(const Value& params) {
  std::string out;
  const auto add = [&](std::string_view key, const Value& value) {
    out += (out.empty() ? "" : "&") + escape_query(key) + "=" + escape_query(display(value));
  };
  for (const MapEntry& entry : params.entries()) {
    if (!entry.value.is(ValueKind::kArray)) {
      add(entry.key, entry.value);
      continue;
    }
    for (const Value& one : entry.value.items()) add(entry.key, one);
  }
  return out;
}

Result<Value> build(EvalContext& context, Arguments args) {
  const Value& map = args[0];
  PENSTOCK_TRY(context.spend(16 + map.size()));
  UrlParts url;
  url.scheme = part_text(map, "scheme");
  url.user_info = part_text(map, "user");
  url.has_user_info = !url.user_info.empty();
  url.host = part_text(map, "host");
  if (url.host.find(':') != std::string::npos) url.host = "[" + url.host + "]";
  const std::string port = part_text(map, "port");
  if (!port.empty()) url.host += ":" + port;
  url.path = part_text(map, "path");
  const Value* params = map.find("params");
  url.query = params != nullptr && params->is(ValueKind::kMap) ? query_text(*params)
                                                               : part_text(map, "query");
  url.fragment = part_text(map, "fragment");
  return context.string(format_url(url));
}

Result<Value> parse_query_text(EvalContext& context, Arguments args) {
  std::string_view text = args[0].text();
  if (text.starts_with('?')) text.remove_prefix(1);
  PENSTOCK_TRY(spend_bytes(context, text.size()));
  return query_map(context, text);
}

Result<Value> format_query(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(args[0].size()));
  return context.string(query_text(args[0]));
}

constexpr Function kUrls[] = {
    {.name = "parseUrl",
     .signatures = {"(address: text) -> map"},
     .about =
         "The parts of an address: scheme, user, host, port, path, query, fragment, and params "
         "(the query as a map).",
     .body = parse,
     .examples = {{"parseUrl('http://u@h:80/a%20b?x=1&x=2#f')", "",
                   R"({"scheme":"http","user":"u","host":"h","port":"80","path":"/a b",)"
                   R"("query":"x=1&x=2","fragment":"f","params":{"x":["1","2"]}})"},
                  {"parseUrl('http://h:x/')", "", "", "invalid port"},
                  {"parseUrl('%zz')", "", "", "invalid URL escape"}}},
    {.name = "urlPart",
     .signatures = {"(address: text, part: text) -> any"},
     .about = "One part of an address, by the names of parseUrl.",
     .body = part,
     .examples = {{"urlPart('https://h.org/p?q=1', 'host')", "", R"("h.org")"},
                  {"urlPart('/p?q=1', 'params')", "", R"({"q":"1"})"},
                  {"urlPart('/', 'what')", "", "", "no part"}}},
    {.name = "buildUrl",
     .signatures = {"(parts: map) -> string"},
     .about = "An address of parts as parseUrl gives them.",
     .body = build,
     .examples = {{"buildUrl({scheme: 'http', host: 'h', port: 80, path: '/a b', params: {x: 1}})",
                   "", R"("http://h:80/a%20b?x=1")"},
                  {"buildUrl({})", "", R"("")"}}},
    {.name = "parseQuery",
     .signatures = {"(query: text) -> map"},
     .about = "The parameters of a query; one that stands there several times is an array.",
     .body = parse_query_text,
     .examples = {{"parseQuery('a=1&b=x+y&a=2')", "", R"({"a":["1","2"],"b":"x y"})"},
                  {"parseQuery('')", "", "{}"}}},
    {.name = "formatQuery",
     .signatures = {"(params: map) -> string"},
     .about = "A map as a query; an array gives several parameters.",
     .body = format_query,
     .examples = {{"formatQuery({a: [1, 2], b: 'x y'})", "", R"("a=1&a=2&b=x+y")"},
                  {"formatQuery({})", "", R"("")"}}},
};

}  // namespace

void add_url_functions(FunctionTable& table) { add_rows(table, {"url"}, kUrls); }

}  // namespace penstock
