// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <vector>

#include "connectors/file/file_reader.h"
#include "connectors/file/file_set.h"
#include "connectors/line_splitter.h"
#include "sdk/source.h"

namespace penstock {

/// Reads files, or ranges of them, that no other task of the stage reads. Reading runs ahead on the
/// blocking pool, into large arenas; records are slices of these.
class FileSource final : public Source {
 public:
  static constexpr size_t kChunkBytes = 256 << 10;
  static constexpr size_t kReadAhead = 4;            ///< chunks that one piece of work fills
  static constexpr size_t kCopyBytesMax = 16 << 10;  ///< lines of a smaller chunk are copied

  FileSource(std::shared_ptr<const FileSourceOptions> options,
             std::shared_ptr<FileSetMeeting> meeting)
      : options_(std::move(options)), meeting_(std::move(meeting)) {}
  ~FileSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;
  void committed(const Positions& positions) override;
  void stop() override;

 private:
  /// A range being read.
  struct Run {
    Run(FileRange range, const LineSplitter::Options& splitting,
        const std::shared_ptr<WakeLink>& link);
    FileRange range;
    FilePosition position;
    LineSplitter splitter;
    std::shared_ptr<FileReader> reader;
    ArenaRef header_arena;  // with the record header that names the file, if one is wanted
    std::string_view header;
    size_t chunks = 0;      // taken since it was its turn
    int64_t unnamed_ns = 0; // since when its path leads elsewhere; 0 = it does not
  };
  enum class Turn : uint8_t { kFull, kWait, kDone };

  std::unique_ptr<Run> make_run(FileRange range);
  std::unique_ptr<Run> next_run();
  void prefetch();
  void read_ahead(Run& run, bool drained);
  bool read_now(Run& run, FileReader::Chunk& chunk);
  std::vector<ArenaRef> buffers(const Run& run);
  Result<Turn> advance(Run& run, BatchBuilder& builder, SourceOutput& out);
  Result<Turn> advance_lines(Run& run, BatchBuilder& builder, SourceOutput& out);
  Result<Turn> advance_whole(Run& run, BatchBuilder& builder, SourceOutput& out);
  Result<Turn> at_end_of_file(Run& run, BatchBuilder& builder, SourceOutput& out);
  Result<Turn> reading_failed(Run& run, Error error);
  void finish_lines(Run& run, BatchBuilder& builder, SourceOutput& out);
  void complete(Run& run);
  void reject(const Run& run, uint64_t offset, uint64_t size, std::string_view head,
              SourceOutput& out);
  void emit(BatchBuilder& builder, const Run* run, SourceOutput& out);
  void note(Run& run);
  void follow(int64_t now_ns, BatchBuilder& builder, SourceOutput& out);
  void look_taken(std::unique_ptr<Run>& tail, const FileReader::Look& look, int64_t now_ns,
                  BatchBuilder& builder, SourceOutput& out);
  void start_look(int64_t now_ns);
  bool headed() const { return !options_->file_header.empty(); }

  std::shared_ptr<const FileSourceOptions> options_;
  std::shared_ptr<FileSetMeeting> meeting_;
  std::shared_ptr<FileSet> set_;
  std::shared_ptr<WakeLink> link_;
  TaskContext context_;
  LineSplitter::Options splitting_;
  Positions done_;                            // finished ranges that are not committed yet
  std::unique_ptr<Run> active_;               // whose records are given out
  std::deque<std::unique_ptr<Run>> waiting_;  // for their turn; the first may be reading ahead
  std::vector<std::unique_ptr<Run>> tails_;   // followed, at their end
  std::vector<ArenaRef> buffers_;             // for reuse once nobody else holds them
  std::shared_ptr<std::atomic<bool>> looking_;  // a look at the tails is under way
  bool look_due_ = false;                       // … or was, and has not been acted on
  int64_t look_at_ns_ = 0;                      // when the next one begins
};

}  // namespace penstock
