// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace penstock {

/// The file system as state needs it: small whole files, appended, synced, renamed. The simulator
/// has a twin that tears, loses and fails writes. Thread-safe. All calls block.
class Disk {
 public:
  virtual ~Disk() = default;
  /// The whole file; "file-too-large" beyond `bytes_max`.
  virtual Result<std::string> read(const std::string& path, uint64_t bytes_max) = 0;
  /// Creates or truncates, writes everything, and, if `sync`, makes the bytes survive power loss.
  /// The folder entry of a new file survives it only after a synced rename in the same folder.
  virtual Result<void> write(const std::string& path, std::string_view bytes, bool sync) = 0;
  /// Atomic; replaces `to`. With `sync` all entries of the folders survive power loss.
  virtual Result<void> rename(const std::string& from, const std::string& to, bool sync) = 0;
  /// A file that is not there is no error.
  virtual Result<void> remove(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  /// Names (not paths) of the files in a folder, sorted.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
  /// With all parents. They survive power loss.
  virtual Result<void> make_folders(const std::string& folder) = 0;
  /// An exclusive lock on a file, held until the returned object dies or the process does;
  /// "state-locked" if another process has it for half a second (message names its pid).
  virtual Result<std::shared_ptr<void>> lock(const std::string& path) = 0;
};

/// The machine's file system.
std::unique_ptr<Disk> make_system_disk();
/// Files that die with the object: for runs that remember nothing. Keeps only what is there.
std::unique_ptr<Disk> make_memory_disk();

}  // namespace penstock
