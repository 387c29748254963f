// SPDX-License-Identifier: Apache-2.0
#include "plan/ordering.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

/// source(a tasks) → copy(b) → sink(c); `key_x`, `key_out`: whether those stages have a key.
FlowBuilder ordered(uint32_t a, uint32_t b, uint32_t c, bool key_x, bool key_out) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}, a).stage("x", "copy", {"q"}, {"p"}, b);
  if (key_x) flow.keyed();
  flow.stage("out", "sink", {"p"}, {}, c);
  if (key_out) flow.keyed();
  return flow;
}

TEST(Ordering, is_kept_or_lost_at_exchanges) {
  struct Case {
    uint32_t a, b, c;
    bool key_x, key_out;
    const char* order;
  };
  for (const Case& t : std::initializer_list<Case>{
           {1, 1, 1, false, false, "per partition"},
           {4, 4, 4, false, false, "per partition"},  // chained
           {4, 1, 1, false, false, "per partition"},
           {1, 4, 4, false, false, "none"},
           {1, 4, 1, false, false, "none"},
           {1, 1, 4, false, false, "none"},
           {1, 4, 4, true, false, "per key"},
           {1, 4, 1, true, false, "per key"},
           {1, 4, 2, true, false, "none"},
           {1, 1, 4, false, true, "per key"},
           {1, 1, 1, true, true, "per partition"},
           {1, 4, 4, true, true, "none"},  // divided twice: the second key may be another
           {1, 4, 1, true, true, "per key"},
           {1, 4, 4, false, true, "none"},  // nothing brings lost order back
       }) {
    const Planned made = planned(ordered(t.a, t.b, t.c, t.key_x, t.key_out));
    ASSERT_NE(made.plan, nullptr);
    EXPECT_EQ(made.plan->paths.at(0).ordering, t.order)
        << t.a << t.b << t.c << t.key_x << t.key_out;
    EXPECT_EQ(made.plan->paths[0].limits.empty(), std::string(t.order) == "per partition");
  }
}

TEST(Ordering, limits_say_where_it_was_lost) {
  EXPECT_EQ(rows(ordered(1, 4, 4, false, false)),
            "in → out: at least once, none, kill\n- order: 4 tasks compete for the queue \"q\"\n");
  EXPECT_EQ(rows(ordered(1, 4, 4, true, true)),
            "in → out: at least once, none, kill\n"
            "- order: the queue \"q\" divides by key among 4 tasks\n"
            "- order: the queue \"p\" divides by key what was divided by key before\n");
}

TEST(Ordering, is_none_where_the_source_gives_again_what_comes_behind_others) {
  FlowBuilder flow;
  flow.stage("in", "again", {}, {"q"}).stage("out", "sink", {"q"}, {});
  EXPECT_EQ(rows(flow),
            "in → out: at least once, none, kill\n"
            "- source \"in\" starts from its beginning at every run\n"
            "- order: what source \"in\" is given again, after a crash or a lost connection, comes "
            "behind others\n");
}

TEST(Ordering, competing_stages_count_as_competing_tasks) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"}).stage("a", "sink", {"q"}, {}).stage("b", "sink", {"q"}, {});
  const Planned made = planned(flow);
  EXPECT_EQ(made.plan->paths.at(0).ordering, "none");
  flow.queue("q").broadcast = true;
  EXPECT_EQ(planned(flow).plan->paths.at(0).ordering, "per partition");
}

TEST(Ordering, is_lost_where_two_ways_from_one_source_meet) {
  FlowBuilder flow;
  flow.stage("in", "source", {}, {"q"})
      .stage("x", "route", {"q"}, {"a:p", "b:r"})
      .stage("y", "copy", {"r"}, {"p"})
      .stage("out", "sink", {"p"}, {});
  EXPECT_EQ(rows(flow),
            "in → out: at least once, none, kill\n- order: 2 ways meet at stage \"out\"\n");
}

TEST(Ordering, two_sources_into_one_task_keep_theirs) {
  FlowBuilder flow;
  flow.stage("a", "source", {}, {"q"})
      .stage("b", "source", {}, {"q"})
      .stage("out", "sink", {"q"}, {});
  EXPECT_EQ(
      rows(flow),
      "a → out: at least once, per partition, kill\nb → out: at least once, per partition, kill\n");
}

TEST(Ordering, of_dead_letters_is_none) {
  FlowBuilder flow = direct("source", "sink");
  flow.last().dead_letter = flow.queue("dead").name;
  flow.stage("grave", "sink", {"dead"}, {});
  EXPECT_EQ(rows(flow),
            "in → out: at least once, per partition, kill\n"
            "in → grave: at least once, none, kill\n"
            "- order: the dead letters of stage \"out\" leave it when they fail\n");
}

TEST(Ordering, while_a_sink_retries_holds_as_far_as_the_queue_asks) {
  FlowBuilder flow = direct("source", "post");
  EXPECT_EQ(rows(flow),
            "in → out: at least once, per key, kill\n"
            "- order: while stage \"out\" tries a record again, others pass it; records of its key "
            "do not\n");
  flow.queue("q").ordering = Ordering::kPartition;
  EXPECT_EQ(rows(flow), "in → out: at least once, per partition, kill\n");
  flow.queue("q").ordering = Ordering::kNone;
  EXPECT_EQ(rows(flow),
            "in → out: at least once, none, kill\n- order: the queue \"q\" asks for none\n");
}

TEST(Ordering, a_sink_with_several_requests_under_way_has_none) {
  EXPECT_EQ(rows(direct("source", "crowd")),
            "in → out: at least once, none, kill\n"
            "- order: stage \"out\" has several requests under way at a time\n");
}

TEST(Ordering, a_queue_that_asks_for_partitions_must_be_able_to_have_them) {
  FlowBuilder flow = ordered(2, 1, 1, false, false);
  flow.queue("p").ordering = Ordering::kPartition;
  EXPECT_NE(planned(flow).plan, nullptr);
  FlowBuilder keyed = ordered(1, 4, 1, true, false);
  keyed.queue("p").ordering = Ordering::kPartition;
  EXPECT_EQ(planned(keyed).messages,
            std::vector<std::string>{
                "flow.yaml:1001:1: error[ordering-lost]: the queue \"p\" asks for the order of "
                "each partition, but records of source \"in\" arrive with order per key only "
                "(order: the queue \"q\" divides by key among 4 tasks)\n  hint: set threads: 1 "
                "on the stages up to here, or ask for ordering: key"});
}

}  // namespace
}  // namespace penstock
