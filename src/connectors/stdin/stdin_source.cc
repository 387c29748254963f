// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdin/stdin_source.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <mutex>

namespace penstock {
namespace {

constexpr size_t kReadBytesMin = 4096;  // less room than this in an arena: take the next one

struct Chunk {
  ArenaRef arena;
  const char* data = nullptr;
  size_t size = 0;
};

LineSplitter::Options splitting(const StdinOptions& options) {
  return {options.delimiter[0], options.framing == StdinFraming::kNdjson,
          static_cast<uint32_t>(options.max_record_bytes.bytes)};
}

}  // namespace

const Schema<StdinOptions>& stdin_schema() {
  using O = StdinOptions;
  static const Schema<O> schema(
      {
          field("framing", &O::framing)
              .one_of({{"lines", StdinFraming::kLines}, {"ndjson", StdinFraming::kNdjson}})
              .about("lines: each line is a record; ndjson: the same, blank lines skipped."),
          field("delimiter", &O::delimiter).about("One byte that ends a line."),
          field("max_record_bytes", &O::max_record_bytes)
              .range(ByteSize{1}, mebibytes(1024))
              .about("A longer line is rejected; the lines around it are not."),
      },
      [](const O& options, const Position& at, Diagnostics& diagnostics) {
        if (options.delimiter.size() != 1) {
          diagnostics.error("bad-delimiter", at, "delimiter must be one byte",
                            "for example \"\\n\" in double quotes");
        }
      });
  return schema;
}

struct StdinSource::Shared {
  std::mutex mutex;
  std::condition_variable room;
  std::deque<Chunk> chunks;  // guarded by mutex
  bool stopped = false;      // guarded by mutex
  bool ended = false;        // guarded by mutex: no chunk will follow
  int error = 0;             // guarded by mutex: errno of a failed read
  int stop_fd = -1;          // readable once stopped
};

StdinSource::StdinSource(int fd, std::shared_ptr<const StdinOptions> options)
    : fd_(fd), options_(std::move(options)), splitter_(splitting(*options_), 0) {}

StdinSource::~StdinSource() { join(); }

Result<void> StdinSource::open(const TaskContext& context, const Positions&) {
  context_ = context;
  shared_ = std::make_unique<Shared>();
  shared_->stop_fd = eventfd(0, EFD_CLOEXEC);
  if (shared_->stop_fd < 0) return errno_error(errno, "cannot make an event descriptor");
  return {};
}

/// The thread: chunk after chunk, until the end, an error or a stop.
void StdinSource::read_all() {
  Shared& shared = *shared_;
  ArenaRef arena;
  size_t at = 0;
  for (;;) {
    {
      std::unique_lock lock(shared.mutex);
      shared.room.wait(lock, [&] { return shared.stopped || shared.chunks.size() < kChunksMax; });
      if (shared.stopped) return;
    }
    if (!arena || arena->capacity() - at < kReadBytesMin) {
      arena = context_.pool->arenas().get();
      at = 0;
    }
    pollfd ready[2] = {{fd_, POLLIN, 0}, {shared.stop_fd, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 || ready[1].revents != 0) continue;
    const ssize_t got = ::read(fd_, arena->data() + at, arena->capacity() - at);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    std::lock_guard lock(shared.mutex);
    if (got > 0) {
      shared.chunks.push_back({arena, arena->data() + at, static_cast<size_t>(got)});
      at += static_cast<size_t>(got);
    } else {
      shared.ended = true;
      shared.error = got < 0 ? errno : 0;
    }
    context_.waker->wake();
    if (shared.ended) return;
  }
}

Result<Pull> StdinSource::pull(SourceOutput& out) {
  // Not before the first pull: until then no sink need be open.
  if (!thread_.joinable()) thread_ = std::thread([this] { read_all(); });
  if (ended_) return Pull::end();
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  for (;;) {
    LineSplitter::Step step = splitter_.fill(builder);
    bool end = false;
    if (step == LineSplitter::Step::kDrained) {
      std::unique_lock lock(shared_->mutex);
      if (!shared_->chunks.empty()) {
        const Chunk chunk = std::move(shared_->chunks.front());
        shared_->chunks.pop_front();
        shared_->room.notify_one();
        lock.unlock();
        splitter_.feed(chunk.arena, chunk.data, chunk.size);
        continue;
      }
      if (shared_->error != 0) return errno_error(shared_->error, "cannot read standard input");
      end = shared_->ended;
      lock.unlock();
      if (end) step = splitter_.finish(builder);
    }
    if (step == LineSplitter::Step::kOversized) {
      const LineSplitter::Oversized& line = splitter_.oversized();
      Record record;
      record.payload = line.head.data();
      record.payload_size = static_cast<uint32_t>(line.head.size());
      record.position = static_cast<int64_t>(line.offset);
      out.reject(record, kNoEpoch,
                 reject_error("record-too-large",
                              "a line of " + std::to_string(line.size) + " bytes at offset " +
                                  std::to_string(line.offset) + " of standard input",
                              "raise max_record_bytes"));
      continue;
    }
    const bool some = !builder.empty();
    if (some) out.emit(builder.take());
    ended_ = end;
    if (end) return Pull::end();
    return some ? Pull::more() : Pull::idle();
  }
}

void StdinSource::stop() {
  if (shared_ == nullptr) return;
  {
    std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
  }
  shared_->room.notify_one();
  const uint64_t one = 1;
  (void)!::write(shared_->stop_fd, &one, sizeof one);
}

void StdinSource::join() {
  if (shared_ == nullptr) return;
  stop();
  if (thread_.joinable()) thread_.join();
  ::close(shared_->stop_fd);
  shared_.reset();
}

void StdinSource::close() { join(); }

}  // namespace penstock
