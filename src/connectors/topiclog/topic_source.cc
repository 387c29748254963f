// SPDX-License-Identifier: Apache-2.0
#include "connectors/topiclog/topic_source.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

std::string position_text(uint64_t next, uint64_t mark) {
  char digits[17];
  const auto [end, error] = std::to_chars(digits, digits + 16, mark, 16);
  return std::to_string(next) + (mark == 0 ? "" : "/" + std::string(digits, end));
}

bool parse_position(const std::string& text, uint64_t* next, uint64_t* mark) {
  const char* const stop = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), stop, *next);
  if (error != std::errc()) return false;
  *mark = 0;
  if (at == stop) return true;
  if (*at != '/') return false;
  const auto [end, wrong] = std::from_chars(at + 1, stop, *mark, 16);
  return wrong == std::errc() && end == stop;
}

}  // namespace

/// What the blocking work and the task share; each outlives the other.
struct TopicSource::Shared {
  std::mutex mutex;
  Waker* waker = nullptr;       // guarded by mutex; null once the source is gone
  bool done = false;            // guarded by mutex: the work has ended
  bool stopped = false;         // guarded by mutex
  std::optional<Error> error;   // guarded by mutex
  std::deque<Chunk> chunks;     // guarded by mutex
  size_t room = 0;              // guarded by mutex: chunks that the task can still take

  // Touched by the work only, while there is work; by the task only then.
  std::shared_ptr<SystemTopics> topics;
  std::unique_ptr<TopicReader> reader;
  std::shared_ptr<TopicGroup> group;
  BatchPool* pool = nullptr;
  bool skip_lost = false;
  std::vector<Part> parts;
};

TopicSource::~TopicSource() {
  watch_.stop_soon();
  if (shared_ == nullptr) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->waker = nullptr;
  shared_->stopped = true;
  shared_->chunks.clear();
}

Result<void> TopicSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  const Result<std::string> root = topics_root(options_->folder);
  if (!root) return root.error();
  const std::string folder = *root + "/" + options_->topic;
  auto shared = std::make_shared<Shared>();
  shared->topics = std::make_shared<SystemTopics>(*context.clock);
  if (options_->create) PENSTOCK_TRY(create(*shared->topics, *root));
  auto reader = TopicReader::open(shared->topics->place(), folder);
  if (!reader) return reader.error();
  shared->reader = *std::move(reader);
  if (!options_->group.empty()) {
    auto group = meeting_->meet(shared->topics, folder, options_->group);
    if (!group) return group.error();
    group_ = shared->group = *std::move(group);
  }
  shared->pool = context.pool;
  shared->skip_lost = options_->lost == TopicLost::kSkip;
  shared->waker = context.waker;
  shared_ = std::move(shared);
  const uint32_t partitions = shared_->reader->settings().partitions;
  for (uint32_t p = context.task; p < partitions; p += context.tasks) {
    Part part;
    part.partition = p;
    PENSTOCK_TRY(open_part(part, restored));
    parts_.push_back(part);
  }
  shared_->parts = parts_;
  return {};
}

/// Another process, or another task, may be faster: then the topic is as that one made it.
Result<void> TopicSource::create(const SystemTopics& topics, const std::string& root) {
  const auto there = load_topic(topics.disk(), root + "/" + options_->topic);
  if (there || there.error().code != "topic-not-found") return {};
  TopicSettings settings;
  settings.partitions = options_->partitions;
  const Result<void> made = create_topic(topics.disk(), root, options_->topic, settings,
                                         context_.clock->wall_us());
  return made || made.error().code == "topic-exists" ? Result<void>() : made;
}

Result<void> TopicSource::open_part(Part& part, const Positions& restored) {
  TopicReader& reader = *shared_->reader;
  const Result<uint64_t> visible = reader.visible(part.partition);
  if (!visible) return visible.error();
  const Result<uint64_t> begin = begin_at(part, restored, *visible);
  if (!begin) return begin.error();
  part.next = part.ahead = *begin;
  if (!options_->follow) part.end = *visible;
  if (part.next >= part.end) return {};
  return reader.partition(part.partition).seek(part.next, *visible);
}

/// The first offset to read: after this pipeline's last commit, else after the group's, else where
/// the options say.
Result<uint64_t> TopicSource::begin_at(Part& part, const Positions& restored, uint64_t visible) {
  PartitionReader& partition = shared_->reader->partition(part.partition);
  const auto mine = restored.find(std::to_string(part.partition));
  if (mine != restored.end()) return resume(part, mine->second.value, visible);
  const Result<bool> there = shared_->topics->disk().exists(partition.folder());
  if (!there) return there.error();
  if (!*there) return uint64_t{0};  // nothing was ever written
  const Result<uint64_t> start = partition.start();
  if (!start) return start.error();
  if (group_ != nullptr && group_->restored().contains(part.partition)) {
    return resume(part, std::to_string(group_->restored().at(part.partition)), visible);
  }
  switch (options_->start) {
    case TopicStart::kLatest: return visible;
    case TopicStart::kTime: return partition.find_time(options_->start_time_ms * 1000, visible);
    case TopicStart::kOffsets: {
      const auto found = options_->start_offsets.find(std::to_string(part.partition));
      if (found == options_->start_offsets.end()) break;
      return resume(part, std::to_string(found->second), visible);
    }
    case TopicStart::kEarliest: break;
  }
  return start;
}

Result<uint64_t> TopicSource::resume(Part& part, const std::string& position, uint64_t visible) {
  uint64_t offset = 0, mark = 0;
  if (!parse_position(position, &offset, &mark)) {
    return stop_error("bad-position", "cannot read the position '" + position + "' of partition " +
                                          std::to_string(part.partition),
                      "reset the positions of this pipeline");
  }
  if (offset == 0 && visible == 0) return offset;
  PartitionReader& partition = shared_->reader->partition(part.partition);
  const Result<uint64_t> start = partition.start();
  if (!start) return start.error();
  const std::string where = "offset " + std::to_string(offset) + " of partition " +
                            std::to_string(part.partition) + " of topic '" + options_->topic + "'";
  if (offset > visible) {
    return lost(offset, *start, visible,
                stop_error("topic-rewritten",
                           where + " is to be read next, but the log ends at " +
                               std::to_string(visible),
                           "the topic was made anew, or a power cut took what was not synced; "
                           "`lost: skip` goes on at the end"));
  }
  if (offset < *start) {
    return lost(offset, *start, visible,
                stop_error("topic-offset-gone",
                           where + " is not there any more: the first is " + std::to_string(*start),
                           "retention removed it before it was read; `lost: skip` goes on at the "
                           "first"));
  }
  part.mark = mark;
  if (mark == 0) return offset;
  const Result<uint64_t> now = partition.mark_before(offset, visible);
  if (!now) return now.error();
  if (*now == mark || *now == 0) return offset;
  part.mark = *now;
  return lost(offset, *start, visible,
              stop_error("topic-rewritten",
                         "what stands in front of " + where + " is not what was read there",
                         "the topic was made anew, or a power cut took what was not synced; "
                         "`lost: skip` goes on all the same"));
}

/// The offset to go on at, if the options allow it.
Result<uint64_t> TopicSource::lost(uint64_t offset, uint64_t start, uint64_t visible,
                                   Error error) {
  if (options_->lost == TopicLost::kStop) return error;
  context_.log->warn("records of a topic are lost; going on without them",
                     {{"stage", context_.stage}, {"error", to_string(error)}});
  return std::clamp(offset, start, std::max(start, visible));
}

/// On the blocking pool: chunks of all partitions in turn, as many as there is room for.
void TopicSource::read_ahead(Shared& shared) {
  std::optional<Error> error;
  for (bool more = true; more && !error;) {
    Result<bool> some = read_some(shared);
    if (!some) error = std::move(some.error());
    more = some && *some;
  }
  const std::lock_guard lock(shared.mutex);
  shared.done = true;
  if (error) shared.error = std::move(error);
  if (shared.waker != nullptr) shared.waker->wake();
}

/// False if there is nothing to read, or no room for it.
Result<bool> TopicSource::read_some(Shared& shared) {
  bool any = false;
  for (size_t i = 0; i < shared.parts.size(); ++i) {
    Part& part = shared.parts[i];
    {
      const std::lock_guard lock(shared.mutex);
      if (shared.stopped || shared.room == 0) return false;
    }
    const Result<uint64_t> visible = shared.reader->visible(part.partition);
    if (!visible) return visible.error();
    const uint64_t end = std::min(*visible, part.end);
    if (part.ahead >= end) continue;
    PartitionReader& partition = shared.reader->partition(part.partition);
    Result<TopicChunk> chunk = partition.read(shared.pool->arenas(), end);
    if (!chunk && chunk.error().code == "topic-offset-gone" && shared.skip_lost) {
      const Result<uint64_t> start = partition.start();
      if (!start) return start.error();
      PENSTOCK_TRY(partition.seek(*start, std::max(*start, end)));
      chunk = partition.read(shared.pool->arenas(), end);
    }
    if (!chunk) return chunk.error();
    part.ahead = chunk->next;
    any = true;
    const std::lock_guard lock(shared.mutex);
    shared.chunks.push_back({i, *std::move(chunk)});
    --shared.room;
    // The first of many: the task may begin.
    if (shared.chunks.size() == 1 && shared.waker != nullptr) shared.waker->wake();
  }
  return any;
}

bool TopicSource::done() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const Part& p) { return p.finished(); });
}

Result<Pull> TopicSource::pull(SourceOutput& out) {
  std::optional<Error> error;
  {
    const std::lock_guard lock(shared_->mutex);
    for (; !shared_->chunks.empty(); shared_->chunks.pop_front()) {
      chunks_.push_back(std::move(shared_->chunks.front()));
    }
    if (std::exchange(shared_->done, false)) working_ = false;
    if (!working_) error = shared_->error;
  }
  if (chunks_.empty() && error) return *error;
  if (chunks_.empty() && done()) return Pull::end();
  if (chunks_.empty()) return rest();
  BatchBuilder builder(*context_.pool, context_.batch_records_max);
  fill(builder);
  if (!working_ && chunks_.size() <= kChunksMax / 2 && !error) {
    (void)rest();
  }
  if (!builder.empty()) out.emit(builder.take());
  return Pull::more();
}

/// Starts the work if there is something to read; else waits for the writer's word.
Result<Pull> TopicSource::rest() {
  if (working_) return Pull::idle();
  TopicReader& reader = *shared_->reader;
  const std::shared_ptr<const Tail> tail = reader.tail();
  const uint32_t seen = tail == nullptr ? 0 : tail->announced();
  bool some = false;
  for (const Part& part : shared_->parts) {
    const Result<uint64_t> visible = reader.visible(part.partition);  // does not block any more
    if (!visible) return visible.error();
    some = some || std::min(*visible, part.end) > part.ahead;
  }
  if (!some && tail != nullptr) {
    watch_.arm(tail, seen, context_.waker);
    return Pull::idle();
  }
  if (!some) return Pull::idle(context_.clock->monotonic_ns() + options_->poll_interval.ns());
  working_ = true;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->room = kChunksMax - std::min(kChunksMax, chunks_.size());
  }
  context_.blocking->submit([shared = shared_] { read_ahead(*shared); });
  return Pull::idle();
}

/// Records of the first chunks, without copying them.
void TopicSource::fill(BatchBuilder& builder) {
  while (!chunks_.empty() && !builder.full()) {
    Chunk& first = chunks_.front();
    Part& part = parts_[first.at];
    if (in_chunk_ == first.chunk.parts.size()) {
      chunks_.pop_front();
      in_chunk_ = in_body_ = 0;
      continue;
    }
    const TopicChunk::Part& batch = first.chunk.parts[in_chunk_];
    if (in_body_ == 0) offset_ = batch.head.base;
    builder.attach(first.chunk.arena);
    const std::span<Record> heads = builder.free_heads();
    uint32_t count = 0;
    uint64_t bytes = 0;
    while (count < heads.size() && offset_ < batch.head.end()) {
      Record& record = heads[count];
      record = Record{};
      // The checksum was right: what makes no sense was written so, and is passed over as a whole.
      if (!decode_record(batch.body, &in_body_, &record)) {
        offset_ = batch.head.end();
        break;
      }
      record.position = static_cast<int64_t>(offset_++);
      if (offset_ <= part.next) continue;  // in front of where reading began
      bytes += uint64_t{record.payload_size} + record.key_size + record.headers_size;
      ++count;
    }
    builder.added(count, bytes);
    part.next = std::max(part.next, offset_);
    part.mark = batch.head.body_checksum;
    if (offset_ == batch.head.end()) {
      ++in_chunk_;
      in_body_ = 0;
    }
  }
}

Positions TopicSource::positions() {
  Positions all;
  for (const Part& part : parts_) {
    all[std::to_string(part.partition)] = {position_text(part.next, part.mark), part.finished()};
  }
  return all;
}

void TopicSource::committed(const Positions& positions) {
  if (group_ == nullptr) return;
  GroupOffsets offsets;
  for (const auto& [partition, position] : positions) {
    uint64_t number = 0, next = 0, mark = 0;
    std::from_chars(partition.data(), partition.data() + partition.size(), number);
    if (!parse_position(position.value, &next, &mark)) continue;
    offsets[static_cast<uint32_t>(number)] = next;
  }
  if (!group_->note(offsets)) return;
  context_.blocking->submit([group = group_] {
    // Not the positions that count: those of the pipeline are committed already.
    (void)group->save();
  });
}

void TopicSource::stop() {
  watch_.stop_soon();
  const std::lock_guard lock(shared_->mutex);
  shared_->stopped = true;
}

}  // namespace penstock
