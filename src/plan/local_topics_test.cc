// SPDX-License-Identifier: Apache-2.0
#include "plan/local_topics.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

struct BrokerOptions {
  std::string broker, topic, group;
  bool durable = false;
};
const Schema<BrokerOptions>& broker_options() {
  using O = BrokerOptions;
  static const Schema<O> schema({field("broker", &O::broker), field("topic", &O::topic),
                                 field("group", &O::group), field("durable", &O::durable)});
  return schema;
}
struct LogOptions {
  std::string topic, group, start;
  bool create = true;
  uint32_t partitions = 1;
};
const Schema<LogOptions>& log_options() {
  using O = LogOptions;
  static const Schema<O> schema({field("topic", &O::topic).required(), field("group", &O::group),
                                 field("start", &O::start), field("create", &O::create),
                                 field("partitions", &O::partitions)});
  return schema;
}

class NoSource final : public SourceFactory {
  std::unique_ptr<Source> create() const override { return nullptr; }
};
class NoSink final : public SinkFactory {
  std::unique_ptr<Sink> create() const override { return nullptr; }
};
class NoStage final : public StageFactory {
  std::unique_ptr<Stage> create() const override { return nullptr; }
};

/// A source and a sink of one type.
template <class O>
void add_both(Catalog& catalog, const char* type, const Schema<O>& schema,
              std::function<void(Bound&, const O&)> more = {}) {
  for (const ComponentKind kind : {ComponentKind::kSource, ComponentKind::kSink}) {
    catalog.add(component<O>(kind, type, "", "", {}, schema,
                             [=](Bound& bound, std::shared_ptr<const O> options) {
                               if (kind == ComponentKind::kSink) {
                                 bound.sink = std::make_unique<NoSink>();
                               } else {
                                 bound.source = std::make_unique<NoSource>();
                               }
                               if (more) more(bound, *options);
                             }));
  }
}

void take_local(Bound& bound, const BrokerOptions& options) {
  if (!options.broker.empty()) return;
  bound.local = LocalTopic{{options.topic}, options.group, false, options.durable};
}

/// The fake one with a broker's component, and what stands in for that.
const Catalog& catalog_with_broker() {
  static const Catalog catalog = [] {
    Catalog c = fake_catalog();
    add_both<LogOptions>(c, "topic", log_options());
    add_both<BrokerOptions>(c, "broker", broker_options(), take_local);
    struct NoOptions {};
    static const Schema<NoOptions> none({});
    c.add(component<NoOptions>(ComponentKind::kStage, "noop_transform", "", "", {}, none,
                               [](Bound& bound, std::shared_ptr<const NoOptions>) {
                                 bound.stage = std::make_unique<NoStage>();
                               }));
    return c;
  }();
  return catalog;
}

Planned planned_with_broker(const FlowBuilder& flow) {
  Diagnostics diagnostics;
  Planned out;
  out.plan = make_plan(flow.spec, catalog_with_broker(), diagnostics);
  for (const Diagnostic& each : diagnostics.all()) out.messages.push_back(to_string(each));
  return out;
}

/// A broker's stage; `option` is one of: topic NAME, group NAME, durable true, broker ADDRESS.
Node said(std::initializer_list<std::pair<const char*, const char*>> options) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (const auto& [key, value] : options) {
    Node text;
    text.kind = Node::Kind::kScalar;
    text.text = value;
    node.entries.push_back({key, {}, text});
  }
  return node;
}

/// in → made → to: the topic orders; from: the topic orders → read → out.
FlowBuilder two_steps() {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"made"});
  flow.stage("to", "broker", {"made"}, {});
  flow.last().config = said({{"topic", "orders"}});
  flow.stage("from", "broker", {}, {"read"});
  flow.last().config = said({{"topic", "orders"}});
  flow.stage("out", "sink", {"read"}, {});
  return flow;
}

std::string types(const Plan& plan) {
  std::string text;
  for (const PlanStage& stage : plan.stages) {
    text += (text.empty() ? "" : " ") + stage.name + ":" + stage.type;
  }
  return text;
}

std::string option(const Plan& plan, const char* stage, const char* name) {
  const Node* value = plan.spec.find_stage(stage)->config.find(name);
  return value == nullptr ? "" : value->text;
}

TEST(LocalTopics, two_steps_without_a_broker_are_joined_by_a_channel) {
  const Planned made = planned_with_broker(two_steps());
  ASSERT_NE(made.plan, nullptr) << made.messages.at(0);
  EXPECT_EQ(types(*made.plan), "in:source to:noop_transform from:noop_transform out:sink");
  EXPECT_EQ(made.plan->regions.size(), 1u);
  ASSERT_EQ(made.plan->paths.size(), 1u);
  EXPECT_EQ(made.plan->paths[0].guarantee, "at least once");
  ASSERT_EQ(made.plan->notes.size(), 1u);
  EXPECT_NE(made.plan->notes[0].find("a channel inside this process"), std::string::npos);
}

TEST(LocalTopics, a_stage_that_names_its_broker_keeps_it) {
  FlowBuilder flow = two_steps();
  for (StageSpec& stage : flow.spec.stages) {
    if (stage.type == "broker") {
      stage.config = said({{"topic", "orders"}, {"broker", "localhost"}});
    }
  }
  const Planned made = planned_with_broker(flow);
  ASSERT_NE(made.plan, nullptr);
  EXPECT_EQ(types(*made.plan), "in:source to:broker from:broker out:sink");
  EXPECT_TRUE(made.plan->notes.empty());
}

TEST(LocalTopics, durability_makes_it_the_log) {
  FlowBuilder asked = two_steps(), power = two_steps();
  asked.spec.stages[2].config = said({{"topic", "orders"}, {"durable", "true"}, {"group", "g"}});
  power.spec.durability = Durability::kPower;
  for (const FlowBuilder* flow : {&asked, &power}) {
    const Planned made = planned_with_broker(*flow);
    ASSERT_NE(made.plan, nullptr) << made.messages.at(0);
    EXPECT_EQ(types(*made.plan), "in:source to:topic from:topic out:sink");
    EXPECT_EQ(made.plan->regions.size(), 2u);
    EXPECT_EQ(option(*made.plan, "to", "topic"), "orders");
    EXPECT_EQ(option(*made.plan, "from", "create"), "true");
    EXPECT_NE(made.plan->notes.at(0).find("durability is asked for"), std::string::npos);
  }
  EXPECT_EQ(option(*planned_with_broker(asked).plan, "from", "group"), "g");
}

TEST(LocalTopics, a_topic_that_others_write_or_read_is_the_log) {
  FlowBuilder reads, writes;
  reads.stage("from", "broker", {}, {"read"}).last().config = said({{"topic", "a"}});
  reads.stage("out", "sink", {"read"}, {});
  writes.stage("in", "source", {}, {"made"});
  writes.stage("to", "broker", {"made"}, {}).last().config = said({{"topic", "a"}});
  EXPECT_EQ(types(*planned_with_broker(reads).plan), "from:topic out:sink");
  const auto note = [](const FlowBuilder& f) { return planned_with_broker(f).plan->notes.at(0); };
  EXPECT_NE(note(reads).find("others write it"), std::string::npos);
  EXPECT_EQ(types(*planned_with_broker(writes).plan), "in:source to:topic");
  EXPECT_NE(note(writes).find("others read it"), std::string::npos);
}

TEST(LocalTopics, what_comes_round_goes_through_the_log) {
  FlowBuilder flow;
  flow.stage("from", "broker", {}, {"read"}).last().config = said({{"topic", "again"}});
  flow.stage("to", "broker", {"read"}, {}).last().config = said({{"topic", "again"}});
  const Planned made = planned_with_broker(flow);
  ASSERT_NE(made.plan, nullptr) << made.messages.at(0);
  EXPECT_EQ(types(*made.plan), "from:topic to:topic");
  EXPECT_NE(made.plan->notes.at(0).find("comes round"), std::string::npos);
}

TEST(LocalTopics, readers_of_one_group_share_and_others_get_everything) {
  FlowBuilder flow = two_steps();
  flow.spec.stages[2].config = said({{"topic", "orders"}, {"group", "g"}});
  flow.stage("second", "broker", {}, {"more"});
  flow.last().config = said({{"topic", "orders"}, {"group", "g"}});
  flow.stage("sink2", "sink", {"more"}, {});
  flow.stage("all", "broker", {}, {"all"}).last().config = said({{"topic", "orders"}});
  flow.stage("sink3", "sink", {"all"}, {});
  const Planned made = planned_with_broker(flow);
  ASSERT_NE(made.plan, nullptr) << made.messages.at(0);
  const StageSpec* to = made.plan->spec.find_stage("to");
  ASSERT_EQ(to->outputs.size(), 2u);  // one for the group, one for the stage without
  EXPECT_EQ(made.plan->spec.find_stage("from")->inputs[0].queue,
            made.plan->spec.find_stage("second")->inputs[0].queue);
  EXPECT_NE(made.plan->spec.find_stage("from")->inputs[0].queue,
            made.plan->spec.find_stage("all")->inputs[0].queue);
}

TEST(LocalTopics, wrong_options_are_said_as_with_a_broker) {
  FlowBuilder flow = two_steps();
  flow.spec.stages[1].config = said({{"topicc", "orders"}});
  const Planned made = planned_with_broker(flow);
  EXPECT_EQ(made.plan, nullptr);
  EXPECT_NE(made.messages.at(0).find("unknown-field"), std::string::npos) << made.messages.at(0);
}

TEST(LocalTopics, names_that_the_log_cannot_have_get_one_of_their_own) {
  EXPECT_EQ(log_name("orders.eu-1"), "orders.eu-1");
  EXPECT_NE(log_name("a b"), log_name("a/b"));
  EXPECT_EQ(log_name("a b").substr(0, 4), "a_b-");
  EXPECT_EQ(log_name(".hidden")[0], '_');
  EXPECT_LE(log_name(std::string(1000, 'x')).size(), 200u);
}

}  // namespace
}  // namespace penstock
