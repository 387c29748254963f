// SPDX-License-Identifier: Apache-2.0
#include "spec/load.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "spec/dialects.h"
#include "spec/limits.h"
#include "spec/test_text.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSmallFlow = R"(
stages:
  - {name: source, type: noop_source, output_queue: q}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q}]
)";

TEST(Load, a_nameless_flow_gets_every_default) {
  Diagnostics diagnostics;
  const auto spec = load_text(kSmallFlow, "small.yaml", diagnostics);
  ASSERT_TRUE(spec.has_value()) << to_string(diagnostics);
  EXPECT_TRUE(diagnostics.all().empty());
  EXPECT_EQ(spec->name, "");
  EXPECT_EQ(spec->dialect, "flow");
  EXPECT_EQ(spec->file, "small.yaml");
  EXPECT_EQ(spec->mode, Mode::kUnspecified);
  EXPECT_EQ(spec->guarantee, Guarantee::kAtLeastOnce);
  EXPECT_EQ(spec->durability, Durability::kKill);
  EXPECT_EQ(spec->epoch_interval, milliseconds(100));
  EXPECT_EQ(spec->checkpoint_interval, seconds(1));
  EXPECT_EQ(spec->drain_timeout, seconds(30));
  ASSERT_EQ(spec->queues.size(), 1u);
  EXPECT_EQ(spec->queues[0].capacity, 128u);
  EXPECT_EQ(spec->queues[0].capacity_bytes, mebibytes(1));
  EXPECT_FALSE(spec->queues[0].broadcast);
  ASSERT_EQ(spec->stages.size(), 2u);
  EXPECT_EQ(spec->stages[0].threads, 1u);
  EXPECT_TRUE(spec->stages[0].chain);
  EXPECT_TRUE(spec->stages[0].config.is_null());
  EXPECT_EQ(place(spec->stages[0].config.position), place(spec->stages[0].position));
  EXPECT_EQ(spec->find_stage("sink"), &spec->stages[1]);
  EXPECT_EQ(spec->find_queue("p"), nullptr);
}

TEST(Load, the_same_flow_as_json_is_the_same) {
  Diagnostics diagnostics;
  const auto spec = load_text(R"({"stages": [
      {"name": "source", "type": "noop_source", "outputQueue": "q", "threads": "2"},
      {"name": "sink", "type": "stdout_sink", "inputQueue": "q", "config": {"a": 1}}],
      "queues": [{"name": "q", "capacity": 5}]})", "f.json", diagnostics);
  ASSERT_TRUE(spec.has_value()) << to_string(diagnostics);
  EXPECT_EQ(spec->stages[0].threads, 2u);
  EXPECT_EQ(spec->stages[0].outputs[0].queue, "q");
  EXPECT_EQ(spec->queues[0].capacity, 5u);
  EXPECT_EQ(flat(spec->stages[1].config), "{a: 1}");
}

TEST(Load, warnings_do_not_prevent_loading) {
  Diagnostics diagnostics;
  const auto spec = load_text(std::string(kSmallFlow) + "runtime: FLOW_RUNTIME_BUILTIN\n", "f",
                              diagnostics);
  EXPECT_TRUE(spec.has_value());
  EXPECT_EQ(codes(diagnostics), "deprecated-field@6:1");
}

TEST(Load, a_missing_file_is_a_diagnostic) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_file("no/such/flow.yaml", diagnostics).has_value());
  ASSERT_EQ(diagnostics.all().size(), 1u);
  EXPECT_EQ(to_string(diagnostics.all()[0]),
            "no/such/flow.yaml: error[unreadable-file]: cannot read this file: "
            "No such file or directory");
}

TEST(Load, a_folder_is_not_a_file) {
  Diagnostics diagnostics;
  EXPECT_FALSE(load_file(PENSTOCK_SOURCE_DIR, diagnostics).has_value());
  EXPECT_EQ(codes(diagnostics), "unreadable-file@0:0");
}

class SecretSources final : public LoadSources {
 public:
  Result<std::string> file(const std::string&, size_t) const override {
    return std::string("hush99");
  }
};

TEST(Load, secrets_are_masked_in_messages_and_kept_for_the_masking_of_others) {
  Diagnostics diagnostics;
  load_text("name: ${file:x}\nstages: [{name: \"${file:x}\", type: a, input_queue: q-hush99}]\n",
            "f", diagnostics, SecretSources());
  ASSERT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(to_string(diagnostics).find("hush99"), std::string::npos) << to_string(diagnostics);
  EXPECT_NE(to_string(diagnostics).find("\"q-*****\""), std::string::npos);
  Diagnostics none;
  const auto spec = load_text(std::string(kSmallFlow) + "env: {TOKEN: \"${file:x}\"}\n", "f", none,
                              SecretSources());
  ASSERT_TRUE(spec.has_value());
  EXPECT_EQ(spec->env.at("TOKEN"), "hush99");
  ASSERT_EQ(spec->secrets.size(), 1u);
}

TEST(Load, findings_stand_in_the_order_of_the_file) {
  Diagnostics diagnostics;
  load_text("stages: []\nzzz: 1\nname: []\nepoch_interval: 1\n", "f", diagnostics);
  EXPECT_EQ(codes(diagnostics), "unknown-field@2:1 wrong-type@3:7 bad-duration@4:17");
}

TEST(Load, stages_and_queues_have_limits) {
  std::string stages = "stages:\n", queues = "queues:\n";
  for (size_t i = 0; i <= kStagesMax; ++i) {
    const std::string n = std::to_string(i);
    stages += "  - {name: s" + n + ", type: t, output_queue: q}\n";
  }
  for (size_t i = 0; i <= kQueuesMax; ++i) queues += "  - {name: q" + std::to_string(i) + "}\n";
  Diagnostics diagnostics;
  EXPECT_FALSE(load_text(stages + queues, "f", diagnostics).has_value());
  size_t too_many = 0;
  for (const Diagnostic& d : diagnostics.all()) too_many += d.code == "too-many";
  EXPECT_EQ(too_many, 2u);
}

TEST(Load, a_long_chain_is_walked_without_recursion) {
  std::string text = "stages:\n  - {name: s0, type: t, output_queue: q1}\n";
  std::string queues = "queues:\n";
  for (size_t i = 1; i < kStagesMax; ++i) {
    const std::string n = std::to_string(i), next = std::to_string(i + 1);
    text += "  - {name: s" + n + ", type: t, input_queue: q" + n;
    if (i + 1 < kStagesMax) text += ", output_queue: q" + next;
    text += "}\n";
    queues += "  - {name: q" + n + "}\n";
  }
  Diagnostics diagnostics;
  EXPECT_TRUE(load_text(text + queues, "f", diagnostics).has_value()) << to_string(diagnostics);
}

TEST(Dialects, each_has_a_name_and_the_last_is_the_flow) {
  for (const Dialect& dialect : dialects()) {
    EXPECT_NE(std::string(dialect.name), "");
    EXPECT_NE(dialect.recognises, nullptr);
  }
  EXPECT_EQ(std::string(dialects().back().name), "flow");
  EXPECT_NE(dialects().back().read, nullptr);
}

/// Where the artefacts of other projects are, if they are.
fs::path compat_folder() {
  const char* given = std::getenv("PENSTOCK_COMPAT_DIR");
  return given ? fs::path(given) : fs::path(PENSTOCK_SOURCE_DIR) / "../shared/compat";
}

/// PORT is 1 and NAME is "process".
class ProcessSources final : public LoadSources {
 public:
  std::optional<std::string> environment(const std::string& name) const override {
    if (name == "PORT") return "1";
    return name == "NAME" ? std::optional<std::string>("process") : std::nullopt;
  }
};

TEST(Load, a_flows_own_variables_stand_for_those_of_the_process) {
  Diagnostics diagnostics;
  const auto spec = load_text(R"(
name: ${NAME}-${PORT}-${REGION:none}-$${REGION}
env: {REGION: "eu-${PORT}", PORT: 8080, LITERAL: "$${PORT}"}
labels: {literal: "${LITERAL}"}
stages:
  - {name: source, type: noop_source, output_queue: q}
  - {name: sink, type: stdout_sink, input_queue: q}
queues: [{name: q}]
)", "env.yaml", diagnostics, ProcessSources());
  ASSERT_TRUE(spec.has_value()) << to_string(diagnostics);
  EXPECT_EQ(spec->name, "process-8080-eu-1-${REGION}");
  EXPECT_EQ(spec->env.at("REGION"), "eu-1");
  EXPECT_EQ(spec->env.at("LITERAL"), "${PORT}");
  EXPECT_EQ(spec->labels.at("literal"), "${PORT}");
}

TEST(Load, a_whole_flow_message_has_its_variables_inside) {
  Diagnostics diagnostics;
  const auto spec = load_text(R"({"name": "f", "spec": {"env": {"A": "b"}, "labels": {"x": "${A}"},
      "stages": [{"name": "source", "type": "noop_source", "outputQueue": "q"},
                 {"name": "sink", "type": "stdout_sink", "inputQueue": "q"}],
      "queues": [{"name": "q"}]}})", "f.json", diagnostics, ProcessSources());
  ASSERT_TRUE(spec.has_value()) << to_string(diagnostics);
  EXPECT_EQ(spec->labels.at("x"), "b");
}

TEST(Compatibility, the_flows_that_flow_pipe_ships_load_without_a_finding_of_their_own) {
  const fs::path folder = compat_folder() / "flow-pipe/flows";
  if (!fs::exists(folder)) {
    GTEST_SKIP() << "no flow-pipe flows in " << folder << "; set PENSTOCK_COMPAT_DIR";
  }
  size_t loaded = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    Diagnostics diagnostics;
    const auto spec = load_file(entry.path(), diagnostics);
    EXPECT_TRUE(spec.has_value()) << to_string(diagnostics);
    for (const Diagnostic& d : diagnostics.all()) {  // what they ask for and nobody does
      EXPECT_TRUE(d.code == "no-export" || d.code == "schema-unchecked") << to_string(d);
    }
    if (!spec) continue;
    ++loaded;
    EXPECT_GE(spec->stages.size(), 2u);
    if (entry.path().filename() == "noop.k3s.yaml") {
      EXPECT_EQ(spec->name, "noop-k3s");
      EXPECT_EQ(spec->mode, Mode::kStreaming);
      EXPECT_EQ(spec->kubernetes.pull_policy, Kubernetes::PullPolicy::kAlways);
    }
    if (entry.path().filename() == "schema.registry.yaml") {
      EXPECT_EQ(spec->queues[0].schema->schema_id, "trade");
      EXPECT_EQ(spec->queues[0].schema->version, 2u);
    }
  }
  EXPECT_GT(loaded, 0u);
}

}  // namespace
}  // namespace penstock
