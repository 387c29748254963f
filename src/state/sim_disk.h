// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/random.h"
#include "state/log_disk.h"

namespace penstock {

/// How often calls go wrong, in parts per thousand.
struct DiskFaults {
  uint32_t full = 0;             ///< write: "disk-full", and only a part is there
  uint32_t failed = 0;           ///< any call: "io-error", nothing was done
  uint32_t torn = 0;             ///< write: "io-error", and only a part is there
  uint32_t failed_but_done = 0;  ///< write, rename, remove: "io-error", but it was done
};

/// The simulator's twin of the machine's disk: files in memory, a page cache that a power cut
/// loses, faults by chance. Same seed and same calls = same behaviour. Thread-safe.
///
/// Power cut: a file whose last write was not synced holds afterwards its synced bytes, nothing, a
/// part of the new bytes, the new bytes with a hole of zeros, or the new bytes. An entry of a
/// folder that changed since the last synced rename there is any of what it was since then.
/// A file that was appended to holds what it held at its last sync, as far as it was not cut since,
/// and behind that any mixture, in blocks of 512 bytes, of old bytes, new bytes and zeros.
class SimDisk final : public LogDisk {
 public:
  enum class Crash : uint8_t { kKill, kPower };

  explicit SimDisk(uint64_t seed, DiskFaults faults = {});

  /// The process dies: locks are gone, the disk works again. kPower: the machine too.
  void crash(Crash how);
  void set_faults(DiskFaults faults);
  /// Counts write, rename and remove calls so far.
  uint64_t changes() const;
  /// The process dies inside the change number `n` (from 0): that call does its work in part, it
  /// and every later call of any kind fail with code "crashed", until crash().
  void die_at_change(uint64_t n);
  bool dead() const;
  /// Puts a bit of rot into a file: flips `mask` in the byte at `offset`. Both must exist.
  void flip(const std::string& path, uint64_t offset, uint8_t mask);

  Result<std::string> read(const std::string& path, uint64_t bytes_max) override;
  Result<void> write(const std::string& path, std::string_view bytes, bool sync) override;
  Result<void> rename(const std::string& from, const std::string& to, bool sync) override;
  Result<void> remove(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
  Result<void> make_folders(const std::string& folder) override;
  Result<std::shared_ptr<void>> lock(const std::string& path) override;
  Result<std::unique_ptr<LogFile>> open(const std::string& path, Open how) override;
  Result<void> sync_folder(const std::string& folder) override;
  Result<std::vector<std::string>> folders(const std::string& folder) override;
  Result<void> remove_folder(const std::string& folder) override;

 private:
  struct File {
    std::string bytes;   // as running processes see them
    std::string synced;  // as they survive for certain
    bool dirty = false;
    bool appended = false;  // since the last sync it was appended to or cut, not written anew
    size_t low = 0;         // if so: its smallest size since then
  };
  class OpenFile;
  using FilePtr = std::shared_ptr<File>;
  enum class Fate : uint8_t { kDone, kNothing, kPart };
  struct Outcome {
    Fate fate = Fate::kDone;
    Result<void> result;
  };
  struct Lock;

  Result<void> check_alive(const std::string& what);
  Outcome decide_change(const std::string& what, bool is_write);
  void set_entry(const std::string& path, FilePtr file);
  void sync_entries(const std::string& folder);
  void cut_power();
  std::string torn(const File& file);
  std::string torn_end(const File& file);
  static void begin_change(File& file);
  Result<size_t> read_at(const File& file, uint64_t at, char* to, size_t size);
  Result<void> append(File& file, std::span<const std::string_view> pieces);
  Result<void> truncate(File& file, uint64_t size);
  Result<void> sync(File& file);

  mutable std::mutex mutex_;  // guards everything below
  Random random_;
  DiskFaults faults_;
  uint64_t changes_ = 0;
  uint64_t die_at_ = UINT64_MAX;
  bool dead_ = false;
  std::map<std::string, FilePtr> entries_;  // as running processes see them
  // What an entry was since it last was certain to survive, oldest first; null = no file.
  std::map<std::string, std::vector<FilePtr>> uncertain_;
  std::set<std::string> folders_;
  // Path → whose. Shared with Lock objects, which may outlive the disk; it has a lock of its own.
  struct LockTable;
  std::shared_ptr<LockTable> locks_;
};

}  // namespace penstock
