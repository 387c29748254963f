// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace penstock {

/// Memory that all processes of a machine share about one topic: up to which offset each partition
/// may be read. It says nothing across a restart of the machine: published() is false then, until
/// the next writer has looked what is there. Thread-safe; one writer.
class Tail {
 public:
  struct Words;  // as it lies in memory
  /// `words` is kept alive by `owner`; `boot` names this run of the machine.
  Tail(std::shared_ptr<void> owner, Words* words, std::string boot);

  bool published() const;
  /// Offsets below it may be read. REQUIRES: published().
  uint64_t end(uint32_t partition) const;
  /// Grows with every announcement.
  uint32_t announced() const;
  /// Blocks until announced() is no longer `seen`, at most `longest`.
  void wait(uint32_t seen, Duration longest) const;

  /// Ends all waits early, in every process; they see that nothing was announced.
  void rouse() const;

  /// The writer's first words: all ends at once.
  void publish_all(const std::vector<uint64_t>& ends);
  void publish(uint32_t partition, uint64_t end);
  /// Wakes who waits.
  void announce();

  static size_t bytes_for(uint32_t partitions);

 private:
  std::shared_ptr<void> owner_;
  Words* words_;
  std::string boot_;
};

/// Where tails are kept. Thread-safe.
class TailStore {
 public:
  virtual ~TailStore() = default;
  /// The tail of the topic in `folder`; `writer` makes it. A reader gets null if there is none yet.
  virtual Result<std::shared_ptr<Tail>> open(const std::string& folder, uint32_t partitions,
                                             bool writer) = 0;
};

/// In files named `tail`, mapped into memory.
std::unique_ptr<TailStore> make_system_tail_store();

/// In this object: for simulations.
class MemoryTailStore final : public TailStore {
 public:
  Result<std::shared_ptr<Tail>> open(const std::string& folder, uint32_t partitions,
                                     bool writer) override;
  /// What a restart of the machine does.
  void restart();

 private:
  std::mutex mutex_;
  uint64_t boots_ = 1;                                    // guarded by mutex_
  std::map<std::string, std::shared_ptr<void>> memory_;  // guarded by mutex_
};

}  // namespace penstock
