// SPDX-License-Identifier: Apache-2.0
// Stages of one chain share what they read from payloads: what comes out is what each of them would
// find alone.
#include <gtest/gtest.h>

#include "base/random.h"
#include "json/projector.h"
#include "sdk/conformance/conformance.h"
#include "stages/expression_stage.h"
#include "stages/filter/filter.h"
#include "stages/map/map.h"
#include "stages/route/route.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

/// What the stages of a chain made of its input: payloads by port, and what was refused where.
struct Made {
  Texts passed;
  Texts refused;
  friend bool operator==(const Made&, const Made&) = default;
};

/// A stage, and where its ports lead.
class Link final : public Output {
 public:
  Link(std::string name, Services& services, const std::shared_ptr<const Bound>& bound,
       const std::shared_ptr<SharedPayloads>& payloads, Made& made)
      : name_(std::move(name)), stage_(bound->stage->create()), made_(made) {
    TaskContext context = services.context();
    context.payloads = payloads;
    EXPECT_TRUE(stage_->open(context));
  }
  void lead(uint32_t port, Link& to) { next_.emplace_back(port, &to); }
  void process(Batch batch) { stage_->process(std::move(batch), *this); }

  void emit(Batch batch, uint32_t port) override {
    for (const auto& [from, to] : next_) {
      if (from == port) return to->process(std::move(batch));
    }
    batch.for_each([&](const Record& record) {
      made_.passed.push_back(name_ + "/" + std::to_string(port) + " " +
                             std::string(record.payload_view()));
    });
  }
  void reject(const Record& record, Epoch, const Error& error) override {
    made_.refused.push_back(name_ + " " + std::string(record.payload_view()) + " " +
                            to_string(error));
  }
  void retry(Batch, const Error&) override { FAIL(); }
  void fail(Error) override { FAIL(); }

 private:
  std::string name_;
  std::unique_ptr<Stage> stage_;
  Made& made_;
  std::vector<std::pair<uint32_t, Link*>> next_;
};

class SharedPayloadsTest : public testing::Test {
 protected:
  SharedPayloadsTest() {
    register_filter(catalog_);
    register_map(catalog_);
    register_route(catalog_);
  }
  std::shared_ptr<const Bound> bound(const char* stage, const Node& options) {
    return bind(catalog_, stage, ComponentKind::kStage, options);
  }
  /// Documents one behind the other, as a file has them.
  Batch lines(const Texts& documents) {
    BatchBuilder builder(*services_.context().pool);
    std::string all;
    for (const std::string& document : documents) all += document + "\n";
    ArenaRef arena = services_.context().pool->arenas().get(all.size() + 1);
    all.copy(arena->data(), all.size());
    builder.attach(arena);
    size_t at = 0;
    for (const std::string& document : documents) {
      builder.append_slice({arena->data() + at, document.size()});
      at += document.size() + 1;
    }
    return builder.take();
  }

  /// filter, then route; its output a: filter and map, b: map, otherwise: filter.
  Made run_all(const std::vector<Texts>& batches, bool shared) {
    Made made;
    const auto payloads = shared ? std::make_shared<SharedPayloads>() : nullptr;
    const auto link = [&](const char* name, const char* stage, const Node& options) {
      return std::make_unique<Link>(name, services_, bound(stage, options), payloads, made);
    };
    const auto first = link("first", "filter", map({{"expression", "a != 3"}}));
    const auto route = link(
        "route", "route",
        map({{"cases", list({map({{"match", map({{"prefix", "{\"z"}})}, {"output", "b"}}),
                             map({{"when", "b.c > 2"}, {"output", "a"}})})}}));
    const auto second = link("second", "filter", map({{"expression", "d != nil or e == nil"}}));
    const auto change = link(
        "change", "map",
        map({{"expression", "{\"a\": a, \"d\": d, \"f\": f ?? b.c, \"b\": b}"}}));
    const auto other = link("other", "map", map({{"expression", "{\"c\": b.c, \"e\": [e, a]}"}}));
    const auto rest = link("rest", "filter", map({{"expression", "f == nil or e"}}));
    first->lead(kDefaultPort, *route);
    route->lead(1, *other);
    route->lead(2, *second);
    second->lead(kDefaultPort, *change);
    route->lead(kDefaultPort, *rest);
    for (const Texts& batch : batches) first->process(lines(batch));
    return made;
  }

  Services services_;
  Catalog catalog_;
};

TEST_F(SharedPayloadsTest, a_filter_and_a_map_pass_through_each_document_once) {
  Made made;
  const auto payloads = std::make_shared<SharedPayloads>();
  Link filter("filter", services_, bound("filter", map({{"expression", "n % 2 == 0"}})), payloads,
              made);
  Link change("map", services_, bound("map", map({{"expression", "{\"m\": m, \"n\": n}"}})),
              payloads, made);
  filter.lead(kDefaultPort, change);
  Texts documents, expected;
  for (int i = 0; i < 100; ++i) {
    documents.push_back("{\"n\":" + std::to_string(i) + ",\"x\":[{}],\"m\":" + std::to_string(i) +
                        "}");
    if (i % 2 == 0) {
      expected.push_back("map/0 {\"m\":" + std::to_string(i) + ",\"n\":" + std::to_string(i) +
                         "}");
    }
  }
  filter.process(lines(documents));
  EXPECT_EQ(made.passed, expected) << "the first batch: nobody knows yet who will ask";
  for (int i = 0; i < 20; ++i) filter.process(lines(documents));
  made.passed.clear();
  const uint64_t before = payloads->projector->documents_walked();
  filter.process(lines(documents));
  EXPECT_EQ(payloads->projector->documents_walked() - before, documents.size());
  EXPECT_EQ(made.passed, expected);
  EXPECT_EQ(made.refused, Texts());
}

TEST_F(SharedPayloadsTest, who_wants_few_records_does_not_make_others_pay) {
  Made made;
  const auto payloads = std::make_shared<SharedPayloads>();
  Link filter("filter", services_, bound("filter", map({{"expression", "n == 7"}})), payloads,
              made);
  Link change("map", services_, bound("map", map({{"expression", "{\"m\": m}"}})), payloads, made);
  filter.lead(kDefaultPort, change);
  Texts documents;
  for (int i = 0; i < 100; ++i) documents.push_back("{\"n\":" + std::to_string(i) + ",\"m\":1.50}");
  for (int i = 0; i < 20; ++i) filter.process(lines(documents));
  const uint64_t before = payloads->projector->documents_walked();
  filter.process(lines(documents));
  EXPECT_EQ(payloads->projector->documents_walked() - before, documents.size() + 1);
  EXPECT_EQ(made.passed.back(), "map/0 {\"m\":1.50}");
}

TEST_F(SharedPayloadsTest, what_comes_out_and_what_is_refused_is_as_if_each_read_for_itself) {
  Random random(42);
  const auto one_of = [&](std::initializer_list<const char*> texts) {
    return std::string(texts.begin()[random.next() % texts.size()]);
  };
  std::vector<Texts> batches;
  for (int i = 0; i < 300; ++i) {
    Texts batch;
    const auto size = 1 + random.next() % 40;
    const bool bad = random.next() % 2 == 0;
    while (batch.size() < size) {
      std::string text = one_of({"{", "{", "{", R"({"z":[{"a":1}],)"});
      if (random.next() % 8 != 0) text += "\"a\":" + one_of({"1", "2", "3", "4.0", "\"x\""}) + ",";
      text += R"("b":)" + one_of({R"({"c":1})", R"({"c":3})", R"({"c":2.50})", "null", "{}"}) + ",";
      if (random.next() % 2 == 0) {
        text += "\"d\":" + one_of({"[]", "[1,2]", "\"\"", "\"t\\n\"", "{\"k\":0}"}) + ",";
      }
      text += "\"e\":" + one_of({"true", "false", "null", "18446744073709551615"});
      if (random.next() % 3 == 0) text += ",\"f\":" + one_of({"1.10", "-0", "1e3", "\"\\u00e9\""});
      text += "}";
      if (bad && random.next() % 6 == 0) {  // somewhere
        const size_t at = random.next() % text.size();
        if (random.next() % 2 == 0) text.erase(at, 1);
        else text[at] = "]}x\"1,"[random.next() % 6];
      }
      batch.push_back(text);
    }
    batches.push_back(batch);
  }
  const Made alone = run_all(batches, false), shared = run_all(batches, true);
  EXPECT_GT(alone.passed.size(), 1000u);
  EXPECT_GT(alone.refused.size(), 100u);
  EXPECT_EQ(shared.passed, alone.passed);
  EXPECT_EQ(shared.refused, alone.refused);
}

}  // namespace
}  // namespace penstock
