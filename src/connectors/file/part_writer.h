// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/file/file_options.h"
#include "connectors/file/gzip.h"
#include "connectors/file/path_template.h"
#include "connectors/gather.h"
#include "sdk/sink.h"

namespace penstock {

/// A part of a two-phase sink's output as the commit point names it. Until it is published it has
/// the suffix kUnpublished.
struct PartHandle {
  static constexpr std::string_view kUnpublished = ".inprogress";
  bool done = false;    ///< nothing will be added: it is published by the commit
  uint64_t length = 0;  ///< valid bytes
  uint32_t task = 0;
  uint64_t part = 0;
  std::string path;     ///< its name once it is published

  std::string temporary() const { return path + std::string(kUnpublished); }
  std::string text() const;
  static Result<PartHandle> parse(std::string_view text);
};

/// The files of one sink task. Every call may block; one at a time. Errors leave it as it was, so
/// that the same call can be made again (a full disk).
class PartWriter {
 public:
  PartWriter(std::shared_ptr<const FileSinkOptions> options, PathTemplate path,
             const TaskContext& context);
  ~PartWriter();
  PartWriter(const PartWriter&) = delete;
  PartWriter& operator=(const PartWriter&) = delete;

  /// Finds out what is there, repairs or replaces it, and, unless the sink is two-phase, opens the
  /// file to write.
  Result<void> open();
  /// Two-phase: publishes the parts that are done. Idempotent.
  Result<void> publish(const std::vector<PartHandle>& parts);
  /// Two-phase: back to the commit point.
  Result<void> recover(const std::vector<PartHandle>& parts);

  /// Writes the pieces; those written are cut off.
  Result<void> write(Gather& gather);
  /// What was written is complete and with the kernel (or, Durability::kPower, on the disk).
  Result<void> flush();
  /// Ends the part. The next write begins another one. Two-phase: makes it even if it is empty.
  Result<void> roll();
  /// Two-phase: what a commit at this moment has to know.
  std::vector<PartHandle> handles() const;
  /// Two-phase: parts that a commit has published need not be named any more.
  void forget_published(const std::vector<std::string>& paths);
  uint64_t part_length() const { return length_; }

 private:
  std::string path(uint64_t part) const { return path_.path(context_.stage, context_.task, part); }
  Result<void> begin_part();
  Result<void> open_plain();
  Result<void> survey();
  Result<void> replace_old(const std::vector<std::string>& names);
  Result<void> remove_strays(const std::vector<PartHandle>& parts);
  Result<void> adopt(const PartHandle& part);
  Result<void> repair(const std::string& file);
  Result<void> write_packed();
  Result<void> sync_folder();
  Result<void> lock(const std::string& file);
  Result<void> go_to_end(const std::string& file, bool empty_it);
  void close();
  /// Several tasks append to one file.
  bool shared() const { return options_->shared && context_.tasks > 1 && !path_.has_task(); }
  bool lines() const { return options_->framing != FileFraming::kRaw; }

  const std::shared_ptr<const FileSinkOptions> options_;
  const PathTemplate path_;
  const TaskContext context_;
  const std::string folder_;
  int fd_ = -1;
  bool regular_ = true;          // the open file is one, not a device or pipe
  uint64_t part_ = 0;            // of the open file, or of the next one
  uint64_t length_ = 0;          // bytes written to the open file
  size_t first_ = 0;             // of the pieces being written
  bool packed_all_ = false;      // the pieces being written are in packed_
  std::unique_ptr<Gzip> gzip_;
  std::string packed_;           // to be written
  size_t packed_at_ = 0;
  bool begun_ = false;           // a part was begun since the start
  std::vector<PartHandle> done_;  // two-phase: rolled, not known to be published
};

}  // namespace penstock
