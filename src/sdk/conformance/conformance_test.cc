// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace penstock::conformance {
namespace {

/// What a component does wrong; the claims must find it.
enum class Fault : uint8_t {
  kNone, kPositionAhead, kStartsOver, kForgetsTheEnd, kLosesRecords, kLargeBatches,
  kDeliversEarly, kNeverFull, kForgetsState, kKeepsForEver,
};

struct Options {
  Fault fault = Fault::kNone;
};
const Schema<Options>& no_options() {
  static const Schema<Options> schema({});
  return schema;
}

/// Numbers 0…99 in one partition.
class Numbers final : public Source {
 public:
  explicit Numbers(std::shared_ptr<const Options> options) : fault_(options->fault) {}
  Result<void> open(const TaskContext& context, const Positions& restored) override {
    context_ = context;
    const auto at = restored.find("numbers");
    if (at != restored.end() && fault_ != Fault::kStartsOver) next_ = std::stoi(at->second.value);
    return {};
  }
  Result<Pull> pull(SourceOutput& out) override {
    if (next_ >= 100) return Pull::end();
    const uint32_t size = fault_ == Fault::kLargeBatches ? 50 : context_.batch_records_max;
    BatchBuilder builder(*context_.pool, size);
    for (; next_ < 100 && !builder.full(); ++next_) {
      if (fault_ != Fault::kLosesRecords || next_ != 77) builder.append(std::to_string(next_));
    }
    out.emit(builder.take());
    return Pull::more();
  }
  Positions positions() override {
    const int ahead = fault_ == Fault::kPositionAhead && next_ < 90 ? 1 : 0;
    return {{"numbers", {std::to_string(next_ + ahead),
                         next_ >= 100 && fault_ != Fault::kForgetsTheEnd}}};
  }

 private:
  Fault fault_;
  TaskContext context_;
  int next_ = 0;
};

/// Keeps records in `outside`, one piece of work a barrier.
class Shelf final : public Sink {
 public:
  using Records = std::vector<std::string>;
  Shelf(Fault fault, std::shared_ptr<Records> outside)
      : fault_(fault), outside_(std::move(outside)) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    return {};
  }
  void write(Batch batch, SinkOutput&) override { held_.push_back(std::move(batch)); }
  void barrier(const Barrier& barrier, SinkOutput& out) override {
    if (fault_ == Fault::kDeliversEarly) out.delivered(barrier.epoch);
    auto records = std::make_shared<Records>();
    for (const Batch& batch : held_) {
      batch.for_each([&](const Record& r) { records->emplace_back(r.payload_view()); });
    }
    held_.clear();
    done_->push_back({barrier.epoch, false});
    const size_t index = done_->size() - 1;
    context_.blocking->submit([done = done_, outside = outside_, records, index] {
      outside->insert(outside->end(), records->begin(), records->end());
      (*done)[index].second = true;
    });
  }
  void on_wake(int64_t, SinkOutput& out) override {
    for (; told_ < done_->size() && (*done_)[told_].second; ++told_) {
      if (fault_ != Fault::kDeliversEarly) out.delivered((*done_)[told_].first);
    }
  }
  int64_t next_timer_ns() const override {
    return told_ < done_->size() ? context_.clock->monotonic_ns() + 1000 : kNever;
  }
  bool full() const override { return fault_ != Fault::kNeverFull && held_.size() > 8; }

 private:
  Fault fault_;
  std::shared_ptr<Records> outside_;
  TaskContext context_;
  std::vector<Batch> held_;
  std::shared_ptr<std::vector<std::pair<Epoch, bool>>> done_ =
      std::make_shared<std::vector<std::pair<Epoch, bool>>>();
  size_t told_ = 0;
};

class ShelfFactory final : public SinkFactory {
 public:
  ShelfFactory(Fault fault, std::shared_ptr<Shelf::Records> outside)
      : fault_(fault), outside_(std::move(outside)) {}
  std::unique_ptr<Sink> create() const override {
    return std::make_unique<Shelf>(fault_, outside_);
  }

 private:
  Fault fault_;
  std::shared_ptr<Shelf::Records> outside_;
};

/// Counts records; says the count at the end.
class Counter final : public Stage {
 public:
  explicit Counter(Fault fault) : fault_(fault) {}
  Result<void> open(const TaskContext& context) override {
    context_ = context;
    return {};
  }
  void process(Batch batch, Output&) override {
    count_ += batch.size();
    if (fault_ == Fault::kKeepsForEver) held_.push_back(std::move(batch));
  }
  void on_end(Output& out) override {
    BatchBuilder builder(*context_.pool);
    builder.append(std::to_string(count_));
    out.emit(builder.take());
  }
  Epoch floor() const override { return held_.empty() ? kNoEpoch : held_[0].epoch(); }
  void snapshot(StateWriter& writer) override { writer.put("count", std::to_string(count_)); }
  Result<void> restore(StateReader& reader) override {
    return reader.for_each([this](std::string_view, std::string_view value) -> Result<void> {
      if (fault_ != Fault::kForgetsState) count_ = std::stoull(std::string(value));
      return {};
    });
  }

 private:
  Fault fault_;
  TaskContext context_;
  uint64_t count_ = 0;
  std::vector<Batch> held_;
};

class CounterFactory final : public StageFactory {
 public:
  explicit CounterFactory(Fault fault) : fault_(fault) {}
  std::unique_ptr<Stage> create() const override { return std::make_unique<Counter>(fault_); }

 private:
  Fault fault_;
};

void set_up(Fixture& fixture, ComponentKind kind, Fault fault) {
  fixture.type = "it";
  fixture.kind = kind;
  const auto outside = std::make_shared<Shelf::Records>();
  fixture.catalog.add(component<Options>(
      kind, "it", "none", "For the test.", {}, no_options(),
      [fault, outside, kind](Bound& bound, std::shared_ptr<const Options>) {
        auto options = std::make_shared<Options>();
        options->fault = fault;
        using Factory = InstanceFactory<SourceFactory, Source, Options, Numbers>;
        if (kind == ComponentKind::kSource) bound.source = std::make_unique<Factory>(options);
        if (kind == ComponentKind::kSink) {
          bound.sink = std::make_unique<ShelfFactory>(fault, outside);
        }
        if (kind == ComponentKind::kStage) bound.stage = std::make_unique<CounterFactory>(fault);
      }));
  if (kind == ComponentKind::kSource) {
    for (int i = 0; i < 100; ++i) fixture.expected.push_back(std::to_string(i));
    fixture.per_task = true;
  }
  if (kind == ComponentKind::kSink) fixture.read_back = [outside] { return *outside; };
}

/// The claims that a component with this fault does not meet.
std::vector<std::string> broken_claims(ComponentKind kind, Fault fault) {
  Fixture first;
  Traits traits;
  traits.stateful = kind == ComponentKind::kStage;
  const std::vector<Claim> claims = [&] {
    set_up(first, kind, fault);
    return kind == ComponentKind::kSource  ? source_claims(traits, first)
           : kind == ComponentKind::kStage ? stage_claims(traits, first)
                                           : sink_claims(traits, first);
  }();
  std::vector<std::string> broken;
  for (const Claim& claim : claims) {
    testing::TestPartResultArray failures;
    {
      testing::ScopedFakeTestPartResultReporter reporter(
          testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures);
      Fixture fixture;
      set_up(fixture, kind, fault);
      claim.check(fixture);
    }
    if (failures.size() > 0) broken.push_back(claim.name);
  }
  return broken;
}

bool has(const std::vector<std::string>& list, const char* name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

TEST(Conformance, a_component_without_fault_meets_every_claim) {
  for (const ComponentKind kind :
       {ComponentKind::kSource, ComponentKind::kStage, ComponentKind::kSink}) {
    EXPECT_EQ(broken_claims(kind, Fault::kNone), std::vector<std::string>()) << to_string(kind);
  }
}

TEST(Conformance, finds_sources_that_lose_or_repeat) {
  const auto broken = [](Fault fault) { return broken_claims(ComponentKind::kSource, fault); };
  EXPECT_TRUE(has(broken(Fault::kPositionAhead), "goes_on_behind_any_barrier"));
  EXPECT_TRUE(has(broken(Fault::kStartsOver), "goes_on_behind_any_barrier"));
  EXPECT_TRUE(has(broken(Fault::kForgetsTheEnd), "remembers_that_it_has_ended"));
  EXPECT_TRUE(has(broken(Fault::kLosesRecords), "gives_all_that_is_there_and_ends"));
  EXPECT_TRUE(has(broken(Fault::kLargeBatches), "keeps_to_the_size_of_batches"));
}

TEST(Conformance, finds_sinks_that_promise_too_much_or_keep_too_much) {
  const auto broken = [](Fault fault) { return broken_claims(ComponentKind::kSink, fault); };
  EXPECT_TRUE(has(broken(Fault::kDeliversEarly), "delivers_what_the_outside_has_and_not_before"));
  EXPECT_TRUE(has(broken(Fault::kNeverFull), "keeps_only_so_much_while_the_outside_is_slow"));
}

TEST(Conformance, finds_stages_that_forget_or_never_let_go) {
  const auto broken = [](Fault fault) { return broken_claims(ComponentKind::kStage, fault); };
  EXPECT_TRUE(has(broken(Fault::kForgetsState), "a_snapshot_carries_it_over_a_restart"));
  EXPECT_TRUE(has(broken(Fault::kKeepsForEver), "lets_go_of_everything_when_flushed"));
}

}  // namespace
}  // namespace penstock::conformance
