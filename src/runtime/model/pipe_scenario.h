// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/model/explorer.h"
#include "runtime/model/model_sync.h"

namespace penstock::model {

/// A control element in what a producer sends; everything else is a number from 0.
inline constexpr int kControl = -1;

/// What a pipe looks like, and which mistakes are planted into the code around lane, budget and
/// bell (those inside them come with `Parts`).
struct PipeShape {
  std::vector<std::vector<int>> sends;  ///< by producer
  uint32_t consumers = 1;
  uint64_t capacity = 1;    ///< records
  bool one_waiting = false; ///< Edge::one_waiting(): at most one waiting element a lane
  bool aligned = false;     ///< consumers leave lanes unread that are ahead by a control element
  uint32_t turn_max = 0;    ///< elements a producer sends before it gives its worker back; 0 = all
  bool outsider = false;    ///< a thread that rings every task once, at any time

  bool aligned_rule = true;  ///< a producer whose lanes are empty may push (Edge)
  bool ring_before_push = false;
  bool wake_before_progress = false;
};

/// Producers, consumers, and one edge between them: the steps that ChainTask::run, Edge,
/// EdgeWriter, InputLane and ThreadScheduler::{ring, turn} take, on `Parts`::{Lane, Budget, Bell}.
/// Every task has a worker of its own: nothing that several workers could do in parallel is lost,
/// since a task has one turn at a time.
template <class Parts>
class PipeScenario final : public Scenario {
 public:
  explicit PipeScenario(const PipeShape& shape)
      : shape_(shape),
        explorer_(*Explorer::active()),
        producers_(shape.sends.size()),
        budget_(shape.capacity, 1'000'000, static_cast<uint32_t>(producers_)),
        lanes_(std::make_unique<Lane[]>(producers_ * shape.consumers)),
        tasks_(std::make_unique<Task[]>(producers_ + shape.consumers)),
        sent_(producers_),
        pushed_(producers_ * shape.consumers),
        next_lane_(shape.consumers),
        inputs_(producers_ * shape.consumers) {}

  std::vector<std::function<void()>> threads() override {
    std::vector<std::function<void()>> bodies;
    const size_t tasks = producers_ + shape_.consumers;
    for (size_t t = 0; t < tasks; ++t) {
      tasks_[t].bell.ring();  // Region::begin() rings every task
      tasks_[t].queued.store(1);
      bodies.push_back([this, t] { work(t); });
    }
    if (shape_.outsider) {
      bodies.push_back([this, tasks] {
        for (size_t t = 0; t < tasks; ++t) ring(t);
      });
    }
    return bodies;
  }

  std::string check() override {
    std::string wrong;
    for (size_t p = 0; p < producers_; ++p) {
      if (sent_[p] < shape_.sends[p].size()) {
        wrong += "lost wake-up: producer " + std::to_string(p) + " sleeps with work; ";
      }
    }
    for (size_t i = 0; i < inputs_.size(); ++i) {
      if (lanes_[i].size() > 0) wrong += "lost wake-up: lane " + std::to_string(i) + " waits; ";
    }
    if (wrong.empty()) wrong = check_received();
    if (wrong.empty() && budget_.records() != 0) wrong = "the budget is not empty";
    return wrong;
  }

 private:
  using Lane = typename Parts::template Lane<int>;
  struct Task {
    typename Parts::Bell bell;
    ModelSync::Atomic<uint32_t> queued{0};  // stands for the run queue
    bool running = false;
  };
  struct Input {
    std::vector<int> taken;
    size_t at = 0;
    int barrier = 0;
    std::vector<int> received;
  };

  std::string check_received() {
    for (size_t p = 0; p < producers_; ++p) {
      std::vector<int> all, sent;
      for (size_t c = 0; c < shape_.consumers; ++c) {
        const std::vector<int>& got = inputs_[lane(p, c)].received;
        if (!std::is_sorted(got.begin(), got.end())) return "a lane gave out of order";
        all.insert(all.end(), got.begin(), got.end());
      }
      std::sort(all.begin(), all.end());
      std::copy_if(shape_.sends[p].begin(), shape_.sends[p].end(), std::back_inserter(sent),
                   [](int element) { return element != kControl; });
      if (all != sent) return "what was received is not what was sent";
    }
    return {};
  }

  // ThreadScheduler
  void ring(size_t t) {
    if (tasks_[t].bell.ring()) queue(t);
  }
  void queue(size_t t) {
    if (tasks_[t].queued.fetch_add(1) != 0) explorer_.fail("a task is queued twice");
  }
  void work(size_t t) {
    Task& task = tasks_[t];
    const std::function<bool()> rung = [&task] { return task.queued.peek() != 0; };
    const auto consumer = static_cast<uint32_t>(t - producers_);
    const auto stand = [&] {
      explorer_.stands_at(t < producers_ ? producer_place(t, 0) : consumer_place(consumer, 0));
    };
    for (stand(); explorer_.wait_until(rung); stand()) {
      task.queued.store(0);
      if (task.running) explorer_.fail("a task runs twice at once");
      task.running = true;
      task.bell.start();
      const bool again = t < producers_ ? produce(t) : consume(consumer);
      task.running = false;
      if (task.bell.finish(again)) queue(t);
    }
  }

  // Edge
  size_t lane(size_t p, size_t c) const { return p * shape_.consumers + c; }
  bool lane_free(size_t p) {
    for (size_t c = 0; c < shape_.consumers; ++c) {
      if (lanes_[lane(p, c)].size() == 0) return true;
    }
    return false;
  }
  bool lanes_empty(size_t p) {
    for (size_t c = 0; c < shape_.consumers; ++c) {
      if (lanes_[lane(p, c)].size() != 0) return false;
    }
    return true;
  }
  bool open_for(size_t p) {
    if (budget_.has_room() && (!shape_.one_waiting || lane_free(p))) return true;
    return shape_.aligned && shape_.aligned_rule && lanes_empty(p);
  }
  bool open_wide(size_t p) {
    if (shape_.one_waiting ? budget_.has_room() && lane_free(p) : budget_.has_much_room()) {
      return true;
    }
    return shape_.aligned && shape_.aligned_rule && lanes_empty(p);
  }
  void progressed() {
    budget_.wake([this](uint32_t p) { return open_wide(p); }, [this](uint32_t p) { ring(p); });
  }

  // All that a producer's next steps depend on between two elements, and what it put into lanes.
  uint64_t producer_place(size_t p, uint64_t place) const {
    place = Explorer::mix(place, sent_[p]);
    for (size_t c = 0; c < shape_.consumers; ++c) {
      place = Explorer::mix(place, pushed_[lane(p, c)]);
    }
    return place;
  }
  // The same of a consumer, and what it took out of lanes.
  uint64_t consumer_place(uint32_t c, uint64_t place) const {
    place = Explorer::mix(place, next_lane_[c]);
    for (size_t p = 0; p < producers_; ++p) {
      const Input& input = inputs_[lane(p, c)];
      for (const int element : input.received) {
        place = Explorer::mix(place, static_cast<uint64_t>(element));
      }
      for (size_t i = input.at; i < input.taken.size(); ++i) {
        place = Explorer::mix(place, static_cast<uint64_t>(input.taken[i]) + 1000);
      }
      place = Explorer::mix(place, static_cast<uint64_t>(input.barrier));
    }
    return place;
  }

  // ChainTask::run of a source, EdgeWriter::{push, control, flush}
  bool produce(size_t p) {
    const std::vector<int>& sends = shape_.sends[p];
    std::vector<bool> dirty(shape_.consumers);
    bool again = false;
    for (uint32_t n = 0;; ++n) {
      uint64_t place = shape_.turn_max == 0 ? 1 : 1 + n;
      for (const bool one : dirty) place = place * 2 + one;
      explorer_.stands_at(producer_place(p, place));
      const bool control = sent_[p] < sends.size() && sends[sent_[p]] == kControl;
      if (!control && !open_for(p)) {  // asked even if there is nothing to send
        const auto wide = [this, p] { return open_wide(p); };
        if (budget_.wait(static_cast<uint32_t>(p), wide)) break;
      }
      if (sent_[p] == sends.size()) break;
      if (shape_.turn_max != 0 && n == shape_.turn_max) {
        again = true;
        break;
      }
      const int element = sends[sent_[p]++];
      if (control) {
        for (uint32_t c = 0; c < shape_.consumers; ++c) push(p, c, element, dirty);
      } else {
        push(p, pick(p, element), element, dirty);
      }
    }
    if (!shape_.ring_before_push) {
      for (uint32_t c = 0; c < shape_.consumers; ++c) {
        if (dirty[c]) ring(producers_ + c);
      }
    }
    return again;
  }
  uint32_t pick(size_t p, int element) {
    if (!shape_.one_waiting) return static_cast<uint32_t>(element) % shape_.consumers;  // keyed
    for (uint32_t c = 0; c + 1 < shape_.consumers; ++c) {
      if (lanes_[lane(p, c)].size() == 0) return c;
    }
    return shape_.consumers - 1;
  }
  void push(size_t p, uint32_t c, int element, std::vector<bool>& dirty) {
    if (element != kControl) budget_.charge(1, 1);
    if (shape_.ring_before_push) ring(producers_ + c);
    uint64_t& pushed = pushed_[lane(p, c)];
    pushed = Explorer::mix(pushed, static_cast<uint64_t>(element));
    lanes_[lane(p, c)].push(element);
    dirty[c] = true;
  }

  // ChainTask::{run, step, take} of a consumer, InputLane
  bool consume(uint32_t c) {
    size_t& next = next_lane_[c];
    while (true) {
      explorer_.stands_at(consumer_place(c, 1));
      bool found = false;
      for (size_t i = 0; i < producers_ && !found; ++i) {
        const size_t p = next;
        next = next + 1 == producers_ ? 0 : next + 1;
        Input& input = inputs_[lane(p, c)];
        if (shape_.aligned && input.barrier > aligned(c)) continue;
        found = front(lane(p, c));
        if (found) take(input);
      }
      if (!found) return false;
    }
  }
  int aligned(uint32_t c) const {
    int all = inputs_[lane(0, c)].barrier;
    for (size_t p = 1; p < producers_; ++p) all = std::min(all, inputs_[lane(p, c)].barrier);
    return all;
  }
  bool front(size_t at) {
    Input& input = inputs_[at];
    if (input.at < input.taken.size()) return true;
    input.taken.clear();
    input.at = 0;
    lanes_[at].take_all(input.taken);
    if (input.taken.empty()) return false;
    progressed();
    return true;
  }
  void take(Input& input) {
    const int element = input.taken[input.at++];
    if (element == kControl) {
      ++input.barrier;
      return;
    }
    input.received.push_back(element);
    if (shape_.wake_before_progress) progressed();
    budget_.release(1, 1);
    if (!shape_.wake_before_progress) progressed();
  }

  const PipeShape shape_;
  Explorer& explorer_;
  const size_t producers_;
  typename Parts::Budget budget_;
  std::unique_ptr<Lane[]> lanes_;
  std::unique_ptr<Task[]> tasks_;
  std::vector<size_t> sent_;
  std::vector<uint64_t> pushed_;   // as the lanes: a hash of what was pushed
  std::vector<size_t> next_lane_;  // by consumer
  std::vector<Input> inputs_;      // as the lanes
};

}  // namespace penstock::model
