// SPDX-License-Identifier: Apache-2.0
#include "plan/identity.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

/// The identities at the stage "out", joined by blanks; "unknown" if there are none.
std::string identities(const FlowBuilder& flow) {
  const Planned made = planned(flow);
  if (made.plan == nullptr) return made.messages.empty() ? "?" : made.messages[0];
  for (uint32_t i = 0; i < made.plan->stages.size(); ++i) {
    if (made.plan->stages[i].name != "out") continue;
    const std::vector<std::string> names = identities_of(*made.plan, i);
    std::string text;
    for (const std::string& name : names) {
      if (!name.empty()) text += (text.empty() ? "" : " ") + name;
    }
    return names.empty() ? "unknown" : text;
  }
  return "no such stage";
}

TEST(Identity, is_known_behind_stages_that_let_pass) {
  EXPECT_EQ(identities(direct("numbered", "knows")), "test/in");
  FlowBuilder flow;
  flow.stage("in", "numbered", {}, {"q"}, 2).stage("x", "pass", {"q"}, {"p"}, 3);
  flow.stage("out", "knows", {"p"}, {});
  EXPECT_EQ(identities(flow), "test/in");
}

TEST(Identity, is_unknown_where_a_source_or_a_stage_does_not_promise_it) {
  EXPECT_EQ(identities(direct("source", "knows")), "unknown");
  FlowBuilder flow;
  flow.stage("in", "numbered", {}, {"q"}).stage("x", "copy", {"q"}, {"p"});
  flow.stage("out", "knows", {"p"}, {});
  EXPECT_EQ(identities(flow), "unknown");
}

TEST(Identity, is_that_of_each_of_several_sources) {
  FlowBuilder flow;
  flow.stage("a", "numbered", {}, {"q"}).stage("b", "numbered", {}, {"q"});
  flow.stage("out", "knows", {"q"}, {});
  EXPECT_EQ(identities(flow), "test/a test/b");
  FlowBuilder mixed;
  mixed.stage("a", "numbered", {}, {"q"}).stage("b", "source", {}, {"q"});
  mixed.stage("out", "knows", {"q"}, {});
  EXPECT_EQ(identities(mixed), "unknown");
}

TEST(Identity, is_unknown_where_a_record_may_come_on_two_ways) {
  FlowBuilder flow;
  flow.stage("in", "numbered", {}, {"q"});
  flow.stage("x", "fork", {"q"}, {"a:p", "b:r"});
  flow.stage("y", "pass", {"r"}, {"s"}).stage("out", "knows", {"p", "s"}, {});
  EXPECT_EQ(identities(flow), "unknown");
  FlowBuilder same;
  same.stage("in", "numbered", {}, {"q"});
  same.stage("x", "fork", {"q"}, {"a:p", "b:p"}).stage("out", "knows", {"p"}, {});
  EXPECT_EQ(identities(same), "unknown");
}

TEST(Identity, is_what_the_guarantee_table_says_of_repeats) {
  EXPECT_NE(rows(direct("numbered", "knows")).find("gives records ids: repeats are dropped"),
            std::string::npos);
  EXPECT_NE(rows(direct("source", "knows")).find("cannot tell records apart: repeats are kept"),
            std::string::npos);
  EXPECT_EQ(rows(direct("numbered", "sink")).find("repeats"), std::string::npos);
}

}  // namespace
}  // namespace penstock
