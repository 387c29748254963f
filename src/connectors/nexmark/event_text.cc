// SPDX-License-Identifier: Apache-2.0
#include "connectors/nexmark/event_text.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>

namespace penstock {
namespace {

// Ids and sizes of NEXMark's generator for Flink. Its quirk is kept that bidders count from 2000,
// although persons count from 1000: results of joins depend on it.
constexpr uint64_t kFirstPerson = 1000, kFirstAuction = 1000, kFirstBidder = 2000;
constexpr uint64_t kFirstCategory = 10, kCategories = 5;
constexpr uint64_t kHotStep = 100;          // the hot one of so many persons or auctions
constexpr uint64_t kActivePersons = 1000, kAuctionsInFlight = 100, kLead = 10;
constexpr uint64_t kHotAuctions = 2, kHotSellers = 4, kHotBidders = 4;  // all but one of so many
constexpr size_t kPersonBytes = 200, kAuctionBytes = 500, kBidBytes = 100;
constexpr uint32_t kChannels = 10'000;
constexpr double kLogOfMillion = 13.815510557964274;

constexpr std::string_view kStates[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
constexpr std::string_view kCities[] = {"Phoenix", "Los Angeles", "San Francisco", "Boise",
                                        "Portland", "Bend", "Redmond", "Seattle", "Kent",
                                        "Cheyenne"};
constexpr std::string_view kFirstNames[] = {"Peter", "Paul", "Luke", "John", "Saul", "Vicky",
                                            "Kate", "Julie", "Sarah", "Deiter", "Walter"};
constexpr std::string_view kLastNames[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                           "Walton", "Smith", "Jones", "Noris"};
constexpr std::string_view kHotChannels[] = {"Google", "Facebook", "Baidu", "Apple"};

template <size_t N>
std::string_view one_of(const std::string_view (&words)[N], Random& random) {
  return words[random.below(N)];
}

/// 100 to 100,000,000, each power of ten as likely as another.
uint64_t price(Random& random) {
  return static_cast<uint64_t>(std::llround(std::exp(random.uniform() * kLogOfMillion) * 100));
}

uint64_t active_person(uint64_t number, Random& random) {
  const uint64_t persons = EventLine::last_person(number) + 1;
  const uint64_t active = std::min(persons, kActivePersons);
  return persons - active + random.below(active + kLead);
}

uint64_t auction_in_flight(uint64_t number, Random& random) {
  const uint64_t last = EventLine::last_auction(number);
  const uint64_t first = last - std::min(last, kAuctionsInFlight);
  return first + random.below(last - first + 1 + kLead);
}

uint64_t hot(uint64_t last) { return last / kHotStep * kHotStep; }

/// Letters so that the event has `wanted` bytes on average, ± a fifth, by NEXMark's way of
/// counting: 8 for each number and time, the length of some of its texts.
void extra(TextCursor& out, size_t counted, size_t wanted, Random& random) {
  out.text(R"(,"extra":")");
  if (counted <= wanted) {
    const size_t mean = wanted - counted;
    const auto spread = static_cast<size_t>(std::llround(static_cast<double>(mean) * 0.2));
    out.letters(mean - spread + (spread == 0 ? 0 : random.below(2 * spread)), random);
  }
  out.text(R"("}})");
}

void four_digits(TextCursor& out, uint64_t value) {
  const char digits[4] = {static_cast<char>('0' + value / 1000),
                          static_cast<char>('0' + value / 100 % 10),
                          static_cast<char>('0' + value / 10 % 10),
                          static_cast<char>('0' + value % 10)};
  out.text(std::string_view(digits, sizeof digits));
}

void url(TextCursor& out, Random& random) {
  out.text("https://www.nexmark.com/");
  for (int i = 0; i < 3; ++i) {
    out.words(5, '_', random);
    out.text("/");
  }
  out.text("item.htm?query=1");
}

uint32_t reversed(uint32_t bits) {
  uint32_t out = 0;
  for (int i = 0; i < 32; ++i, bits >>= 1) out = out << 1 | (bits & 1);
  return out;
}

}  // namespace

void TimeText::set(int64_t second) {
  namespace chrono = std::chrono;
  second_ = second;
  const chrono::sys_seconds time{chrono::seconds(second)};
  const auto day = chrono::floor<chrono::days>(time);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(time - day);
  TextCursor out(text_);
  four_digits(out, static_cast<uint64_t>(static_cast<int>(date.year())));
  const auto two = [&out](char before, auto value) {
    const auto n = static_cast<uint64_t>(value);
    const char text[3] = {before, static_cast<char>('0' + n / 10),
                          static_cast<char>('0' + n % 10)};
    out.text(std::string_view(text, sizeof text));
  };
  two('-', static_cast<unsigned>(date.month()));
  two('-', static_cast<unsigned>(date.day()));
  two(' ', clock.hours().count());
  two(':', clock.minutes().count());
  two(':', clock.seconds().count());
  out.text(".");
}

EventText::EventText(uint64_t seed, const EventLine& line)
    : line_(line), mixed_seed_(Random(seed).next()) {
  Random random(~mixed_seed_);
  for (size_t i = 0; i < std::size(kHotChannels); ++i) {
    char text[256];
    TextCursor out(text);
    out.text(R"("channel":")").text(kHotChannels[i]).text(R"(","url":")");
    url(out, random);
    hot_channels_[i].assign(text, out.at());
  }
}

EventText::Written EventText::write(char* to, uint64_t number) {
  Written written;
  written.time_ms = line_.time_ms(number);
  Random random(mixed_seed_ ^ number);
  TextCursor out(to);
  switch (EventLine::kind(number)) {
    case NexmarkKind::kPerson: person(out, number, random, written); break;
    case NexmarkKind::kAuction: auction(out, number, random, written); break;
    case NexmarkKind::kBid: bid(out, number, random, written); break;
  }
  written.size = static_cast<size_t>(out.at() - to);
  return written;
}

void EventText::person(TextCursor& out, uint64_t number, Random& random, Written& written) {
  out.text(R"({"event_type":0,"person":{"id":)");
  written.person = out.number(kFirstPerson + EventLine::last_person(number));
  size_t counted = 8;
  const auto member = [&](std::string_view name, auto&& write) {
    out.text(name);
    const char* const start = out.at();
    write();
    counted += static_cast<size_t>(out.at() - start);
  };
  member(R"(,"name":")", [&] {
    out.text(one_of(kFirstNames, random)).text(" ");
    out.text(one_of(kLastNames, random));
  });
  member(R"(","emailAddress":")", [&] {
    out.words(7, ' ', random);
    out.text("@");
    out.words(5, ' ', random);
    out.text(".com");
  });
  member(R"(","creditCard":")", [&] {
    for (int i = 0; i < 4; ++i) {
      if (i > 0) out.text(" ");
      four_digits(out, random.below(10'000));
    }
  });
  member(R"(","city":")", [&] { out.text(one_of(kCities, random)); });
  member(R"(","state":")", [&] { out.text(one_of(kStates, random)); });
  out.text(R"(","dateTime":")").time(times_, written.time_ms).text("\"");
  extra(out, counted, kPersonBytes, random);
}

void EventText::auction(TextCursor& out, uint64_t number, Random& random, Written& written) {
  out.text(R"({"event_type":1,"auction":{"id":)");
  written.auction = out.number(kFirstAuction + EventLine::last_auction(number));
  out.text(R"(,"itemName":")");
  const char* start = out.at();
  out.words(20, ' ', random);
  size_t counted = 6 * 8 + static_cast<size_t>(out.at() - start);
  out.text(R"(","description":")");
  start = out.at();
  out.words(100, ' ', random);
  counted += static_cast<size_t>(out.at() - start);
  const uint64_t initial_bid = price(random);
  out.text(R"(","initialBid":)").number(initial_bid);
  out.text(R"(,"reserve":)").number(initial_bid + price(random));
  constexpr uint64_t kAhead = kAuctionsInFlight * EventLine::kCycle / EventLine::kAuctions;
  const auto horizon_ms =
      static_cast<uint64_t>(line_.time_ms(number + kAhead) - written.time_ms);
  const uint64_t open_ms = 1 + random.below(std::max<uint64_t>(2 * horizon_ms, 1));
  out.text(R"(,"dateTime":")").time(times_, written.time_ms);
  out.text(R"(","expires":")").time(ends_, written.time_ms + static_cast<int64_t>(open_ms));
  const uint64_t seller = random.below(kHotSellers) > 0 ? hot(EventLine::last_person(number))
                                                        : active_person(number, random);
  out.text(R"(","seller":)");
  written.person = out.number(kFirstPerson + seller);
  out.text(R"(,"category":)").number(kFirstCategory + random.below(kCategories));
  extra(out, counted, kAuctionBytes, random);
}

void EventText::bid(TextCursor& out, uint64_t number, Random& random, Written& written) {
  const uint64_t on = random.below(kHotAuctions) > 0 ? hot(EventLine::last_auction(number))
                                                     : auction_in_flight(number, random);
  // The second of its hundred, so that hot bidders are not hot sellers.
  const uint64_t by = random.below(kHotBidders) > 0 ? hot(EventLine::last_person(number)) + 1
                                                    : active_person(number, random);
  out.text(R"({"event_type":2,"bid":{"auction":)");
  written.auction = out.number(kFirstAuction + on);
  out.text(R"(,"bidder":)");
  written.person = out.number(kFirstBidder + by);
  out.text(R"(,"price":)").number(price(random));
  out.text(",");
  channel(out, random);
  out.text(R"(","dateTime":")").time(times_, written.time_ms).text("\"");
  extra(out, 4 * 8, kBidBytes, random);
}

/// Half of the bids come through four large channels; the address of another depends on the
/// channel only.
void EventText::channel(TextCursor& out, Random& random) const {
  if (random.below(2) > 0) {
    out.text(hot_channels_[random.below(std::size(hot_channels_))]);
    return;
  }
  const auto channel = static_cast<uint32_t>(random.below(kChannels));
  Random of_channel(mixed_seed_ + (uint64_t{channel} << 40));
  out.text(R"("channel":"channel-)").number(channel);
  out.text(R"(","url":")");
  url(out, of_channel);
  if (of_channel.below(10) == 0) return;
  const auto signed_id = static_cast<int32_t>(reversed(channel));
  out.text("&channel_id=").number(static_cast<uint64_t>(std::abs(int64_t{signed_id})));
}

}  // namespace penstock
