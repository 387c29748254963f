// SPDX-License-Identifier: Apache-2.0
// Against librdkafka's own imitation of a broker, in this process. tests/kafka has the real one.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "connectors/kafka/kafka.h"
#include "connectors/kafka/kafka_imitation.h"
#include "connectors/kafka/kafka_producer.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

std::shared_ptr<const Bound> bound_source(const Catalog& catalog, const Imitation& imitation) {
  return bind(catalog, "kafka", ComponentKind::kSource,
              map({{"brokers", imitation.brokers()}, {"topics", list({"t"})}, {"follow", false}}));
}

std::vector<std::string> all_of(const Imitation& imitation) {
  Services services;
  Catalog catalog;
  register_kafka(catalog);
  SourceHarness in(services, bound_source(catalog, imitation));
  const Result<void> opened = in.open();
  CHECK(opened.has_value());
  in.pull_threaded();
  return in.out.payloads();
}

void records_of_a_topic(Fixture& fixture) {
  const auto imitation = std::make_shared<Imitation>();
  imitation->make_topic("t", 1);
  for (int i = 0; i < 100; ++i) fixture.expected.push_back("record " + std::to_string(i));
  imitation->fill("t", 0, fixture.expected);
  fixture.threaded = true;
  fixture.options =
      map({{"brokers", imitation->brokers()}, {"topics", list({"t"})}, {"follow", false}});
  fixture.feed = [imitation](Source&) {};  // it lives as long as the fixture
}

void records_to_a_topic(Fixture& fixture) {
  const auto imitation = std::make_shared<Imitation>();
  imitation->make_topic("t", 1);
  fixture.threaded = true;
  fixture.options = map({{"brokers", imitation->brokers()}, {"topic", "t"}});
  fixture.read_back = [imitation] { return all_of(*imitation); };
}

const bool kConforms = inherit(register_kafka,
                               {{"kafka", ComponentKind::kSource, records_of_a_topic},
                                {"kafka", ComponentKind::kSink, records_to_a_topic}});

TEST(KafkaOptions, topics_without_brokers_are_those_of_this_machine) {
  Catalog catalog;
  register_kafka(catalog);
  const auto in = bind(catalog, "kafka", ComponentKind::kSource,
                       map({{"topics", list({"a", "b"})}, {"group", "g"}, {"start", "latest"}}));
  ASSERT_TRUE(in->local);
  EXPECT_EQ(in->local->topics, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(in->local->group, "g");
  EXPECT_TRUE(in->local->latest);
  EXPECT_FALSE(in->local->durable);
  const auto out = bind(catalog, "kafka", ComponentKind::kSink, map({{"topic", "a"}}));
  ASSERT_TRUE(out->local);
  EXPECT_EQ(out->local->topics, (std::vector<std::string>{"a"}));
  EXPECT_FALSE(bind(catalog, "kafka", ComponentKind::kSink,
                    map({{"topic", "a"}, {"brokers", "127.0.0.1:1"}}))->local);
}

TEST(KafkaOptions, what_only_brokers_can_do_is_refused_without_them) {
  Catalog catalog;
  register_kafka(catalog);
  const auto problems = [&](ComponentKind kind, const Node& node) {
    return bind_problems(catalog, "kafka", kind, node);
  };
  EXPECT_NE(problems(ComponentKind::kSource, map({{"topics", list({"^a"})}, {"group", "g"}}))
                .find("without brokers each topic has to be named"), std::string::npos);
  EXPECT_NE(problems(ComponentKind::kSource,
                     map({{"topics", list({"a"})}, {"start", "time"}, {"start_time_ms", 5}}))
                .find("start: time and start: offsets need brokers"), std::string::npos);
  for (const ComponentKind kind : {ComponentKind::kSource, ComponentKind::kSink}) {
    Node options = kind == ComponentKind::kSink ? map({{"topic", "a"}})
                                                : map({{"topics", list({"a"})}});
    options.entries.push_back({"tls", {}, map({})});
    EXPECT_NE(problems(kind, options).find("tls, sasl and properties need brokers"),
              std::string::npos);
  }
  EXPECT_NE(problems(ComponentKind::kSink, map({{"topic", "a"}, {"brokers", ""}}))
                .find("brokers"), std::string::npos);
}

TEST(KafkaErrors, the_reaction_is_that_of_the_kind) {
  const auto reaction = [](int code) { return kafka_error(code, "x").reaction; };
  EXPECT_EQ(reaction(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE), Reaction::kRejectRecord);
  EXPECT_EQ(reaction(RD_KAFKA_RESP_ERR_INVALID_RECORD), Reaction::kRejectRecord);
  EXPECT_EQ(reaction(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED), Reaction::kStopPipeline);
  EXPECT_EQ(reaction(RD_KAFKA_RESP_ERR__FENCED), Reaction::kReconnect);
  EXPECT_EQ(reaction(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT), Reaction::kReconnect);
}

TEST(KafkaErrors, properties_are_known_by_name_and_value) {
  EXPECT_FALSE(kafka_property_problem("fetch.min.bytes", "1"));
  EXPECT_TRUE(kafka_property_problem("fetch.min.bytes", "many"));
  EXPECT_TRUE(kafka_property_problem("fetch.min.byte", "1"));
}

TEST(KafkaPoison, only_what_was_added_is_refused) {
  KafkaPoison poison;
  Record record;
  record.payload = "bad";
  record.payload_size = 3;
  EXPECT_FALSE(poison.contains(record));
  poison.add("bad", "");
  EXPECT_TRUE(poison.contains(record));
  record.key = "k";
  record.key_size = 1;
  EXPECT_FALSE(poison.contains(record));
}

}  // namespace
}  // namespace penstock
