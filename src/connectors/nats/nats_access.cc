// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_access.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace penstock {
namespace {

bool starts_with_any(const std::string& url, std::initializer_list<const char*> schemes) {
  for (const char* scheme : schemes) {
    if (url.rfind(scheme, 0) == 0) return true;
  }
  return false;
}

/// host, host:port, [v6] or [v6]:port, perhaps behind a scheme and a login.
bool good_address(std::string_view url) {
  if (const size_t scheme = url.find("://"); scheme != std::string_view::npos) {
    url.remove_prefix(scheme + 3);
  }
  if (const size_t login = url.rfind('@'); login != std::string_view::npos) {
    url.remove_prefix(login + 1);
  }
  const size_t bracket = url.find(']');
  const size_t colon = url.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (url.substr(0, colon).empty()) return false;
  if (colon == std::string_view::npos) return true;
  const std::string_view port = url.substr(colon + 1);
  uint16_t number = 0;
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
  return error == std::errc() && end == port.data() + port.size() && number > 0;
}

}  // namespace

const Schema<NatsAuth>& nats_auth_options() {
  using O = NatsAuth;
  static const Schema<O> schema({
      field("user", &O::user).about("User name, with password."),
      field("password", &O::password).example("${NATS_PASSWORD}").about("Of the user."),
      field("token", &O::token).example("${NATS_TOKEN}").about("A token in place of a user."),
      field("nkey", &O::nkey).example("UDXU4RCSJNZOIQHZ…").about("Public nkey, with nkey_seed."),
      field("nkey_seed", &O::nkey_seed)
          .example("${NATS_SEED}")
          .about("Private seed of the nkey; it signs and never leaves this process."),
      field("credentials_file", &O::credentials_file)
          .example("pipeline.creds")
          .about("File with a user's JWT and seed, as nsc writes it."),
  });
  return schema;
}

const Schema<NatsTls>& nats_tls_options() {
  using O = NatsTls;
  static const Schema<O> schema({
      field("enabled", &O::enabled).about("Demand TLS; a tls:// address does so too."),
      field("ca_file", &O::ca_file)
          .about("PEM file of certificates to trust instead of the system's."),
      field("cert_file", &O::cert_file).about("PEM file of this client's certificate chain."),
      field("key_file", &O::key_file).about("PEM file of this client's private key."),
      field("server_name", &O::server_name)
          .about("Name that the server's certificate must have. Default: the host of the url."),
      field("verify", &O::verify).about("Check the server's certificate."),
  });
  return schema;
}

void check_nats_access(const NatsAccess& access, const std::vector<std::string>& subjects,
                       const Position& at, Diagnostics& diagnostics) {
  const bool plain = !subjects.empty() && std::none_of(subjects.begin(), subjects.end(),
                                                       has_wildcard);
  if (access.url.empty() && !plain) {
    diagnostics.error("option-conflict", at,
                      "without a url each subject has to be named, without wildcards",
                      "set url: nats://127.0.0.1:4222, or name the subjects");
  }
  for (const std::string& url : nats_urls(access)) {
    if (url.find("://") == std::string::npos || starts_with_any(url, {"nats://", "tls://"})) {
      if (!good_address(url)) {
        diagnostics.error("bad-url", at, "url: an address has no host, or a port that is none",
                          "write nats://host:port or tls://host:port");
      }
      continue;
    }
    diagnostics.error("bad-url", at, "url: '" + url.substr(0, url.find("://")) +
                                         "' is no way to reach a NATS server",
                      "write nats://host:port or tls://host:port");
  }
  const NatsAuth& auth = access.auth;
  const int ways = (auth.user.empty() ? 0 : 1) + (auth.token.empty() ? 0 : 1) +
                   (auth.nkey.empty() ? 0 : 1) + (auth.credentials_file.empty() ? 0 : 1);
  if (ways > 1) {
    diagnostics.error("option-conflict", at, "auth names more than one way to log in",
                      "leave one of user, token, nkey and credentials_file");
  }
  if (auth.user.empty() != auth.password.empty()) {
    diagnostics.error("option-conflict", at, "auth: user and password go together");
  }
  if (auth.nkey.empty() != auth.nkey_seed.empty()) {
    diagnostics.error("option-conflict", at, "auth: nkey and nkey_seed go together");
  }
  if (access.tls.cert_file.empty() != access.tls.key_file.empty()) {
    diagnostics.error("option-conflict", at, "tls: cert_file and key_file go together");
  }
}

std::vector<std::string> nats_urls(const NatsAccess& access) {
  std::vector<std::string> urls;
  for (size_t begin = 0; begin < access.url.size();) {
    const size_t end = std::min(access.url.find(',', begin), access.url.size());
    const size_t first = access.url.find_first_not_of(' ', begin);
    if (first < end) urls.push_back(access.url.substr(first, end - first));
    begin = end + 1;
  }
  return urls;
}

bool has_wildcard(const std::string& subject) {
  return subject.find_first_of("*>") != std::string::npos;
}

void check_nats_subject(const std::string& subject, bool wildcards, const char* option,
                        const Position& at, Diagnostics& diagnostics) {
  const std::string what = std::string(option) + ": '" + subject + "' ";
  const auto refuse = [&](const std::string& why) {
    diagnostics.error("bad-subject", at, what + why,
                      "subjects are words joined by dots, as orders.eu.new");
  };
  if (subject.find_first_of(" \t\r\n") != std::string::npos) return refuse("contains a blank");
  for (size_t begin = 0; begin <= subject.size();) {
    size_t end = subject.find('.', begin);
    if (end == std::string::npos) end = subject.size();
    const std::string token = subject.substr(begin, end - begin);
    if (token.empty()) return refuse("has an empty word");
    if (!wildcards && (token == "*" || token == ">")) {
      return refuse("has a wildcard, but one cannot publish to several subjects at once");
    }
    if (token == ">" && end != subject.size()) return refuse("has > before its end");
    begin = end + 1;
  }
}

}  // namespace penstock
