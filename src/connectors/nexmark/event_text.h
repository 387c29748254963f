// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/nexmark/event_line.h"
#include "connectors/nexmark/text_cursor.h"

namespace penstock {

/// Event n as JSON: `{"event_type":2,"bid":{…}}`. What it looks like depends on n, the seed and the
/// line only. One thread.
class EventText {
 public:
  static constexpr size_t kBytesMax = 1024;  ///< of one event, and what is overwritten behind it

  EventText(uint64_t seed, const EventLine& line);

  struct Written {
    size_t size = 0;
    int64_t time_ms = 0;
    std::string_view person;   ///< in the text: id, seller or bidder
    std::string_view auction;  ///< in the text: id or auction; empty in persons
  };
  /// `to` has room for kBytesMax.
  Written write(char* to, uint64_t number);

 private:
  void person(TextCursor& out, uint64_t number, Random& random, Written& written);
  void auction(TextCursor& out, uint64_t number, Random& random, Written& written);
  void bid(TextCursor& out, uint64_t number, Random& random, Written& written);
  void channel(TextCursor& out, Random& random) const;

  EventLine line_;
  uint64_t mixed_seed_;
  TimeText times_, ends_;
  std::string hot_channels_[4];  // from "channel" to the end of "url"
};

}  // namespace penstock
