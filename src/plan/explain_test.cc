// SPDX-License-Identifier: Apache-2.0
#include "plan/explain.h"

#include <gtest/gtest.h>

#include "plan/fake_catalog.h"

namespace penstock {
namespace {

FlowBuilder word_count() {
  FlowBuilder flow;
  flow.spec.name = "words";
  flow.stage("lines", "source", {}, {"lines"}).stage("split", "copy", {"lines"}, {"words"});
  flow.last().dead_letter = flow.queue("dead").name;
  flow.stage("count", "count", {"words"}, {"counts"}, 2).keyed();
  flow.stage("out", "file", {"counts"}, {}, 1);
  flow.last().cpu_pinning = {1, 3};
  flow.stage("grave", "sink", {"dead"}, {});
  return flow;
}

std::string render(const FlowBuilder& flow, std::string (*to)(const Plan&)) {
  const Planned made = planned(flow);
  return made.plan == nullptr ? made.messages.at(0) : to(*made.plan);
}

TEST(Explain, text_shows_stages_queues_and_guarantees) {
  EXPECT_EQ(render(word_count(), to_text),
            R"x(flow words: 5 stages, 5 tasks

stages
  lines  source  source  1 task   chain 1
  split  stage   copy    1 task   chain 1
  count  stage   count   2 tasks  key payload, combined before the exchange, keeps state
  out    sink    file    1 task   on CPU 1 3
  grave  sink    sink    1 task

queues
  lines   lines → split  chained
  words   split → count  keyed                 128 records, 1MiB
  dead    split → grave  shared, dead letters  128 records, 1MiB
  counts  count → out    shared                128 records, 1MiB

guarantees
  lines → out
    at least once; order: per key; survives: kill -9
    - after a crash stage "count" may count records twice; exactly_once does not
    - order: the queue "words" divides by key among 2 tasks
  lines → grave
    at least once; order: none; survives: kill -9
    - order: the dead letters of stage "split" leave it when they fail
)x");
}

TEST(Explain, text_shows_parts_that_do_not_touch) {
  FlowBuilder flow;
  flow.spec.name.clear();
  flow.stage("a", "source", {}, {"q"}).stage("b", "sink", {"q"}, {});
  flow.stage("ä", "pushed", {}, {"p"}).stage("d", "sink", {"p"}, {});
  flow.queue("q").broadcast = true;
  const std::string text = render(flow, to_text);
  EXPECT_TRUE(text.starts_with("flow: 4 stages, 2 tasks\n")) << text;
  EXPECT_NE(text.find("\nparts that commit by themselves\n  a: a, b\n  ä: ä, d\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("  a  source  source  1 task  chain 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  ä  source  pushed  1 task  chain 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  q  a → b  chained, broadcast\n"), std::string::npos) << text;
  EXPECT_NE(text.find("at most once; order: per partition; survives: no crash"), std::string::npos);
}

TEST(Explain, dot_draws_boxes_frames_and_arrows) {
  EXPECT_EQ(render(word_count(), to_dot), R"x(digraph flow {
  rankdir=LR;
  node [shape=box];
  subgraph cluster_0 {
    style=dashed;
    s0 [label="lines\nsource"];
    s1 [label="split\ncopy"];
  }
  s2 [label="count\ncount × 2"];
  s3 [label="out\nfile"];
  s4 [label="grave\nsink"];
  s0 -> s1 [label="lines (chained)"];
  s1 -> s2 [label="words (keyed)"];
  s1 -> s4 [label="dead (shared, dead letters)", style=dotted];
  s2 -> s3 [label="counts (shared)"];
}
)x");
}

TEST(Explain, mermaid_draws_the_same) {
  EXPECT_EQ(render(word_count(), to_mermaid), R"x(flowchart LR
  subgraph c1 ["chain 1"]
    s0["lines<br/>source"]
    s1["split<br/>copy"]
  end
  s2["count<br/>count × 2"]
  s3["out<br/>file"]
  s4["grave<br/>sink"]
  s0 -- "lines (chained)" --> s1
  s1 -- "words (keyed)" --> s2
  s1 -. "dead (shared, dead letters)" .-> s4
  s2 -- "counts (shared)" --> s3
)x");
}

TEST(Explain, names_cannot_break_out_of_their_quotes) {
  FlowBuilder flow;
  flow.stage("a\"];x", "source", {}, {"q\\"}).stage("<b>#1", "sink", {"q\\"}, {});
  EXPECT_NE(render(flow, to_dot).find("s0 [label=\"a\\\"];x\\nsource\"];"), std::string::npos);
  EXPECT_NE(render(flow, to_dot).find("[label=\"q\\\\ (chained)\"]"), std::string::npos);
  EXPECT_NE(render(flow, to_mermaid).find("s0[\"a#quot;];x<br/>source\"]"), std::string::npos);
  EXPECT_NE(render(flow, to_mermaid).find("s1[\"#lt;b#gt;#35;1<br/>sink\"]"), std::string::npos);
}

TEST(Explain, nothing_shows_a_secret) {
  FlowBuilder flow;
  flow.stage("hunter2", "source", {}, {"q"}).stage("b", "sink", {"q"}, {});
  flow.spec.secrets.push_back(Secret("hunter2"));
  for (const auto to : {to_text, to_dot, to_mermaid}) {
    const std::string out = render(flow, to);
    EXPECT_EQ(out.find("hunter2"), std::string::npos) << out;
    EXPECT_NE(out.find(kMask), std::string::npos) << out;
  }
}

}  // namespace
}  // namespace penstock
