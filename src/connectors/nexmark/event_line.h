// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

namespace penstock {

enum class NexmarkKind : uint8_t { kPerson, kAuction, kBid };

/// NEXMark's line of events: what kind event n is, which persons and auctions exist by then, and
/// when it happens. An event that stands at place p of the stream is event number(p): the same
/// unless events are out of order. Pure.
struct EventLine {
  static constexpr uint64_t kCycle = 50, kPersons = 1, kAuctions = 3;  // the other 46 are bids
  static constexpr uint64_t kShuffle = 953;
  static constexpr uint64_t kPlacesMax = uint64_t{1} << 53;

  double event_rate = 10'000;                 ///< events a second of event time
  int64_t base_time_ms = 1'767'225'600'000;   ///< when event 0 happens: 2026-01-01
  uint64_t group = 1;                         ///< events are shuffled within such groups

  uint64_t number(uint64_t place) const {
    return group == 1 ? place : place / group * group + place * kShuffle % group;
  }
  /// Milliseconds since 1970.
  int64_t time_ms(uint64_t number) const {
    const double us = static_cast<double>(number) * (1e6 / event_rate);
    return base_time_ms + static_cast<int64_t>(us) / 1000;
  }
  /// No event at `place` or behind it is earlier.
  int64_t watermark_ms(uint64_t place) const { return time_ms(place / group * group); }

  static NexmarkKind kind(uint64_t number) {
    const uint64_t at = number % kCycle;
    if (at < kPersons) return NexmarkKind::kPerson;
    return at < kPersons + kAuctions ? NexmarkKind::kAuction : NexmarkKind::kBid;
  }
  /// The newest person, counted from 0: the event's own, if it is one.
  static uint64_t last_person(uint64_t number) { return number / kCycle; }
  /// The newest auction, counted from 0: the event's own, if it is one. REQUIRES: not a person.
  static uint64_t last_auction(uint64_t number) {
    return number / kCycle * kAuctions + std::min(number % kCycle - kPersons, kAuctions - 1);
  }
};

}  // namespace penstock
