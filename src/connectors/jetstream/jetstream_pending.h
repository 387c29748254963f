// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "connectors/nats/nats_intake.h"

namespace penstock {

/// What a consumer has delivered and not got acknowledged: from the moment that a message arrives
/// until its acknowledgement is on its way. Thread-safe.
class JetStreamPending {
 public:
  enum class Arrival : uint8_t {
    kNew,
    kInFlight,  ///< the same message is on its way through the pipeline: drop it
    kDone,      ///< it was delivered and committed: its acknowledgement got lost
  };
  /// `remembered_max`: how many acknowledged ones are known, at least.
  explicit JetStreamPending(size_t remembered_max) : remembered_max_(remembered_max) {}

  /// `mark`: of this message alone, also where a stream was made anew. `sequence`: its number.
  Arrival arrived(uint64_t mark, uint64_t sequence);
  /// The next ones that the task emits. `number` counts all of them, in order.
  void emitted(NatsReceipts receipts, uint64_t number, int64_t now_ns);
  /// All up to `number` are delivered and committed.
  void committed(uint64_t number);
  /// Those that were committed since the last call.
  std::vector<NatsReceipts> take_committed();
  /// Given back: they may arrive again.
  void forget(const NatsReceipts& receipts);
  /// A copy of those that were emitted by then and are on their way.
  std::vector<NatsReceipts> older(int64_t than_ns) const;
  /// Those that were emitted and will not be committed any more.
  std::vector<NatsReceipts> take_rest();
  /// Arrived, not taken by take_committed().
  size_t size() const;

 private:
  struct Emitted {
    NatsReceipts receipts;
    uint64_t last = 0;  // number of the last of them
    int64_t at_ns = 0;
  };
  mutable std::mutex mutex_;
  // All guarded by mutex_.
  std::deque<Emitted> emitted_;
  std::vector<NatsReceipts> committed_;
  std::unordered_set<uint64_t> in_flight_;
  std::unordered_set<uint64_t> done_, done_before_;
  uint64_t sequence_max_ = 0;  // of those that arrived: what is beyond it cannot be done
  const size_t remembered_max_;
};

}  // namespace penstock
