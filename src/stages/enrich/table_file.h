// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "stages/enrich/lookup_table.h"

namespace penstock {

/// A table and the file it comes from. The file may be replaced while tasks look things up: what
/// they hold stays as it is, and only a table that was read to its end takes its place.
/// Thread-safe.
class TableFile {
 public:
  TableFile(std::string path, std::shared_ptr<const Codec> codec, TableShape shape)
      : path_(std::move(path)), codec_(std::move(codec)), shape_(std::move(shape)) {}

  enum class Look : uint8_t {
    kSame,    ///< the file is what it was at the last look
    kRead,    ///< there is a new table
    kFailed,  ///< the file is not there, or no table: error() says why; the old table stays
  };
  /// Reads the file if it is another than at the last look. Blocks; one at a time.
  Look look(int64_t wall_us);
  /// Null before the first file was read.
  std::shared_ptr<const LookupTable> table() const;
  /// Changes with every new table.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }
  /// What was wrong at the last look; none if nothing was.
  std::optional<Error> error() const;
  /// The task that may look now, of all that share the file: true for one in `interval_ns`.
  bool claim(int64_t now_ns, int64_t interval_ns);
  const std::string& path() const { return path_; }

 private:
  struct Stamp {
    uint64_t device = 0, inode = 0, bytes = 0;
    int64_t changed_ns = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  Result<std::string> read(Stamp& stamp) const;
  Look failed(Error error);

  const std::string path_;
  const std::shared_ptr<const Codec> codec_;
  const TableShape shape_;
  std::mutex looking_;
  Stamp seen_;             // guarded by looking_, as are the next three
  bool settled_ = false;   // seen_ is old enough for every later change to show
  uint64_t content_ = 0;   // hash of what was read
  bool read_once_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const LookupTable> table_;  // guarded by mutex_
  std::optional<Error> error_;                // guarded by mutex_
  std::atomic<uint64_t> version_{0};
  std::atomic<int64_t> next_ns_{INT64_MIN};
};

}  // namespace penstock
