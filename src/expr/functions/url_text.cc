// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/url_text.h"

#include "expr/eval_context.h"

namespace penstock {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string escape(std::string_view text, std::string_view kept, bool plus) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || kept.find(c) != std::string_view::npos) {
      out += c;
    } else if (plus && c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += kHex[static_cast<uint8_t>(c) >> 4];
      out += kHex[static_cast<uint8_t>(c) & 15];
    }
  }
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr std::string_view kUnreserved = "-_.~";
constexpr std::string_view kInPath = "-_.~$&+,/:;=@";
constexpr std::string_view kInSegment = "-_.~$&+=:@";
constexpr std::string_view kInFragment = "-_.~$&+,/:;=?@!()*";
constexpr std::string_view kInUserInfo = "-_.~$&+,;=";
constexpr std::string_view kInHost = "-_.~!$&'()*+,;=:[]<>\"";

Error bad_url(std::string_view text, const std::string& why) {
  return eval_error("\"" + std::string(text.substr(0, 80)) + "\" is not an address: " + why);
}

/// "name:" at the start, as RFC 3986 §3.1; false if a colon comes first.
bool take_scheme(std::string_view& rest, std::string& scheme) {
  for (size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) return true;
      continue;
    }
    if (c != ':') return true;
    if (i == 0) return false;
    for (const char s : rest.substr(0, i)) {
      scheme += s >= 'A' && s <= 'Z' ? static_cast<char>(s + 32) : s;
    }
    rest.remove_prefix(i + 1);
    return true;
  }
  return true;
}

bool valid_port(std::string_view port) {
  if (port.empty()) return true;
  if (port[0] != ':') return false;
  return port.substr(1).find_first_not_of("0123456789") == std::string_view::npos;
}

Result<void> take_host(std::string_view whole, std::string_view host, UrlParts& out) {
  if (host.starts_with('[')) {
    const size_t close = host.rfind(']');
    if (close == std::string_view::npos) return bad_url(whole, "missing ']' in host");
    if (!valid_port(host.substr(close + 1))) return bad_url(whole, "invalid port");
  } else if (const size_t colon = host.rfind(':'); colon != std::string_view::npos) {
    if (!valid_port(host.substr(colon))) return bad_url(whole, "invalid port");
  }
  if (host.find_first_of(" \\^`{|}") != std::string_view::npos) {
    return bad_url(whole, "invalid character in host name");
  }
  auto plain = unescape_url(host, false);
  if (!plain) return bad_url(whole, "invalid URL escape");
  out.host = *plain;
  return {};
}

Result<void> take_authority(std::string_view whole, std::string_view& rest, UrlParts& out) {
  rest.remove_prefix(2);
  const size_t end = std::min(rest.find('/'), rest.size());
  std::string_view authority = rest.substr(0, end);
  rest.remove_prefix(end);
  const size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = authority.substr(0, at);
    const size_t colon = user.find(':');
    const auto name = unescape_url(user.substr(0, colon), false);
    if (!name) return bad_url(whole, "invalid userinfo");
    out.user_info = escape(*name, kInUserInfo, false);
    if (colon != std::string_view::npos) {
      const auto password = unescape_url(user.substr(colon + 1), false);
      if (!password) return bad_url(whole, "invalid userinfo");
      out.user_info += ":" + escape(*password, kInUserInfo, false);
    }
    out.has_user_info = true;
    authority.remove_prefix(at + 1);
  }
  return take_host(whole, authority, out);
}

}  // namespace

std::string escape_query(std::string_view text) { return escape(text, kUnreserved, true); }
std::string escape_path_segment(std::string_view text) { return escape(text, kInSegment, false); }

std::optional<std::string> unescape_url(std::string_view text, bool plus_is_blank) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_blank ? ' ' : text[i];
    }
  }
  return out;
}

std::string UrlParts::hostname() const {
  if (host.starts_with('[')) {
    const size_t close = host.find(']');
    if (close != std::string::npos) return host.substr(1, close - 1);
  }
  const size_t colon = host.find(':');
  return host.substr(0, colon);
}

std::string UrlParts::port() const {
  const size_t close = host.rfind(']');
  const size_t colon = host.find(':', close == std::string::npos ? 0 : close);
  return colon == std::string::npos ? "" : host.substr(colon + 1);
}

Result<UrlParts> parse_url_text(std::string_view text) {
  UrlParts out;
  for (const char c : text) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) {
      return bad_url(text, "invalid control character in URL");
    }
  }
  std::string_view rest = text;
  const size_t hash = rest.find('#');
  if (hash != std::string_view::npos) {
    const auto fragment = unescape_url(rest.substr(hash + 1), false);
    if (!fragment) return bad_url(text, "invalid URL escape");
    out.fragment = *fragment;
    rest = rest.substr(0, hash);
  }
  if (rest == "*") {
    out.path = "*";
    return out;
  }
  if (!take_scheme(rest, out.scheme)) return bad_url(text, "missing protocol scheme");
  const size_t question = rest.find('?');
  if (question != std::string_view::npos) {
    out.query = rest.substr(question + 1);
    out.force_query = out.query.empty();
    rest = rest.substr(0, question);
  }
  if (!rest.starts_with('/')) {
    if (!out.scheme.empty()) {
      out.opaque = rest;
      return out;
    }
    const size_t colon = rest.find(':');
    if (colon != std::string_view::npos && colon < std::min(rest.find('/'), rest.size())) {
      return bad_url(text, "first path segment in URL cannot contain colon");
    }
  }
  if ((!out.scheme.empty() || !rest.starts_with("///")) && rest.starts_with("//")) {
    PENSTOCK_TRY(take_authority(text, rest, out));
  }
  const auto path = unescape_url(rest, false);
  if (!path) return bad_url(text, "invalid URL escape");
  out.path = *path;
  if (escape(out.path, kInPath, false) != rest) out.raw_path = rest;
  return out;
}

std::string format_url(const UrlParts& parts) {
  std::string out = parts.scheme.empty() ? "" : parts.scheme + ":";
  if (!parts.opaque.empty()) {
    out += parts.opaque;
  } else {
    if (!parts.scheme.empty() || !parts.host.empty() || parts.has_user_info) {
      if (!parts.host.empty() || !parts.path.empty() || parts.has_user_info) out += "//";
      if (parts.has_user_info) out += parts.user_info + "@";
      out += escape(parts.host, kInHost, false);
    }
    std::string path = parts.raw_path;
    if (path.empty()) path = parts.path == "*" ? "*" : escape(parts.path, kInPath, false);
    if (!path.empty() && path[0] != '/' && !parts.host.empty()) out += '/';
    if (out.empty()) {
      const size_t colon = path.find(':');
      if (colon != std::string::npos && colon < std::min(path.find('/'), path.size())) out += "./";
    }
    out += path;
  }
  if (parts.force_query || !parts.query.empty()) out += "?" + parts.query;
  if (!parts.fragment.empty()) out += "#" + escape(parts.fragment, kInFragment, false);
  return out;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  while (!query.empty()) {
    const size_t end = std::min(query.find('&'), query.size());
    const std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    auto name = unescape_url(pair.substr(0, equals), true);
    auto value = unescape_url(equals < pair.size() ? pair.substr(equals + 1) : "", true);
    if (name && value) out.emplace_back(*std::move(name), *std::move(value));
  }
  return out;
}

}  // namespace penstock
