// SPDX-License-Identifier: Apache-2.0
// For tests: librdkafka's own imitation of a broker, in this process. tests/kafka has the real one.
#pragma once
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <string>
#include <vector>

#include "base/check.h"

namespace penstock {

/// A cluster of one broker, with topics.
class Imitation {
 public:
  Imitation() {
    char text[512];
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), text, sizeof text);
    CHECK(owner_ != nullptr);
    cluster_ = rd_kafka_mock_cluster_new(owner_, 1);
    CHECK(cluster_ != nullptr);
    rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_, 0);
  }
  Imitation(const Imitation&) = delete;
  ~Imitation() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }
  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
  void make_topic(const char* name, int partitions) {
    CHECK(rd_kafka_mock_topic_create(cluster_, name, partitions, 1) == RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void fill(const char* topic, int32_t partition, const std::vector<std::string>& payloads) const {
    char text[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers().c_str(), text, sizeof text);
    rd_kafka_t* producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    CHECK(producer != nullptr);
    for (const std::string& payload : payloads) {
      CHECK(rd_kafka_producev(producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
                              RD_KAFKA_V_VALUE(const_cast<char*>(payload.data()), payload.size()),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                              RD_KAFKA_V_END) == RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    CHECK(rd_kafka_flush(producer, 30'000) == RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_destroy(producer);
  }

 private:
  rd_kafka_t* owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

}  // namespace penstock
