// SPDX-License-Identifier: Apache-2.0
#include "plan/layout.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

using Indices = std::vector<uint32_t>;
using Messages = std::vector<std::string>;

/// source → copy → sink, each with that many tasks.
FlowBuilder line(uint32_t a = 1, uint32_t b = 1, uint32_t c = 1) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}, a)
      .stage("x", "copy", {"q"}, {"p"}, b)
      .stage("out", "sink", {"p"}, {}, c);
  return flow;
}

/// The modes of all edges, in words.
std::string modes(const FlowBuilder& flow) {
  const Planned made = planned(flow);
  if (made.plan == nullptr) return made.messages.at(0);
  std::string out;
  for (const PlanEdge& edge : made.plan->edges) {
    out += (out.empty() ? "" : " ") + std::string(to_string(edge.mode));
  }
  return out;
}

TEST(Layout, neighbours_with_equal_tasks_are_chained) {
  EXPECT_EQ(modes(line()), "chained chained");
  EXPECT_EQ(modes(line(3, 3, 3)), "chained chained");
  EXPECT_EQ(modes(line(1, 2, 2)), "shared chained");
  EXPECT_EQ(modes(line(2, 1, 2)), "shared shared");
}

TEST(Layout, a_chain_is_cut_where_the_file_or_the_machine_says_so) {
  for (const size_t stage : {0u, 1u}) {
    FlowBuilder flow = line();
    flow.spec.stages[stage].chain = false;
    EXPECT_EQ(modes(flow), stage == 0 ? "shared chained" : "shared shared");
  }
  FlowBuilder pinned = line();
  pinned.spec.stages[2].cpu_pinning = {1};
  EXPECT_EQ(modes(pinned), "chained shared");
  pinned.spec.stages[1].cpu_pinning = {1};
  EXPECT_EQ(modes(pinned), "shared chained");
  FlowBuilder real_time = line();
  real_time.spec.stages[0].realtime_priority = 5;
  EXPECT_EQ(modes(real_time), "shared chained");
}

TEST(Layout, a_keyed_input_is_chained_only_to_a_single_task) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}).stage("out", "sink", {"q"}, {}).keyed();
  EXPECT_EQ(modes(flow), "chained");
  FlowBuilder two;
  two.stage("in", "source", {}, {"q"}, 2).stage("out", "sink", {"q"}, {}, 2).keyed();
  EXPECT_EQ(modes(two), "keyed");
  FlowBuilder into_one;
  into_one.stage("in", "source", {}, {"q"}, 2).stage("out", "sink", {"q"}, {}, 1).keyed();
  EXPECT_EQ(modes(into_one), "keyed");
}

TEST(Layout, edges_that_join_or_divide_are_queues) {
  FlowBuilder fan_in;
  fan_in.stage("a", "source", {}, {"q"}).stage("b", "source", {}, {"q"});
  fan_in.stage("out", "sink", {"q"}, {});
  EXPECT_EQ(modes(fan_in), "shared");
  FlowBuilder fan_out;
  fan_out.stage("in", "source", {}, {"q"});
  fan_out.stage("a", "sink", {"q"}, {}).stage("b", "sink", {"q"}, {});
  EXPECT_EQ(modes(fan_out), "shared");
  FlowBuilder two_inputs;
  two_inputs.stage("a", "source", {}, {"q"}).stage("b", "source", {}, {"p"});
  two_inputs.stage("out", "sink", {"q", "p"}, {});
  EXPECT_EQ(modes(two_inputs), "shared shared");
}

TEST(Layout, a_queue_is_one_edge_whoever_writes_and_reads_it) {
  FlowBuilder flow;
  flow.stage("a", "source", {}, {"q"}).stage("b", "source", {}, {"q"});
  flow.stage("c", "sink", {"q"}, {}).stage("d", "sink", {"q"}, {});
  flow.queue("q").capacity = 7;
  flow.queue("q").capacity_bytes = kibibytes(3);
  flow.queue("q").ordering = Ordering::kNone;
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  ASSERT_EQ(made.plan->edges.size(), 1u);
  const PlanEdge& edge = made.plan->edges[0];
  EXPECT_EQ(edge.queue, "q");
  EXPECT_EQ(edge.producers, (Indices{0, 1}));
  EXPECT_EQ(edge.consumers, (Indices{2, 3}));
  EXPECT_EQ(edge.capacity_records, 7u);
  EXPECT_EQ(edge.capacity_bytes, 3072u);
  EXPECT_EQ(edge.ordering, Ordering::kNone);
  EXPECT_EQ(made.plan->stages[1].ports[0].edges, Indices{0});
  EXPECT_EQ(made.plan->stages[3].inputs, Indices{0});
}

TEST(Layout, a_broadcast_queue_is_one_edge_for_each_reader) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"});
  flow.stage("a", "sink", {"q"}, {}).stage("b", "sink", {"q"}, {}, 2).keyed();
  flow.queue("q").broadcast = true;
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  ASSERT_EQ(made.plan->edges.size(), 2u);
  EXPECT_EQ(made.plan->stages[0].ports[0].edges, (Indices{0, 1}));
  EXPECT_EQ(made.plan->edges[0].mode, EdgeMode::kForward);
  EXPECT_EQ(made.plan->edges[1].mode, EdgeMode::kKeyed);
  EXPECT_EQ(made.plan->edges[1].consumers, Indices{2});
}

TEST(Layout, ports_stand_in_the_order_of_the_component_behind_the_plain_output) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}).stage("x", "route", {"q"}, {"b:to_b", "a:to_a", "rest"});
  for (const char* name : {"to_a", "to_b", "rest"}) flow.stage(name, "sink", {name}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  const std::vector<PlanPort>& ports = made.plan->stages[1].ports;
  ASSERT_EQ(ports.size(), 3u);
  const auto queue = [&](size_t port) { return made.plan->edges[ports[port].edges.at(0)].queue; };
  EXPECT_EQ(ports[0].name, "");
  EXPECT_EQ(queue(0), "rest");
  EXPECT_EQ(ports[1].name, "a");
  EXPECT_EQ(queue(1), "to_a");
  EXPECT_EQ(ports[2].name, "b");
  EXPECT_EQ(queue(2), "to_b");
}

TEST(Layout, dead_letters_have_an_edge_that_is_never_chained) {
  FlowBuilder flow = line();
  flow.spec.stages[1].dead_letter = flow.queue("dead").name;
  flow.stage("grave", "sink", {"dead"}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  ASSERT_EQ(made.plan->stages[1].dead_letter, 2u);
  const PlanEdge& edge = made.plan->edges[2];
  EXPECT_TRUE(edge.dead_letters);
  EXPECT_EQ(edge.mode, EdgeMode::kShared);
  EXPECT_EQ(edge.producers, Indices{1});
  EXPECT_EQ(edge.consumers, Indices{3});
  EXPECT_EQ(made.plan->regions.size(), 1u);
}

TEST(Layout, what_takes_dead_letters_has_none_of_its_own) {
  FlowBuilder flow = line();
  flow.spec.stages[1].dead_letter = flow.queue("dead").name;
  flow.stage("mark", "copy", {"dead"}, {"marked"}).stage("grave", "sink", {"marked"}, {});
  EXPECT_NE(planned(flow).plan, nullptr);
  flow.last().dead_letter = flow.queue("deeper").name;
  flow.stage("pit", "sink", {"deeper"}, {});
  EXPECT_EQ(planned(flow).messages,
            Messages{"flow.yaml:53:1: error[dead-letter-chain]: stage \"grave\" takes dead letters "
                     "(from the queue \"marked\") and has dead letters of its own\n  hint: remove "
                     "its dead_letter: what takes dead letters tries again until it can"});
}

TEST(Layout, dead_letters_are_not_broadcast) {
  FlowBuilder flow = line();
  flow.spec.stages[1].dead_letter = flow.queue("dead").name;
  flow.queue("dead").broadcast = true;
  flow.stage("a", "sink", {"dead"}, {});
  EXPECT_NE(planned(flow).plan, nullptr);
  flow.stage("b", "sink", {"dead"}, {});
  EXPECT_EQ(
      planned(flow).messages,
      Messages{"flow.yaml:23:1: error[broadcast-dead-letters]: stage \"x\" sends dead letters "
               "to the queue \"dead\", which several stages read as a broadcast\n"
               "  hint: let one stage read the dead letters"});
}

TEST(Layout, a_keyed_stage_does_not_compete) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"});
  flow.stage("a", "sink", {"q"}, {}).stage("b", "sink", {"q"}, {}).keyed();
  EXPECT_EQ(planned(flow).messages,
            Messages{"flow.yaml:34:1: error[keyed-competition]: stage \"b\" has a key, but shares "
                     "the queue \"q\" with stage \"a\": records of one key would go to both\n  "
                     "hint: give each stage a queue of its own, or set broadcast: true on the "
                     "queue"});
}

TEST(Layout, chains_follow_the_flow_and_may_branch) {
  FlowBuilder flow;  // file order is not flow order
  flow.stage("out", "sink", {"p"}, {})
      .stage("side", "sink", {"s"}, {})
      .stage("x", "copy", {"q"}, {"p", "s"})
      .stage("in", "source", {}, {"q"});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  ASSERT_EQ(made.plan->chains.size(), 1u);
  EXPECT_EQ(made.plan->chains[0].stages, (Indices{3, 2, 0, 1}));
  EXPECT_EQ(flow_order(*made.plan), (Indices{3, 2, 0, 1}));
}

TEST(Layout, each_stage_knows_its_chain_and_region) {
  FlowBuilder flow = line(1, 2, 2);
  flow.stage("in2", "source", {}, {"q2"}).stage("out2", "sink", {"q2"}, {}, 3);
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  const Plan& plan = *made.plan;
  ASSERT_EQ(plan.chains.size(), 4u);
  EXPECT_EQ(plan.chains[1].stages, (Indices{1, 2}));
  EXPECT_EQ(plan.chains[1].tasks, 2u);
  EXPECT_EQ(plan.chains[3].tasks, 3u);
  ASSERT_EQ(plan.regions.size(), 2u);
  EXPECT_EQ(plan.regions[0].name, "in");
  EXPECT_EQ(plan.regions[0].stages, (Indices{0, 1, 2}));
  EXPECT_EQ(plan.regions[0].chains, (Indices{0, 1}));
  EXPECT_EQ(plan.regions[1].name, "in2");
  EXPECT_EQ(plan.regions[1].chains, (Indices{2, 3}));
  for (uint32_t c = 0; c < plan.chains.size(); ++c) {
    for (const uint32_t stage : plan.chains[c].stages) EXPECT_EQ(plan.stages[stage].chain, c);
  }
  EXPECT_EQ(plan.stages[4].region, 1u);
}

TEST(Layout, a_stage_is_combined_where_its_records_are_exchanged) {
  const auto combined = [](uint32_t before, uint32_t tasks, const char* type) {
    FlowBuilder flow;
    flow.stage("in", "source", {}, {"q"}, before).stage("x", type, {"q"}, {"p"}, tasks).keyed();
    flow.stage("out", "sink", {"p"}, {});
    const Planned made = planned(flow);
    return made.plan != nullptr && made.plan->stages[1].combined;
  };
  EXPECT_TRUE(combined(1, 2, "count"));
  EXPECT_TRUE(combined(2, 2, "count"));
  EXPECT_TRUE(combined(2, 1, "count"));
  EXPECT_FALSE(combined(1, 1, "count"));  // chained
  EXPECT_FALSE(combined(2, 2, "copy"));   // has no combiner
}

TEST(Layout, rejected_records_are_not_combined) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"});
  flow.last().dead_letter = flow.queue("dead").name;
  flow.stage("x", "count", {"q", "dead"}, {"p"}, 2).keyed();
  flow.stage("out", "sink", {"p"}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  EXPECT_FALSE(made.plan->stages[1].combined);
}

TEST(Layout, the_state_signature_names_what_keeps_state_in_whatever_file_order) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"})
      .stage("words", "count", {"q"}, {"p"}, 2)
      .keyed(KeySpec::Kind::kHeader, "word")
      .stage("all", "sum", {"p"}, {"r"})
      .stage("out", "sink", {"r"}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  const std::string signature = "all (sum, key none); words (count, key header word)";
  EXPECT_EQ(state_signature(*made.plan, 0), signature);
  std::swap(flow.spec.stages[1], flow.spec.stages[2]);
  flow.spec.stages[2].threads = 5;
  EXPECT_EQ(state_signature(*planned(flow).plan, 0), signature);
  flow.spec.stages[2].key.kind = KeySpec::Kind::kPayload;
  EXPECT_NE(state_signature(*planned(flow).plan, 0), signature);
}

}  // namespace
}  // namespace penstock
