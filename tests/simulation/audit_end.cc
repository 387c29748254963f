// SPDX-License-Identifier: Apache-2.0
// What must be true when a flow has ended.
#include <algorithm>

#include "auditor.h"

namespace penstock::simulation {

void Auditor::check_end() {
  expected_.clear();
  arrivals_.clear();
  for (const StageSpec* stage : expectation_.order()) {
    if (stage->inputs.empty()) check_input(*stage);
    // By now everything that arrives here was expected.
    if (stage->type == "sim_total") check_totals(*stage);
  }
  check_nothing_invented();
  check_counts();
  if (scenario_.spec.guarantee == Guarantee::kExactlyOnce && world_.staged_parts() > 0) {
    world_.fail(std::to_string(world_.staged_parts()) + " parts were never published");
  }
}

void Auditor::check_item(const StageSpec& from, const Item& item) {
  for (const auto& [queue, next] : expectation_.sent(from, item)) {
    if (!done(queue, next)) world_.fail(item.id() + " was lost");
    if (scenario_.spec.guarantee != Guarantee::kExactlyOnce) continue;
    const Tally found = tally(queue, next);
    if (found.bad || found.least > 1 || found.most < 1) {
      world_.fail(item.id() + " was delivered " + (found.bad ? "in part" : "not once"));
    }
  }
}

void Auditor::check_input(const StageSpec& source) {
  const Behaviour& b = world_.behaviour(source.name);
  for (uint32_t p = 0; p < b.partitions; ++p) {
    for (uint64_t offset = 0; offset < b.records; ++offset) {
      const Item item = expectation_.read_item(source, p, offset);
      check_item(source, item);
      for (const auto& [queue, next] : expectation_.sent(source, item)) expect(queue, next, true);
    }
  }
}

void Auditor::check_totals(const StageSpec& stage) {
  if (!expectation_.input_ends(stage.name)) return;
  const Arrivals arrivals = arrivals_[stage.name];
  for (const auto& [key, n] : arrivals.by_key) {
    const Item item = Expectation::total_item(stage.name, key);
    if (arrivals.certain) check_item(stage, item);
    for (const auto& [queue, next] : expectation_.sent(stage, item)) {
      expect(queue, next, arrivals.certain);
    }
  }
}

void Auditor::check_nothing_invented() {
  for (const StageSpec& sink : scenario_.spec.stages) {
    if (!sink.outputs.empty()) continue;
    const std::set<std::string>& expected = expected_[sink.name];
    for (const auto& [id, seen] : world_.delivered(sink.name)) {
      if (!expected.contains(id)) world_.fail(sink.name + " got " + id + ", which cannot be");
    }
  }
}

/// State: under exactly once each record has a number of its own and totals are exact; otherwise
/// records may have been counted twice, but never not at all.
void Auditor::check_counts() {
  struct Counter {
    std::set<std::string> counted;
    std::map<uint64_t, std::string> by_number;
    uint64_t highest = 0;
    uint64_t total = UINT64_MAX;  // what came last, at the sink that got least
  };
  const bool exactly = scenario_.spec.guarantee == Guarantee::kExactlyOnce;
  std::map<std::string, Counter> counters;
  for (const StageSpec& sink : scenario_.spec.stages) {
    if (!sink.outputs.empty()) continue;
    for (const auto& [id, seen] : world_.delivered(sink.name)) {
      for (const std::vector<Count>& one : seen.counts) {
        for (const Count& count : one) {
          Counter& counter = counters[count.of];
          if (count.record == "=" + count.of && &one == &seen.counts.back()) {
            counter.total = std::min(counter.total, count.n);
          }
          const auto [record, first] = counter.by_number.emplace(count.n, count.record);
          if (exactly && !first && record->second != count.record) {
            world_.fail(count.of + " counted " + count.record + " and " + record->second +
                        " with one number");
          }
          counter.counted.insert(count.record);
          counter.highest = std::max(counter.highest, count.n);
        }
      }
    }
  }
  for (const auto& [of, counter] : counters) {
    const std::string stage = of.substr(0, of.find('.'));
    const Arrivals& arrivals = arrivals_[stage];
    if (!arrivals.certain) continue;
    const auto at = arrivals.by_key.find(of.substr(of.find('.') + 1));
    const uint64_t n = at == arrivals.by_key.end() ? 0 : at->second;
    if (exactly && counter.highest > n) {
      world_.fail(of + " counted " + std::to_string(counter.highest) + " of " +
                  std::to_string(n));
    }
    const bool total = counter.total != UINT64_MAX;
    const uint64_t least = total ? n : counter.counted.size();
    const uint64_t last = total ? counter.total : counter.highest;
    if (last < least) {
      world_.fail(of + " counted " + std::to_string(last) + " of " + std::to_string(least));
    }
  }
}

}  // namespace penstock::simulation
