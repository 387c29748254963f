// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <cstdio>

namespace penstock::simulation {

World::World(const Scenario& scenario, bool traced)
    : scenario_(scenario),
      traced_(traced),
      random_(scenario.seed * 3 + 1),
      resets_left_(scenario.resets) {
  for (const auto& [name, behaviour] : scenario.stages) {
    reads_[name].assign(behaviour.partitions, std::vector<uint32_t>(behaviour.records));
  }
}

void World::fail(const std::string& what) {
  trace("FAILURE " + what);
  if (failure_.empty()) failure_ = what;
}

void World::trace(const std::string& what) const {
  if (!traced_) return;
  std::fprintf(stderr, "%12.6f %s\n", static_cast<double>(clock_.monotonic_ns()) / 1e9,
               what.c_str());
}

void World::read(const std::string& source, uint32_t partition, uint64_t offset) {
  ++reads_[source][partition][offset];
}

uint32_t World::times_read(const std::string& source, uint32_t partition, uint64_t offset) const {
  return reads_.at(source)[partition][offset];
}

void World::set_durable(const std::string& source, const Positions& positions) {
  durable_[source] = positions;
}

void World::deliver(const std::string& sink, const Parcel& parcel) {
  if (traced_) trace(sink + " has " + parcel.payload.substr(0, 200) + " key " + parcel.key);
  const uint64_t life = lives_[protocol_.region_of(sink)];
  Seen& seen = delivered_[sink][parcel.identity];
  if (seen.times > 0 && seen.life == life) {
    fail(sink + " got " + parcel.identity + " twice within one life of its region");
  }
  check_order(sink, parcel, seen.times == 0);
  ++seen.times;
  seen.life = life;
  seen.counts.push_back(counts(parcel.payload));
  if (seen.times > 1 && scenario_.spec.guarantee == Guarantee::kExactlyOnce) {
    fail(sink + " got " + parcel.identity + " twice, under exactly once");
  }
  const Origin from = origin(parcel.identity);
  if (!from.counted && seen.times > times_read(from.source, from.partition, from.offset)) {
    fail(sink + " got " + parcel.identity + " more often than it was read");
  }
}

void World::check_order(const std::string& sink, const Parcel& parcel, bool is_new) {
  const Origin from = origin(parcel.identity);
  const SinkOrder& order = orders_[sink];
  if (from.counted) return;
  const std::string came = way(parcel.identity);
  const uint64_t life = lives_[protocol_.region_of(sink)];
  // A way is known by its stages: "!" and copies are part of it, the source's partition is not.
  std::string stages;
  for (size_t at = came.find('/'); at != std::string::npos; at = came.find('/', at + 1)) {
    stages += came.substr(at, came.find_first_of(":!/", at + 1) - at);
  }
  if (came.find('!') != std::string::npos) return;
  if (order.unordered.contains(from.source + stages)) return;
  is_new = is_new && !order.fickle.contains(from.source + stages);
  check_run(runs_[sink][came + " " + parcel.key], life, from.offset, is_new,
            sink + " got " + parcel.identity + " of key " + parcel.key);
  if (order.per_partition.contains(from.source)) {
    check_run(runs_[sink][came], life, from.offset, is_new, sink + " got " + parcel.identity);
  }
}

void World::check_run(Run& run, uint64_t life, uint64_t offset, bool is_new,
                      const std::string& what) {
  if (run.any && run.life == life && offset <= run.last) {
    fail(what + " after offset " + std::to_string(run.last));
  }
  if (run.any && is_new && offset <= run.first) {
    fail(what + " for the first time after offset " + std::to_string(run.first));
  }
  if (is_new) run.first = offset;
  run = Run{life, offset, run.first, true};
}

bool World::has(const std::string& sink, const std::string& identity) const {
  const auto seen = delivered_.find(sink);
  if (seen != delivered_.end() && seen->second.contains(identity)) return true;
  const auto named = named_.find(sink);
  return named != named_.end() && named->second.contains(identity);
}

void World::stage_parcel(const std::string& sink, const std::string& part, const Parcel& parcel) {
  Part& to = parts_[sink][part];
  if (to.published) fail(sink + " wrote into part " + part + ", which was published");
  if (traced_) trace(sink + " stages " + parcel.payload.substr(0, 200) + " in " + part);
  to.parcels.push_back(parcel);
}

void World::publish_part(const std::string& sink, const std::string& name) {
  const auto part = parts_[sink].find(name);
  if (part == parts_[sink].end()) {
    fail(sink + " was told to publish " + name + ", which was thrown away");
    return;
  }
  if (std::exchange(part->second.published, true)) return;
  trace(sink + " publishes " + name);
  for (const Parcel& parcel : part->second.parcels) deliver(sink, parcel);
}

void World::discard_parts(const std::string& sink, const std::set<std::string>& keep) {
  auto& parts = parts_[sink];
  for (auto at = parts.begin(); at != parts.end();) {
    const bool gone = !at->second.published && !keep.contains(at->first);
    if (gone) trace(sink + " throws away " + at->first);
    at = gone ? parts.erase(at) : std::next(at);
  }
}

void World::name_parts(const std::string& sink, const std::vector<std::string>& handles) {
  for (const std::string& handle : handles) {
    for (const std::string& name : parts_of(handle)) {
      const auto part = parts_[sink].find(name);
      if (part == parts_[sink].end()) {
        fail("the commit point names " + name + " of " + sink + ", which is not there");
        return;
      }
      for (const Parcel& parcel : part->second.parcels) named_[sink].insert(parcel.identity);
    }
  }
}

std::vector<std::string> parts_of(const std::string& handle) {
  std::vector<std::string> parts;
  for (size_t at = 0; at < handle.size();) {
    const size_t comma = handle.find(',', at);
    parts.push_back(handle.substr(at, comma - at));
    at = comma + 1;
  }
  return parts;
}

std::string World::new_part(const std::string& sink, uint32_t task) {
  return sink + "." + std::to_string(task) + "." + std::to_string(next_part_++);
}

bool World::part_exists(const std::string& sink, const std::string& part) const {
  const auto parts = parts_.find(sink);
  return parts != parts_.end() && parts->second.contains(part);
}

size_t World::staged_parts() const {
  size_t n = 0;
  for (const auto& [sink, parts] : parts_) {
    for (const auto& [name, part] : parts) n += !part.published && !part.parcels.empty();
  }
  return n;
}

bool World::take_reset() {
  if (resets_left_ == 0 || !random_.chance(1, 40)) return false;
  --resets_left_;
  return true;
}

bool World::crash_while(Moment moment) {
  if (moment != crash_while_ || random_.chance(1, 2)) return false;
  crash_while_ = Moment::kCount;
  died_ = true;
  trace(std::string("the process dies ") + to_string(moment));
  return true;
}

Error crashed_error() {
  return make_error(Reaction::kCancelled, "crashed", "the simulated process dies");
}

}  // namespace penstock::simulation
