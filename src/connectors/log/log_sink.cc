// SPDX-License-Identifier: Apache-2.0
#include "connectors/log/log_sink.h"

#include "sdk/catalog.h"

namespace penstock {

const Schema<LogOptions>& log_schema() {
  using O = LogOptions;
  static const Schema<O> schema({
      field("level", &O::level)
          .one_of({{"debug", LogLevel::kDebug},
                   {"info", LogLevel::kInfo},
                   {"warn", LogLevel::kWarn},
                   {"error", LogLevel::kError}})
          .about("Level of the lines."),
      field("every", &O::every).at_least(1).about("Logs one record in so many of each task."),
      field("bytes_max", &O::bytes_max)
          .range(ByteSize{1}, kibibytes(16))
          .about("A longer payload is cut."),
  });
  return schema;
}

void register_log(Catalog& catalog) {
  Traits traits;
  traits.confirms = false;
  traits.limit = "the log leaves out repeated lines and is not read back";
  catalog.add(sink_component<LogOptions, LogSink>("log", "connectors/log",
                                                  "Writes records to the program's log.", traits,
                                                  log_schema()));
}

/// What the blocking work and the task share; each outlives the other.
struct LogSink::Shared {
  std::mutex mutex;
  Waker* waker = nullptr;  // guarded by mutex; null once the sink is gone
  uint64_t logged = 0;     // guarded by mutex: batches
  bool done = false;       // guarded by mutex: the work has ended
  std::shared_ptr<const LogOptions> options;
  Logger* log = nullptr;
  std::string stage;
  uint64_t records = 0;    // touched by the work only, which runs once at a time
};

LogSink::~LogSink() {
  if (shared_ == nullptr) return;
  std::lock_guard lock(shared_->mutex);
  shared_->waker = nullptr;
}

Result<void> LogSink::open(const TaskContext& context) {
  context_ = context;
  shared_ = std::make_shared<Shared>();
  shared_->waker = context.waker;
  shared_->options = options_;
  shared_->log = context.log;
  shared_->stage = context.stage;
  return {};
}

void LogSink::write(Batch batch, SinkOutput&) {
  ++accepted_;
  waiting_.push_back(std::move(batch));
  start();
}

void LogSink::start() {
  if (working_ || waiting_.empty()) return;
  working_ = true;
  auto batches = std::make_shared<std::deque<Batch>>(std::exchange(waiting_, {}));
  context_.blocking->submit([shared = shared_, batches] { run(*shared, *batches); });
}

/// On the blocking pool.
void LogSink::run(Shared& shared, const std::deque<Batch>& batches) {
  const LogOptions& options = *shared.options;
  for (const Batch& batch : batches) {
    batch.for_each([&](const Record& record) {
      if (shared.records++ % options.every != 0) return;
      const std::string_view whole = record.payload_view();
      const std::string_view shown = whole.substr(0, options.bytes_max.bytes);
      const std::string size = std::to_string(whole.size());
      const LogField stage{"stage", shared.stage};
      if (shown.size() < whole.size()) {
        shared.log->log(options.level, shown, {stage, {"bytes", size}});
      } else if (record.has_key()) {
        shared.log->log(options.level, shown, {stage, {"key", record.key_view()}});
      } else {
        shared.log->log(options.level, shown, {stage});
      }
    });
  }
  std::lock_guard lock(shared.mutex);
  shared.done = true;
  shared.logged += batches.size();
  if (shared.waker != nullptr) shared.waker->wake();
}

void LogSink::collect(SinkOutput& out) {
  {
    std::lock_guard lock(shared_->mutex);
    if (std::exchange(shared_->done, false)) working_ = false;
    logged_ = shared_->logged;
  }
  start();
  Epoch delivered = 0;
  while (!barriers_.empty() && barriers_.front().second <= logged_) {
    delivered = barriers_.front().first;
    barriers_.pop_front();
  }
  if (delivered > 0) out.delivered(delivered);
}

void LogSink::barrier(const Barrier& barrier, SinkOutput& out) {
  barriers_.emplace_back(barrier.epoch, accepted_);
  collect(out);
}

void LogSink::on_wake(int64_t, SinkOutput& out) { collect(out); }

}  // namespace penstock
