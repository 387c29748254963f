// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_connection.h"

#include <iterator>

#include "connectors/kafka/kafka_client.h"

namespace penstock {
namespace {

/// Properties that this connector sets itself, and the option to use instead.
constexpr struct {
  const char* property;
  const char* instead;
} kOwned[] = {
    {"acks", "acks"},
    {"auto.offset.reset", "start"},
    {"batch.size", "batch_bytes"},
    {"bootstrap.servers", "brokers"},
    {"client.software.name", ""},
    {"compression.codec", "compression"},
    {"compression.type", "compression"},
    {"delivery.report.only.error", ""},
    {"enable.auto.commit", ""},
    {"enable.auto.offset.store", ""},
    {"enable.idempotence", "idempotent"},
    {"enable.partition.eof", ""},
    {"group.id", "group"},
    {"group.instance.id", "group_instance"},
    {"isolation.level", "uncommitted"},
    {"linger.ms", "linger"},
    {"message.max.bytes", "max_record_bytes"},
    {"message.timeout.ms", "delivery_timeout"},
    {"metadata.broker.list", "brokers"},
    {"partitioner", "partitioner"},
    {"queue.buffering.max.ms", "linger"},
    {"request.required.acks", "acks"},
    {"sasl.mechanism", "sasl"},
    {"sasl.mechanisms", "sasl"},
    {"sasl.password", "sasl"},
    {"sasl.username", "sasl"},
    {"security.protocol", "tls and sasl"},
    {"transaction.timeout.ms", "transaction_timeout"},
    {"transactional.id", "transactional_id"},
};

const char* instead_of(const std::string& property) {
  for (const auto& owned : kOwned) {
    if (property == owned.property) return owned.instead;
  }
  return nullptr;
}

}  // namespace

const Schema<KafkaTls>& kafka_tls_options() {
  using O = KafkaTls;
  static const Schema<O> schema({
      field("ca_file", &O::ca_file)
          .about("Certificates (PEM) that the brokers' must be signed by. Default: the system's."),
      field("certificate_file", &O::certificate_file)
          .about("Our certificate (PEM), where the brokers ask for one."),
      field("key_file", &O::key_file).about("The private key (PEM) of our certificate."),
      field("key_password", &O::key_password).about("Of the private key, if it has one."),
      field("verify", &O::verify)
          .about("false: takes any certificate of the brokers. For tests only."),
  });
  return schema;
}

const Schema<KafkaSasl>& kafka_sasl_options() {
  using O = KafkaSasl;
  static const Schema<O> schema({
      field("mechanism", &O::mechanism)
          .one_of({{"plain", KafkaMechanism::kPlain},
                   {"scram_sha_256", KafkaMechanism::kScramSha256},
                   {"scram_sha_512", KafkaMechanism::kScramSha512}})
          .about("How the password is proven. plain sends it: only with tls."),
      field("user", &O::user).required().not_empty().about("The user's name."),
      field("password", &O::password)
          .required()
          .example("${env:KAFKA_PASSWORD}")
          .about("The user's password; never printed."),
  });
  return schema;
}

void check_kafka_connection(const KafkaConnection& connection, const Position& at,
                            Diagnostics& diagnostics) {
  if (connection.brokers.empty() &&
      (connection.tls || connection.sasl || !connection.properties.empty())) {
    diagnostics.error("option-conflict", at, "tls, sasl and properties need brokers",
                      "set brokers: 127.0.0.1:9092; or leave these out, too, for topics of this "
                      "machine");
  }
  if (connection.tls && connection.tls->certificate_file.empty() !=
                            connection.tls->key_file.empty()) {
    diagnostics.error("option-conflict", at, "certificate_file and key_file go together",
                      "give both, or neither");
  }
  for (const auto& [name, value] : connection.properties) {
    if (const char* instead = instead_of(name)) {
      diagnostics.error("kafka-bad-property", at,
                        "the property '" + name + "' is not for you to set",
                        *instead == '\0' ? "leave it out: this component relies on it"
                                         : "use the option " + std::string(instead));
    } else if (const auto problem = kafka_property_problem(name, value.reveal())) {
      diagnostics.error("kafka-bad-property", at,
                        masked(*problem, {value}),
                        "properties are those of librdkafka, by its names");
    }
  }
}

std::vector<Secret> secrets_of(const KafkaConnection& connection) {
  std::vector<Secret> secrets;
  if (connection.tls && !connection.tls->key_password.empty()) {
    secrets.push_back(connection.tls->key_password);
  }
  if (connection.sasl) secrets.push_back(connection.sasl->password);
  for (const auto& [name, value] : connection.properties) {
    const bool secret = name.find("password") != std::string::npos ||
                        name.find("secret") != std::string::npos ||
                        name.find("pem") != std::string::npos || name == "sasl.oauthbearer.config";
    if (secret) secrets.push_back(value);
  }
  return secrets;
}

}  // namespace penstock
