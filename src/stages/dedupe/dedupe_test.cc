// SPDX-License-Identifier: Apache-2.0
#include "stages/dedupe/dedupe.h"

#include <gtest/gtest.h>

#include <list>

#include "base/random.h"
#include "sdk/conformance/conformance.h"
#include "stages/dedupe/id_window.h"

namespace penstock {
namespace {

using namespace conformance;
using Texts = std::vector<std::string>;

const bool kConforms = inherit(register_dedupe, {{"dedupe", ComponentKind::kStage, [](Fixture& f) {
                                                    f.options = map({{"uid", "id"},
                                                                     {"durable", true}});
                                                    f.input = {R"({"id":1})", R"({"id":2})",
                                                               R"({"id":1,"n":2})"};
                                                    f.expected = {f.input[0], f.input[1]};
                                                  }}});

class DedupeTest : public testing::Test {
 protected:
  DedupeTest() { register_dedupe(catalog_); }
  std::shared_ptr<const Bound> dedupe(const Node& options) {
    return bind(catalog_, "dedupe", ComponentKind::kStage, options);
  }
  Catalog catalog_;
  Services services_;
};

TEST_F(DedupeTest, the_first_of_each_id_passes) {
  StageHarness stage(services_, dedupe(map({{"uid", "id"}})));
  ASSERT_TRUE(stage.open());
  stage.process({R"({"id":"a"})", R"({"id":"b"})", R"({"id":"a","n":1})", R"({"n":1})",
                 R"({"n":1})", "no json"});
  EXPECT_EQ(stage.out.payloads(),
            (Texts{R"({"id":"a"})", R"({"id":"b"})", R"({"n":1})", R"({"n":1})"}));
  ASSERT_EQ(stage.out.rejected.size(), 1u);
  EXPECT_EQ(stage.out.rejected[0].record.payload, "no json");
  stage.process({R"({"id":"b"})", R"({"id":"c"})"});
  EXPECT_EQ(stage.out.payloads().back(), R"({"id":"c"})");
  EXPECT_EQ(stage.out.records.size(), 5u);
}

TEST_F(DedupeTest, without_a_uid_the_key_is_the_id) {
  StageHarness stage(services_, dedupe(map({})));
  stage.context.key.kind = KeySelector::Kind::kRecordKey;
  ASSERT_TRUE(stage.open());
  stage.process(make_batch(services_, std::vector<TestRecord>{{"1", "k"}, {"2", "k"}, {"3", "l"}}));
  EXPECT_EQ(stage.out.payloads(), (Texts{"1", "3"}));
}

TEST_F(DedupeTest, the_oldest_id_is_forgotten_first) {
  StageHarness stage(services_, dedupe(map({{"uid", "payload"}, {"count", 2}})));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "b", "a", "c", "a", "b"});  // c pushes b out, because a came again
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b", "c", "b"}));
}

TEST_F(DedupeTest, without_refresh_the_age_counts_from_the_first) {
  StageHarness stage(services_, dedupe(map({{"uid", "payload"}, {"count", 2},
                                            {"refresh", false}})));
  ASSERT_TRUE(stage.open());
  stage.process({"a", "b", "a", "c", "a"});
  EXPECT_EQ(stage.out.payloads(), (Texts{"a", "b", "c", "a"}));
}

TEST_F(DedupeTest, an_id_is_forgotten_after_its_window) {
  StageHarness stage(services_, dedupe(map({{"uid", "payload"}, {"window", "10s"}})));
  ASSERT_TRUE(stage.open());
  stage.process({"a"});
  stage.advance(seconds(9));
  stage.process({"a"});  // and is remembered for ten seconds more
  stage.advance(seconds(9));
  stage.process({"a"});
  EXPECT_EQ(stage.out.records.size(), 1u);
  stage.advance(seconds(10));
  stage.process({"a"});
  EXPECT_EQ(stage.out.records.size(), 2u);
}

TEST_F(DedupeTest, durable_ids_survive_in_the_order_of_their_age) {
  const auto bound = dedupe(map({{"uid", "payload"}, {"durable", true}, {"count", 3}}));
  StateMap state;
  {
    StageHarness stage(services_, bound);
    ASSERT_TRUE(stage.open());
    for (const char* id : {"a", "b", "c"}) {
      stage.process({id});
      stage.advance(seconds(1));
    }
    stage.process({"a"});
    state = stage.barrier(true);
  }
  EXPECT_EQ(state.size(), 3u);
  StageHarness stage(services_, bound);
  ASSERT_TRUE(stage.open(state));
  stage.process({"c", "d", "b"});  // d pushes b out, the oldest
  EXPECT_EQ(stage.out.payloads(), (Texts{"d", "b"}));
  EXPECT_FALSE(StageHarness(services_, bound).open({{"a", "short"}}));
}

TEST_F(DedupeTest, a_uid_needs_a_key_to_be_shared_by_tasks) {
  StageHarness stage(services_, dedupe(map({{"uid", "id"}})));
  stage.context.tasks = 2;
  const Result<void> opened = stage.open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "state-needs-key");
}

TEST_F(DedupeTest, something_must_bound_it) {
  EXPECT_NE(bind_problems(catalog_, "dedupe", ComponentKind::kStage,
                          map({{"uid", "id"}, {"count", 0}}))
                .find("out-of-range"),
            std::string::npos);
}

/// Against a list that is searched.
TEST(IdWindow, agrees_with_a_plain_list) {
  Random random(3);
  for (const bool refresh : {true, false}) {
    IdWindow window({20, 0, 50}, true);
    std::list<std::pair<std::string, int64_t>> list;
    for (int64_t now = 0; now < 20'000; now += static_cast<int64_t>(random.below(5))) {
      const std::string id = std::to_string(random.below(40));
      window.expire(now);
      list.remove_if([&](const auto& entry) { return entry.second + 50 <= now; });
      const auto found = std::find_if(list.begin(), list.end(),
                                      [&](const auto& entry) { return entry.first == id; });
      ASSERT_EQ(window.add(id, now, refresh), found == list.end());
      if (found == list.end()) {
        list.emplace_back(id, now);
        if (list.size() > 20) list.pop_front();
      } else if (refresh) {
        list.erase(found);
        list.emplace_back(id, now);
      }
      std::vector<std::pair<std::string, int64_t>> seen;
      window.for_each([&](std::string_view known, int64_t at) { seen.emplace_back(known, at); });
      ASSERT_EQ(seen, (std::vector<std::pair<std::string, int64_t>>(list.begin(), list.end())));
    }
  }
}

TEST(IdWindow, memory_is_bounded_by_bytes) {
  IdWindow window({0, 100'000, 0}, true);
  for (int i = 0; i < 10'000; ++i) window.add(std::string(100, 'x') + std::to_string(i), i, true);
  EXPECT_LE(window.memory_bytes(), 100'000u);
  EXPECT_GT(window.size(), 400u);
  EXPECT_EQ(window.size() + window.evicted(), 10'000u);
}

}  // namespace
}  // namespace penstock
