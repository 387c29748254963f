// SPDX-License-Identifier: Apache-2.0
#include "connectors/generator/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "connectors/generator/record_template.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

const Catalog& catalog() {
  static const Catalog made = [] {
    Catalog all;
    register_generator(all);
    return all;
  }();
  return made;
}
std::shared_ptr<const Bound> generator(const Node& options) {
  return bind(catalog(), "generator", ComponentKind::kSource, options);
}

/// What `tasks` tasks make from `restored` on, by turns, until all have made `each` or ended.
std::vector<std::string> made_by(Services& services, const std::shared_ptr<const Bound>& bound,
                                 uint32_t tasks, Positions& positions, size_t each) {
  std::vector<std::string> all;
  Positions after = positions;
  for (uint32_t task = 0; task < tasks; ++task) {
    SourceHarness source(services, bound);
    source.context = services.context(task, tasks);
    source.context.batch_records_max = 50;
    EXPECT_TRUE(source.open(positions));
    source.pull_all(each);
    merge(after, source.barrier());
    for (std::string& payload : source.out.payloads()) all.push_back(std::move(payload));
  }
  positions = after;
  return all;
}

TEST(Generator, numbers_its_records_in_order_with_one_task) {
  Services services;
  SourceHarness source(services, generator(map({{"count", 5000}, {"size", 24}})));
  ASSERT_TRUE(source.open());
  EXPECT_EQ(source.pull_all().state, Pull::State::kEnd);
  ASSERT_EQ(source.out.records.size(), 5000u);
  EXPECT_EQ(source.out.records[0].payload, "00000000000000000000abcd");
  EXPECT_EQ(source.out.records[4999].payload, "00000000000000004999abcd");
  for (size_t i = 0; i < 5000; ++i) EXPECT_EQ(source.out.records[i].position, int64_t(i));
  EXPECT_TRUE(std::is_sorted(source.out.records.begin(), source.out.records.end(),
                             [](const Seen& a, const Seen& b) { return a.payload < b.payload; }));
}

TEST(Generator, counts_over_every_carry) {
  Services services;
  const auto bound = generator(map({{"size", 20}, {"partitions", 1}}));
  for (const uint64_t start : {0ull, 99'999'980ull, 9'999'999'999'999'980ull,
                               18'446'744'073'709'551'000ull}) {
    SourceHarness source(services, bound);
    source.context.batch_records_max = 100;
    ASSERT_TRUE(source.open({{"0/1", {std::to_string(start), false}}}));
    source.pull();
    for (size_t i = 0; i < 100; ++i) {
      std::string wanted = std::to_string(start + i);
      wanted.insert(0, 20 - wanted.size(), '0');
      ASSERT_EQ(source.out.records[i].payload, wanted);
    }
  }
}

TEST(Generator, any_number_of_tasks_goes_on_where_others_stopped) {
  for (const uint64_t count : {1ull, 64ull, 65ull, 3000ull, 10'000ull}) {
    Services services;
    const auto bound = generator(map({{"count", count}, {"size", 20}}));
    Positions positions;
    std::vector<std::string> all;
    for (const uint32_t tasks : {3u, 1u, 20u, 2u}) {
      for (std::string& one : made_by(services, bound, tasks, positions, count / 5)) {
        all.push_back(std::move(one));
      }
    }
    for (std::string& one : made_by(services, bound, 2, positions, count)) {
      all.push_back(std::move(one));
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all.size(), count);
    EXPECT_TRUE(std::adjacent_find(all.begin(), all.end()) == all.end());
    for (const auto& [name, position] : positions) EXPECT_TRUE(position.finished) << name;
  }
}

TEST(Generator, refuses_positions_of_another_number_of_partitions) {
  Services services;
  SourceHarness source(services, generator(map({{"partitions", 4}})));
  const Result<void> opened = source.open({{"0/16", {"7", false}}});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "bad-position");
}

TEST(Generator, keeps_the_rate_over_all_tasks_and_does_not_make_up_for_a_pause) {
  Services services;
  SourceHarness source(services, generator(map({{"rate", "1000"}})));
  ASSERT_TRUE(source.open());
  const int64_t start = services.clock.monotonic_ns();
  source.pull_all(2000);
  const double seconds_used = double(services.clock.monotonic_ns() - start) * 1e-9;
  EXPECT_NEAR(seconds_used, 2.0, 0.01);
  source.out.records.clear();
  services.clock.advance_ns(seconds(60).ns());
  while (source.pull().state == Pull::State::kMore) {
  }
  EXPECT_LE(source.out.records.size(), 101u);

  SourceHarness half(services, generator(map({{"rate", "1000"}})));
  half.context = services.context(1, 2);
  ASSERT_TRUE(half.open());
  const int64_t half_start = services.clock.monotonic_ns();
  half.pull_all(1000);
  EXPECT_NEAR(double(services.clock.monotonic_ns() - half_start) * 1e-9, 2.0, 0.01);
}

TEST(Generator, makes_the_same_texts_again_after_a_restart) {
  Services services;
  const auto bound = generator(map({{"count", 500},
                                    {"template", "{{n}} {{random}} {{pick:a|b}} {{hex}}"},
                                    {"key", "k{{random:1-9}}"},
                                    {"seed", 42}}));
  SourceHarness whole(services, bound);
  ASSERT_TRUE(whole.open());
  whole.pull_all();
  SourceHarness first(services, bound);
  first.context.batch_records_max = 70;
  ASSERT_TRUE(first.open());
  first.pull();
  const Positions at = first.barrier();
  SourceHarness second(services, bound);
  ASSERT_TRUE(second.open(at));
  second.pull_all();
  std::vector<std::string> joined = first.out.payloads();
  for (const std::string& payload : second.out.payloads()) joined.push_back(payload);
  EXPECT_EQ(joined, whole.out.payloads());
  EXPECT_EQ(second.out.records.back().key, whole.out.records.back().key);
  EXPECT_TRUE(whole.out.records[0].has_key);
}

TEST(Generator, pads_a_template_only_when_a_size_is_given) {
  Services services;
  SourceHarness plain(services, generator(map({{"count", 1}, {"template", "<{{n:4}}>"}})));
  ASSERT_TRUE(plain.open());
  plain.pull_all();
  EXPECT_EQ(plain.out.records[0].payload, "<0000>");
  SourceHarness padded(services,
                       generator(map({{"count", 1}, {"template", "<{{n}}>"}, {"size", 8}})));
  ASSERT_TRUE(padded.open());
  padded.pull_all();
  EXPECT_EQ(padded.out.records[0].payload, "<0>     ");
}

TEST(Generator, stamps_event_times_and_watermarks_when_asked) {
  Services services;
  SourceHarness source(services, generator(map({{"count", 3}, {"event_time", "now"}})));
  ASSERT_TRUE(source.open());
  const int64_t now_us = services.clock.wall_us();
  source.pull_all();
  EXPECT_EQ(source.out.records[2].event_time_us, now_us);
  EXPECT_EQ(source.out.watermarks, (std::vector<int64_t>{now_us}));
  EXPECT_EQ(source.out.records[2].payload.substr(0, 22), "00000000000000000002ab");
}

TEST(Generator, reports_a_template_that_it_does_not_understand) {
  for (const char* text : {"{{m}}", "{{n", "{{random:6-1}}", "{{n:x}}", "{{task:3}}", "{{pick}}"}) {
    const std::string problems =
        bind_problems(catalog(), "generator", ComponentKind::kSource, map({{"template", text}}));
    EXPECT_NE(problems.find("bad-template"), std::string::npos) << text;
  }
}

TEST(RecordTemplate, renders_times_and_bounded_random_numbers) {
  const auto parsed =
      RecordTemplate::parse("{{now}} {{now_ms}} {{random:5-7}} {{task}}{{partition}}");
  ASSERT_TRUE(parsed);
  std::set<std::string> drawn;
  for (uint64_t n = 0; n < 100; ++n) {
    std::string text;
    parsed->render({n, 3, 4, 1, 1'769'860'800'123'456}, text);
    ASSERT_EQ(text.substr(0, 39), "2026-01-31T12:00:00.123Z 1769860800123 ");
    EXPECT_EQ(text.substr(40), " 34");
    drawn.insert(text.substr(39, 1));
  }
  EXPECT_EQ(drawn, (std::set<std::string>{"5", "6", "7"}));
}

}  // namespace
}  // namespace penstock
