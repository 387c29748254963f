// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "scenario.h"

namespace penstock::simulation {

/// A record somewhere in the flow.
struct Item {
  std::string path;     ///< its payload without counts and padding
  std::string rejects;  ///< "!STAGE" for each rejection
  std::string key;
  std::string id() const { return path + rejects; }
};

/// One of the things that may happen to an item at a stage.
struct Outcome {
  bool delivered = false;  ///< the stage is a sink and the outside has it
  bool unseen = false;     ///< it leaves no trace of its own: dropped, or counted for a total
  std::vector<std::pair<std::string, Item>> next;  ///< queues where all of these must go on
};

/// What must happen to records, computed from the flow and the behaviour of its stages alone. Pure.
class Expectation {
 public:
  explicit Expectation(const Scenario& scenario);

  /// Exactly one of these happens.
  std::vector<Outcome> outcomes(const StageSpec& stage, const Item& item) const;
  const std::vector<const StageSpec*>& readers(const std::string& queue) const {
    return readers_.at(queue);
  }
  /// All stages, each behind every stage that it reads from.
  const std::vector<const StageSpec*>& order() const { return order_; }
  bool broadcast(const std::string& queue) const { return broadcast_.at(queue); }
  /// Everything that reaches it ends some time.
  bool input_ends(const std::string& stage) const { return ends_.at(stage); }

  Item read_item(const StageSpec& source, uint32_t partition, uint64_t offset) const;
  static Item total_item(const std::string& stage, const std::string& key);
  /// An item as a source, or a total's stage, sends it.
  std::vector<std::pair<std::string, Item>> sent(const StageSpec& stage, const Item& item) const;

 private:
  static std::vector<std::string> written(const StageSpec& stage);
  Outcome dead_letter(const StageSpec& stage, const Item& item) const;

  const Scenario& scenario_;
  std::map<std::string, std::vector<const StageSpec*>> readers_;
  std::map<std::string, bool> broadcast_;
  std::map<std::string, bool> ends_;
  std::vector<const StageSpec*> order_;
};

}  // namespace penstock::simulation
