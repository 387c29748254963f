// SPDX-License-Identifier: Apache-2.0
#include "net/url.h"

#include <arpa/inet.h>

#include <charconv>

#include "net/http_fields.h"

namespace penstock {
namespace {

Error bad_url(std::string message) {
  return stop_error("bad-url", std::move(message), "write it as http://host:port/path");
}

bool visible(std::string_view text) {
  for (char c : text)
    if (static_cast<unsigned char>(c) <= ' ' || static_cast<unsigned char>(c) >= 0x7f) return false;
  return true;
}

bool is_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (char c : text) {
    bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!word && c != '-' && c != '.' && c != '_') return false;
  }
  return true;
}

bool is_ipv6(const std::string& text) {
  in6_addr address;
  return inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

Result<void> parse_authority(std::string_view text, Url& url) {
  std::string_view port;
  bool has_port = false;
  if (!text.empty() && text[0] == '[') {
    size_t end = text.find(']');
    if (end == std::string_view::npos) return bad_url("the address has a [ without a ]");
    url.host = text.substr(1, end - 1);
    if (!is_ipv6(url.host)) return bad_url("what stands in [ ] is not an IPv6 address");
    text.remove_prefix(end + 1);
    has_port = !text.empty();
    if (has_port && text[0] != ':') return bad_url("only a port may follow the ]");
    port = has_port ? text.substr(1) : text;
  } else {
    size_t colon = text.rfind(':');
    has_port = colon != std::string_view::npos;
    port = has_port ? text.substr(colon + 1) : std::string_view();
    url.host = text.substr(0, colon);
    if (!is_host_name(url.host)) return bad_url("the address has no host, or one with odd letters");
  }
  if (has_port) {
    auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    if (ec != std::errc() || end != port.data() + port.size() || url.port == 0)
      return bad_url("the port is not a number from 1 to 65535");
  }
  return {};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Url::authority() const {
  bool brackets = host.find(':') != std::string::npos;
  std::string text = brackets ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) text += ":" + std::to_string(port);
  return text;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  size_t scheme_end = text.find("://");
  std::string_view scheme = text.substr(0, scheme_end);
  if (scheme_end == std::string_view::npos) return bad_url("the address has no http:// in front");
  if (equals_ignoring_case(scheme, "https")) {
    url.tls = true;
    url.port = 443;
  } else if (!equals_ignoring_case(scheme, "http")) {
    return bad_url("the address starts with neither http:// nor https://");
  }
  text.remove_prefix(scheme_end + 3);
  if (!visible(text)) return bad_url("the address has blanks or letters that must be %-encoded");
  text = text.substr(0, text.find('#'));
  size_t authority_end = text.find_first_of("/?");
  std::string_view authority = text.substr(0, authority_end);
  if (authority_end != std::string_view::npos) {
    url.target = text.substr(authority_end);
    if (url.target[0] == '?') url.target.insert(0, "/");
  }
  if (size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = authority.substr(0, at);
    authority.remove_prefix(at + 1);
  }
  PENSTOCK_TRY(parse_authority(authority, url));
  return url;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); i++) {
    if (text[i] == '%') {
      int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

std::optional<std::string> query_value(std::string_view target, std::string_view name) {
  size_t mark = target.find('?');
  if (mark == std::string_view::npos) return std::nullopt;
  std::string_view query = target.substr(mark + 1);
  while (true) {
    size_t end = query.find('&');
    std::string_view pair = query.substr(0, end);
    size_t equals = pair.find('=');
    if (percent_decode(pair.substr(0, equals), true) == name) {
      return equals == std::string_view::npos ? std::string()
                                              : percent_decode(pair.substr(equals + 1), true);
    }
    if (end == std::string_view::npos) return std::nullopt;
    query.remove_prefix(end + 1);
  }
}

bool is_loopback(std::string_view host) {
  std::string text(host);
  in_addr four;
  if (inet_pton(AF_INET, text.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  in6_addr six;
  if (inet_pton(AF_INET6, text.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return equals_ignoring_case(host, "localhost");
}

}  // namespace penstock
