// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/harness.h"

#include <gtest/gtest.h>

namespace penstock::conformance {
namespace {

struct EchoOptions {
  std::string suffix;
};

const Schema<EchoOptions>& echo_schema() {
  static const Schema<EchoOptions> schema(
      {field("suffix", &EchoOptions::suffix).about("Put behind each payload.")});
  return schema;
}

/// Emits each payload with a suffix, one second later.
class Echo final : public Stage {
 public:
  explicit Echo(std::shared_ptr<const EchoOptions> options) : options_(std::move(options)) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    return {};
  }
  void process(Batch batch, Output&) override {
    due_ns_ = context_.clock->monotonic_ns() + seconds(1).ns();
    held_ = std::move(batch);
  }
  void on_timer(int64_t, Output& out) override {
    BatchBuilder builder(*context_.pool);
    held_.for_each([&](const Record& r) {
      builder.append(std::string(r.payload_view()) + options_->suffix);
    });
    ++fired_;
    due_ns_ = kNever;
    out.emit(builder.take());
    held_ = Batch();
  }
  int64_t next_timer_ns() const override { return due_ns_; }
  void snapshot(StateWriter& writer) override { writer.put("fired", std::to_string(fired_)); }
  Result<void> restore(StateReader& reader) override {
    return reader.for_each([this](std::string_view, std::string_view value) -> Result<void> {
      fired_ = std::stoi(std::string(value));
      return {};
    });
  }

 private:
  std::shared_ptr<const EchoOptions> options_;
  TaskContext context_;
  Batch held_;
  int64_t due_ns_ = kNever;
  int fired_ = 0;
};

void register_echo(Catalog& catalog) {
  catalog.add(stage_component<EchoOptions, Echo>("echo", "none", "Echoes.", {}, echo_schema()));
}

TEST(StageHarness, fires_timers_at_their_moment_and_collects_what_was_emitted) {
  Catalog catalog;
  register_echo(catalog);
  Services services;
  StageHarness echo(services,
                    bind(catalog, "echo", ComponentKind::kStage, map({{"suffix", "!"}})));
  ASSERT_TRUE(echo.open());
  echo.epoch = 7;
  echo.process({"a", "b"});
  echo.advance(milliseconds(999));
  EXPECT_TRUE(echo.out.records.empty());
  echo.advance(milliseconds(1));
  EXPECT_EQ(echo.out.payloads(), (std::vector<std::string>{"a!", "b!"}));
  EXPECT_EQ(echo.out.records[0].epoch, 7u);
}

TEST(StageHarness, carries_a_snapshot_into_another_instance) {
  Catalog catalog;
  register_echo(catalog);
  Services services;
  const auto bound = bind(catalog, "echo", ComponentKind::kStage, map({}));
  StageHarness first(services, bound);
  ASSERT_TRUE(first.open());
  first.process({"a"});
  first.advance(seconds(1));
  const StateMap snapshot = first.barrier(true);
  EXPECT_EQ(snapshot, (StateMap{{"fired", "1"}}));
  StageHarness second(services, bound);
  ASSERT_TRUE(second.open(snapshot));
  EXPECT_EQ(second.barrier(true), snapshot);
}

TEST(Bind, reports_what_is_wrong_with_the_options) {
  Catalog catalog;
  register_echo(catalog);
  EXPECT_EQ(bind_problems(catalog, "echo", ComponentKind::kStage, map({{"suffix", "x"}})), "");
  EXPECT_NE(bind_problems(catalog, "echo", ComponentKind::kStage, map({{"sufix", "x"}})), "");
}

TEST(TestPool, runs_work_when_told_to_in_the_order_asked_for) {
  TestPool pool;
  std::string ran;
  for (char c : {'a', 'b', 'c'}) pool.submit([&ran, c] { ran += c; });
  EXPECT_EQ(ran, "");
  pool.run_newest();
  EXPECT_EQ(ran, "c");
  EXPECT_EQ(pool.run_all(), 2u);
  EXPECT_EQ(ran, "cab");
  pool.inline_work = true;
  pool.submit([&ran] { ran += 'd'; });
  EXPECT_EQ(ran, "cabd");
}

TEST(Services, keep_what_was_logged) {
  Services services;
  services.log.info("hello", {{"n", "1"}});
  EXPECT_NE(services.logged().find("hello"), std::string::npos);
}

}  // namespace
}  // namespace penstock::conformance
