// SPDX-License-Identifier: Apache-2.0
#include "auditor.h"

#include <algorithm>

#include "state/manifest.h"

namespace penstock::simulation {

Auditor::Auditor(World& world)
    : world_(world), scenario_(world.scenario()), expectation_(world.scenario()) {
  world.on_told([this](const std::string& source, uint32_t partition, uint64_t to) {
    check_delivered(*scenario_.spec.find_stage(source), partition, to, "the source is told that ");
  });
}

void Auditor::set_plan(const Plan& plan) {
  plan_ = &plan;
  OrderOfWays order = order_of_ways(plan, scenario_);
  if (!order.broken_promise.empty()) world_.fail(order.broken_promise);
  for (const PlanStage& stage : plan.stages) {
    if (stage.kind != ComponentKind::kSink) continue;
    std::set<std::string> per_partition;
    for (const PlanPath& path : plan.paths) {
      const bool promised = plan.stages[path.sink].name == stage.name &&
                            path.ordering == "per partition" &&
                            scenario_.behaviour(stage.name).flights_max == 1;
      if (promised) per_partition.insert(plan.stages[path.source].name);
    }
    world_.expect_order(stage.name, {std::move(order.unordered[stage.name]),
                                     std::move(order.fickle[stage.name]),
                                     std::move(per_partition)});
  }
}

bool Auditor::done(const std::string& queue, const Item& item) const {
  const auto& readers = expectation_.readers(queue);
  const auto one = [&](const StageSpec* reader) { return stage_done(*reader, item); };
  if (expectation_.broadcast(queue)) return std::all_of(readers.begin(), readers.end(), one);
  return std::any_of(readers.begin(), readers.end(), one);
}

bool Auditor::stage_done(const StageSpec& stage, const Item& item) const {
  for (const Outcome& outcome : expectation_.outcomes(stage, item)) {
    const bool all =
        std::all_of(outcome.next.begin(), outcome.next.end(),
                    [&](const auto& next) { return done(next.first, next.second); });
    if (all && (!outcome.delivered || world_.has(stage.name, item.id()))) return true;
  }
  return false;
}

/// How many complete deliveries there are, as far as one can see.
Auditor::Tally Auditor::tally(const std::string& queue, const Item& item) const {
  Tally all{0, 1 << 20, false};
  Tally sum;
  for (const StageSpec* reader : expectation_.readers(queue)) {
    const Tally one = stage_tally(*reader, item);
    all = {std::max(all.least, one.least), std::min(all.most, one.most), all.bad || one.bad};
    sum = {sum.least + one.least, sum.most + one.most, sum.bad || one.bad};
  }
  return expectation_.broadcast(queue) ? all : sum;
}

Auditor::Tally Auditor::stage_tally(const StageSpec& stage, const Item& item) const {
  Tally sum;
  for (const Outcome& outcome : expectation_.outcomes(stage, item)) {
    Tally all{0, 1, false};
    if (outcome.delivered) {
      const auto& delivered = world_.delivered(stage.name);
      const auto seen = delivered.find(item.id());
      const int times = seen == delivered.end() ? 0 : static_cast<int>(seen->second.times);
      all = {times, times, times > 1};
    }
    for (const auto& [queue, next] : outcome.next) {
      const Tally one = tally(queue, next);
      all = {std::max(all.least, one.least), std::min(all.most, one.most),
             all.bad || one.bad};
    }
    if (all.least > all.most) all.bad = true;  // a part of it is there
    sum = {sum.least + all.least, sum.most + all.most, sum.bad || all.bad};
  }
  return sum;
}

void Auditor::expect(const std::string& queue, const Item& item, bool certain) {
  const auto& readers = expectation_.readers(queue);
  const bool compete = !expectation_.broadcast(queue) && readers.size() > 1;
  for (const StageSpec* reader : readers) expect_at(*reader, item, certain && !compete);
}

void Auditor::expect_at(const StageSpec& stage, const Item& item, bool certain) {
  if (stage.type == "sim_total" || stage.type == "sim_count") {
    Arrivals& arrivals = arrivals_[stage.name];
    arrivals.certain = arrivals.certain && certain;
    ++arrivals.by_key[item.key];
  }
  const std::vector<Outcome> outcomes = expectation_.outcomes(stage, item);
  for (const Outcome& outcome : outcomes) {
    if (outcome.delivered) expected_[stage.name].insert(item.id());
    for (const auto& [queue, next] : outcome.next) {
      expect(queue, next, certain && outcomes.size() == 1);
    }
  }
}

void Auditor::check_commit(uint32_t region, const Manifest& manifest) {
  for (const auto& [sink, parts] : manifest.sinks) world_.name_parts(sink, parts);
  for (const StageSpec& source : scenario_.spec.stages) {
    if (!source.inputs.empty() || world_.protocol().region_of(source.name) != region) continue;
    const auto at = manifest.positions.find(source.name);
    const Positions& durable = world_.durable(source.name);
    for (const auto& [partition, position] : durable) {
      const bool kept = at != manifest.positions.end() && at->second.contains(partition);
      if (kept) continue;
      world_.fail("a commit point forgets partition " + partition + " of " + source.name);
    }
    if (at == manifest.positions.end()) continue;
    for (const auto& [partition, position] : at->second) {
      const uint64_t to = std::stoull(position.value);
      const auto before = durable.find(partition);
      if (before != durable.end() && std::stoull(before->second.value) > to) {
        world_.fail("a commit point takes partition " + partition + " of " + source.name +
                    " back to " + position.value);
      }
      check_delivered(source, static_cast<uint32_t>(std::stoul(partition)), to,
                      "the commit point of epoch " + std::to_string(manifest.epoch) + " says ");
    }
  }
}

void Auditor::check_drained(uint32_t region) {
  for (const StageSpec& source : scenario_.spec.stages) {
    if (!source.inputs.empty() || world_.protocol().region_of(source.name) != region) continue;
    const Positions& durable = world_.durable(source.name);
    for (const auto& [partition, next] : world_.read_to(source.name)) {
      check_delivered(source, partition, next, "the drain says ");
      const auto at = durable.find(std::to_string(partition));
      const uint64_t to = at == durable.end() ? 0 : std::stoull(at->second.value);
      if (source.type == "sim_forgetful" || to >= next) continue;
      world_.fail("drained, but " + source.name + " partition " + std::to_string(partition) +
                  " is recorded up to " + std::to_string(to) + " of " + std::to_string(next));
    }
  }
}

/// Everything before an offset is delivered. What was looked at once is not looked at again.
void Auditor::check_delivered(const StageSpec& source, uint32_t partition, uint64_t to,
                              const std::string& who_says) {
  uint64_t& verified = verified_[source.name][partition];
  for (; verified < to; ++verified) {
    const Item item = expectation_.read_item(source, partition, verified);
    for (const auto& [queue, next] : expectation_.sent(source, item)) {
      if (!done(queue, next)) world_.fail(who_says + item.id() + " is delivered; it is not");
    }
  }
}

void Auditor::publish_tried(uint32_t region, const Manifest& manifest, bool done) {
  Published& published = published_[region];
  if (!done) {
    published.tried.push_back(encode_manifest(manifest));
    return;
  }
  published.bytes = encode_manifest(manifest);
  published.tried.clear();
  for (const auto& [source, positions] : manifest.positions) {
    world_.set_durable(source, positions);
  }
  if (world_.traced()) {
    std::string text = "commit point of epoch " + std::to_string(manifest.epoch) +
                       ", checkpoint " + std::to_string(manifest.checkpoint_epoch) +
                       (manifest.done ? ", done" : "") + ":";
    for (const auto& [source, positions] : manifest.positions) {
      for (const auto& [partition, position] : positions) {
        text += " " + source + "." + partition + "=" + position.value;
      }
    }
    world_.trace(text);
  }
}

void Auditor::check_found(uint32_t region, const std::optional<Manifest>& found) {
  Published& published = published_[region];
  const std::string bytes = found ? encode_manifest(*found) : std::string();
  if (bytes != published.bytes &&
      std::find(published.tried.begin(), published.tried.end(), bytes) == published.tried.end()) {
    world_.fail("a start found another commit point than the last one");
  }
  published.bytes = bytes;
  published.tried.clear();
  if (!found) return;
  for (const auto& [source, positions] : found->positions) world_.set_durable(source, positions);
}

uint64_t Auditor::two_phase_tasks(uint32_t region) const {
  uint64_t tasks = 0;
  for (const uint32_t stage : plan_->regions[region].stages) {
    if (plan_->stages[stage].bound->traits.two_phase) tasks += plan_->stages[stage].tasks;
  }
  return tasks;
}

void Auditor::check_quiet(const Plan& plan) {
  for (const StageSpec& source : scenario_.spec.stages) {
    if (source.type != "sim_source") continue;
    const Behaviour& b = world_.behaviour(source.name);
    const Positions& durable = world_.durable(source.name);
    for (uint32_t p = 0; p < b.partitions; ++p) {
      const auto at = durable.find(std::to_string(p));
      const uint64_t to = at == durable.end() ? 0 : std::stoull(at->second.value);
      if (to == b.records) continue;
      world_.fail("nothing can happen any more, but " + source.name + "." + std::to_string(p) +
                  " is committed to " + std::to_string(to) + " of " + std::to_string(b.records));
      return;
    }
  }
}

}  // namespace penstock::simulation
