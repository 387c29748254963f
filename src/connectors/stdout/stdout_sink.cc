// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdout/stdout_sink.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>

namespace penstock {
namespace {

constexpr int64_t kFlushDelayNs = 5'000'000;   // how long a few bytes may wait for more
constexpr int kPollMs = 100;                   // how soon a close is noticed
constexpr int kPipeBytes = 256 << 10;          // few large writes into a roomy pipe are fastest

/// SIGPIPE would end the process; an error code shall come instead, whoever owns the process.
class NoSigpipe {
 public:
  NoSigpipe() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoSigpipe() {
    if (sigismember(&before_, SIGPIPE) == 1) return;
    const timespec now{0, 0};
    while (sigtimedwait(&pipe_, nullptr, &now) == SIGPIPE) {
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

/// A description of our own of what `fd` refers to, so that making it non-blocking does not change
/// it for other processes. `fd` itself where that cannot be had (sockets).
int reopen(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0 || !(S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode))) return fd;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int own = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  return own < 0 ? fd : own;
}

}  // namespace

const Schema<StdoutOptions>& stdout_schema() {
  using O = StdoutOptions;
  static const Schema<O> schema(
      {
          field("framing", &O::framing)
              .one_of({{"lines", StdoutFraming::kLines}, {"raw", StdoutFraming::kRaw}})
              .about("lines: a delimiter behind each record; raw: payloads as they are."),
          field("delimiter", &O::delimiter).about("One byte, for framing lines."),
          field("skip_empty", &O::skip_empty).about("Leaves out records without payload."),
      },
      [](const O& options, const Position& at, Diagnostics& diagnostics) {
        if (options.delimiter.size() != 1) {
          diagnostics.error("bad-delimiter", at, "delimiter must be one byte",
                            "for example \"\\n\" in double quotes");
        }
      });
  return schema;
}

/// What the blocking work and the task share; each outlives the other.
struct StdoutSink::Shared {
  std::mutex mutex;
  Waker* waker = nullptr;       // guarded by mutex; null once the sink is gone
  bool done = false;            // guarded by mutex: the write has ended
  int error = 0;                // guarded by mutex
  uint64_t written = 0;         // guarded by mutex
  std::atomic<bool> cancelled{false};
  std::shared_ptr<StdoutLine> line;
  int fd = -1;
  ~Shared() {
    if (fd >= 0 && fd != line->fd) ::close(fd);
  }
};

StdoutSink::~StdoutSink() {
  if (shared_ == nullptr) return;
  shared_->cancelled = true;
  std::lock_guard lock(shared_->mutex);
  shared_->waker = nullptr;
}

Result<void> StdoutSink::open(const TaskContext& context) {
  context_ = context;
  shared_ = std::make_shared<Shared>();
  shared_->waker = context.waker;
  shared_->line = line_;
  shared_->fd = reopen(line_->fd);
  if (fcntl(shared_->fd, F_GETFL) < 0) return errno_error(errno, "standard output is not open");
  (void)fcntl(shared_->fd, F_SETPIPE_SZ, kPipeBytes);  // only a wish; not a pipe: no matter
  next_ = std::make_unique<Gather>(*context_.pool);
  return {};
}

void StdoutSink::write(Batch batch, SinkOutput& out) {
  const size_t before = next_->bytes();
  next_->add(std::move(batch), layout_);
  accepted_ += next_->bytes() - before;
  if (next_->bytes() >= kWriteBytes) {
    start();
  } else if (!next_->empty() && flush_at_ns_ == kNever && !writing_) {
    flush_at_ns_ = context_.clock->monotonic_ns() + kFlushDelayNs;
  }
}

void StdoutSink::barrier(const Barrier& barrier, SinkOutput& out) {
  barriers_.emplace_back(barrier.epoch, accepted_);
  start();
  collect(out);
}

void StdoutSink::on_wake(int64_t now_ns, SinkOutput& out) {
  collect(out);
  if (next_->bytes() >= kWriteBytes || !barriers_.empty() || now_ns >= flush_at_ns_) start();
  if (!writing_ && !failed_ && !next_->empty() && flush_at_ns_ == kNever) {
    flush_at_ns_ = now_ns + kFlushDelayNs;
  }
}

/// Hands what was gathered to the blocking pool, unless a write is under way.
void StdoutSink::start() {
  if (writing_) return;
  flush_at_ns_ = kNever;
  if (failed_ || next_->empty()) return;
  writing_ = true;
  auto gather = std::make_shared<Gather>(std::move(*next_));
  next_ = std::make_unique<Gather>(*context_.pool);
  context_.blocking->submit([shared = shared_, gather] { run(shared, *gather); });
}

/// On the blocking pool: writes everything, whole lines at a time for whoever shares the line.
void StdoutSink::run(const std::shared_ptr<Shared>& shared, Gather& gather) {
  uint64_t written = 0;
  int error = 0;
  {
    std::lock_guard line(shared->line->mutex);
    NoSigpipe no_sigpipe;
    size_t first = 0;
    while (!shared->cancelled) {
      error = write_pieces(gather.pieces(), first, written, [&](iovec* pieces, int count) {
        const ssize_t wrote = writev(shared->fd, pieces, count);
        return wrote < 0 ? -static_cast<ssize_t>(errno) : wrote;
      });
      if (error != EAGAIN) break;
      pollfd ready{shared->fd, POLLOUT, 0};
      poll(&ready, 1, kPollMs);
    }
  }
  std::lock_guard lock(shared->mutex);
  shared->done = true;
  shared->written += written;
  shared->error = error;
  if (shared->waker != nullptr) shared->waker->wake();
}

/// Takes the result of a write that has ended.
void StdoutSink::collect(SinkOutput& out) {
  int error = 0;
  {
    std::lock_guard lock(shared_->mutex);
    if (shared_->done) {
      shared_->done = false;
      writing_ = false;
      written_ = shared_->written;
      error = std::exchange(shared_->error, 0);
    }
  }
  if (error != 0 && !failed_) {
    failed_ = true;
    if (error == EPIPE) {
      out.fail(stop_error("stdout-closed", "nobody reads standard output any more"));
    } else {
      Error failure = errno_error(error, "cannot write to standard output");
      failure.reaction = Reaction::kStopPipeline;  // part of a line may be out: no second try
      out.fail(std::move(failure));
    }
  }
  Epoch delivered = 0;
  while (!failed_ && !barriers_.empty() && barriers_.front().second <= written_) {
    delivered = barriers_.front().first;
    barriers_.pop_front();
  }
  if (delivered > 0) out.delivered(delivered);
}

void StdoutSink::close() { shared_->cancelled = true; }

}  // namespace penstock
