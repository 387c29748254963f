// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/file/file_options.h"
#include "connectors/file/file_position.h"
#include "connectors/file/intervals.h"
#include "sdk/source.h"

namespace penstock {

inline constexpr uint64_t kOpenEnd = UINT64_MAX;  ///< "as far as the file goes"

/// What a task reads: the lines of one file that start in [start.begin, end).
struct FileRange {
  size_t file = 0;     ///< its number in the FileSet
  FilePosition start;  ///< path, inode, generation, begin = at, and the head as it was found
  uint64_t end = kOpenEnd;
  bool gzip = false;
};

/// The files of one source stage in one run, and which stretches of them no task has taken yet.
/// Shared by the tasks. Thread-safe.
class FileSet {
 public:
  FileSet(std::shared_ptr<const FileSourceOptions> options, const TaskContext& context)
      : options_(std::move(options)), context_(context) {}

  /// Finds the files and takes off what `restored` says was read. Blocks. Once, before all else.
  Result<void> restore(const Positions& restored);
  /// Looks for new files, and for files that were done and have changed. Returns at once if another
  /// task does so or has just done so. Blocks.
  void rescan(int64_t now_ns);
  /// The next stretch that nobody reads. Does not block.
  std::optional<FileRange> claim();
  /// A followed file was read to its end and let go, because its name belongs to another one now.
  void done(size_t file, const FilePosition& position);
  /// The file was cut off and written anew: what is known of it is void. The range to read now.
  FileRange renew(const FileRange& old);
  /// What earlier runs have read, united; the first task reports it with its own positions.
  const Positions& base() const { return base_; }

 private:
  /// A file as one look at it found it.
  struct Found {
    std::string path;
    uint64_t device = 0;
    uint64_t inode = 0;
    uint64_t size = 0;
    int64_t modified_ns = 0;
    FileHead head;
  };
  struct File {
    Found found;
    uint32_t generation = 0;
    bool gzip = false;
    std::deque<Stretch> gaps;       // not taken yet, ascending
    std::optional<uint64_t> done;   // read to here and let go
  };
  using Identity = std::pair<uint64_t, uint64_t>;  // device, inode
  using Group = std::vector<FilePosition>;         // of one path, inode and generation
  using Groups = std::map<std::pair<std::string, uint64_t>, Group>;

  static Result<Groups> group(const Positions& restored);
  Result<std::vector<std::string>> expand() const;
  /// Nothing = it is to be passed over.
  Result<std::optional<Found>> look(const std::string& path) const;
  bool same_contents(const Found& found, const FilePosition& position) const;
  Group still_valid(const Found& found, const Group& group) const;
  void take_moved(const Found& found, Groups& unused, Group& group) const;
  Result<void> add_at_start(const Found& found, const Group& group, uint32_t generation,
                            bool first_start);
  void add_base(const File& file, const Intervals& read, const Group& group, bool unit_done);
  void check_known(size_t index, const Found& found);
  void add_gap(size_t file, Stretch gap);
  static uint64_t known_bytes(const File& file, const Stretch& gap);
  bool splits(const File& file) const;
  bool is_unit(bool gzip) const { return gzip || options_->framing == FileFraming::kWhole; }

  const std::shared_ptr<const FileSourceOptions> options_;
  const TaskContext context_;
  Positions base_;  // written by restore() only

  std::mutex scanning_;
  int64_t scanned_ns_ = INT64_MIN;  // guarded by scanning_

  std::mutex mutex_;
  std::vector<File> files_;           // guarded by mutex_
  std::map<Identity, size_t> known_;  // guarded by mutex_: where in files_
  size_t next_ = 0;                   // guarded by mutex_: no file before it has gaps
  uint64_t left_ = 0;                 // guarded by mutex_: bytes in gaps, as far as files reached
};

/// Gives the tasks of one run the same FileSet. A task that comes a second time, or after another
/// one left, begins a new run. Thread-safe.
class FileSetMeeting {
 public:
  explicit FileSetMeeting(std::shared_ptr<const FileSourceOptions> options)
      : options_(std::move(options)) {}
  /// Blocks.
  Result<std::shared_ptr<FileSet>> join(const TaskContext& context, const Positions& restored);
  void leave(const std::shared_ptr<FileSet>& set);

 private:
  const std::shared_ptr<const FileSourceOptions> options_;
  std::mutex mutex_;
  std::shared_ptr<FileSet> current_;  // guarded by mutex_; null: the next to come makes one
  std::vector<bool> joined_;          // guarded by mutex_, by task
};

}  // namespace penstock
