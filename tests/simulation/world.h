// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "identity.h"
#include "protocol.h"
#include "scenario.h"
#include "sdk/source.h"

namespace penstock::simulation {

/// A record as the outside gets it.
struct Parcel {
  std::string identity;
  std::string payload;
  std::string key;
};

/// What order a sink's outside may expect. Ways are "source/stage/stage".
struct SinkOrder {
  std::set<std::string> unordered;      ///< ways without order per key
  std::set<std::string> fickle;         ///< ways on which a record may come late, in another life
  std::set<std::string> per_partition;  ///< sources whose whole partitions come in order
};

/// What a sink's outside has of one identity.
struct Seen {
  uint32_t times = 0;
  uint64_t life = 0;  ///< the region's life in which it last came
  std::vector<std::vector<Count>> counts;  ///< of each time
};

/// What is outside the process: the inputs, what was delivered, and the clock. Survives crashes. It
/// checks by itself what must hold at every delivery; the auditor checks what takes a view of
/// the whole. One thread.
class World {
 public:
  World(const Scenario& scenario, bool traced);

  const Behaviour& behaviour(const std::string& stage) const { return scenario_.behaviour(stage); }
  const Scenario& scenario() const { return scenario_; }
  ManualClock& clock() { return clock_; }
  Random& random() { return random_; }
  bool chance(uint32_t percent) { return random_.chance(percent, 100); }
  Protocol& protocol() { return protocol_; }
  const Protocol& protocol() const { return protocol_; }

  /// The first failure is kept; the run ends with it.
  void fail(const std::string& what);
  const std::string& failure() const { return failure_; }
  bool traced() const { return traced_; }
  void trace(const std::string& what) const;

  // Lives.
  /// A region begins a new life: deliveries in order start again.
  void begin_life(uint32_t region) { ++lives_[region]; }
  void expect_order(const std::string& sink, SinkOrder order) { orders_[sink] = std::move(order); }

  /// Stages that keep the order of their whole input, not only that of each key.
  void set_whole_lanes(std::set<std::string> stages) { whole_lanes_ = std::move(stages); }
  /// What a record that fails keeps back: the records of its key, or all.
  std::string kept_back(const std::string& stage, std::string_view key) const {
    return whole_lanes_.contains(stage) ? "*" : std::string(key);
  }

  // Input.
  void read(const std::string& source, uint32_t partition, uint64_t offset);
  uint32_t times_read(const std::string& source, uint32_t partition, uint64_t offset) const;
  /// How far a source that is open has read, by partition.
  void set_read_to(const std::string& source, uint32_t partition, uint64_t next) {
    read_to_[source][partition] = next;
  }
  const std::map<uint32_t, uint64_t>& read_to(const std::string& source) {
    return read_to_[source];
  }
  /// What the commit point on disk says. Set after every publish and at every start.
  void set_durable(const std::string& source, const Positions& positions);
  const Positions& durable(const std::string& source) { return durable_[source]; }
  /// A source was told that a partition is committed up to an offset. Somebody may check that.
  using Told = std::function<void(const std::string& source, uint32_t partition, uint64_t to)>;
  void on_told(Told told) { told_ = std::move(told); }
  void told(const std::string& source, uint32_t partition, uint64_t to) {
    told_(source, partition, to);
  }

  // Delivery.
  void deliver(const std::string& sink, const Parcel& parcel);
  const std::unordered_map<std::string, Seen>& delivered(const std::string& sink) {
    return delivered_[sink];
  }
  bool has(const std::string& sink, const std::string& identity) const;

  // Two-phase delivery: parts are staged, then published; a part that the commit point names counts
  // as delivered.
  void stage_parcel(const std::string& sink, const std::string& part, const Parcel& parcel);
  void publish_part(const std::string& sink, const std::string& part);
  void discard_parts(const std::string& sink, const std::set<std::string>& keep);
  void name_parts(const std::string& sink, const std::vector<std::string>& handles);
  /// A name that no part of this sink has had.
  std::string new_part(const std::string& sink, uint32_t task);
  bool part_exists(const std::string& sink, const std::string& part) const;
  size_t staged_parts() const;

  /// Whether a sink may lose its connection now.
  bool take_reset();
  /// The next open() that comes to `moment` shall be where the process dies.
  void arm_crash(Moment moment) { crash_while_ = moment; }
  /// Whether the process dies here; open() returns crashed_error() then.
  bool crash_while(Moment moment);
  /// It died at such a place.
  bool died_while_opening() const { return died_; }
  void reborn() { died_ = false; }

 private:
  struct Part {
    std::vector<Parcel> parcels;
    bool published = false;
  };
  struct Run {
    uint64_t life = 0;
    uint64_t last = 0;   // offset in this life
    uint64_t first = 0;  // highest offset that came for the first time
    bool any = false;
  };
  void check_order(const std::string& sink, const Parcel& parcel, bool is_new);
  void check_run(Run& run, uint64_t life, uint64_t offset, bool is_new, const std::string& what);

  const Scenario& scenario_;
  const bool traced_;
  ManualClock clock_;
  Random random_;
  Protocol protocol_;
  std::string failure_;
  Told told_;
  std::map<uint32_t, uint64_t> lives_;
  std::set<std::string> whole_lanes_;
  std::map<std::string, SinkOrder> orders_;
  std::map<std::string, std::vector<std::vector<uint32_t>>> reads_;  // source, partition, offset
  std::map<std::string, std::map<uint32_t, uint64_t>> read_to_;
  std::map<std::string, Positions> durable_;
  std::map<std::string, std::unordered_map<std::string, Seen>> delivered_;
  std::map<std::string, std::unordered_map<std::string, Run>> runs_;
  std::map<std::string, std::map<std::string, Part>> parts_;
  std::map<std::string, std::set<std::string>> named_;  // identities in parts that are committed
  uint64_t next_part_ = 0;
  uint32_t resets_left_;
  Moment crash_while_ = Moment::kCount;
  bool died_ = false;
};

/// The parts that a handle of a sim_file names, in order.
std::vector<std::string> parts_of(const std::string& handle);

/// What an open() returns that the process did not survive.
Error crashed_error();

}  // namespace penstock::simulation
