// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_client.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "base/clock.h"

namespace penstock {
namespace {

constexpr int kSliceMs = 250;  // how long one question may take before errors are looked at
constexpr int kErrorBytes = 512;
constexpr const char* kClientName = "penstock";

struct TopicMetadata {
  ~TopicMetadata() { rd_kafka_metadata_destroy(data); }
  const rd_kafka_metadata_t* data;
};

const char* mechanism_name(KafkaMechanism mechanism) {
  switch (mechanism) {
    case KafkaMechanism::kPlain: return "PLAIN";
    case KafkaMechanism::kScramSha256: return "SCRAM-SHA-256";
    case KafkaMechanism::kScramSha512: return "SCRAM-SHA-512";
  }
  return "";
}

KafkaSettings connection_settings(const KafkaConnection& c) {
  KafkaSettings all = {{"bootstrap.servers", c.brokers},
                       {"client.software.name", kClientName},
                       {"client.id", kClientName},
                       {"reconnect.backoff.max.ms", "2000"},
                       {"log.connection.close", "false"},
                       {"socket.keepalive.enable", "true"}};
  all.push_back({"security.protocol", c.sasl ? (c.tls ? "sasl_ssl" : "sasl_plaintext")
                                             : (c.tls ? "ssl" : "plaintext")});
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) all.push_back({name, value});
  };
  if (c.tls) {
    add("ssl.ca.location", c.tls->ca_file);
    add("ssl.certificate.location", c.tls->certificate_file);
    add("ssl.key.location", c.tls->key_file);
    add("ssl.key.password", c.tls->key_password.reveal());
    add("enable.ssl.certificate.verification", c.tls->verify ? "true" : "false");
  }
  if (c.sasl) {
    add("sasl.mechanisms", mechanism_name(c.sasl->mechanism));
    add("sasl.username", c.sasl->user);
    add("sasl.password", c.sasl->password.reveal());
  }
  return all;
}

/// What waiting does not cure.
bool is_refusal(int code) {
  return code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL ||
         code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED ||
         code == RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM;
}

}  // namespace

std::optional<std::string> kafka_property_problem(const std::string& name,
                                                  const std::string& value) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[kErrorBytes] = "";
  const auto result = rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text);
  rd_kafka_conf_destroy(conf);
  if (result == RD_KAFKA_CONF_OK) return std::nullopt;
  return std::string(text);
}

Error kafka_error(int code, const std::string& what, const std::string& detail) {
  const auto error = static_cast<rd_kafka_resp_err_t>(code);
  const std::string says = rd_kafka_err2str(error);
  const auto made = [&](Reaction reaction, const char* id, const char* hint) {
    Error made = make_error(reaction, id, what + ": " + says, hint);
    if (detail != says) made.detail = detail;
    return made;
  };
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      return made(Reaction::kStopPipeline, "kafka-credentials", "look at tls and sasl");
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return made(Reaction::kStopPipeline, "kafka-unauthorized",
                  "the user needs an ACL for it; nothing is lost, start again then");
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return made(Reaction::kStopPipeline, "kafka-topic-missing",
                  "make the topic, or write with create: true");
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      return made(Reaction::kRejectRecord, "record-too-large",
                  "raise max_record_bytes here and max.message.bytes of the topic");
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      return made(Reaction::kRejectRecord, "kafka-record-refused",
                  "the topic does not take such records");
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return made(Reaction::kReconnect, "kafka-fenced",
                  "another process uses the same transactional_id, or this one was away too long");
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return made(Reaction::kStopPipeline, "kafka-offset-gone",
                  "`lost: skip` goes on at what is there");
    default: return made(Reaction::kReconnect, "kafka-unavailable", "");
  }
}

Result<std::unique_ptr<KafkaClient>> KafkaClient::make(Kind kind,
                                                       const KafkaConnection& connection,
                                                       const KafkaSettings& settings, Logger* log,
                                                       const std::string& stage,
                                                       const Configure& configure) {
  std::unique_ptr<KafkaClient> client(new KafkaClient());
  client->consumer_ = kind == Kind::kConsumer;
  client->log_ = log;
  client->stage_ = stage;
  client->brokers_ = connection.brokers;
  client->secrets_ = secrets_of(connection);
  client->timeout_ = connection.connect_timeout;
  KafkaSettings all = connection_settings(connection);
  all.insert(all.end(), settings.begin(), settings.end());
  for (const auto& [name, value] : connection.properties) all.push_back({name, value.reveal()});
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char text[kErrorBytes] = "";
  for (const auto& [name, value] : all) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) ==
        RD_KAFKA_CONF_OK) {
      continue;
    }
    rd_kafka_conf_destroy(conf);
    return stop_error("kafka-bad-property", client->masked_text(text),
                      "properties are those of librdkafka, by its names");
  }
  rd_kafka_conf_set_opaque(conf, client.get());
  rd_kafka_conf_set_log_cb(conf, on_log);
  rd_kafka_conf_set_error_cb(conf, on_error);
  if (configure) configure(conf);
  const auto type = kind == Kind::kConsumer ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER;
  client->handle_ = rd_kafka_new(type, conf, text, sizeof text);
  if (client->handle_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return stop_error("kafka-bad-property", client->masked_text(text),
                      "look at tls, sasl and properties");
  }
  return client;
}

KafkaClient::~KafkaClient() {
  if (handle_ == nullptr) return;
  if (!consumer_) {
    rd_kafka_purge(handle_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                RD_KAFKA_PURGE_F_NON_BLOCKING);
  }
  rd_kafka_destroy_flags(handle_, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

void KafkaClient::on_log(const rd_kafka_s* handle, int level, const char* facility,
                         const char* text) {
  const auto* client = static_cast<const KafkaClient*>(rd_kafka_opaque(handle));
  if (client == nullptr || client->log_ == nullptr) return;
  constexpr int kErrorLevel = 3, kNoticeLevel = 5;  // as syslog numbers them
  const LogLevel as = level <= kErrorLevel    ? LogLevel::kWarn
                      : level <= kNoticeLevel ? LogLevel::kInfo
                                              : LogLevel::kDebug;
  if (!client->log_->enabled(as)) return;
  client->log_->log(as, std::string("kafka client: ") + facility,
                    {{"stage", client->stage_}, {"says", client->masked_text(text)}});
}

void KafkaClient::on_error(rd_kafka_s* handle, int code, const char* reason, void* opaque) {
  auto* client = static_cast<KafkaClient*>(opaque);
  const std::lock_guard lock(client->mutex_);
  // That all brokers are down says less than why the last one is.
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || client->last_error_.empty()) {
    client->last_error_ = client->masked_text(reason);
  }
  if (is_refusal(code)) client->refused_ = code;
}

std::string KafkaClient::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

Error KafkaClient::unreachable(const std::string& detail) const {
  Error error = stop_error("kafka-unreachable", "no broker of " + brokers_ + " answers",
                           "is the address right, and does the broker want tls or sasl?");
  error.detail = detail;
  return error;
}

Result<void> KafkaClient::connect() {
  const SystemClock clock;
  const int64_t until = clock.monotonic_ns() + timeout_.ns();
  while (true) {
    const rd_kafka_metadata_t* data = nullptr;
    const auto code = rd_kafka_metadata(handle_, 0, nullptr, &data, kSliceMs);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(data);
      const std::lock_guard lock(mutex_);
      last_error_.clear();
      return {};
    }
    rd_kafka_poll(handle_, 0);  // errors come with it
    const std::lock_guard lock(mutex_);
    if (refused_ != 0) {
      return kafka_error(refused_, "the brokers of " + brokers_ + " refuse us", last_error_);
    }
    if (clock.monotonic_ns() >= until) {
      return unreachable(last_error_.empty() ? rd_kafka_err2str(code) : last_error_);
    }
  }
}

Result<std::vector<KafkaTopic>> KafkaClient::topics(const std::vector<std::string>& names) {
  std::vector<KafkaTopic> found;
  const auto take = [&](const rd_kafka_metadata_t& data) -> Result<void> {
    for (int t = 0; t < data.topic_cnt; ++t) {
      const rd_kafka_metadata_topic_t& topic = data.topics[t];
      const bool listed = names.empty();
      if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR && listed) continue;
      if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return kafka_error(topic.err, "topic '" + std::string(topic.topic) + "'");
      }
      found.push_back({topic.topic, static_cast<uint32_t>(topic.partition_cnt)});
    }
    return {};
  };
  const int wait_ms = static_cast<int>(timeout_.ms());
  if (names.empty()) {
    const rd_kafka_metadata_t* data = nullptr;
    const auto code = rd_kafka_metadata(handle_, 1, nullptr, &data, wait_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "the list of topics");
    const TopicMetadata metadata{data};
    PENSTOCK_TRY(take(*data));
  }
  for (const std::string& name : names) {
    rd_kafka_topic_t* topic = rd_kafka_topic_new(handle_, name.c_str(), nullptr);
    if (topic == nullptr) return kafka_error(rd_kafka_last_error(), "topic '" + name + "'");
    const rd_kafka_metadata_t* data = nullptr;
    const auto code = rd_kafka_metadata(handle_, 0, topic, &data, wait_ms);
    rd_kafka_topic_destroy(topic);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return kafka_error(code, "topic '" + name + "'");
    const TopicMetadata metadata{data};
    PENSTOCK_TRY(take(*data));
  }
  return found;
}

std::string KafkaClient::place() {
  char* id = rd_kafka_clusterid(handle_, static_cast<int>(timeout_.ms()));
  if (id == nullptr) return "kafka " + brokers_;
  std::string place = std::string("kafka ") + id;
  rd_kafka_mem_free(handle_, id);
  return place;
}

}  // namespace penstock
