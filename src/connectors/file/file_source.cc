// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/file_source.h"

#include <algorithm>

namespace penstock {
namespace {

constexpr size_t kBuffersMax = 32;                     // kept for reuse
constexpr size_t kTurnChunks = 16;                     // then another followed file has its turn
constexpr int64_t kUnnamedLingerNs = 5'000'000'000;    // a writer may not know of the rotation yet

}  // namespace

FileSource::Run::Run(FileRange of, const LineSplitter::Options& splitting,
                     const std::shared_ptr<WakeLink>& link)
    : range(std::move(of)),
      position(range.start),
      splitter(splitting,
               range.gzip || range.start.begin == 0 ? range.start.begin : range.start.begin - 1,
               !range.gzip && range.start.begin > 0, range.end),
      reader(std::make_shared<FileReader>(range, link)) {}

FileSource::~FileSource() {
  if (link_ != nullptr) link_->cut();
  stop();
  if (set_ != nullptr) meeting_->leave(set_);
}

Result<void> FileSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  link_ = std::make_shared<WakeLink>(context.waker);
  looking_ = std::make_shared<std::atomic<bool>>(false);
  splitting_ = {options_->delimiter[0], options_->framing == FileFraming::kNdjson,
                options_->record_bytes_max()};
  Result<std::shared_ptr<FileSet>> set = meeting_->join(context, restored);
  if (!set) return unexpected(set.error());
  set_ = std::move(*set);
  if (context.task == 0) done_ = set_->base();
  return {};
}

std::unique_ptr<FileSource::Run> FileSource::make_run(FileRange range) {
  auto run = std::make_unique<Run>(std::move(range), splitting_, link_);
  if (headed()) {
    std::string encoded;
    append_header(encoded, options_->file_header, run->range.start.path);
    run->header_arena = context_.pool->arenas().get(encoded.size());
    encoded.copy(run->header_arena->data(), encoded.size());
    run->header = {run->header_arena->data(), encoded.size()};
  }
  return run;
}

std::unique_ptr<FileSource::Run> FileSource::next_run() {
  std::unique_ptr<Run> run;
  if (!waiting_.empty()) {
    run = std::move(waiting_.front());
    waiting_.pop_front();
  } else if (std::optional<FileRange> range = set_->claim()) {
    run = make_run(std::move(*range));
  }
  if (run == nullptr) return nullptr;
  run->chunks = 0;
  read_ahead(*run, true);
  return run;
}

/// Begins to read the next range while the end of this one is given out.
void FileSource::prefetch() {
  if (!waiting_.empty()) return;
  std::optional<FileRange> next = set_->claim();
  if (!next) return;
  waiting_.push_back(make_run(std::move(*next)));
  read_ahead(*waiting_.back(), true);
}

/// Buffers for the next piece of work: large and of our own, unless there is little to read.
std::vector<ArenaRef> FileSource::buffers(const Run& run) {
  const uint64_t known = run.range.end == kOpenEnd ? kOpenEnd : run.range.end - run.position.at;
  std::vector<ArenaRef> taken;
  if (known < kArenaBytes) return {context_.pool->arenas().get()};
  const size_t wanted = std::min<uint64_t>(kReadAhead, known / kChunkBytes + 1);
  for (const ArenaRef& buffer : buffers_) {
    if (taken.size() == wanted) return taken;
    if (buffer.unique()) taken.push_back(buffer);
  }
  while (taken.size() < wanted) {
    ArenaRef buffer = context_.pool->arenas().get(kChunkBytes);
    if (buffers_.size() < kBuffersMax) buffers_.push_back(buffer);
    taken.push_back(std::move(buffer));
  }
  return taken;
}

/// Has more read unless enough is under way or there, or will be read when it is needed.
void FileSource::read_ahead(Run& run, bool drained) {
  if (!run.reader->wants_more(drained)) return;
  if (!drained && !options_->follow && run.reader->reads_now()) return;
  if (options_->framing == FileFraming::kWhole) {
    run.reader->read_whole(*context_.blocking, context_.pool->arenas(),
                           splitting_.record_bytes_max);
    return;
  }
  const bool others = options_->follow && (!waiting_.empty() || !tails_.empty());
  if (others && run.chunks >= kTurnChunks) return;
  run.reader->read(*context_.blocking, buffers(run), run.range.end);
}

Result<Pull> FileSource::pull(SourceOutput& out) {
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  Turn turn = Turn::kDone;
  bool some = false;
  while (turn != Turn::kWait && !builder.full() && !(headed() && some)) {
    if (options_->follow) follow(context_.clock->monotonic_ns(), builder, out);
    if (active_ == nullptr) active_ = next_run();
    if (active_ == nullptr) break;
    Run* const run = active_.get();  // it may change its place, but it stays
    const Result<Turn> result = advance(*run, builder, out);
    some = some || !builder.empty();
    if (headed() || !result) emit(builder, run, out);
    if (!result) return unexpected(result.error());
    turn = *result;
    if (turn == Turn::kDone) active_ = nullptr;
  }
  some = some || !builder.empty();
  emit(builder, nullptr, out);
  if (some || (active_ != nullptr && turn != Turn::kWait)) return Pull::more();
  if (options_->follow) return Pull::idle(look_at_ns_);
  return active_ == nullptr ? Pull::end() : Pull::idle();
}

void FileSource::emit(BatchBuilder& builder, const Run* run, SourceOutput& out) {
  if (builder.empty()) return;
  Batch batch = builder.take();
  if (run != nullptr && !run->header.empty()) {
    batch.attach(run->header_arena);
    for (Record& record : batch.mutable_heads()) {
      record.headers = run->header.data();
      record.headers_size = static_cast<uint32_t>(run->header.size());
    }
  }
  out.emit(std::move(batch));
}

Result<FileSource::Turn> FileSource::advance(Run& run, BatchBuilder& builder, SourceOutput& out) {
  return options_->framing == FileFraming::kWhole ? advance_whole(run, builder, out)
                                                  : advance_lines(run, builder, out);
}

Result<FileSource::Turn> FileSource::advance_lines(Run& run, BatchBuilder& builder,
                                                   SourceOutput& out) {
  for (;;) {
    switch (run.splitter.fill(builder)) {
      case LineSplitter::Step::kFull:
        note(run);
        return Turn::kFull;
      case LineSplitter::Step::kLimit:
        complete(run);
        return Turn::kDone;
      case LineSplitter::Step::kOversized: {
        const LineSplitter::Oversized& line = run.splitter.oversized();
        reject(run, line.offset, line.size, line.head, out);
        continue;
      }
      case LineSplitter::Step::kDrained: break;
    }
    note(run);
    FileReader::Chunk chunk;
    if (run.reader->take(chunk) || read_now(run, chunk)) {
      run.splitter.feed(chunk.arena, chunk.data, chunk.size, chunk.size < kCopyBytesMax);
      ++run.chunks;
      read_ahead(run, false);
      if (run.reader->ended()) prefetch();
      continue;
    }
    if (std::optional<Error> error = run.reader->take_error()) {
      return reading_failed(run, std::move(*error));
    }
    if (run.reader->at_end()) return at_end_of_file(run, builder, out);
    read_ahead(run, true);
    if (run.reader->busy()) return Turn::kWait;
    if (!run.reader->wants_more(true)) continue;  // it has just come
    run.splitter.release();  // others have waited long enough
    waiting_.push_back(std::move(active_));
    return Turn::kDone;
  }
}

bool FileSource::read_now(Run& run, FileReader::Chunk& chunk) {
  if (options_->follow || !run.reader->reads_now()) return false;
  std::optional<FileReader::Chunk> read =
      run.reader->read_now(buffers(run).front(), run.range.end);
  if (read) chunk = std::move(*read);
  return read.has_value();
}

Result<FileSource::Turn> FileSource::reading_failed(Run& run, Error error) {
  if (error.code != "file-gone" || !options_->follow) return error;
  context_.log->warn("a followed file is gone", {{"stage", context_.stage},
                                                 {"path", run.position.path}});
  done_[run.position.partition()] = run.position.position();
  return Turn::kDone;
}

/// The file has no more now. A followed one may grow; another one is done.
Result<FileSource::Turn> FileSource::at_end_of_file(Run& run, BatchBuilder& builder,
                                                    SourceOutput& out) {
  if (options_->follow && run.range.end == kOpenEnd && !run.range.gzip) {
    run.splitter.release();
    tails_.push_back(std::move(active_));
    return Turn::kDone;
  }
  finish_lines(run, builder, out);
  complete(run);
  return Turn::kDone;
}

void FileSource::finish_lines(Run& run, BatchBuilder& builder, SourceOutput& out) {
  LineSplitter& splitter = run.splitter;
  const bool inside = splitter.pending() > 0 && !splitter.aligning();
  if (inside && splitter.next_offset() < run.range.end) run.position.torn = splitter.next_offset();
  if (splitter.finish(builder) != LineSplitter::Step::kOversized) return;
  const LineSplitter::Oversized& line = splitter.oversized();
  reject(run, line.offset, line.size, line.head, out);
}

Result<FileSource::Turn> FileSource::advance_whole(Run& run, BatchBuilder& builder,
                                                   SourceOutput& out) {
  if (std::optional<Error> error = run.reader->take_error()) return *error;
  if (run.reader->busy()) return Turn::kWait;
  FileReader::Chunk chunk;
  const bool kept = run.reader->take(chunk);
  const uint64_t size = run.reader->size();
  prefetch();
  if (size > splitting_.record_bytes_max) {
    const size_t shown = std::min(chunk.size, LineSplitter::kOversizedHeadBytes);
    reject(run, 0, size, kept ? std::string_view(chunk.data, shown) : std::string_view(), out);
  } else if (chunk.size < kCopyBytesMax) {
    builder.append({chunk.data, chunk.size});
  } else {
    builder.attach(chunk.arena);
    builder.append_slice({chunk.data, chunk.size});
  }
  run.position.at = size;
  run.position.head = run.reader->head();
  run.position.finished = true;
  done_[run.position.partition()] = run.position.position();
  return Turn::kDone;
}

/// Brings the position up to what was given out.
void FileSource::note(Run& run) {
  run.position.at = std::max(run.position.begin, run.splitter.next_offset());
}

void FileSource::complete(Run& run) {
  note(run);
  run.position.head = run.reader->head();
  run.position.finished = true;
  run.reader->cancel();
  done_[run.position.partition()] = run.position.position();
}

void FileSource::reject(const Run& run, uint64_t offset, uint64_t size, std::string_view head,
                        SourceOutput& out) {
  Record record;
  record.payload = head.data();
  record.payload_size = static_cast<uint32_t>(head.size());
  record.position = static_cast<int64_t>(offset);
  if (!run.header.empty()) {
    record.headers = run.header.data();
    record.headers_size = static_cast<uint32_t>(run.header.size());
  }
  out.reject(record, kNoEpoch,
             reject_error("record-too-large",
                          "a record of " + std::to_string(size) + " bytes at offset " +
                              std::to_string(offset) + " of " + run.range.start.path,
                          "raise max_record_bytes"));
}

/// Looks after the files that were read to their end, and after new ones.
void FileSource::follow(int64_t now_ns, BatchBuilder& builder, SourceOutput& out) {
  if (looking_->load()) return;
  if (std::exchange(look_due_, false)) {
    for (std::unique_ptr<Run>& tail : tails_) {
      const std::optional<FileReader::Look> look = tail->reader->take_look();
      if (look) look_taken(tail, *look, now_ns, builder, out);
    }
    std::erase(tails_, nullptr);
    while (waiting_.size() < kReadAhead) {
      std::optional<FileRange> range = set_->claim();
      if (!range) break;
      waiting_.push_back(make_run(std::move(*range)));
    }
  }
  if (active_ == nullptr && waiting_.empty()) buffers_.clear();  // a quiet source needs no memory
  if (now_ns >= look_at_ns_) start_look(now_ns);
}

/// A run that goes on, or ends, leaves the pointer null.
void FileSource::look_taken(std::unique_ptr<Run>& tail, const FileReader::Look& look,
                            int64_t now_ns, BatchBuilder& builder, SourceOutput& out) {
  tail->position.head = tail->reader->head();
  if (look.cut_off) {
    context_.log->warn("a followed file was cut off: read from its start",
                       {{"stage", context_.stage}, {"path", tail->position.path}});
    waiting_.push_back(make_run(set_->renew(tail->range)));
    tail = nullptr;
    return;
  }
  if (look.size > tail->reader->size()) {
    tail->unnamed_ns = 0;
    tail->reader->go_on();
    waiting_.push_back(std::move(tail));
    return;
  }
  if (look.named) tail->unnamed_ns = 0;
  if (look.named || builder.full()) return;
  if (tail->unnamed_ns == 0) tail->unnamed_ns = now_ns;
  if (now_ns - tail->unnamed_ns < kUnnamedLingerNs) return;
  finish_lines(*tail, builder, out);
  complete(*tail);
  if (headed()) emit(builder, tail.get(), out);
  set_->done(tail->range.file, tail->position);
  tail = nullptr;
}

void FileSource::start_look(int64_t now_ns) {
  look_at_ns_ = now_ns + options_->follow_interval.ns();
  auto readers = std::make_shared<std::vector<std::shared_ptr<FileReader>>>();
  for (const std::unique_ptr<Run>& tail : tails_) readers->push_back(tail->reader);
  looking_->store(true);
  look_due_ = true;
  context_.blocking->submit([set = set_, link = link_, looking = looking_, readers, now_ns] {
    for (const std::shared_ptr<FileReader>& reader : *readers) reader->look();
    set->rescan(now_ns);
    looking->store(false);
    link->wake();
  });
}

Positions FileSource::positions() {
  Positions all = done_;
  const auto add = [&all](Run& run) {
    // What was read into the state of the file as the work saw it, not as it was found.
    run.position.head = run.reader->head();
    all[run.position.partition()] = run.position.position();
  };
  if (active_ != nullptr) add(*active_);
  for (const std::unique_ptr<Run>& run : waiting_) add(*run);
  for (const std::unique_ptr<Run>& run : tails_) add(*run);
  return all;
}

void FileSource::committed(const Positions& positions) {
  for (const auto& [partition, position] : positions) {
    const auto at = done_.find(partition);
    if (at != done_.end() && at->second == position) done_.erase(at);
  }
}

void FileSource::stop() {
  if (active_ != nullptr) active_->reader->cancel();
  for (const std::unique_ptr<Run>& run : waiting_) run->reader->cancel();
}

}  // namespace penstock
