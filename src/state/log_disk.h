// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <memory>
#include <span>

#include "state/disk.h"

namespace penstock {

/// An open file that grows at its end. Stays readable when its name is removed. One thread may
/// append, cut and sync while others read; sync may run beside append.
class LogFile {
 public:
  virtual ~LogFile() = default;
  /// Bytes from `at` on; fewer than `size` only where the file ends.
  virtual Result<size_t> read_at(uint64_t at, char* to, size_t size) = 0;
  virtual Result<uint64_t> size() = 0;
  /// Writes the pieces behind the end. After an error a part of them may be there.
  virtual Result<void> append(std::span<const std::string_view> pieces) = 0;
  /// Cuts the file; what is appended next begins there.
  virtual Result<void> truncate(uint64_t size) = 0;
  /// What was written and cut so far survives power loss. After an error nothing is known of what
  /// was written since the last success.
  virtual Result<void> sync() = 0;
};

/// A disk that also has files that grow: logs. Thread-safe. All calls block.
class LogDisk : public Disk {
 public:
  enum class Open : uint8_t { kRead, kWrite };
  /// kWrite makes the file if it is not there; the entry survives power loss after sync_folder().
  virtual Result<std::unique_ptr<LogFile>> open(const std::string& path, Open how) = 0;
  /// The entries of the folder survive power loss.
  virtual Result<void> sync_folder(const std::string& folder) = 0;
  /// Names of the folders in a folder, sorted.
  virtual Result<std::vector<std::string>> folders(const std::string& folder) = 0;
  /// An empty one. A folder that is not there is no error.
  virtual Result<void> remove_folder(const std::string& folder) = 0;
};

/// The machine's file system.
std::unique_ptr<LogDisk> make_system_log_disk();

}  // namespace penstock
