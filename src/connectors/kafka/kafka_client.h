// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "connectors/kafka/kafka_connection.h"

// What of librdkafka's names other files may hold, without its header.
struct rd_kafka_s;
struct rd_kafka_conf_s;
struct rd_kafka_message_s;
struct rd_kafka_queue_s;
struct rd_kafka_topic_s;
struct rd_kafka_topic_partition_list_s;

namespace penstock {

/// librdkafka's properties: name, value.
using KafkaSettings = std::vector<std::pair<std::string, std::string>>;

/// Null, or why librdkafka does not take this property.
std::optional<std::string> kafka_property_problem(const std::string& name,
                                                  const std::string& value);

/// An error of librdkafka (rd_kafka_resp_err_t) with the reaction that it asks for. `what` begins
/// the message: "topic 'orders'".
Error kafka_error(int code, const std::string& what, const std::string& detail = {});

struct KafkaTopic {
  std::string name;
  uint32_t partitions = 0;
};

/// One connection to a cluster: a consumer or a producer of librdkafka, its log and its errors.
/// Thread-safe. What the library says goes to our log with every secret masked.
class KafkaClient {
 public:
  enum class Kind : uint8_t { kConsumer, kProducer };
  using Configure = std::function<void(rd_kafka_conf_s*)>;
  /// Does not wait for a broker. `settings` go before the user's properties, which have the last
  /// word. `configure` sets callbacks; their opaque is `owner`'s address, told by set_owner().
  static Result<std::unique_ptr<KafkaClient>> make(Kind kind, const KafkaConnection& connection,
                                                   const KafkaSettings& settings, Logger* log,
                                                   const std::string& stage,
                                                   const Configure& configure);
  /// Gives up what is in flight. May block for a second.
  ~KafkaClient();

  /// Blocks until a broker has answered, with our credentials. "kafka-unreachable",
  /// "kafka-credentials".
  Result<void> connect();
  /// The topics of these names; all if none is given. Blocks. "kafka-topic-missing",
  /// "kafka-unauthorized".
  Result<std::vector<KafkaTopic>> topics(const std::vector<std::string>& names);
  /// Makes a topic; one that is there is left as it is. Blocks.
  Result<void> create_topic(const std::string& name, uint32_t partitions, uint32_t replicas,
                            const std::map<std::string, std::string>& config);
  /// A topic's setting ("max.message.bytes"); empty if it may not be known. Blocks.
  std::string topic_setting(const std::string& topic, const std::string& setting);
  /// "kafka CLUSTER": the same for all clients of a cluster, whatever brokers they know. Blocks.
  std::string place();

  rd_kafka_s* handle() const { return handle_; }
  void* owner() const { return owner_; }
  void set_owner(void* owner) { owner_ = owner; }
  /// `text` without our secrets.
  std::string masked_text(std::string_view text) const { return masked(text, secrets_); }
  Logger& log() const { return *log_; }
  const std::string& stage() const { return stage_; }
  /// The last error that concerned the whole client; for messages.
  std::string last_error() const;
  Duration timeout() const { return timeout_; }

 private:
  KafkaClient() = default;
  static void on_log(const rd_kafka_s* handle, int level, const char* facility, const char* text);
  static void on_error(rd_kafka_s* handle, int code, const char* reason, void* opaque);
  Error unreachable(const std::string& detail) const;

  rd_kafka_s* handle_ = nullptr;
  bool consumer_ = false;
  void* owner_ = nullptr;
  Logger* log_ = nullptr;
  std::string stage_, brokers_;
  std::vector<Secret> secrets_;
  Duration timeout_;
  mutable std::mutex mutex_;
  std::string last_error_;  // guarded by mutex_
  int refused_ = 0;         // guarded by mutex_: an error that waiting does not cure
};

}  // namespace penstock
