// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_source.h"

#include <algorithm>
#include <chrono>
#include <charconv>

#include "base/hash.h"
#include "connectors/kafka/kafka_place.h"

namespace penstock {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kUnpulledNs = 2 * kSecondNs;   // so long without a pull is back-pressure
constexpr int64_t kPolledNs = 30 * kSecondNs;    // an idle client is polled this often
constexpr int64_t kLagNs = kSecondNs;
constexpr Duration kCloseWait = seconds(5);
constexpr auto kKeeperPause = std::chrono::seconds(1);

/// Where to begin in partitions, asked from the cluster. Blocks.
struct Beginning {
  std::shared_ptr<KafkaConsumer> consumer;
  std::shared_ptr<const KafkaSourceOptions> options;
  std::shared_ptr<const Positions> restored;
  bool group_alone = false;  // the manifest does not count: the group has all, by transactions

  Result<std::vector<KafkaPlace>> find(std::vector<KafkaPlace> parts) const {
    std::map<std::pair<std::string, int32_t>, KafkaPlace> group;
    if (!options->group.empty()) {
      const auto committed = consumer->committed(parts);
      if (!committed) return committed.error();
      for (const KafkaPlace& one : *committed) {
        if (one.offset >= 0) group[{one.topic, one.partition}] = one;
      }
    }
    for (KafkaPlace& part : parts) {
      const auto bounds = consumer->bounds(part);
      if (!bounds) return bounds.error();
      const auto found = group.find({part.topic, part.partition});
      std::optional<KafkaPlace> group_has;
      if (found != group.end()) group_has = found->second;
      const std::string name = kafka_partition_name(part.topic, part.partition);
      std::optional<int64_t> was;
      if (const auto at = restored->find(name); at != restored->end() && !group_alone) {
        was = parse_kafka_position(at->second.value);
        if (!was) {
          return stop_error("bad-position", "cannot read the position '" + at->second.value +
                                                "' of partition " + name,
                            "reset the positions of this pipeline");
        }
      }
      const std::optional<int64_t> next = kafka_resume(group_has, was);
      const auto at = next ? lost(name, *next, *bounds) : start(part, *bounds);
      if (!at) return at.error();
      part.offset = *at;
    }
    return parts;
  }

  Result<int64_t> start(const KafkaPlace& part, const std::pair<int64_t, int64_t>& bounds) const {
    switch (options->start) {
      case KafkaStart::kEarliest: return bounds.first;
      case KafkaStart::kLatest: return bounds.second;
      case KafkaStart::kTime: {
        const auto at = consumer->at_time({part}, options->start_time_ms);
        if (!at) return at.error();
        return at->front().offset < 0 ? bounds.second : at->front().offset;
      }
      case KafkaStart::kOffsets: break;
    }
    const std::string name = kafka_partition_name(part.topic, part.partition);
    auto found = options->start_offsets.find(name);
    if (found == options->start_offsets.end() && options->topics.size() == 1) {
      found = options->start_offsets.find(std::to_string(part.partition));
    }
    if (found == options->start_offsets.end()) return bounds.first;
    return lost(name, found->second, bounds);
  }

  /// The offset, if the partition has it; else as the options say.
  Result<int64_t> lost(const std::string& name, int64_t offset,
                       const std::pair<int64_t, int64_t>& bounds) const {
    if (offset >= bounds.first && offset <= bounds.second) return offset;
    if (options->lost == KafkaLost::kSkip) return bounds.first;
    return stop_error("kafka-offset-gone",
                      "offset " + std::to_string(offset) + " of partition " + name +
                          " is to be read next, but it has " + std::to_string(bounds.first) +
                          " to " + std::to_string(bounds.second),
                      "retention removed it, or the topic was made anew; `lost: skip` goes on at "
                      "the first record that is there");
  }
};

bool is_pattern(const std::string& topic) { return topic[0] == '^'; }

}  // namespace

/// What a question to the cluster, asked on the blocking pool, came to.
struct KafkaSource::Answer {
  std::mutex mutex;
  Waker* waker = nullptr;  // guarded by mutex; null once the source is gone
  std::optional<Result<std::vector<KafkaPlace>>> result;  // guarded by mutex
};

KafkaSource::~KafkaSource() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_keeper_.notify_all();
  if (keeper_.joinable()) keeper_.join();
  for (const auto& answer : asked_) {
    const std::lock_guard lock(answer->mutex);
    answer->waker = nullptr;
  }
  if (consumer_ != nullptr) consumer_->disconnect();
}

KafkaSettings KafkaSource::settings() const {
  const uint64_t kilobytes = std::max<uint64_t>(options_->buffer_bytes.bytes >> 10, 1);
  KafkaSettings all = {
      // Nothing is committed but what the engine says, and nothing is chosen for us.
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", options_->lost == KafkaLost::kSkip ? "earliest" : "error"},
      {"isolation.level", options_->uncommitted ? "read_uncommitted" : "read_committed"},
      // Not cooperative-sticky: members go on reading while they rejoin, and what they commit then
      // the broker refuses, and with it their partitions.
      {"partition.assignment.strategy", "range,roundrobin"},
      {"session.timeout.ms", std::to_string(options_->session_timeout.ms())},
      {"heartbeat.interval.ms",
       std::to_string(std::clamp<int64_t>(options_->session_timeout.ms() / 3, 100, 1000))},
      {"fetch.wait.max.ms", std::to_string(options_->fetch_wait.ms())},
      {"queued.min.messages", "1000000"},
      {"queued.max.messages.kbytes", std::to_string(kilobytes)},
      {"fetch.queue.backoff.ms", "5"},
      {"fetch.error.backoff.ms", "100"},
      {"topic.metadata.refresh.interval.ms", "30000"},
      {"enable.partition.eof", options_->follow ? "false" : "true"},
  };
  // Without a group of the user's the client still wants a name, which it tells nobody.
  all.push_back({"group.id", options_->group.empty() ? "penstock" : options_->group});
  if (!options_->group_instance.empty()) {
    const std::string task =
        context_.tasks > 1 ? "-" + std::to_string(context_.task) : std::string();
    all.push_back({"group.instance.id", options_->group_instance + task});
  }
  return all;
}

Result<void> KafkaSource::open(const TaskContext& context, const Positions& restored) {
  context_ = context;
  restored_ = std::make_shared<const Positions>(restored);
  KafkaConsumer::Setup setup;
  setup.connection = options_.get();
  setup.settings = settings();
  setup.log = context.log;
  setup.stage = context.stage;
  setup.arrived = [waker = context.waker] { waker->wake(); };
  setup.rebalanced = [this](KafkaRebalance wanted) { rebalanced(std::move(wanted)); };
  auto consumer = KafkaConsumer::make(std::move(setup));
  if (!consumer) return consumer.error();
  consumer_ = *std::move(consumer);
  builder_.emplace(*context.pool, context.batch_records_max);
  std::vector<std::string> plain;
  for (const std::string& topic : options_->topics) {
    if (!is_pattern(topic)) plain.push_back(topic);
  }
  if (!plain.empty()) {
    const auto topics = consumer_->client().topics(plain);
    if (!topics) return topics.error();
  }
  const CommitPoint* point = place_.commit_point;
  const bool joined = point != nullptr && point->place() == consumer_->client().place();
  grouped_ = !options_->group.empty() && options_->follow && (!context.exactly_once || joined);
  in_transaction_ = grouped_ && joined;
  if (context.exactly_once && options_->uncommitted) {
    return stop_error("option-conflict", "uncommitted: true does not go with exactly_once",
                      "what was aborted would be delivered, and more than once");
  }
  pulled_ns_ = context.clock->monotonic_ns();
  if (grouped_) {
    PENSTOCK_TRY(consumer_->subscribe(options_->topics));
  } else {
    PENSTOCK_TRY(assign_all());
  }
  keeper_ = std::thread([this] { keep_alive(); });
  return {};
}

/// All partitions, shared among the tasks of this stage.
Result<void> KafkaSource::assign_all() {
  if (std::any_of(options_->topics.begin(), options_->topics.end(), is_pattern)) {
    return stop_error("option-conflict", "a pattern of topics needs a group that is followed",
                      "name the topics, or set group");
  }
  const auto topics = consumer_->client().topics(options_->topics);
  if (!topics) return topics.error();
  std::vector<KafkaPlace> parts;
  for (const KafkaTopic& topic : *topics) {
    for (uint32_t p = 0; p < topic.partitions; ++p) {
      if ((hash64(topic.name) + p) % context_.tasks != context_.task) continue;
      parts.push_back({topic.name, static_cast<int32_t>(p), 0});
    }
  }
  const auto places = Beginning{consumer_, options_, restored_, false}.find(std::move(parts));
  if (!places) return places.error();
  PENSTOCK_TRY(consumer_->add(*places));
  if (options_->follow) return {};
  for (const KafkaPlace& place : *places) {
    const auto bounds = consumer_->bounds(place);
    if (!bounds) return bounds.error();
    KafkaReading& reading = *consumer_->find(place.topic, place.partition);
    reading.end = bounds->second;
    const auto was = restored_->find(kafka_partition_name(place.topic, place.partition));
    if (was != restored_->end() && was->second.finished) reading.end = reading.next;
  }
  return {};
}

/// Inside the consumer's pull(), so with the mutex.
void KafkaSource::rebalanced(KafkaRebalance wanted) {
  context_.log->info(wanted.assign ? "kafka: the group gives partitions"
                                   : "kafka: the group takes partitions",
                     {{"stage", context_.stage},
                      {"partitions", std::to_string(wanted.places.size())},
                      {"lost", wanted.lost ? "true" : "false"}});
  changes_.push_back({std::move(wanted), 0, nullptr});
}

std::shared_ptr<KafkaSource::Answer> KafkaSource::ask(
    std::function<Result<std::vector<KafkaPlace>>()> question) {
  auto answer = std::make_shared<Answer>();
  answer->waker = context_.waker;
  asked_.push_back(answer);
  context_.blocking->submit([answer, question = std::move(question)] {
    Result<std::vector<KafkaPlace>> result = question();
    const std::lock_guard lock(answer->mutex);
    answer->result = std::move(result);
    if (answer->waker != nullptr) answer->waker->wake();
  });
  return answer;
}

/// Goes as far with what the group wants as is possible now.
Result<void> KafkaSource::change(SourceOutput* out) {
  while (!changes_.empty()) {
    Change& first = changes_.front();
    const Result<bool> done = first.wanted.assign ? take_over(first) : give_up(first, out);
    if (!done) return done.error();
    if (!*done) return {};
    if (first.answer != nullptr) std::erase(asked_, first.answer);
    changes_.pop_front();
  }
  return {};
}

/// True once the partitions are being read.
Result<bool> KafkaSource::take_over(Change& change) {
  if (change.answer == nullptr) {
    change.answer = ask([beginning = Beginning{consumer_, options_, restored_, in_transaction_},
                         parts = change.wanted.places] { return beginning.find(parts); });
  }
  std::optional<Result<std::vector<KafkaPlace>>> result;
  {
    const std::lock_guard lock(change.answer->mutex);
    if (!change.answer->result) return false;
    result = change.answer->result;
  }
  if (!*result) return result->error();
  PENSTOCK_TRY(consumer_->add(**result));
  return true;
}

bool KafkaSource::all_committed(const std::vector<KafkaPlace>& parts) {
  return std::all_of(parts.begin(), parts.end(), [&](const KafkaPlace& part) {
    const KafkaReading* reading = consumer_->find(part.topic, part.partition);
    return reading == nullptr || reading->next == reading->begun ||
           reading->next == reading->delivered;
  });
}

/// True once the partitions are given up.
Result<bool> KafkaSource::give_up(Change& change, SourceOutput* out) {
  const std::vector<KafkaPlace>& parts = change.wanted.places;
  const int64_t now_ns = context_.clock->monotonic_ns();
  if (change.since_ns == 0) {
    change.since_ns = now_ns;
    for (const KafkaPlace& part : parts) {
      if (KafkaReading* reading = consumer_->find(part.topic, part.partition)) {
        reading->leaving = true;
      }
    }
    if (out != nullptr && !all_committed(parts)) out->request_epoch();
  }
  const bool committed = all_committed(parts);
  const bool lost = change.wanted.lost || consumer_->lost();
  if (lost || (!committed && now_ns - change.since_ns > options_->revoke_timeout.ns())) {
    if (committed) {
      (void)consumer_->remove(parts);
      return true;
    }
    lost_.store(true);
    return make_error(Reaction::kReconnect, "kafka-partition-lost",
                      lost ? "partitions went to another member of group '" + options_->group +
                                 "' before what was read of them was delivered"
                           : "what was read of partitions that another member shall have was not "
                             "delivered within " + to_string(options_->revoke_timeout),
                      "look at session_timeout and revoke_timeout");
  }
  if (!committed) return false;
  if (!in_transaction_ && change.answer == nullptr) {
    // The next owner begins where the group stands.
    std::vector<KafkaPlace> places;
    for (const KafkaPlace& part : parts) {
      const KafkaReading* reading = consumer_->find(part.topic, part.partition);
      if (reading == nullptr || reading->delivered < 0) continue;
      places.push_back({part.topic, part.partition, reading->delivered});
    }
    change.answer = ask([consumer = consumer_, places]() -> Result<std::vector<KafkaPlace>> {
      PENSTOCK_TRY(consumer->commit_and_wait(places, consumer->client().timeout()));
      return places;
    });
  }
  if (change.answer != nullptr) {
    const std::lock_guard lock(change.answer->mutex);
    if (!change.answer->result) return false;
    if (!*change.answer->result) {
      context_.log->warn("kafka: the group did not take the last offsets; what they stand for is "
                         "read again",
                         {{"stage", context_.stage},
                          {"error", to_string(change.answer->result->error())}});
    }
  }
  PENSTOCK_TRY(consumer_->remove(parts));
  return true;
}

Result<Pull> KafkaSource::pull(SourceOutput& out) {
  const std::lock_guard lock(mutex_);
  const int64_t now_ns = context_.clock->monotonic_ns();
  pulled_ns_ = now_ns;
  idle_ = false;
  if (std::exchange(paused_, false)) consumer_->pause(false);
  const auto pulled = consumer_->pull(*builder_, KafkaConsumer::kPullMax,
                                      [&] { out.emit(builder_->take()); });
  if (!pulled) return pulled.error();
  if (!builder_->empty()) out.emit(builder_->take());
  consumer_->all_given();
  if (!changes_.empty()) PENSTOCK_TRY(change(&out));
  if (now_ns - lag_looked_ns_ > kLagNs) {
    lag_looked_ns_ = now_ns;
    consumer_->look_at_lag();
  }
  if (*pulled > 0) return Pull::more();
  if (!options_->follow && done()) return Pull::end();
  idle_ = true;
  if (!changes_.empty()) return Pull::idle(now_ns + kSecondNs / 10);
  return Pull::idle();
}

bool KafkaSource::done() const {
  const auto& readings = consumer_->readings();
  return std::all_of(readings.begin(), readings.end(),
                     [](const auto& one) { return one.second->finished(); });
}

Positions KafkaSource::positions() {
  const std::lock_guard lock(mutex_);
  Positions all;
  for (const auto& [part, reading] : consumer_->readings()) {
    all[kafka_partition_name(part.first, part.second)] = {
        kafka_position_text(reading->given), reading->given >= reading->end};
  }
  return all;
}

/// Null if the partition is not read (any more).
KafkaReading* KafkaSource::reading_of(const std::string& name) {
  const auto part = parse_kafka_partition(name);
  return part ? consumer_->find(part->first, part->second) : nullptr;
}

void KafkaSource::committed(const Positions& positions) {
  const std::lock_guard lock(mutex_);
  std::vector<KafkaPlace> places;
  auto known = std::make_shared<Positions>(*restored_);
  for (const auto& [name, position] : positions) {
    const auto at = parse_kafka_position(position.value);
    KafkaReading* reading = reading_of(name);
    // Before its beginning: it was away meanwhile, and another member is further.
    if (reading == nullptr || !at || *at < reading->begun || reading->delivered == *at) continue;
    reading->delivered = *at;
    (*known)[name] = position;
    places.push_back({reading->topic, reading->partition, *at});
  }
  // Where the group does not take the offsets, a partition that comes back is gone on with here.
  restored_ = std::move(known);
  if (!changes_.empty()) context_.waker->wake();
  if (options_->group.empty() || in_transaction_ || lost_.load()) return;
  if (const auto sent = consumer_->commit(places); !sent) {
    context_.log->warn("kafka: offsets could not be committed to the group",
                       {{"stage", context_.stage}, {"error", to_string(sent.error())}});
  }
}

/// With the mutex, under which partitions are given up: while one of them is read, the generation
/// is one in which it is ours, and the broker takes its offset in no later one. A partition of
/// which nothing was read leaves at once, and may be another member's before this commit comes: its
/// offset with the generation of today would take back what that member has committed.
Result<std::optional<SourceShare>> KafkaSource::share(const Positions& positions) {
  if (!in_transaction_) return std::optional<SourceShare>();
  const std::lock_guard lock(mutex_);
  SourceShare share{consumer_->membership(), {}};
  // In this order: a generation that came after the loss is found with the mark of it.
  if (lost_.load() || consumer_->lost() || share.membership.empty()) {
    return make_error(Reaction::kReconnect, "kafka-partition-lost",
                      "this process is no member of group '" + options_->group + "' any more",
                      "look at session_timeout");
  }
  for (const auto& [name, position] : positions) {
    const auto at = parse_kafka_position(position.value);
    const KafkaReading* reading = reading_of(name);
    if (reading == nullptr || !at || *at < reading->begun || *at == reading->delivered) continue;
    share.positions.emplace(name, position);
  }
  return std::optional(std::move(share));
}

/// The keeper's thread: serves the client while the engine does not pull.
void KafkaSource::keep_alive() {
  std::unique_lock lock(mutex_);
  while (!closing_) {
    wake_keeper_.wait_for(lock, kKeeperPause, [&] { return closing_; });
    if (closing_) return;
    keep_alive_once(context_.clock->monotonic_ns());
  }
}

void KafkaSource::keep_alive_once(int64_t now_ns) {
  if (idle_ && !stopped_) {
    if (now_ns - pulled_ns_ > kPolledNs) context_.waker->wake();
    return;
  }
  if (now_ns - pulled_ns_ < kUnpulledNs && !stopped_) return;
  if (!std::exchange(paused_, true)) consumer_->pause(true);
  // Errors are for the task: it finds them when it pulls again. Records do not come while paused;
  // one that does stays in the builder, in its place.
  for (int i = 0; i < 100 && !builder_->full(); ++i) {
    const auto polled = consumer_->pull(*builder_, 1, [] {});
    if (!polled || *polled == 0) break;
  }
  (void)change(nullptr);
}

void KafkaSource::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
}

void KafkaSource::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  wake_keeper_.notify_all();
  if (keeper_.joinable()) keeper_.join();
  if (!grouped_) return;
  std::vector<KafkaPlace> places;
  for (const auto& [part, reading] : consumer_->readings()) {
    if (reading->delivered >= 0) places.push_back({part.first, part.second, reading->delivered});
  }
  // What was told to the group last may not have gone out yet, and would not after the leave.
  if (!in_transaction_ && !lost_.load()) {
    const auto told = consumer_->commit_and_wait(places, kCloseWait);
    if (!told) {
      context_.log->warn("kafka: the group did not take the last offsets; what they stand for is "
                         "read again",
                         {{"stage", context_.stage}, {"error", to_string(told.error())}});
    }
  }
  consumer_->close();
}

}  // namespace penstock
