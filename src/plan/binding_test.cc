// SPDX-License-Identifier: Apache-2.0
#include "plan/binding.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

using Messages = std::vector<std::string>;

/// source → `stage` → sink, where the tested stage is the second.
FlowBuilder around(const std::string& type, uint32_t threads = 1) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"})
      .stage("out", "sink", {"p"}, {})
      .stage("x", type, {"q"}, {"p"}, threads);
  return flow;
}

TEST(Binding, wiring_decides_which_of_several_kinds_a_type_name_means) {
  FlowBuilder flow;
  flow.stage("a", "both", {}, {"q"}).stage("b", "both", {"q"}, {"p"}).stage("c", "both", {"p"}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  EXPECT_EQ(made.plan->stages[0].kind, ComponentKind::kSource);
  EXPECT_EQ(made.plan->stages[1].kind, ComponentKind::kStage);
  EXPECT_EQ(made.plan->stages[2].kind, ComponentKind::kSink);
  EXPECT_NE(made.plan->stages[0].bound->source, nullptr);
  EXPECT_NE(made.plan->stages[2].bound->sink, nullptr);
}

TEST(Binding, an_unknown_type_gets_a_suggestion) {
  EXPECT_EQ(planned(around("cuont")).messages,
            Messages{"flow.yaml:31:1: error[unknown-type]: there is no stage of type \"cuont\"\n"
                     "  hint: did you mean \"count\"?"});
  EXPECT_EQ(planned(around("sourse")).messages,
            Messages{"flow.yaml:31:1: error[unknown-type]: there is no stage of type \"sourse\"\n"
                     "  hint: did you mean \"source\"?"});
  EXPECT_EQ(planned(around("zzzzzz")).messages,
            Messages{"flow.yaml:31:1: error[unknown-type]: there is no stage of type \"zzzzzz\"\n"
                     "  hint: known: both, copy, count, fork, hold, pass, route, single, sum"});
}

TEST(Binding, a_type_used_as_what_it_is_not_says_what_to_rewire) {
  const auto wrong = [](const char* type, std::vector<std::string> in,
                        std::vector<std::string> out) {
    FlowBuilder flow;
    flow.stage("x", type, in, out);
    if (in.empty()) flow.stage("other", "sink", {"q"}, {});
    if (!in.empty()) flow.stage("other", "source", {}, {"q"});
    if (!in.empty() && !out.empty()) flow.stage("end", "sink", {"p"}, {});
    return planned(flow).messages;
  };
  const std::string start = "flow.yaml:11:1: error[wrong-kind]: ";
  const std::string as_source = "uses it as a source: it reads no queue\n  hint: ";
  const std::string as_stage = "uses it as a stage: it reads and writes queues\n  hint: ";
  const std::string as_sink = "uses it as a sink: it writes no queue\n  hint: ";
  EXPECT_EQ(wrong("copy", {}, {"q"}), Messages{start + "\"copy\" is a stage, but stage \"x\" " +
                                               as_source + "set its input_queue"});
  EXPECT_EQ(wrong("file", {}, {"q"}),
            Messages{start + "\"file\" is a sink, but stage \"x\" " + as_source +
                     "set its input_queue and remove its output_queue"});
  EXPECT_EQ(wrong("source", {"q"}, {"p"}),
            Messages{start + "\"source\" is a source, but stage \"x\" " + as_stage +
                     "remove its input_queue"});
  EXPECT_EQ(wrong("file", {"q"}, {"p"}), Messages{start + "\"file\" is a sink, but stage \"x\" " +
                                                  as_stage + "remove its output_queue"});
  EXPECT_EQ(wrong("copy", {"q"}, {}), Messages{start + "\"copy\" is a stage, but stage \"x\" " +
                                               as_sink + "set its output_queue"});
  EXPECT_EQ(wrong("source", {"q"}, {}),
            Messages{start + "\"source\" is a source, but stage \"x\" " + as_sink +
                     "remove its input_queue and set its output_queue"});
}

TEST(Binding, all_problems_of_all_stages_are_reported_at_once) {
  FlowBuilder flow;
  flow.stage("in", "sorce", {}, {"q"})
      .stage("x", "single", {"q"}, {"p"}, 2)
      .stage("out", "picky", {"p"}, {});
  EXPECT_EQ(planned(flow).messages,
            (Messages{"flow.yaml:11:1: error[unknown-type]: there is no source of type \"sorce\"\n"
                      "  hint: did you mean \"source\"?",
                      "flow.yaml:22:1: error[single-task]: stage \"x\" (single) runs as one task "
                      "only, not 2\n  hint: set threads: 1",
                      "flow.yaml:30:1: error[missing-field]: field \"path\" is required"}));
}

TEST(Binding, a_stage_that_works_by_key_needs_one) {
  EXPECT_EQ(planned(around("count")).messages,
            Messages{"flow.yaml:30:1: error[key-needed]: stage \"x\" (count) works by key, but has "
                     "none\n  hint: say what the key is: key: payload, key: record_key, key: "
                     "{header: NAME} or key: {expression: TEXT}"});
  FlowBuilder flow = around("count");
  flow.keyed(KeySpec::Kind::kHeader, "user");
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  EXPECT_EQ(made.plan->stages[2].key.kind, KeySelector::Kind::kHeader);
  EXPECT_EQ(made.plan->stages[2].key.header, "user");
}

TEST(Binding, state_without_a_key_is_not_divided) {
  EXPECT_NE(planned(around("sum", 1)).plan, nullptr);
  EXPECT_EQ(
      planned(around("sum", 2)).messages,
      Messages{"flow.yaml:32:1: error[state-needs-key]: stage \"x\" (sum) keeps state but has "
               "no key, so its state cannot be divided among 2 tasks\n"
               "  hint: set threads: 1, or a key"});
  EXPECT_NE(planned(around("sum", 2).keyed()).plan, nullptr);
}

TEST(Binding, a_key_divides_among_as_many_tasks_as_there_are_key_groups) {
  EXPECT_NE(planned(around("copy", 256).keyed()).plan, nullptr);
  EXPECT_NE(planned(around("copy", 257)).plan, nullptr);
  EXPECT_EQ(planned(around("copy", 257).keyed()).messages,
            Messages{"flow.yaml:32:1: error[too-many-tasks]: stage \"x\" has a key, which divides "
                     "among at most 256 tasks, not 257\n  hint: set threads to 256 or less"});
}

TEST(Binding, named_outputs_must_exist_and_unconnected_ones_are_mentioned) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"})
      .stage("x", "route", {"q"}, {"a:p", "c:p"})
      .stage("out", "sink", {"p"}, {});
  EXPECT_EQ(planned(flow).messages,
            (Messages{"flow.yaml:26:1: error[unknown-port]: stage \"x\" (route) has no output \"c\""
                      "\n  hint: known: a, b",
                      "flow.yaml:20:1: warning[unconnected-port]: no queue takes the output \"b\" "
                      "of stage \"x\": records sent there are dropped\n  hint: connect it under "
                      "outputs:, to a blackhole if they are not wanted"}));
  FlowBuilder plain;
  plain.stage("in", "source", {}, {"a:q"}).stage("out", "sink", {"q"}, {});
  EXPECT_EQ(planned(plain).messages,
            Messages{"flow.yaml:16:1: error[unknown-port]: stage \"in\" (source) has no output "
                     "\"a\"\n  hint: it has only the plain output: use output_queue"});
}

TEST(Binding, one_output_does_not_name_a_queue_twice) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q", "q"}).stage("out", "sink", {"q"}, {});
  EXPECT_EQ(planned(flow).messages,
            Messages{"flow.yaml:16:1: error[duplicate-output]: stage \"in\" writes every record "
                     "twice into the queue \"q\"\n  hint: name the queue once"});
}

TEST(Binding, retry_pinning_and_priority_come_from_the_file) {
  FlowBuilder flow = around("copy");
  flow.last().retry = RetrySpec{5, milliseconds(10), seconds(1), 0.5, {}};
  flow.last().cpu_pinning = {1, 2};
  flow.last().realtime_priority = 7;
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  const PlanStage& x = made.plan->stages[2];
  EXPECT_EQ(x.retry.attempts_max, 5u);
  EXPECT_EQ(x.retry.initial, milliseconds(10));
  EXPECT_EQ(x.retry.max, seconds(1));
  EXPECT_EQ(x.retry.jitter, 0.5);
  EXPECT_EQ(x.cpu_pinning, (std::vector<uint32_t>{1, 2}));
  EXPECT_EQ(x.realtime_priority, 7u);
  EXPECT_EQ(made.plan->stages[0].retry.attempts_max, 0u);
}

TEST(Binding, a_plugin_of_a_built_in_type_is_not_loaded_and_says_so) {
  FlowBuilder flow = around("copy");
  flow.last().plugin = "libcopy.so";
  const Planned made = planned(flow);
  EXPECT_NE(made.plan, nullptr);
  EXPECT_EQ(
      made.messages,
      Messages{"flow.yaml:30:1: warning[plugin-ignored]: \"copy\" of stage \"x\" is built in: "
               "its plugin \"libcopy.so\" is not loaded\n  hint: remove plugin:"});
}

TEST(Binding, a_flow_made_by_hand_is_checked_for_wiring_too) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"})
      .stage("x", "copy", {"q", "p"}, {"p"})
      .stage("out", "sink", {"p"}, {});
  const Planned made = planned(flow);
  EXPECT_EQ(made.plan, nullptr);
  ASSERT_EQ(made.messages.size(), 1u);
  EXPECT_NE(made.messages[0].find("error[flow-cycle]"), std::string::npos) << made.messages[0];
}

}  // namespace
}  // namespace penstock
