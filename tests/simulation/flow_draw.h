// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "scenario.h"

namespace penstock::simulation {

/// Draws the flow of a scenario: sources, then stages that read what is there, then sinks for
/// everything that nobody reads yet; so there are no cycles.
class FlowDraw {
 public:
  FlowDraw(Scenario& scenario, Random& random) : scenario_(scenario), random_(random) {}
  void draw();

 private:
  struct Queue {
    std::string name;
    std::string writer;      // the first one
    uint32_t readers = 0;
    bool keyed = false;      // a reader has a key
    bool dead = false;       // carries dead letters, or what was made of them
    bool takes_rejects = false;
    bool broadcast = false;
  };
  bool chance(uint32_t percent) { return random_.chance(percent, 100); }
  bool exactly_once() const { return scenario_.spec.guarantee == Guarantee::kExactlyOnce; }
  Queue& new_queue(bool dead = false);
  Queue& queue(const std::string& name);
  std::vector<std::string> unread() const;
  StageSpec& new_stage(const std::string& kind, const std::string& type);
  void output(StageSpec& stage, const std::string& port, bool dead);
  bool read(StageSpec& stage, const std::string& name);
  /// True if what it reads carries dead letters.
  bool draw_inputs(StageSpec& stage);
  void draw_trouble(StageSpec& stage, Behaviour& behaviour, bool dead);
  void draw_source();
  void draw_stage();
  void draw_sink();
  void maybe_key(StageSpec& stage);
  void finish_queues();

  Scenario& scenario_;
  Random& random_;
  std::vector<Queue> queues_;
  std::string dead_queue_;
};

}  // namespace penstock::simulation
