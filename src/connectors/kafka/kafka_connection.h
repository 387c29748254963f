// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/schema.h"

namespace penstock {

struct KafkaTls {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  Secret key_password;
  bool verify = true;
};

enum class KafkaMechanism : uint8_t { kPlain, kScramSha256, kScramSha512 };

struct KafkaSasl {
  KafkaMechanism mechanism = KafkaMechanism::kPlain;
  std::string user;
  Secret password;
};

/// How to reach a cluster, and as whom: the same options for the source and the sink.
struct KafkaConnection {
  std::string brokers;
  std::optional<KafkaTls> tls;
  std::optional<KafkaSasl> sasl;
  std::map<std::string, Secret> properties;  ///< librdkafka's own; the last word
  Duration connect_timeout = seconds(10);
};

const Schema<KafkaTls>& kafka_tls_options();
const Schema<KafkaSasl>& kafka_sasl_options();

/// Properties that are options of ours, cannot be read, or do not exist become diagnostics.
void check_kafka_connection(const KafkaConnection& connection, const Position& at,
                            Diagnostics& diagnostics);

/// Everything that must not be printed.
std::vector<Secret> secrets_of(const KafkaConnection& connection);

}  // namespace penstock
