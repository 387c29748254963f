// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "config/schema.h"
#include "connectors/nexmark/event_text.h"
#include "sdk/shares.h"
#include "sdk/source.h"

namespace penstock {

enum class NexmarkKey : uint8_t { kNone, kPerson, kAuction };

struct NexmarkOptions {
  uint64_t events = 0;
  uint64_t first_event = 0;
  double rate = 0;
  double event_rate = EventLine{}.event_rate;
  int64_t base_time_ms = EventLine{}.base_time_ms;
  uint64_t out_of_order_group = 1;
  std::vector<NexmarkKind> kinds = {NexmarkKind::kPerson, NexmarkKind::kAuction,
                                    NexmarkKind::kBid};
  NexmarkKey key = NexmarkKey::kNone;
  uint64_t seed = 1;
  uint32_t partitions = 16;

  EventLine line() const { return {event_rate, base_time_ms, out_of_order_group}; }
  /// How many events there can be: places and years have an end.
  uint64_t events_max() const;
};

const Schema<NexmarkOptions>& nexmark_schema();

/// The events of NEXMark. Tasks share the places of the stream; which event stands at a place, and
/// what it looks like, is the same for any number of them.
class NexmarkSource final : public Source {
 public:
  explicit NexmarkSource(std::shared_ptr<const NexmarkOptions> options);
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override { return shares_.positions(); }

 private:
  uint64_t due(int64_t now_ns);
  uint64_t make(uint64_t place, uint64_t places, BatchBuilder& builder);

  std::shared_ptr<const NexmarkOptions> options_;
  EventLine line_;
  EventText text_;
  bool wanted_[3] = {};  // by kind
  TaskContext context_;
  Shares shares_;
  double rate_ = 0;       // of this task; 0 = full speed
  int64_t start_ns_ = 0;  // rate_ is kept since then
  uint64_t made_ = 0;     // since start_ns_
};

}  // namespace penstock
