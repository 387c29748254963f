// SPDX-License-Identifier: Apache-2.0
#include "plan/guarantee.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

TEST(Guarantee, of_a_plain_path_is_at_least_once_in_order) {
  EXPECT_EQ(rows(direct("source", "sink")), "in → out: at least once, per partition, kill\n");
  FlowBuilder power = direct("source", "sink");
  power.spec.durability = Durability::kPower;
  EXPECT_EQ(rows(power), "in → out: at least once, per partition, power\n");
}

TEST(Guarantee, never_claims_more_than_the_ends_can_hold) {
  EXPECT_EQ(rows(direct("pushed", "sink")),
            "in → out: at most once, per partition, none\n"
            "- source \"in\" cannot read again: what is in flight is lost in a crash\n"
            "- \"in\": it hears each record once\n");
  EXPECT_EQ(rows(direct("asked", "sink")),
            "in → out: at least once, per partition, kill\n"
            "- source \"in\" cannot read again: its senders repeat what was not acknowledged\n");
  EXPECT_EQ(rows(direct("source", "deaf")),
            "in → out: best effort, per partition, none\n"
            "- sink \"out\" cannot confirm: what it took may be lost\n");
  EXPECT_EQ(rows(direct("pushed", "deaf")).substr(0, 45),
            std::string("in → out: best effort, per partition, none\n- ").substr(0, 45));
  EXPECT_EQ(rows(direct("forgetful", "sink")),
            "in → out: at least once, per partition, kill\n"
            "- source \"in\" starts from its beginning at every run\n");
}

TEST(Guarantee, of_state_is_weaker_than_of_records) {
  const auto counted = [](const char* source) {
    FlowBuilder flow;
    flow.stage("in", source, {}, {"q"}).stage("x", "sum", {"q"}, {"p"});
    return flow.stage("out", "file", {"p"}, {});
  };
  EXPECT_EQ(rows(counted("source")),
            "in → out: at least once, per partition, kill\n"
            "- after a crash stage \"x\" may count records twice; exactly_once does not\n");
  FlowBuilder exact = counted("source");
  exact.spec.guarantee = Guarantee::kExactlyOnce;
  EXPECT_EQ(rows(exact), "in → out: exactly once, per partition, kill\n");
  EXPECT_NE(
      rows(counted("forgetful"))
          .find("- source \"in\" does not go on where it was, but stage \"x\" keeps its state"),
      std::string::npos);
}

TEST(Guarantee, exactly_once_is_refused_where_it_cannot_be_proven) {
  FlowBuilder flow;
  flow.stage("a", "pushed", {}, {"q"})
      .stage("b", "forgetful", {}, {"q"})
      .stage("x", "hold", {"q"}, {"p"})
      .stage("out", "sink", {"p"}, {})
      .stage("ok", "file", {"p"}, {});
  flow.spec.guarantee = Guarantee::kExactlyOnce;
  const std::string sources =
      "\n  hint: use another source (both, source), or set guarantee: at_least_once\n";
  EXPECT_EQ(
      rows(flow),
      "flow.yaml:11:1: error[exactly-once-source]: source \"a\" (pushed) cannot read again "
      "what was in flight at a crash, so nothing behind it is exactly once" +
          sources +
          "flow.yaml:21:1: error[exactly-once-source]: source \"b\" (forgetful) does not remember "
          "its positions between runs, so nothing behind it is exactly once" +
          sources +
          "flow.yaml:31:1: error[exactly-once-stage]: stage \"x\" (hold) keeps records across a "
          "checkpoint without saving them\n  hint: remove it, or set guarantee: at_least_once\n"
          "flow.yaml:41:1: error[exactly-once-sink]: sink \"out\" (sink) can neither undo what it "
          "wrote nor join the commit point\n"
          "  hint: use another sink (file), or set guarantee: at_least_once\n");
}

TEST(Guarantee, two_sinks_share_a_commit_point_if_both_have_two_phases) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}).stage("a", "file", {"q"}, {}).stage("b", "file", {"q"}, {});
  flow.queue("q").broadcast = true;
  flow.spec.guarantee = Guarantee::kExactlyOnce;
  EXPECT_EQ(
      rows(flow),
      "in → a: exactly once, per partition, kill\nin → b: exactly once, per partition, kill\n");
}

TEST(Guarantee, a_row_stands_only_where_records_can_pass) {
  FlowBuilder flow;
  flow.stage("a", "source", {}, {"q"}).stage("b", "source", {}, {"p"});
  flow.stage("x", "sink", {"q"}, {}).stage("y", "sink", {"q", "p"}, {});
  const Planned made = planned(flow);
  ASSERT_NE(made.plan, nullptr);
  ASSERT_EQ(made.plan->paths.size(), 3u);
  EXPECT_EQ(made.plan->paths[2].source, 1u);
  EXPECT_EQ(made.plan->paths[2].sink, 3u);
}

}  // namespace
}  // namespace penstock
