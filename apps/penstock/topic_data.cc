// SPDX-License-Identifier: Apache-2.0
// penstock topic read, write.
#include <poll.h>
#include <unistd.h>

#include <charconv>

#include "penstock/commands.h"
#include "penstock/record_text.h"
#include "penstock/topic_place.h"
#include "topiclog/murmur2.h"
#include "topiclog/topic_writer.h"

namespace penstock {
namespace {

constexpr Duration kLook = milliseconds(100);
constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kGroupBytes = 512 << 10;

struct ReadArguments {
  std::shared_ptr<TopicAddress> address = std::make_shared<TopicAddress>();
  std::optional<uint32_t> partition;
  std::optional<uint64_t> from;
  uint64_t limit = UINT64_MAX;
  bool follow = false, latest = false;
  int output = 0;  // text, json
};

struct WriteArguments {
  std::shared_ptr<TopicAddress> address = std::make_shared<TopicAddress>();
  std::optional<uint32_t> partition;
  std::string key_separator, abort;
  bool tombstones = false;
};

template <class T>
SetValue to_number(std::optional<T>* to) {
  return [to](const std::string& text) -> Result<void> {
    T value{};
    const char* end = text.data() + text.size();
    const auto [at, problem] = std::from_chars(text.data(), end, value);
    if (problem != std::errc() || at != end) {
      return stop_error("bad-argument", "is not a whole number");
    }
    *to = value;
    return {};
  };
}

/// One line, with its end.
std::string record_json(const Record& record, uint32_t partition) {
  return "{\"partition\": " + std::to_string(partition) +
         ", \"offset\": " + std::to_string(record.position) + ", " +
         json_members(parts_of(record)) + "}\n";
}

/// Prints a topic from its start, or from an offset, to its end and beyond.
class Printer {
 public:
  Printer(const ReadArguments& a, Program& program)
      : a_(a), program_(program), topics_(*program.clock) {}

  Result<void> open() {
    const Result<std::string> path = a_.address->path();
    if (!path) return path.error();
    auto reader = TopicReader::open(topics_.place(), *path);
    if (!reader) return reader.error();
    reader_ = *std::move(reader);
    const uint32_t partitions = reader_->settings().partitions;
    if (a_.partition && *a_.partition >= partitions) {
      return stop_error("bad-argument", "the topic has " + std::to_string(partitions) +
                                            " partitions, from 0");
    }
    next_.resize(partitions);
    for (uint32_t p = 0; p < partitions; ++p) PENSTOCK_TRY(begin(p));
    return {};
  }

  /// Until the end, the limit, or a reader that goes away.
  Result<void> run() {
    for (;;) {
      const auto tail = reader_->tail();
      const uint32_t seen = tail == nullptr ? 0 : tail->announced();
      bool any = false;
      for (uint32_t p = 0; p < next_.size() && left() > 0; ++p) {
        if (a_.partition && *a_.partition != p) continue;
        const Result<bool> some = print(p);
        if (!some) return some.error();
        any = any || *some;
      }
      if (left() == 0 || gone_ || (!any && !a_.follow)) return {};
      if (any) continue;
      if (tail != nullptr) {
        tail->wait(seen, kLook);
      } else {
        poll(nullptr, 0, static_cast<int>(kLook.ms()));
      }
      pollfd other{program_.out, 0, 0};  // nobody reads any more
      if (poll(&other, 1, 0) == 1 && (other.revents & (POLLERR | POLLHUP)) != 0) return {};
    }
  }

 private:
  uint64_t left() const { return a_.limit - printed_; }

  Result<void> begin(uint32_t p) {
    const Result<uint64_t> end = reader_->visible(p);
    if (!end) return end.error();
    if (*end == 0) return {};
    const Result<uint64_t> start = reader_->partition(p).start();
    if (!start) return start.error();
    next_[p] = a_.latest ? *end : a_.from.value_or(*start);
    if (a_.partition && *a_.partition != p) return {};
    next_[p] = std::min(next_[p], *end);
    return reader_->partition(p).seek(next_[p], *end);
  }

  Result<bool> print(uint32_t p) {
    const Result<uint64_t> end = reader_->visible(p);
    if (!end) return end.error();
    if (next_[p] >= *end) return false;
    const auto chunk = reader_->partition(p).read(arenas_, *end);
    if (!chunk) return chunk.error();
    std::string text;
    for (const TopicChunk::Part& part : chunk->parts) {
      (void)for_each_record(part.head, part.body, [&](const Record& record) {
        if (static_cast<uint64_t>(record.position) < next_[p] || left() == 0) return;
        ++printed_;
        if (a_.output == 1) {
          text += record_json(record, p);
        } else {
          text += std::string(record.payload_view()) + "\n";
        }
      });
    }
    next_[p] = chunk->next;
    gone_ = !write_all(program_.out, text);
    return true;
  }

  const ReadArguments& a_;
  Program& program_;
  const SystemTopics topics_;
  ArenaPool arenas_;
  std::unique_ptr<TopicReader> reader_;
  std::vector<uint64_t> next_;
  uint64_t printed_ = 0;
  bool gone_ = false;
};

int read_topic(const ReadArguments& a, Program& program) {
  Printer printer(a, program);
  if (const Result<void> opened = printer.open(); !opened) {
    return refuse_topic(program, opened.error());
  }
  if (const Result<void> done = printer.run(); !done) {
    return refuse_topic(program, done.error(), kExitFailed);
  }
  return kExitDone;
}

/// Lines of standard input into a topic.
class LineWriter {
 public:
  LineWriter(const WriteArguments& a, Program& program, TopicWriter& writer)
      : a_(a), program_(program), writer_(writer), bodies_(writer.partitions()) {}

  Result<uint64_t> run() {
    std::string text;
    for (;;) {
      const size_t had = text.size();
      text.resize(had + kReadBytes);
      const ssize_t got = ::read(0, text.data() + had, kReadBytes);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return errno_error(errno, "cannot read standard input");
      text.resize(had + static_cast<size_t>(got));
      size_t at = 0;
      for (size_t end; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        PENSTOCK_TRY(add(std::string_view(text).substr(at, end - at)));
      }
      text.erase(0, at);
      if (got == 0) break;
    }
    if (!text.empty()) PENSTOCK_TRY(add(text));
    for (uint32_t p = 0; p < bodies_.size(); ++p) PENSTOCK_TRY(flush(p));
    PENSTOCK_TRY(writer_.sync());
    return written_;
  }

 private:
  Result<void> add(std::string_view line) {
    Record record;
    if (!a_.key_separator.empty()) {
      const size_t at = line.find(a_.key_separator);
      if (at != std::string_view::npos) {
        record.key = line.data();
        record.key_size = static_cast<uint32_t>(at);
        line.remove_prefix(at + a_.key_separator.size());
      }
    }
    const bool tombstone = a_.tombstones && record.has_key() && line.empty();
    record.payload = tombstone ? nullptr : line.data();
    record.payload_size = static_cast<uint32_t>(line.size());
    const uint64_t bytes = uint64_t{record.payload_size} + record.key_size;
    if (bytes > writer_.settings().record_bytes_max.bytes) {
      return stop_error("record-too-large", "line " + std::to_string(written_ + 1) + " has " +
                                                std::to_string(bytes) + " bytes",
                        "make the topic with a larger --max-record-bytes");
    }
    const auto partitions = static_cast<uint32_t>(bodies_.size());
    const uint32_t p = a_.partition           ? *a_.partition
                       : record.has_key()     ? murmur2_partition(record.key_view(), partitions)
                                              : keyless_;
    if (!bodies_[p].fits(record)) {
      PENSTOCK_TRY(flush(p));
      keyless_ = (keyless_ + 1) % partitions;
    }
    bodies_[p].add(record, program_.clock->wall_us());
    ++written_;
    return {};
  }

  Result<void> flush(uint32_t p) {
    BatchBody body = std::exchange(bodies_[p], {});
    if (body.empty()) return {};
    body.close();
    const Result<uint64_t> end = writer_.append_only(p, {&body, 1});
    if (!end) return end.error();
    unsynced_ += body.bytes();
    if (unsynced_ < kGroupBytes) return {};
    unsynced_ = 0;
    return writer_.sync();
  }

  const WriteArguments& a_;
  Program& program_;
  TopicWriter& writer_;
  std::vector<BatchBody> bodies_;
  uint32_t keyless_ = 0;
  uint64_t written_ = 0, unsynced_ = 0;
};

int write_topic(const WriteArguments& a, Program& program) {
  const SystemTopics topics(*program.clock);
  const Result<std::string> path = a.address->path();
  if (!path) return refuse_topic(program, path.error());
  const auto there = load_topic(topics.disk(), *path);
  if (!there) return refuse_topic(program, there.error());
  if (a.partition && *a.partition >= there->partitions) {
    return refuse_topic(program, stop_error("bad-argument", "the topic has " +
                                                std::to_string(there->partitions) +
                                                " partitions, from 0"));
  }
  auto writer = TopicWriter::open(topics.place(), *path, {TopicFsync::kAlways, {}, a.abort});
  if (!writer) return refuse_topic(program, writer.error(), kExitFailed);
  if (!a.abort.empty()) {
    const Result<void> done = (*writer)->rewind({});
    if (!done) return refuse_topic(program, done.error(), kExitFailed);
    write_all(program.err, "uncommitted records of '" + a.abort + "' are gone\n");
    return kExitDone;
  }
  const Result<uint64_t> written = LineWriter(a, program, **writer).run();
  if (!written) return refuse_topic(program, written.error(), kExitFailed);
  write_all(program.err, std::to_string(*written) + " records written\n");
  return kExitDone;
}

}  // namespace

Command topic_read_command() {
  auto a = std::make_shared<ReadArguments>();
  Command c = topic_command("topic read", "Print the records of a topic.", a->address);
  c.details = "Works while a pipeline writes the topic. Moves no group's position.";
  c.option("--partition", "N", static_cast<std::string*>(nullptr), "Only this one.").set =
      to_number(&a->partition);
  c.option("--from", "OFFSET", static_cast<std::string*>(nullptr),
           "The first offset. Default: the first that is there.").set = to_number(&a->from);
  c.option("--limit", "N", static_cast<std::string*>(nullptr), "So many records at most.").set =
      [a](const std::string& text) -> Result<void> {
        std::optional<uint64_t> limit;
        PENSTOCK_TRY(to_number(&limit)(text));
        a->limit = *limit;
        return {};
      };
  c.flag("--latest", &a->latest, "Only what comes from now on; with --follow.");
  c.flag("--follow", &a->follow, "Go on with what is appended, until stopped.");
  c.choice("--output", {"text", "json"}, &a->output,
           "text: payloads, one a line; json: an object a line, with key, headers and offset.");
  c.example("penstock topic read orders --output json --limit 10", "The first ten, with all.");
  c.example("penstock topic read orders --follow --latest", "What comes from now on.");
  c.run = [a](Program& program) { return read_topic(*a, program); };
  return c;
}

Command topic_write_command() {
  auto a = std::make_shared<WriteArguments>();
  Command c = topic_command("topic write", "Append lines of standard input to a topic.",
                            a->address);
  c.details = "Everything is on the disk when it ends. Refused while another process writes the "
              "topic.";
  c.option("--partition", "N", static_cast<std::string*>(nullptr),
           "All into this one. Default: by key, as Kafka's Java client; without key in turns.")
      .set = to_number(&a->partition);
  c.option("--key", "SEPARATOR", &a->key_separator,
           "What stands in a line in front of this is the record's key.");
  c.flag("--tombstones", &a->tombstones,
         "A line with nothing behind the key's separator is a tombstone: the key is gone.");
  c.option("--abort", "NAME", &a->abort,
           "Write nothing, and take back what the transaction of this name has not committed.");
  c.example("printf 'a\\nb\\n' | penstock topic write orders", "Two records.");
  c.example("penstock topic write orders --key : < orders.txt", "Lines such as customer7:{…}.");
  c.run = [a](Program& program) { return write_topic(*a, program); };
  return c;
}

}  // namespace penstock
