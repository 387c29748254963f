// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

/// Go's path.Clean.
std::string clean_path(std::string_view path) {
  if (path.empty()) return ".";
  const bool rooted = path[0] == '/';
  std::vector<std::string_view> kept;
  for (std::string_view rest = path; !rest.empty();) {
    const size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    rest.remove_prefix(std::min(slash + 1, rest.size()));
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      kept.push_back(part);
    } else if (!kept.empty() && kept.back() != "..") {
      kept.pop_back();
    } else if (!rooted) {
      kept.push_back(part);
    }
  }
  std::string out = rooted ? "/" : "";
  for (size_t i = 0; i < kept.size(); ++i) {
    if (i > 0) out += '/';
    out += kept[i];
  }
  return out.empty() ? "." : out;
}

Result<Value> clean(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  return context.string(clean_path(args[0].text()));
}
Result<Value> base(EvalContext&, Arguments args) {
  std::string_view path = args[0].text();
  if (path.empty()) return Value::string(".");
  while (path.ends_with('/')) path.remove_suffix(1);
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return Value::string(path.empty() ? "/" : path);
}
Result<Value> dir(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(context.spend(1 + args[0].size() / 16));
  const size_t slash = args[0].text().rfind('/');
  return context.string(clean_path(
      slash == std::string_view::npos ? "" : args[0].text().substr(0, slash + 1)));
}
Result<Value> extension(EvalContext&, Arguments args) {
  const std::string_view path = args[0].text();
  const size_t at = path.find_last_of("/.");
  return Value::string(at == std::string_view::npos || path[at] == '/' ? "" : path.substr(at));
}
Result<Value> is_absolute(EvalContext&, Arguments args) {
  return Value::boolean(args[0].text().starts_with('/'));
}

Result<Value> decoded(EvalContext& context, const std::optional<std::string>& out, size_t at,
                      const char* name) {
  if (out) return context.string(*out);
  return context.string("illegal " + std::string(name) + " data at input byte " +
                        std::to_string(at));
}
Result<Value> b64enc(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{4} / 3));
  return context.string(encode_base64(args[0].text()));
}
Result<Value> b64dec(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  size_t at = 0;
  const auto out = decode_base64(args[0].text(), false, true, &at);
  return decoded(context, out, at, "base64");
}
Result<Value> b32enc(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{8} / 5));
  return context.string(encode_base32(args[0].text()));
}
Result<Value> b32dec(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  size_t at = 0;
  const auto out = decode_base32(args[0].text(), &at);
  return decoded(context, out, at, "base32");
}

/// $name, ${name} replaced as os.ExpandEnv does.
Result<Value> expand_env(EvalContext& context, Arguments args) {
  if (context.outside() == nullptr) {
    return eval_error("sprig.expandenv is not allowed here",
                      "an expression may not read the environment by itself");
  }
  const std::string_view text = args[0].text();
  TextBuilder out(context.arena(), text.size());
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '$' || at + 1 == text.size()) {
      out.append(text[at++]);
      continue;
    }
    PENSTOCK_TRY(context.spend(10));
    size_t from = at + 1, end = from;
    if (text[from] == '{') {
      end = text.find('}', ++from);
      if (end == std::string_view::npos) {
        at += 2;  // Go eats "${" that nothing closes
        continue;
      }
      at = end + 1;
    } else {
      while (end < text.size() && is_name(text[end])) ++end;
      if (end == from) {
        out.append(text[at++]);
        continue;
      }
      at = end;
    }
    out.append(context.outside()->environment(text.substr(from, end - from)).value_or(""));
  }
  return out.finish_string();
}

Result<Value> env(EvalContext& context, Arguments args) {
  if (context.outside() == nullptr) {
    return eval_error("sprig.env is not allowed here",
                      "an expression may not read the environment by itself");
  }
  return context.string(context.outside()->environment(args[0].text()).value_or(""));
}

Result<Value> host_by_name(EvalContext&, Arguments) {
  return eval_error("sprig.getHostByName is not supported: an expression does not ask the network");
}

constexpr Function kPaths[] = {
    {.name = "base", .signatures = {"(path: string) -> string"},
     .about = "The last part of a path.", .body = base,
     .examples = {{"sprig.base('/a/b.txt')", "", R"("b.txt")"}, {"sprig.base('')", "", R"(".")"}}},
    {.name = "dir", .signatures = {"(path: string) -> string"},
     .about = "A path without its last part.", .body = dir,
     .examples = {{"sprig.dir('/a/b.txt')", "", R"("/a")"}, {"sprig.dir('x')", "", R"(".")"}}},
    {.name = "clean", .signatures = {"(path: string) -> string"},
     .about = "The shortest form of a path.", .body = clean,
     .examples = {{"sprig.clean('a//b/../c')", "", R"("a/c")"}, {"sprig.clean('/..')", "",
                                                                R"("/")"}}},
    {.name = "ext", .signatures = {"(path: string) -> string"}, .about = "The ending of a name.",
     .body = extension,
     .examples = {{"sprig.ext('a/b.txt')", "", R"(".txt")"}, {"sprig.ext('a.b/c')", "", R"("")"}}},
    {.name = "isAbs", .signatures = {"(path: string) -> bool"},
     .about = "Whether a path starts at the root.", .body = is_absolute,
     .examples = {{"sprig.isAbs('/a')", "", "true"}, {"sprig.isAbs('a')", "", "false"}}},
    {.name = "b64enc", .signatures = {"(text: string) -> string"}, .about = "In base64.",
     .body = b64enc,
     .examples = {{"sprig.b64enc('hi')", "", R"("aGk=")"}, {"sprig.b64enc('')", "", R"("")"}}},
    {.name = "b64dec", .signatures = {"(text: string) -> string"},
     .about = "What base64 stands for; a text that says so if it is none.", .body = b64dec,
     .examples = {{"sprig.b64dec('aGk=')", "", R"("hi")"},
                  {"sprig.b64dec('?')", "", R"("illegal base64 data at input byte 0")"}}},
    {.name = "b32enc", .signatures = {"(text: string) -> string"}, .about = "In base32.",
     .body = b32enc,
     .examples = {{"sprig.b32enc('hi')", "", R"("NBUQ====")"}, {"sprig.b32enc('')", "", R"("")"}}},
    {.name = "b32dec", .signatures = {"(text: string) -> string"},
     .about = "What base32 stands for; a text that says so if it is none.", .body = b32dec,
     .examples = {{"sprig.b32dec('NBUQ====')", "", R"("hi")"},
                  {"sprig.b32dec('1')", "", R"("illegal base32 data at input byte 0")"}}},
    {.name = "env", .signatures = {"(name: string) -> string"},
     .about = "A variable of the environment, or of the flow's `env:`; in a pipeline its name "
              "must be a constant.",
     .purity = Purity::kPerRecord, .outside = Outside::kEnvironment, .body = env,
     .examples = {{"sprig.env('HOME_PORT')", "", R"("8080")"},
                  {"sprig.env('NO_SUCH_VARIABLE')", "", R"("")"}, {"sprig.env(1)", "", "", "env"}}},
    {.name = "expandenv", .signatures = {"(text: string) -> string"},
     .about = "With $NAME replaced from the environment, or the flow's `env:`; in a pipeline the "
              "text must be a constant.",
     .purity = Purity::kPerRecord, .outside = Outside::kEnvironment, .body = expand_env,
     .examples = {{"sprig.expandenv('port=${HOME_PORT}')", "", R"("port=8080")"},
                  {"sprig.expandenv(1)", "", "", "expandenv"}}},
    {.name = "getHostByName", .signatures = {"(name: string) -> string"},
     .about = "Not supported: an expression does not ask the network.",
     .purity = Purity::kPerRecord, .body = host_by_name,
     .examples = {{"sprig.getHostByName('localhost')", "", "", "not supported"},
                  {"sprig.getHostByName(1)", "", "", "getHostByName"}}},
};

}  // namespace

void add_sprig_path_functions(FunctionTable& table) {
  add_rows(table, {"sprig", "sprig"}, kPaths);
}

}  // namespace penstock
