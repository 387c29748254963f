// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "components.h"

namespace penstock::simulation {

/// Delivers to the world in calls ("flights") that run on the blocking pool and end some time
/// later. What fails for a while, or is refused late, comes back to the engine when its
/// flight is over. As sim_file, under exactly once, it writes parts, and commit() publishes them.
class SimSink final : public Sink {
 public:
  explicit SimSink(World& world) : world_(world) {}
  Result<void> open(const TaskContext& context) override;
  void write(Batch batch, SinkOutput& out) override;
  void barrier(const Barrier& barrier, SinkOutput& out) override;
  void on_wake(int64_t now_ns, SinkOutput& out) override;
  int64_t next_timer_ns() const override;
  bool full() const override { return pending_.size() >= about_->pending_max; }
  SinkHandles prepare(Epoch epoch) override;
  Result<void> commit(Epoch epoch, const SinkHandles& handles) override;
  Result<void> recover(const SinkHandles& handles) override;

 private:
  struct Kept {
    std::string identity, payload, key, headers;
    Record head;
    Epoch epoch;
    uint64_t number;   // of everything that was accepted
    std::string part;  // of a sim_file
  };
  enum class Answer : uint8_t { kTaken, kLater, kRefused };
  struct Flight {
    std::vector<Kept> records;
    std::vector<Answer> answers;
    std::set<std::string> failed_keys;
    bool over = false;
  };
  struct Open {
    Barrier barrier;
    uint64_t upto;  // number of the last record before it
  };
  struct Part {
    std::string name;
    Epoch closed_at;
  };
  void launch();
  void fly(const std::shared_ptr<Flight>& flight);
  Answer answer(Flight& flight, const Kept& kept);
  void land(Flight& flight, SinkOutput& out);
  void hand_back(std::vector<Kept> records, SinkOutput& out);
  void confirm(SinkOutput& out);
  bool stuck() const;
  bool urgent() const;
  void tell_retries();
  Parcel parcel(const Kept& kept) const { return {kept.identity, kept.payload, kept.key}; }

  World& world_;
  TaskContext context_;
  const Behaviour* about_ = nullptr;
  bool two_phase_ = false;
  uint64_t accepted_ = 0;
  int64_t linger_until_ns_ = 0;
  std::deque<Kept> pending_;
  std::deque<std::shared_ptr<Flight>> flights_;  // in the order of launching
  std::deque<Open> open_;
  std::string part_;                             // being written; empty = none yet
  std::vector<Part> closed_;                     // not yet committed
  Epoch last_commit_ = 0;
};

}  // namespace penstock::simulation
