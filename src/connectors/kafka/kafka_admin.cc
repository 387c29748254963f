// SPDX-License-Identifier: Apache-2.0
// Questions and orders to the cluster that have an answer of their own.
#include <librdkafka/rdkafka.h>

#include <algorithm>

#include "connectors/kafka/kafka_client.h"

namespace penstock {
namespace {

constexpr int kErrorBytes = 512;
/// It is good to know a topic's settings, but nothing to wait long for.
constexpr int kSettingMs = 1000;

/// A queue for one answer.
struct Answer {
  explicit Answer(rd_kafka_t* handle, rd_kafka_admin_op_t op, int wait_ms)
      : queue(rd_kafka_queue_new(handle)), options(rd_kafka_AdminOptions_new(handle, op)) {
    char text[kErrorBytes];
    rd_kafka_AdminOptions_set_request_timeout(options, wait_ms, text, sizeof text);
  }
  ~Answer() {
    if (event != nullptr) rd_kafka_event_destroy(event);
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
  }
  bool wait(int wait_ms) { return (event = rd_kafka_queue_poll(queue, wait_ms)) != nullptr; }
  rd_kafka_queue_t* queue;
  rd_kafka_AdminOptions_t* options;
  rd_kafka_event_t* event = nullptr;
};

}  // namespace

Result<void> KafkaClient::create_topic(const std::string& name, uint32_t partitions,
                                       uint32_t replicas,
                                       const std::map<std::string, std::string>& config) {
  const int wait_ms = static_cast<int>(timeout_.ms());
  const std::string what = "topic '" + name + "' could not be made";
  char text[kErrorBytes] = "";
  rd_kafka_NewTopic_t* topic =
      rd_kafka_NewTopic_new(name.c_str(), static_cast<int>(partitions),
                            replicas == 0 ? -1 : static_cast<int>(replicas), text, sizeof text);
  if (topic == nullptr) {
    Error error = stop_error("kafka-topic-missing", what, "look at its name and partitions");
    error.detail = text;
    return error;
  }
  for (const auto& [setting, value] : config) {
    rd_kafka_NewTopic_set_config(topic, setting.c_str(), value.c_str());
  }
  Answer answer(handle_, RD_KAFKA_ADMIN_OP_CREATETOPICS, wait_ms);
  rd_kafka_CreateTopics(handle_, &topic, 1, answer.options, answer.queue);
  rd_kafka_NewTopic_destroy(topic);
  if (!answer.wait(wait_ms)) return kafka_error(RD_KAFKA_RESP_ERR__TIMED_OUT, what);
  if (const auto code = rd_kafka_event_error(answer.event); code != 0) {
    return kafka_error(code, what, rd_kafka_event_error_string(answer.event));
  }
  size_t count = 0;
  const auto* result = rd_kafka_event_CreateTopics_result(answer.event);
  const rd_kafka_topic_result_t* const* made = rd_kafka_CreateTopics_result_topics(result, &count);
  for (size_t i = 0; i < count; ++i) {
    const auto code = rd_kafka_topic_result_error(made[i]);
    if (code == 0 || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    const char* says = rd_kafka_topic_result_error_string(made[i]);
    Error error = kafka_error(code, what, says == nullptr ? "" : says);
    error.reaction = Reaction::kStopPipeline;
    return error;
  }
  return {};
}

std::string KafkaClient::topic_setting(const std::string& topic, const std::string& setting) {
  const int wait_ms = std::min(static_cast<int>(timeout_.ms()), kSettingMs);
  Answer answer(handle_, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, wait_ms);
  rd_kafka_ConfigResource_t* resource =
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str());
  rd_kafka_DescribeConfigs(handle_, &resource, 1, answer.options, answer.queue);
  rd_kafka_ConfigResource_destroy(resource);
  if (!answer.wait(wait_ms) || rd_kafka_event_error(answer.event) != 0) return {};
  size_t resources = 0;
  const auto* result = rd_kafka_event_DescribeConfigs_result(answer.event);
  const auto* const* all = rd_kafka_DescribeConfigs_result_resources(result, &resources);
  for (size_t r = 0; r < resources; ++r) {
    size_t count = 0;
    const auto* const* entries = rd_kafka_ConfigResource_configs(all[r], &count);
    for (size_t i = 0; i < count; ++i) {
      if (setting != rd_kafka_ConfigEntry_name(entries[i])) continue;
      const char* value = rd_kafka_ConfigEntry_value(entries[i]);
      return value == nullptr ? "" : value;
    }
  }
  return {};
}

}  // namespace penstock
