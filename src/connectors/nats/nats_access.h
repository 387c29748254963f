// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "config/schema.h"
#include "config/secret.h"

namespace penstock {

/// Who one is, for a NATS server. At most one of the ways is used.
struct NatsAuth {
  std::string user;
  Secret password;
  Secret token;
  std::string nkey;           ///< the public key
  Secret nkey_seed;
  std::string credentials_file;
};

struct NatsTls {
  bool enabled = false;       ///< also on by a tls:// address
  std::string ca_file;
  std::string cert_file;
  std::string key_file;
  std::string server_name;
  bool verify = true;
};

/// How to reach a NATS server: what every component of it has among its options.
struct NatsAccess {
  std::string url;  ///< joined by commas; "" = no broker: a topic of this machine (LocalTopic)
  NatsAuth auth;
  NatsTls tls;
  Duration connect_timeout = seconds(5);
};

const Schema<NatsAuth>& nats_auth_options();
const Schema<NatsTls>& nats_tls_options();

/// Rules between these options. `subjects`: what would be the topics of this machine.
void check_nats_access(const NatsAccess& access, const std::vector<std::string>& subjects,
                       const Position& at, Diagnostics& diagnostics);
/// A subject to publish to (no wildcards), or to read from. Diagnostics name the option.
void check_nats_subject(const std::string& subject, bool wildcards, const char* option,
                        const Position& at, Diagnostics& diagnostics);
/// The addresses one by one.
std::vector<std::string> nats_urls(const NatsAccess& access);
/// Whether it stands for more than one subject.
bool has_wildcard(const std::string& subject);

// The fields of NatsAccess in the schema of an options struct that derives from it.

template <class O>
Field<O, std::string> nats_url_field() {
  return field("url", static_cast<std::string O::*>(&O::url))
      .example("nats://127.0.0.1:4222")
      .about("Address of the server, nats://host:port or tls://host:port; of several, joined by "
             "commas, the first that answers is used. Without any, the subjects are topics of this "
             "machine.");
}
template <class O>
Field<O, NatsAuth> nats_auth_field() {
  return field("auth", static_cast<NatsAuth O::*>(&O::auth), nats_auth_options())
      .about("Who the pipeline is: user and password, a token, an nkey, or a credentials file.");
}
template <class O>
Field<O, NatsTls> nats_tls_field() {
  return field("tls", static_cast<NatsTls O::*>(&O::tls), nats_tls_options())
      .about("Encryption of the connection.");
}
template <class O>
Field<O, Duration> nats_connect_timeout_field() {
  return field("connect_timeout", static_cast<Duration O::*>(&O::connect_timeout))
      .range(milliseconds(100), seconds(600))
      .about("At the start, a server that cannot be reached for so long stops the pipeline; later "
             "it is tried without end.");
}

}  // namespace penstock
