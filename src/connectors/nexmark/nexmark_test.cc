// SPDX-License-Identifier: Apache-2.0
#include "connectors/nexmark/nexmark.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "connectors/nexmark/nexmark_source.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

const Catalog& catalog() {
  static const Catalog made = [] {
    Catalog all;
    register_nexmark(all);
    return all;
  }();
  return made;
}

std::vector<Seen> events(const Node& options, Collected* collected = nullptr) {
  Services services;
  SourceHarness source(services, bind(catalog(), "nexmark", ComponentKind::kSource, options));
  EXPECT_TRUE(source.open());
  EXPECT_EQ(source.pull_all().state, Pull::State::kEnd);
  if (collected != nullptr) *collected = source.out;
  return source.out.records;
}

/// What stands behind `"name":`, without quotes. "" if there is no such member.
std::string member(const std::string& json, const std::string& name) {
  const std::string start = "\"" + name + "\":";
  const size_t found = json.find(start);
  if (found == std::string::npos) return "";
  const size_t at = found + start.size();
  if (json[at] == '"') return json.substr(at + 1, json.find('"', at + 1) - at - 1);
  return json.substr(at, json.find_first_of(",}", at) - at);
}
uint64_t number(const std::string& json, const std::string& name) {
  return std::stoull(member(json, name));
}

TEST(Nexmark, makes_the_same_lines_for_ever) {
  const std::vector<Seen> seen = events(map({{"events", 5}}));
  ASSERT_EQ(seen.size(), 5u);
  EXPECT_TRUE(seen[0].payload.starts_with(
      R"({"event_type":0,"person":{"id":1000,"name":"Saul Noris","emailAddress":"cwb@fhez.com",)"
      R"("creditCard":"9278 1480 7836 7367","city":"Boise","state":"WY",)"
      R"("dateTime":"2026-01-01 00:00:00.000","extra":"amtgimscikfonpee)"));
  EXPECT_TRUE(seen[1].payload.starts_with(
      R"({"event_type":1,"auction":{"id":1000,"itemName":"alrzdsiwuutdl bhu",)"));
  EXPECT_EQ(seen[4].payload,
            R"({"event_type":2,"bid":{"auction":1000,"bidder":2001,"price":89987073,)"
            R"("channel":"Facebook",)"
            R"("url":"https://www.nexmark.com/wegs/sad/rtpu/item.htm?query=1",)"
            R"("dateTime":"2026-01-01 00:00:00.000","extra":"imcdjosanpoiqravmuawnfmygbqqsgzrstuu)"
            R"(wqyuquxivvvhqhpdbiueszmeaqlqmnjtgwfdwfjgz"}})");
}

TEST(Nexmark, mixes_persons_auctions_and_bids_1_to_3_to_46) {
  std::map<std::string, int> kinds;
  for (const Seen& seen : events(map({{"events", 5000}}))) {
    ++kinds[seen.payload.substr(1, 24)];
  }
  EXPECT_EQ(kinds, (std::map<std::string, int>{{R"("event_type":0,"person":)", 100},
                                               {R"("event_type":1,"auction")", 300},
                                               {R"("event_type":2,"bid":{"a)", 4600}}));
}

TEST(Nexmark, numbers_persons_and_auctions_without_a_gap) {
  uint64_t person = 1000, auction = 1000;
  for (const Seen& seen : events(map({{"events", 2000}}))) {
    const std::string& json = seen.payload;
    if (json.starts_with(R"({"event_type":0)")) {
      EXPECT_EQ(number(json, "id"), person++);
    } else if (json.starts_with(R"({"event_type":1)")) {
      EXPECT_EQ(number(json, "id"), auction++);
    }
  }
  EXPECT_EQ(person, 1040u);
  EXPECT_EQ(auction, 1120u);
}

TEST(Nexmark, draws_from_the_hot_and_the_active_as_often_as_it_should) {
  size_t bids = 0, hot_auctions = 0, hot_bidders = 0, hot_channels = 0, dear = 0, ids = 0;
  size_t bytes = 0;
  for (const Seen& seen : events(map({{"events", 50'000}, {"first_event", 1'000'000},
                                      {"kinds", list({"bid"})}}))) {
    const std::string& json = seen.payload;
    const auto n = static_cast<uint64_t>(seen.position);
    const uint64_t auction = number(json, "auction") - 1000, last = EventLine::last_auction(n);
    const uint64_t bidder = number(json, "bidder") - 2000, newest = EventLine::last_person(n);
    ASSERT_GE(auction, std::min(last - 100, last / 100 * 100));
    ASSERT_LE(auction, last + 10);
    ASSERT_GE(bidder, newest - 1000);
    ASSERT_LE(bidder, newest + 10);
    ASSERT_GE(number(json, "price"), 100u);
    ASSERT_LE(number(json, "price"), 100'000'000u);
    hot_auctions += auction == last / 100 * 100;
    hot_bidders += bidder == newest / 100 * 100 + 1;
    hot_channels += !member(json, "channel").starts_with("channel-");
    ids += json.find("&channel_id=") != std::string::npos;
    dear += number(json, "price") >= 100'000;
    bytes += json.size();
    ++bids;
  }
  const auto part = [bids](size_t some) { return double(some) / double(bids); };
  EXPECT_EQ(bids, 46'000u);
  EXPECT_NEAR(part(hot_auctions), 0.5 + 0.5 / 111, 0.02);
  EXPECT_NEAR(part(hot_bidders), 0.75, 0.02);
  EXPECT_NEAR(part(hot_channels), 0.5, 0.02);
  EXPECT_NEAR(part(ids), 0.45, 0.02);
  EXPECT_NEAR(part(dear), 0.5, 0.02);
  EXPECT_NEAR(double(bytes) / double(bids), 280, 5);
}

TEST(Nexmark, gives_a_channel_one_address) {
  std::map<std::string, std::set<std::string>> addresses;
  for (const Seen& seen : events(map({{"events", 20'000}, {"kinds", list({"bid"})}}))) {
    addresses[member(seen.payload, "channel")].insert(member(seen.payload, "url"));
  }
  EXPECT_GT(addresses.size(), 4000u);
  for (const auto& [channel, all] : addresses) EXPECT_EQ(all.size(), 1u) << channel;
  // bits reversed, as a signed number, without its sign
  const auto id = [&](const std::string& channel) {
    const std::string& url = *addresses[channel].begin();
    const size_t at = url.find("&channel_id=");
    return at == std::string::npos ? "none" : url.substr(at + 12);
  };
  for (const auto& [channel, all] : addresses) {
    if (!channel.starts_with("channel-") || id(channel) == "none") continue;
    const uint64_t k = std::stoull(channel.substr(8));
    uint64_t reversed = 0;
    for (int bit = 0; bit < 32; ++bit) reversed |= (k >> bit & 1) << (31 - bit);
    if (reversed >= 1ull << 31) reversed = (1ull << 32) - reversed;
    ASSERT_EQ(id(channel), std::to_string(reversed));
  }
}

TEST(Nexmark, keeps_auctions_open_for_a_while_that_fits_the_rate) {
  double open_ms = 0;
  size_t auctions = 0;
  for (const Seen& seen : events(map({{"events", 20'000}, {"event_rate", "1000"},
                                      {"kinds", list({"auction"})}}))) {
    const std::string begun = member(seen.payload, "dateTime");
    const std::string expires = member(seen.payload, "expires");
    const auto ms = [](const std::string& text) {
      return 1000 * (60 * std::stoi(text.substr(14, 2)) + std::stoi(text.substr(17, 2))) +
             std::stoi(text.substr(20));
    };
    ASSERT_GT(expires, begun);
    ASSERT_LE(ms(expires) - ms(begun), 2 * 1667);
    ASSERT_GT(number(seen.payload, "reserve"), number(seen.payload, "initialBid"));
    ASSERT_GE(number(seen.payload, "category"), 10u);
    ASSERT_LE(number(seen.payload, "category"), 14u);
    open_ms += ms(expires) - ms(begun);
    ++auctions;
  }
  EXPECT_NEAR(open_ms / double(auctions), 1667, 80);
}

TEST(Nexmark, stamps_the_time_that_the_text_says) {
  const std::vector<Seen> seen =
      events(map({{"events", 3}, {"event_rate", "0.5"}, {"base_time_ms", 951'782'399'000}}));
  EXPECT_EQ(member(seen[0].payload, "dateTime"), "2000-02-28 23:59:59.000");
  EXPECT_EQ(member(seen[1].payload, "dateTime"), "2000-02-29 00:00:01.000");
  EXPECT_EQ(seen[2].event_time_us, 951'782'403'000'000);
}

TEST(Nexmark, shuffles_within_a_group_and_its_watermarks_never_lie) {
  Services services;
  SourceHarness source(services,
                       bind(catalog(), "nexmark", ComponentKind::kSource,
                            map({{"events", 5000}, {"out_of_order_group", 100}})));
  source.context.batch_records_max = 30;
  ASSERT_TRUE(source.open());
  int64_t watermark = 0, newest = 0;
  size_t late = 0;
  std::set<std::string> all;
  for (Pull::State state = Pull::State::kMore; state != Pull::State::kEnd;) {
    const size_t before = source.out.records.size(), marks = source.out.watermarks.size();
    state = source.pull().state;
    for (size_t i = before; i < source.out.records.size(); ++i) {
      const Seen& seen = source.out.records[i];
      ASSERT_GE(seen.event_time_us, watermark);
      late += seen.event_time_us < newest;
      newest = std::max(newest, seen.event_time_us);
      all.insert(seen.payload);
    }
    if (source.out.watermarks.size() > marks) watermark = source.out.watermarks.back();
  }
  EXPECT_GT(late, 1000u);
  EXPECT_GE(watermark, newest - 10'000);
  std::set<std::string> in_order;
  for (const Seen& seen : events(map({{"events", 5000}}))) in_order.insert(seen.payload);
  EXPECT_EQ(all, in_order);
}

TEST(Nexmark, joins_parts_of_a_file_to_the_whole) {
  const std::vector<Seen> whole = events(map({{"events", 300}, {"seed", 9}}));
  std::vector<Seen> parts = events(map({{"events", 130}, {"seed", 9}}));
  for (Seen& seen : events(map({{"events", 170}, {"first_event", 130}, {"seed", 9}}))) {
    parts.push_back(std::move(seen));
  }
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_EQ(parts[i].payload, whole[i].payload);
}

TEST(Nexmark, another_seed_makes_other_events) {
  EXPECT_NE(events(map({{"events", 5}}))[4].payload,
            events(map({{"events", 5}, {"seed", 2}}))[4].payload);
}

TEST(Nexmark, keys_by_person_or_auction) {
  const std::vector<Seen> persons = events(map({{"events", 60}, {"key", "person"}}));
  EXPECT_EQ(persons[50].key, "1001");
  EXPECT_EQ(persons[51].key, member(persons[51].payload, "seller"));
  EXPECT_EQ(persons[55].key, member(persons[55].payload, "bidder"));
  const std::vector<Seen> auctions = events(map({{"events", 60}, {"key", "auction"}}));
  EXPECT_FALSE(auctions[50].has_key);
  EXPECT_EQ(auctions[51].key, "1003");
  EXPECT_EQ(auctions[55].key, member(auctions[55].payload, "auction"));
}

TEST(Nexmark, keeps_the_rate_and_does_not_make_up_for_a_pause) {
  Services services;
  SourceHarness source(services, bind(catalog(), "nexmark", ComponentKind::kSource,
                                      map({{"rate", "1000"}})));
  ASSERT_TRUE(source.open());
  const int64_t start = services.clock.monotonic_ns();
  source.pull_all(2000);
  EXPECT_NEAR(double(services.clock.monotonic_ns() - start) * 1e-9, 2.0, 0.01);
  source.out.records.clear();
  services.clock.advance_ns(seconds(60).ns());
  while (source.pull().state == Pull::State::kMore) {
  }
  EXPECT_LE(source.out.records.size(), 101u);
}

TEST(Nexmark, refuses_what_it_could_not_write_down) {
  const auto problems = [](const Node& options) {
    return bind_problems(catalog(), "nexmark", ComponentKind::kSource, options);
  };
  for (const Node& options :
       {map({{"out_of_order_group", 1906}}), map({{"event_rate", "0.001"}, {"events", 1 << 30}}),
        map({{"events", int64_t{1} << 54}, {"event_rate", "1e9"}})}) {
    EXPECT_NE(problems(options).find("bad-number"), std::string::npos);
  }
  EXPECT_EQ(problems(map({{"event_rate", "0.001"}})), "");
}

TEST(Nexmark, refuses_positions_of_another_number_of_partitions) {
  Services services;
  SourceHarness source(services, bind(catalog(), "nexmark", ComponentKind::kSource,
                                      map({{"partitions", 4}})));
  for (const Positions& restored : {Positions{{"0/16", {"7", false}}},
                                    Positions{{"0/4", {"seven", false}}}}) {
    const Result<void> opened = source.open(restored);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, "bad-position");
  }
}

TEST(EventText, stays_within_its_room) {
  EventText text(3, {});
  std::string room(EventText::kBytesMax, '\0');
  size_t largest = 0;
  for (uint64_t n = 0; n < 200'000; ++n) {
    largest = std::max(largest, text.write(room.data(), n).size);
  }
  EXPECT_GT(largest, 700u);
  EXPECT_LE(largest + 8, EventText::kBytesMax);
}

}  // namespace
}  // namespace penstock
