// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <optional>

#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"
#include "expr/functions/library.h"

namespace penstock {
namespace {

/// 16 bytes; IPv4 stands at the end, behind ::ffff:.
struct Ip {
  std::array<uint8_t, 16> bytes{};
  bool v4 = false;
};

std::optional<Ip> parse_ip(std::string_view text) {
  char buffer[64];
  if (text.size() >= sizeof buffer) return std::nullopt;
  buffer[text.copy(buffer, text.size())] = 0;
  Ip out;
  if (inet_pton(AF_INET, buffer, out.bytes.data() + 12) == 1) {
    out.bytes[10] = out.bytes[11] = 0xff;
    out.v4 = true;
    return out;
  }
  if (inet_pton(AF_INET6, buffer, out.bytes.data()) == 1) return out;
  return std::nullopt;
}

struct Cidr {
  Ip ip;
  int bits = 0;  // of the 128
};

std::optional<Cidr> parse_cidr(std::string_view text) {
  const size_t slash = text.find('/');
  const auto ip = parse_ip(text.substr(0, slash));
  if (!ip) return std::nullopt;
  const int most = ip->v4 ? 32 : 128;
  int64_t bits = most;
  if (slash != std::string_view::npos) {
    const auto read = go_parse_int(text.substr(slash + 1));
    if (!read || *read < 0 || *read > most) return std::nullopt;
    bits = *read;
  }
  return Cidr{*ip, static_cast<int>(bits) + 128 - most};
}

bool contains(const Cidr& cidr, const Ip& ip) {
  if (cidr.ip.v4 != ip.v4) return false;
  for (int bit = 0; bit < cidr.bits; bit += 8) {
    const auto at = static_cast<size_t>(bit / 8);
    const int kept = std::min(8, cidr.bits - bit);
    const auto mask = static_cast<uint8_t>(0xff << (8 - kept));
    if ((cidr.ip.bytes[at] & mask) != (ip.bytes[at] & mask)) return false;
  }
  return true;
}

Error not_ip(std::string_view text) {
  return eval_error("\"" + std::string(text.substr(0, 60)) + "\" is not an IP address");
}

Result<Value> in_cidr(EvalContext& context, Arguments args) {
  const auto ip = parse_ip(args[0].text());
  if (!ip) return not_ip(args[0].text());
  const auto one = [&](const Value& v) -> Result<bool> {
    const auto cidr = v.is_text() ? parse_cidr(v.text()) : std::nullopt;
    if (!cidr) return eval_error("that is not a range such as 10.0.0.0/8");
    return contains(*cidr, *ip);
  };
  if (args[1].is_text()) {
    const auto inside = one(args[1]);
    return inside ? Result<Value>(Value::boolean(*inside)) : inside.error();
  }
  for (const Value& range : args[1].items()) {
    PENSTOCK_TRY(context.spend(1));
    const auto inside = one(range);
    if (!inside) return inside.error();
    if (*inside) return Value::boolean(true);
  }
  return Value::boolean(false);
}

template <int kVersion>
Result<Value> is_ip(EvalContext&, Arguments args) {
  const auto ip = args[0].is_text() ? parse_ip(args[0].text()) : std::nullopt;
  return Value::boolean(ip && (kVersion == 0 || ip->v4 == (kVersion == 4)));
}

Result<Value> is_private(EvalContext&, Arguments args) {
  const auto ip = parse_ip(args[0].text());
  if (!ip) return not_ip(args[0].text());
  for (const char* range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8",
                            "169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"}) {
    if (contains(*parse_cidr(range), *ip)) return Value::boolean(true);
  }
  return Value::boolean(false);
}

std::string ip_text(const Ip& ip) {
  char buffer[64];
  const void* from = ip.v4 ? ip.bytes.data() + 12 : ip.bytes.data();
  return inet_ntop(ip.v4 ? AF_INET : AF_INET6, from, buffer, sizeof buffer);
}

Result<Value> mask(EvalContext& context, Arguments args) {
  auto ip = parse_ip(args[0].text());
  if (!ip) return not_ip(args[0].text());
  const int most = ip->v4 ? 32 : 128;
  const int64_t kept = whole(args[1]);
  if (kept < 0 || kept > most) return eval_error("a prefix of this address is 0 to " +
                                                 std::to_string(most) + " bits");
  for (int bit = static_cast<int>(kept) + 128 - most; bit < 128; ++bit) {
    ip->bytes[static_cast<size_t>(bit / 8)] &= static_cast<uint8_t>(~(0x80 >> bit % 8));
  }
  return context.string(ip_text(*ip));
}

Result<Value> ip_to_int(EvalContext&, Arguments args) {
  const auto ip = parse_ip(args[0].text());
  if (!ip || !ip->v4) return not_ip(args[0].text());
  int64_t out = 0;
  for (size_t i = 12; i < 16; ++i) out = out << 8 | ip->bytes[i];
  return Value::integer(out);
}

Result<Value> int_to_ip(EvalContext& context, Arguments args) {
  const int64_t number = whole(args[0]);
  if (number < 0 || number > 0xffffffff) return eval_error("an IPv4 address is 0 to 4294967295");
  Ip ip;
  ip.v4 = true;
  for (size_t i = 0; i < 4; ++i) ip.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return context.string(ip_text(ip));
}

constexpr Function kIp[] = {
    {.name = "ipInCidr", .signatures = {"(ip: text, range: text|array) -> bool"},
     .about = "Whether an address lies in a range, or in one of several; IPv4 and IPv6.",
     .body = in_cidr,
     .examples = {{"ipInCidr('10.1.2.3', '10.0.0.0/8')", "", "true"},
                  {"ipInCidr('fe80::1', ['10.0.0.0/8', 'fe80::/10'])", "", "true"},
                  {"ipInCidr('10.1.2', '10.0.0.0/8')", "", "", "not an IP"},
                  {"ipInCidr('10.1.2.3', 'x')", "", "", "not a range"}}},
    {.name = "isIp", .signatures = {"(text: any) -> bool"},
     .about = "Whether it is an IP address.", .body = is_ip<0>,
     .examples = {{"isIp('::1')", "", "true"}, {"isIp('1.2.3')", "", "false"}}},
    {.name = "isIpv4", .signatures = {"(text: any) -> bool"},
     .about = "Whether it is an IPv4 address.", .body = is_ip<4>,
     .examples = {{"isIpv4('1.2.3.4')", "", "true"}, {"isIpv4('::1')", "", "false"}}},
    {.name = "isIpv6", .signatures = {"(text: any) -> bool"},
     .about = "Whether it is an IPv6 address.", .body = is_ip<6>,
     .examples = {{"isIpv6('::1')", "", "true"}, {"isIpv6('1.2.3.4')", "", "false"}}},
    {.name = "ipIsPrivate", .signatures = {"(ip: text) -> bool"},
     .about = "Whether it is of a private, link-local or loopback range.", .body = is_private,
     .examples = {{"ipIsPrivate('192.168.1.1')", "", "true"}, {"ipIsPrivate('8.8.8.8')", "",
                                                              "false"},
                  {"ipIsPrivate('x')", "", "", "not an IP"}}},
    {.name = "ipMask", .signatures = {"(ip: text, bits: int) -> string"},
     .about = "The address with only its first bits kept.", .body = mask,
     .examples = {{"ipMask('10.1.2.3', 24)", "", R"("10.1.2.0")"},
                  {"ipMask('2001:db8::1', 32)", "", R"("2001:db8::")"},
                  {"ipMask('10.1.2.3', 33)", "", "", "0 to 32"}}},
    {.name = "ipToInt", .signatures = {"(ip: text) -> int"},
     .about = "An IPv4 address as a number.", .body = ip_to_int,
     .examples = {{"ipToInt('1.2.3.4')", "", "16909060"}, {"ipToInt('::1')", "", "", "not an IP"}}},
    {.name = "intToIp", .signatures = {"(number: int) -> string"},
     .about = "The IPv4 address of a number.", .body = int_to_ip,
     .examples = {{"intToIp(16909060)", "", R"("1.2.3.4")"},
                  {"intToIp(-1)", "", "", "4294967295"}}},
};

}  // namespace

void add_ip_functions(FunctionTable& table) { add_rows(table, {"network"}, kIp); }

}  // namespace penstock
