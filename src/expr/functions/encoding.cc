// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/arguments.h"
#include "expr/functions/base_coding.h"
#include "expr/functions/library.h"
#include "expr/functions/url_text.h"

namespace penstock {
namespace {

Error bad(std::string_view what) { return eval_error("this is not " + std::string(what)); }

/// A string if it is UTF-8, else bytes.
Result<Value> text_or_bytes(EvalContext& context, std::string_view decoded) {
  return is_utf8(decoded) ? context.string(decoded) : context.bytes(decoded);
}

Result<Value> to_base64(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{4} / 3));
  return context.string(encode_base64(args[0].text()));
}
Result<Value> from_base64(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto out = decode_base64(args[0].text(), false, true);
  return out ? text_or_bytes(context, *out) : bad("base64");
}
Result<Value> to_base64_url(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{4} / 3));
  return context.string(encode_base64(args[0].text(), true, false));
}
Result<Value> from_base64_url(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  std::string_view text = args[0].text();
  while (text.ends_with('=')) text.remove_suffix(1);
  const auto out = decode_base64(text, true, false);
  return out ? text_or_bytes(context, *out) : bad("base64url");
}
Result<Value> to_base32(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{8} / 5));
  return context.string(encode_base32(args[0].text()));
}
Result<Value> from_base32(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto out = decode_base32(args[0].text());
  return out ? text_or_bytes(context, *out) : bad("base32");
}
Result<Value> to_hex(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{2}));
  return context.string(encode_hex(args[0].text()));
}
Result<Value> from_hex(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto out = decode_hex(args[0].text());
  return out ? text_or_bytes(context, *out) : bad("hexadecimal");
}
Result<Value> url_encode(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{3}));
  return context.string(escape_query(args[0].text()));
}
Result<Value> url_path_encode(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(may_make(context, args[0].size() * uint64_t{3}));
  return context.string(escape_path_segment(args[0].text()));
}
Result<Value> url_decode(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  const auto out = unescape_url(args[0].text(), true);
  return out ? text_or_bytes(context, *out) : bad("text as urlEncode writes it");
}

Result<Value> escape_html(EvalContext& context, Arguments args) {
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  TextBuilder out(context.arena(), args[0].size());
  for (const char c : args[0].text()) {
    switch (c) {
      case '&': out.append("&amp;"); break;
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '"': out.append("&#34;"); break;
      case '\'': out.append("&#39;"); break;
      default: out.append(c);
    }
  }
  return out.finish_string();
}

Result<Value> unescape_html(EvalContext& context, Arguments args) {
  struct Entity {
    std::string_view name, text;
  };
  static constexpr Entity kEntities[] = {{"&amp;", "&"},   {"&lt;", "<"},   {"&gt;", ">"},
                                         {"&quot;", "\""}, {"&#34;", "\""}, {"&#39;", "'"},
                                         {"&apos;", "'"},  {"&nbsp;", "\u00a0"}};
  PENSTOCK_TRY(spend_bytes(context, args[0].size()));
  TextBuilder out(context.arena(), args[0].size());
  std::string_view rest = args[0].text();
  while (!rest.empty()) {
    size_t taken = 1;
    std::string_view text = rest.substr(0, 1);
    if (rest[0] == '&') {
      for (const Entity& entity : kEntities) {
        if (!rest.starts_with(entity.name)) continue;
        taken = entity.name.size();
        text = entity.text;
      }
    }
    out.append(text);
    rest.remove_prefix(taken);
  }
  return out.finish_string();
}

constexpr Function kEncoding[] = {
    {.name = "toBase64",
     .aliases = {"encodeBase64"},
     .signatures = {"(text: text) -> string"},
     .about = "Base64 with padding (RFC 4648 §4).",
     .body = to_base64,
     .examples = {{"toBase64('hi?')", "", R"("aGk/")"}, {"toBase64('')", "", R"("")"}}},
    {.name = "fromBase64",
     .aliases = {"decodeBase64"},
     .signatures = {"(text: text) -> string|bytes"},
     .about = "What base64 stands for: a string if it is UTF-8, else bytes.",
     .body = from_base64,
     .examples = {{"fromBase64('aGk=')", "", R"("hi")"},
                  {"type(fromBase64('/w=='))", "", R"("bytes")"},
                  {"fromBase64('a')", "", "", "not base64"}}},
    {.name = "toBase64Url",
     .signatures = {"(text: text) -> string"},
     .about = "Base64 for addresses, without padding (RFC 4648 §5).",
     .body = to_base64_url,
     .examples = {{"toBase64Url('hi?>')", "", R"("aGk_Pg")"}, {"toBase64Url('')", "", R"("")"}}},
    {.name = "fromBase64Url",
     .signatures = {"(text: text) -> string|bytes"},
     .about = "What base64 for addresses stands for; padding may be there.",
     .body = from_base64_url,
     .examples = {{"fromBase64Url('aGk_Pg==')", "", R"("hi?>")"},
                  {"fromBase64Url('a+b')", "", "", "not base64url"}}},
    {.name = "toBase32",
     .signatures = {"(text: text) -> string"},
     .about = "Base32 with padding (RFC 4648 §6).",
     .body = to_base32,
     .examples = {{"toBase32('hi')", "", R"("NBUQ====")"}, {"toBase32('')", "", R"("")"}}},
    {.name = "fromBase32",
     .signatures = {"(text: text) -> string|bytes"},
     .about = "What base32 stands for.",
     .body = from_base32,
     .examples = {{"fromBase32('NBUQ====')", "", R"("hi")"},
                  {"fromBase32('nbuq')", "", "", "not base32"}}},
    {.name = "toHex",
     .aliases = {"hex"},
     .signatures = {"(text: text) -> string"},
     .about = "Two hexadecimal digits a byte.",
     .body = to_hex,
     .examples = {{"toHex('hi')", "", R"("6869")"}, {"toHex('')", "", R"("")"}}},
    {.name = "fromHex",
     .aliases = {"unhex"},
     .signatures = {"(text: text) -> string|bytes"},
     .about = "The bytes that hexadecimal digits write.",
     .body = from_hex,
     .examples = {{"fromHex('6869')", "", R"("hi")"},
                  {"fromHex('6')", "", "", "hexadecimal"},
                  {"fromHex('6x')", "", "", "hexadecimal"}}},
    {.name = "urlEncode",
     .aliases = {"queryEscape"},
     .signatures = {"(text: text) -> string"},
     .about = "Escaped for the query of an address (a blank becomes +).",
     .body = url_encode,
     .examples = {{"urlEncode('a b&ñ')", "", R"("a+b%26%C3%B1")"}, {"urlEncode('')", "", R"("")"}}},
    {.name = "urlPathEncode",
     .aliases = {"pathEscape"},
     .signatures = {"(text: text) -> string"},
     .about = "Escaped for one segment of a path (a blank becomes %20).",
     .body = url_path_encode,
     .examples = {{"urlPathEncode('a b/c')", "", R"("a%20b%2Fc")"},
                  {"urlPathEncode('x@y')", "", R"("x@y")"}}},
    {.name = "urlDecode",
     .aliases = {"queryUnescape"},
     .signatures = {"(text: text) -> string|bytes"},
     .about = "Undoes urlEncode and urlPathEncode.",
     .body = url_decode,
     .examples = {{"urlDecode('a+b%26')", "", R"("a b&")"},
                  {"urlDecode('%zz')", "", "", "urlEncode"}}},
    {.name = "escapeHtml",
     .signatures = {"(text: text) -> string"},
     .about = "With < > & and both quotes as entities.",
     .body = escape_html,
     .examples = {{"escapeHtml('<a href=\"x\">')", "", R"("&lt;a href=&#34;x&#34;&gt;")"},
                  {"escapeHtml('ñ')", "", R"("ñ")"}}},
    {.name = "unescapeHtml",
     .signatures = {"(text: text) -> string"},
     .about =
         "With the entities &amp; &lt; &gt; &quot; &#34; &#39; &apos; &nbsp; as what they mean.",
     .body = unescape_html,
     .examples = {{"unescapeHtml('&lt;b&gt; &amp;amp;')", "", R"("<b> &amp;")"},
                  {"unescapeHtml('&unknown;')", "", R"("&unknown;")"}}},
};

}  // namespace

void add_encoding_functions(FunctionTable& table) { add_rows(table, {"encoding"}, kEncoding); }

}  // namespace penstock
