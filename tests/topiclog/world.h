// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "state/sim_disk.h"
#include "topiclog/topic_writer.h"
#include "topiclog/topics.h"

namespace penstock::topiclog_simulation {

/// What was done when the process died, and other things that a run of seeds must have met.
enum class Moment : uint8_t {
  kOpen, kAppend, kSync, kCommit, kRewind, kRetain,
  kTornTail, kDiskFull, kSyncFailed, kRetained, kUnpublishedRead, kRewound,
};
inline constexpr size_t kMoments = 12;
const char* to_string(Moment moment);
using Coverage = std::array<uint64_t, kMoments>;

/// One partition as it has to be: everything that was ever taken in, in order.
struct Expected {
  std::vector<std::string> records;  ///< by offset, as the writer was told that it is there
  std::vector<std::string> maybe;    ///< behind them: the group during which the process died
  uint64_t killed = 0;    ///< offsets below it survive kill -9
  uint64_t durable = 0;   ///< offsets below it survive a power cut
  uint64_t start = 0;     ///< retention may have removed what is below
  uint64_t seen = 0;      ///< a reader has been given everything below
};

/// One topic, its writer, its readers, and a disk on which anything may go wrong at any moment.
class World {
 public:
  World(uint64_t seed, bool verbose);
  /// Lives several lives; "" or what is wrong.
  std::string run();
  const Coverage& coverage() const { return coverage_; }
  uint64_t crashes() const { return crashes_; }
  uint64_t records() const { return records_; }

 private:
  bool transactional() const { return !options_.transaction.empty(); }
  bool power_safe() const { return options_.fsync == TopicFsync::kAlways; }
  void draw();
  void live();
  void step();
  void open_writer();
  void append();
  void sync();
  void commit();
  void crash();
  void adopt();
  void read_all(bool by_new_reader);
  void check_partition(uint32_t p, TopicReader& reader);
  void check_end(uint32_t p, uint64_t end, bool settled);
  void compare(uint32_t p, uint64_t from, const std::vector<std::string>& got);
  BatchBody draw_batch(uint32_t p, std::vector<std::string>& records);
  /// True if the call worked. Notes at which moment the process died, and drops a writer that has
  /// to be opened anew.
  bool worked(const Result<void>& result, std::optional<Moment> moment);
  bool alive() const { return failure_.empty() && !lost_ && !disk_.dead(); }
  void fail(const std::string& what);
  void say(const std::string& what);
  void cover(Moment moment) { ++coverage_[static_cast<size_t>(moment)]; }

  const uint64_t seed_;
  const bool verbose_;
  Random random_;
  SimDisk disk_;
  MemoryTailStore tails_;
  ManualClock clock_;
  ArenaPool arenas_;
  TopicPlace place_;
  DiskFaults faults_;
  TopicSettings settings_;
  TopicWriterOptions options_;
  std::shared_ptr<TopicWriter> writer_;
  std::unique_ptr<TopicReader> reader_;  // one that lives as long as the process
  std::vector<Expected> expected_;
  std::vector<uint64_t> committed_;  // transactions: the commit point that the outside keeps
  bool adopted_ = false;             // transactions: the writer has gone back to it
  bool power_ = false;               // the last crash took the page cache
  bool cut_ = false;                 // some crash did
  bool lost_ = false;                // the policy allowed that committed records are gone
  uint64_t number_ = 0;
  std::string failure_;
  Coverage coverage_{};
  uint64_t crashes_ = 0, records_ = 0;
};

/// A record as text, for comparisons.
std::string text_of(const Record& record);

}  // namespace penstock::topiclog_simulation
