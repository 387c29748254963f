// SPDX-License-Identifier: Apache-2.0
#include "world.h"

#include <algorithm>
#include <cstdio>

#include "record/headers.h"

namespace penstock::topiclog_simulation {
namespace {

const std::string kRoot = "/topics";
const std::string kFolder = "/topics/t";
constexpr int kLives = 6;
constexpr int kOpensMax = 200;

}  // namespace

const char* to_string(Moment moment) {
  static constexpr const char* kNames[kMoments] = {
      "died opening", "died appending", "died syncing", "died committing", "died rewinding",
      "died removing old segments", "a torn tail was cut off", "the disk was full",
      "a sync failed", "a segment was removed",
      "read after a power cut without a writer", "uncommitted records were taken back"};
  return kNames[static_cast<size_t>(moment)];
}

std::string text_of(const Record& record) {
  std::string text = record.payload == nullptr ? "gone" : "=" + std::string(record.payload_view());
  text += record.has_key() ? " key=" + std::string(record.key_view()) : "";
  text += " headers=" + std::string(record.headers_view());
  return text + " at=" + std::to_string(record.event_time_us);
}

World::World(uint64_t seed, bool verbose)
    : seed_(seed), verbose_(verbose), random_(seed), disk_(seed * 2 + 1) {
  place_ = {&disk_, &tails_, &clock_};
  draw();
}

void World::draw() {
  settings_.partitions = static_cast<uint32_t>(1 + random_.below(3));
  settings_.segment_bytes = kibibytes(4 + random_.below(20));
  if (random_.chance(1, 3)) settings_.retention_bytes = kibibytes(8 + random_.below(30));
  if (random_.chance(1, 4)) settings_.retention = seconds(60);
  options_.fsync = random_.chance(2, 3) ? TopicFsync::kAlways : TopicFsync::kNever;
  if (random_.chance(1, 3)) options_.transaction = "flow";
  if (random_.chance(1, 2)) faults_ = {10, 5, 10, 5};
  expected_.resize(settings_.partitions);
  committed_.resize(settings_.partitions);
}

void World::fail(const std::string& what) {
  if (failure_.empty()) failure_ = what;
}

void World::say(const std::string& what) {
  if (verbose_) std::printf("%llu: %s\n", static_cast<unsigned long long>(seed_), what.c_str());
}

std::string World::run() {
  CHECK(create_topic(disk_, kRoot, "t", settings_, clock_.wall_us()).has_value());
  for (int life = 0; life < kLives && failure_.empty() && !lost_; ++life) {
    live();
    if (failure_.empty() && !lost_) crash();
  }
  if (!failure_.empty() || lost_) return failure_;
  disk_.set_faults({});
  open_writer();
  adopt();
  read_all(true);
  return failure_;
}

/// One process, from its start to its death.
void World::live() {
  disk_.set_faults(faults_);
  disk_.die_at_change(disk_.changes() + random_.below(60));
  while (alive()) step();
}

void World::step() {
  if (writer_ == nullptr && random_.chance(1, 4)) return read_all(true);
  open_writer();
  adopt();
  if (!alive() || writer_ == nullptr) return;
  clock_.advance_ns(static_cast<int64_t>(random_.below(20'000'000'000)));
  switch (random_.below(8)) {
    case 0: return read_all(random_.chance(1, 2));
    case 1: return sync();
    case 2: return transactional() ? commit() : sync();
    case 3:
      if (random_.chance(1, 3)) worked(writer_->retain(), Moment::kRetain);
      return;
    default: return append();
  }
}

bool World::worked(const Result<void>& result, std::optional<Moment> moment) {
  if (result) return true;
  const Error& error = result.error();
  say(std::string(moment ? to_string(*moment) : "reading") + ": " + penstock::to_string(error));
  if (disk_.dead()) {
    if (moment) cover(*moment);
  } else if (error.code == "disk-full") {
    cover(Moment::kDiskFull);
  } else if (error.code == "topic-damaged" || error.code == "topic-pending" ||
             error.code == "topic-in-use" || error.code == "topic-offset-gone") {
    fail("unexpected " + penstock::to_string(error));
  } else if (error.code == "topic-records-lost") {
    if (power_safe() || !cut_) return fail("lost what was committed: " + error.message), false;
    lost_ = true;
  } else {
    if (error.code == "topic-sync-failed") cover(Moment::kSyncFailed);
    writer_.reset();  // the pipeline resets
  }
  return false;
}

void World::open_writer() {
  for (int i = 0; writer_ == nullptr && alive(); ++i) {
    if (i > kOpensMax) return fail("the topic cannot be opened");
    auto opened = TopicWriter::open(place_, kFolder, options_);
    if (!opened) {
      worked(opened.error(), Moment::kOpen);
      continue;
    }
    writer_ = *std::move(opened);
    adopted_ = !transactional();
    for (uint32_t p = 0; p < settings_.partitions && failure_.empty(); ++p) {
      if (writer_->partition(p).torn_bytes() > 0) cover(Moment::kTornTail);
      check_end(p, writer_->partition(p).end(), true);
    }
  }
}

/// The writer has found where the log ends: from now on that is so, and safe.
void World::check_end(uint32_t p, uint64_t end, bool settled) {
  Expected& e = expected_[p];
  const uint64_t promised = std::max(e.killed, e.durable);
  const std::string where = "partition " + std::to_string(p) + " ends at " + std::to_string(end);
  if (end < promised) return fail(where + "; promised were " + std::to_string(promised));
  if (end < e.seen) {
    return fail(where + "; readers have seen " + std::to_string(e.seen));
  }
  if (end > e.records.size() + e.maybe.size()) return fail(where + ", which is too far");
  if (!settled) return;
  e.records.insert(e.records.end(), e.maybe.begin(), e.maybe.end());
  e.records.resize(end);
  e.maybe.clear();
  if (!transactional()) e.killed = e.durable = end;  // else it may be taken back
  e.seen = std::min(e.seen, end);
}

/// Transactions: back to the commit point, as a pipeline does before it writes.
void World::adopt() {
  if (adopted_ || writer_ == nullptr || !alive()) return;
  if (!worked(writer_->commit(committed_), Moment::kCommit)) return;
  if (!worked(writer_->rewind(committed_), Moment::kRewind)) return;
  adopted_ = true;
  for (uint32_t p = 0; p < settings_.partitions; ++p) {
    Expected& e = expected_[p];
    const uint64_t end = writer_->partition(p).end();
    if (end != committed_[p]) return fail("a rewind ends at " + std::to_string(end));
    if (e.records.size() > end) cover(Moment::kRewound);
    e.records.resize(end);
    e.killed = e.durable = end;
  }
}

BatchBody World::draw_batch(uint32_t p, std::vector<std::string>& records) {
  BatchBody batch;
  for (uint64_t i = 1 + random_.below(4); i > 0; --i) {
    std::string payload = std::to_string(p) + "-" + std::to_string(number_++) + "-";
    payload.append(random_.below(random_.chance(1, 8) ? 4000 : 200), 'x');
    const std::string key = "k" + std::to_string(random_.below(5));
    std::string headers;
    if (random_.chance(1, 2)) append_header(headers, "n", std::to_string(number_));
    Record record;
    if (random_.chance(9, 10)) record.payload = payload.data();
    record.payload_size = record.payload == nullptr ? 0 : static_cast<uint32_t>(payload.size());
    if (random_.chance(1, 2)) record.key = key.data(), record.key_size = 2;
    if (!headers.empty()) record.headers = headers.data();
    record.headers_size = static_cast<uint32_t>(headers.size());
    record.event_time_us = static_cast<int64_t>(number_);
    batch.add(record, 0);
    records.push_back(text_of(record));
  }
  batch.close();
  return batch;
}

void World::append() {
  const auto p = static_cast<uint32_t>(random_.below(settings_.partitions));
  std::vector<std::string> records;
  std::vector<BatchBody> batches;
  for (uint64_t i = 1 + random_.below(3); i > 0; --i) batches.push_back(draw_batch(p, records));
  Expected& e = expected_[p];
  const bool group_commit = random_.chance(1, 3) && !transactional();
  const Result<uint64_t> end = group_commit ? writer_->append(p, batches)
                                            : writer_->append_only(p, batches);
  if (!end) {
    worked(end.error(), Moment::kAppend);
    // A writer that is given up may leave some of it there, or all.
    if (disk_.dead() || writer_ == nullptr) e.maybe = records;
    return;
  }
  e.records.insert(e.records.end(), records.begin(), records.end());
  records_ += records.size();
  if (*end != e.records.size()) return fail("offsets are not dense");
  if (group_commit && power_safe()) e.durable = *end;
  if (!transactional() && !power_safe()) e.killed = *end;
}

void World::sync() {
  if (!worked(writer_->sync(), Moment::kSync)) return;
  if (transactional()) return;  // only a checkpoint promises something
  for (Expected& e : expected_) e.durable = e.records.size();
}

/// A checkpoint: prepared, made true outside, and then, if nothing comes between, carried out.
void World::commit() {
  if (power_safe() && !worked(writer_->sync(), Moment::kSync)) return;
  committed_ = writer_->ends();
  for (uint32_t p = 0; p < settings_.partitions; ++p) {
    Expected& e = expected_[p];
    e.killed = e.records.size();
    if (power_safe()) e.durable = e.records.size();
  }
  if (random_.chance(1, 4)) return append();  // written before the commit is carried out
  worked(writer_->commit(committed_), Moment::kCommit);
}

void World::crash() {
  reader_.reset();
  power_ = random_.chance(1, 2);
  cut_ = cut_ || power_;
  say(power_ ? "power cut" : "kill");
  disk_.crash(power_ ? SimDisk::Crash::kPower : SimDisk::Crash::kKill);
  if (power_) tails_.restart();
  for (Expected& e : expected_) {
    if (!power_) continue;
    e.killed = e.durable;
    if (!power_safe()) e.seen = std::min(e.seen, e.durable);
  }
  writer_.reset();
  ++crashes_;
}

void World::read_all(bool by_new_reader) {
  if (by_new_reader || reader_ == nullptr) {
    auto opened = TopicReader::open(place_, kFolder);
    if (!worked(opened ? Result<void>() : opened.error(), std::nullopt)) return;
    reader_ = *std::move(opened);
  }
  if (reader_->tail() == nullptr) cover(Moment::kUnpublishedRead);
  for (uint32_t p = 0; p < settings_.partitions && alive(); ++p) check_partition(p, *reader_);
}

void World::check_partition(uint32_t p, TopicReader& reader) {
  Expected& e = expected_[p];
  PartitionReader& partition = reader.partition(p);
  const Result<bool> there = disk_.exists(kFolder + "/" + std::to_string(p));
  if (!there || !*there) return;
  const Result<uint64_t> end = reader.visible(p);
  if (!worked(end ? Result<void>() : end.error(), std::nullopt)) return;
  if (writer_ == nullptr && !transactional()) check_end(p, *end, false);
  if (transactional() && *end > committed_[p]) fail("a reader sees what is not committed");
  const Result<uint64_t> start = partition.start();
  if (!start) return void(worked(start.error(), std::nullopt));
  if (*start > e.start) cover(Moment::kRetained);
  if (*start < e.start && !cut_) fail("removed segments are back");
  if (*start > 0 && settings_.retention_bytes.bytes == 0 && settings_.retention.us == 0) {
    fail("the log begins at " + std::to_string(*start));
  }
  e.start = *start;
  // From the start, or from anywhere.
  const uint64_t span = *end - std::min(*end, *start);
  const uint64_t from = *start + (random_.chance(1, 2) || span == 0 ? 0 : random_.below(span));
  if (!worked(partition.seek(std::min(from, *end), *end), std::nullopt)) return;
  std::vector<std::string> got;
  uint64_t next = from;
  while (next < *end && failure_.empty()) {
    const Result<TopicChunk> chunk = partition.read(arenas_, *end);
    if (!worked(chunk ? Result<void>() : chunk.error(), std::nullopt)) return;
    for (const TopicChunk::Part& part : chunk->parts) {
      const bool sane = for_each_record(part.head, part.body, [&](const Record& record) {
        if (static_cast<uint64_t>(record.position) < from) return;
        if (static_cast<uint64_t>(record.position) != next++) fail("offsets are not dense");
        got.push_back(text_of(record));
      });
      if (!sane) fail("a batch makes no sense");
    }
  }
  compare(p, from, got);
  e.seen = std::max(e.seen, *end);
}

void World::compare(uint32_t p, uint64_t from, const std::vector<std::string>& got) {
  const Expected& e = expected_[p];
  for (size_t i = 0; i < got.size() && failure_.empty(); ++i) {
    const size_t offset = from + i;
    const std::string* wanted = offset < e.records.size() ? &e.records[offset]
                                : offset - e.records.size() < e.maybe.size()
                                    ? &e.maybe[offset - e.records.size()]
                                    : nullptr;
    if (wanted == nullptr) return fail("there is more than was written");
    if (got[i] != *wanted) {
      fail("offset " + std::to_string(offset) + " of partition " + std::to_string(p) + " is " +
           got[i].substr(0, 60) + " and not " + wanted->substr(0, 60));
    }
  }
}

}  // namespace penstock::topiclog_simulation
