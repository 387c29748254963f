// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_source.h"

#include <algorithm>
#include <charconv>

#include "record/headers.h"

namespace penstock {
namespace {

constexpr std::string_view kAckPrefix = "$JS.ACK.";
constexpr uint64_t kMix = 0x9E3779B97F4A7C15;
constexpr uint64_t kOverheadMax = 64 << 10;  // of subject, reply and headers, in max_bytes
constexpr std::string_view kAck = "+ACK";
constexpr std::string_view kNak = "-NAK";
constexpr std::string_view kInProgress = "+WPI";
constexpr std::string_view kTerm = "+TERM";

/// `word_for(reply)` is what each is answered.
template <class F>
Result<void> answer_each(NatsSession& session, const std::vector<NatsReceipts>& receipts,
                         F&& word_for) {
  Result<void> sent;
  const NatsSession::Burst burst(session);
  for (const NatsReceipts& some : receipts) {
    some.for_each([&](uint64_t, const char* reply) {
      if (sent) sent = session.publish(reply, nullptr, word_for(reply));
    });
  }
  return sent;
}
Result<void> answer_all(NatsSession& session, const std::vector<NatsReceipts>& receipts,
                        std::string_view word) {
  return answer_each(session, receipts, [&](const char*) { return word; });
}

int64_t now_ns() { return SystemClock().monotonic_ns(); }

uint64_t number_of(std::string_view text) {
  uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

/// $JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMER_SEQUENCE.TIME.PENDING, or with the domain
/// and the account in front of the stream and a random word at the end.
std::optional<JetStreamMeta> read_jetstream_meta(std::string_view reply) {
  if (reply.substr(0, kAckPrefix.size()) != kAckPrefix) return std::nullopt;
  constexpr size_t kWordsMax = 12;
  std::string_view words[kWordsMax];
  size_t count = 0;
  for (size_t begin = kAckPrefix.size(); count < kWordsMax && begin <= reply.size();) {
    const size_t end = std::min(reply.find('.', begin), reply.size());
    words[count++] = reply.substr(begin, end - begin);
    begin = end + 1;
  }
  const size_t first = count == 7 ? 2 : count >= 9 ? 4 : 0;
  if (first == 0) return std::nullopt;
  return JetStreamMeta{number_of(words[first]), number_of(words[first + 1]),
                       static_cast<int64_t>(number_of(words[first + 3])),
                       number_of(words[first + 4])};
}

JetStreamSource::~JetStreamSource() = default;

Result<void> JetStreamSource::open(const TaskContext& context, const Positions&) {
  context_ = context;
  consumer_ = options_->consumer.empty() ? context.stage : options_->consumer;
  Diagnostics problems;
  check_jetstream_name(consumer_, "consumer", {}, problems);
  if (problems.error_count() > 0) {
    return stop_error("bad-stream-name",
                      "the stage's name '" + consumer_ + "' cannot be that of a consumer",
                      "set consumer");
  }
  note_subject_ = !options_->subject_header.empty() &&
                  (options_->subjects.size() != 1 || has_wildcard(options_->subjects[0]));
  intake_ = std::make_unique<NatsIntake>(*context.pool, context.batch_records_max, context.waker);
  pending_ = std::make_unique<JetStreamPending>(2 * size_t{options_->max_ack_pending});
  link_ = std::make_unique<NatsUplink>(*options_, context, static_cast<User&>(*this));
  auto session = link_->open();
  if (!session) return session.error();
  Result<void> ready = prepare(**session);
  if (!ready) {
    ready.error().reaction = Reaction::kStopPipeline;
    return ready.error();
  }
  link_->start();
  return {};
}

/// Stream and consumer, at the start.
Result<void> JetStreamSource::prepare(NatsSession& session) {
  JetStreamApi api(session, options_->connect_timeout);
  if (options_->create_stream) {
    JetStreamMake make = *options_->create_stream;
    if (make.subjects.empty()) make.subjects = options_->subjects;
    if (make.subjects.empty()) make.subjects = {options_->stream};
    PENSTOCK_TRY(api.make_stream(options_->stream, make));
  }
  JetStreamConsumerWish wish;
  wish.stream = options_->stream;
  wish.name = consumer_;
  wish.subjects = options_->subjects;
  wish.start = options_->start;
  wish.start_sequence = options_->start_sequence;
  wish.start_time = options_->start_time;
  wish.ack_wait = options_->ack_wait;
  wish.max_ack_pending = options_->max_ack_pending;
  wish.max_deliver = options_->max_deliver;
  auto state = options_->create_consumer ? api.make_consumer(wish)
                                         : api.consumer(options_->stream, consumer_);
  if (!state) return state.error();
  if (state->pushes || state->ack_policy != "explicit") {
    return stop_error("jetstream-refused",
                      "the consumer '" + consumer_ + "' is not one that is pulled from and "
                      "acknowledges each message",
                      "name another one");
  }
  if (options_->subjects.size() > 1 && state->subjects.size() != options_->subjects.size()) {
    return stop_error("jetstream-refused",
                      "the NATS server cannot read several subjects with one consumer",
                      "use a server of 2.10 or later, one subject, or a stage for each");
  }
  ack_wait_ns_ = state->ack_wait_ns > 0 ? state->ack_wait_ns : options_->ack_wait.ns();
  const std::lock_guard lock(mutex_);
  behind_ = static_cast<uint64_t>(state->pending);
  look_now_ = !options_->follow;
  return {};
}

Result<void> JetStreamSource::serve(NatsSession& session) {
  inbox_ = session.new_inbox();
  {
    const std::lock_guard lock(mutex_);
    asked_.clear();
    asked_records_ = 0;
    trouble_.reset();
    heard_ns_ = now_ns();
  }
  PENSTOCK_TRY(session.subscribe(inbox_ + ".*", "",
                                 [this](const NatsMessage& message) { take_in(message); }));
  progress_ns_ = now_ns();
  if (options_->alone) PENSTOCK_TRY(rewind(session));
  while (true) {
    if (std::optional<Error> trouble = session.trouble()) return *trouble;
    bool closing = false;
    {
      const std::lock_guard lock(mutex_);
      closing = closing_;
    }
    closing = closing || link_->stopped();  // asked before the last turn, which acknowledges
    PENSTOCK_TRY(turn(session));
    if (closing) break;
    Duration longest = options_->follow ? kHeartbeat : kLookAtEndEvery;
    if (intake_->ripen(kRipe)) longest = kRipe;
    link_->wait(std::min(longest, Duration{ack_wait_ns_ / 6000}));
  }
  PENSTOCK_TRY(give_back_rest(session));
  return session.flush(kGoodbye);
}

/// What was delivered to a process or a connection before this one comes first, and now.
Result<void> JetStreamSource::rewind(NatsSession& session) {
  JetStreamApi api(session);
  const auto state = api.consumer(options_->stream, consumer_);
  if (!state) return state.error();
  if (state->ack_pending == 0) return {};
  const auto done = api.rewind_consumer(options_->stream, consumer_);
  if (!done) return done.error();
  if (!*done) unread_until_ns_ = now_ns() + ack_wait_ns_ + kLate.ns();
  return {};
}

/// Everything that may be due.
Result<void> JetStreamSource::turn(NatsSession& session) {
  PENSTOCK_TRY(acknowledge(session));
  std::optional<Error> trouble;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    trouble = std::exchange(trouble_, std::nullopt);
    stopping = stopping_;
  }
  if (trouble) {
    // A server that begins anew says so for a while; a consumer that is gone stays so.
    auto state = JetStreamApi(session).consumer(options_->stream, consumer_);
    if (!state) return state.error();
    {
      const std::lock_guard lock(mutex_);
      asked_.clear();
      asked_records_ = 0;
    }
    if (options_->alone) PENSTOCK_TRY(rewind(session));
  }
  if (stopping) PENSTOCK_TRY(give_back(session));
  if (!stopping && now_ns() >= unread_until_ns_) PENSTOCK_TRY(pull_more(session));
  PENSTOCK_TRY(report_progress(session));
  return look(session);
}

/// Asks for as much as there is room for, in large steps.
Result<void> JetStreamSource::pull_more(NatsSession& session) {
  const uint64_t records_max = options_->prefetch_records;
  const uint64_t bytes_max =
      std::max(options_->prefetch_bytes.bytes, 2 * (session.max_payload() + kOverheadMax));
  const uint64_t waiting = intake_->records(), waiting_bytes = intake_->bytes();
  uint64_t records = 0, bytes = 0;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return {};
    if (asked_records_ > 0 && now_ns() - heard_ns_ > 3 * kHeartbeat.ns()) {
      return retry_error("nats-timeout", "the NATS server has stopped answering the consumer");
    }
    uint64_t taken = asked_records_ + waiting, taken_bytes = waiting_bytes;
    for (const Asked& asked : asked_) taken_bytes += asked.bytes;
    if (2 * taken > records_max || 2 * taken_bytes > bytes_max) return {};
    records = records_max - taken;
    bytes = bytes_max - taken_bytes;
    if (asked_.empty()) heard_ns_ = now_ns();
    // Half of the bytes stay for the next pull, which is made while this one is being served.
    bytes = std::max(bytes / 2, session.max_payload() + kOverheadMax);
    asked_.push_back({records, bytes});
    asked_records_ += records;
  }
  const std::string body = "{\"batch\":" + std::to_string(records) +
                           ",\"max_bytes\":" + std::to_string(bytes) +
                           ",\"expires\":" + std::to_string(kPullExpires.ns()) +
                           ",\"idle_heartbeat\":" + std::to_string(kHeartbeat.ns()) + "}";
  const std::string reply = inbox_ + "." + std::to_string(++pulls_);
  return session.publish("$JS.API.CONSUMER.MSG.NEXT." + options_->stream + "." + consumer_,
                         reply.c_str(), body);
}

Result<void> JetStreamSource::acknowledge(NatsSession& session) {
  std::vector<std::string> lost;
  {
    const std::lock_guard lock(mutex_);
    lost.swap(lost_acks_);
  }
  Result<void> sent;
  for (const std::string& reply : lost) {
    if (sent) sent = session.publish(reply, nullptr, kAck);
  }
  PENSTOCK_TRY(sent);
  // What fails here is acknowledged when the server gives it again.
  return answer_each(session, pending_->take_committed(), [&](const char* reply) {
    return is_poison(reply) ? kTerm : kAck;
  });
}

bool JetStreamSource::is_poison(std::string_view reply) const {
  if (options_->poison_after == 0) return false;
  const auto meta = read_jetstream_meta(reply);
  return meta && meta->delivered > options_->poison_after;
}

/// Whoever takes them may have ended with them each time before.
void JetStreamSource::reject_poison(NatsIntake::Taken& taken, SourceOutput& out) const {
  if (options_->poison_after == 0) return;
  std::vector<bool> poison;
  taken.receipts.for_each(
      [&](uint64_t, const char* reply) { poison.push_back(is_poison(reply)); });
  size_t at = 0;
  taken.batch.filter([&](const Record& record) {
    if (!poison[at++]) return true;
    out.reject(record, kNoEpoch,
               reject_error("jetstream-poison",
                            "message " + std::to_string(record.position) + " of " +
                                options_->stream + " was delivered more than " +
                                std::to_string(options_->poison_after) + " times",
                            "look at it with `penstock dlq`; poison_after says how often"));
    return false;
  });
}

/// So that the server does not give again what is only slow.
Result<void> JetStreamSource::report_progress(NatsSession& session) {
  const int64_t now = now_ns();
  if (now - progress_ns_ < ack_wait_ns_ / 3) return {};
  progress_ns_ = now;
  PENSTOCK_TRY(answer_all(session, pending_->older(now - ack_wait_ns_ / 6), kInProgress));
  return answer_all(session, intake_->receipts(), kInProgress);
}

/// At how far the consumer is behind; and, without `follow`, whether it is at its end.
Result<void> JetStreamSource::look(NatsSession& session) {
  const int64_t now = now_ns();
  uint64_t arrived = 0;
  {
    const std::lock_guard lock(mutex_);
    const bool end_is_near = !options_->follow && behind_ == 0 && intake_->records() == 0;
    if (stopping_ || ended_) return {};
    const Duration every = end_is_near ? kLookAtEndEvery : kLookEvery;
    if (!look_now_ && now - looked_ns_ < every.ns()) return {};
    look_now_ = false;
    arrived = arrived_;
  }
  looked_ns_ = now;
  // Counted before: what arrives meanwhile is in the answer only, and keeps it from the end.
  const auto own = static_cast<int64_t>(pending_->size());
  const auto state = JetStreamApi(session).consumer(options_->stream, consumer_);
  if (!state) return state.error();
  bool ended = false;
  {
    const std::lock_guard lock(mutex_);
    // A message that came meanwhile knows it better than the answer.
    if (arrived == arrived_) behind_ = static_cast<uint64_t>(state->pending);
    ended = !options_->follow && state->pending == 0 && state->ack_pending <= own;
    ended_ = ended;
  }
  if (ended) context_.waker->wake();
  return {};
}

/// What waits here and will not be read goes to others at once.
Result<void> JetStreamSource::give_back(NatsSession& session) {
  if (std::exchange(given_back_, true)) return {};
  session.unsubscribe(kGoodbye);  // first, or it would be given to us again
  std::vector<std::string> late;
  {
    const std::lock_guard lock(mutex_);
    late.swap(late_);
  }
  for (const std::string& reply : late) PENSTOCK_TRY(session.publish(reply, nullptr, kNak));
  const std::vector<NatsReceipts> unread = intake_->drop();
  for (const NatsReceipts& receipts : unread) pending_->forget(receipts);
  return answer_all(session, unread, kNak);
}

/// At the very end: what was read and is not committed goes to others at once as well.
Result<void> JetStreamSource::give_back_rest(NatsSession& session) {
  return answer_all(session, pending_->take_rest(), kNak);
}

/// So much has come of the pulls that are open, or will never. REQUIRES: mutex_ is held.
void JetStreamSource::answered(uint64_t records, uint64_t bytes) {
  records = std::min(records, asked_records_);
  asked_records_ -= records;
  while (records > 0) {
    Asked& oldest = asked_.front();
    const uint64_t part = std::min(records, oldest.records);
    oldest.records -= part;
    oldest.bytes -= std::min(bytes, oldest.bytes);
    records -= part;
    if (oldest.records == 0) asked_.pop_front();
  }
}

/// On the session's thread.
void JetStreamSource::take_in(const NatsMessage& message) {
  const std::string_view reply = message.reply();
  const auto meta = read_jetstream_meta(reply);
  if (!meta) return take_status(message);
  NatsIntake::Message in;
  in.payload = message.payload();
  bool ring = false, more = false;
  {
    const std::lock_guard lock(mutex_);
    const uint64_t before = asked_records_;
    answered(1, in.payload.size());
    behind_ = meta->pending;
    ++arrived_;
    heard_ns_ = now_ns();
    if (meta->pending == 0 && !options_->follow) look_now_ = ring = true;
    ring = ring || before == options_->prefetch_records / 2 || asked_records_ == 0;
    more = meta->pending > 0 && asked_records_ > 0;
    if (stopping_) {
      late_.emplace_back(reply);
      return;
    }
  }
  // A server that was killed may have forgotten that it delivered a message before.
  in.mark = meta->sequence * kMix ^ static_cast<uint64_t>(meta->stored_ns);
  const auto arrival = pending_->arrived(in.mark, meta->sequence);
  if (arrival == JetStreamPending::Arrival::kDone) {
    const std::lock_guard lock(mutex_);
    lost_acks_.emplace_back(reply);
    ring = true;
  }
  if (arrival == JetStreamPending::Arrival::kNew) {
    std::string headers;
    message.append_headers(headers, options_->key_header);
    if (note_subject_) append_header(headers, options_->subject_header, message.subject());
    if (!options_->key_header.empty()) {
      in.key = message.header(options_->key_header.c_str());
      in.has_key = in.key.data() != nullptr;
    }
    in.headers = headers;
    in.event_time_us = meta->stored_ns / 1000;
    in.sequence = meta->sequence;
    in.reply = reply;
    ring = intake_->add(in, true, more) || ring;
  }
  if (ring) link_->ring();
}

/// A pull that ended, a heartbeat, or bad news.
void JetStreamSource::take_status(const NatsMessage& message) {
  const std::string_view status = message.header("Status");
  const uint64_t left = number_of(message.header("Nats-Pending-Messages"));
  const uint64_t left_bytes = number_of(message.header("Nats-Pending-Bytes"));
  {
    const std::lock_guard lock(mutex_);
    heard_ns_ = now_ns();
    if (status == "100") return;  // a heartbeat
    answered(left, left_bytes);
    const std::string_view description = message.header("Description");
    const bool full = description.find("Exceeded MaxAckPending") != std::string_view::npos ||
                      description.find("MaxBytes") != std::string_view::npos ||
                      description.find("Batch Completed") != std::string_view::npos;
    if (status == "404" || status == "408" || (status == "409" && full)) {
      if (left == 0) answered(asked_records_, 0);
    } else {
      trouble_ = retry_error("nats-lost", "the consumer was interrupted");
      trouble_->detail = description;
    }
  }
  link_->ring();
}

Result<Pull> JetStreamSource::pull(SourceOutput& out) {
  std::optional<NatsIntake::Taken> taken = intake_->take();
  if (!taken) {
    const std::lock_guard lock(mutex_);
    if (failed_) return *failed_;
    return ended_ && intake_->records() == 0 ? Pull::end() : Pull::idle();
  }
  emitted_ += taken->batch.size();
  reject_poison(*taken, out);
  pending_->emitted(std::move(taken->receipts), emitted_, now_ns());
  if (!taken->batch.empty()) out.emit(std::move(taken->batch));
  bool hungry = false;
  {
    const std::lock_guard lock(mutex_);
    hungry = 2 * (asked_records_ + intake_->records()) <= options_->prefetch_records;
  }
  if (hungry) link_->ring();
  const uint64_t half = options_->max_ack_pending / (2 * context_.tasks);
  if (!asked_for_epoch_ && emitted_ - emitted_at_barrier_ >= std::max<uint64_t>(half, 1)) {
    asked_for_epoch_ = true;
    out.request_epoch();
  }
  return Pull::more();
}

Positions JetStreamSource::positions() {
  emitted_at_barrier_ = emitted_;
  asked_for_epoch_ = false;
  return {{partition(), {std::to_string(emitted_), false}}};
}

void JetStreamSource::committed(const Positions& positions) {
  const auto found = positions.find(partition());
  if (found == positions.end()) return;
  pending_->committed(number_of(found->second.value));
  link_->ring();
}

int64_t JetStreamSource::lag() const {
  const std::lock_guard lock(mutex_);
  // One consumer for all tasks: each of them has heard how much is left of the whole.
  return static_cast<int64_t>((context_.task == 0 ? behind_ : 0) + intake_->records());
}

void JetStreamSource::gave_up(Error error) {
  {
    const std::lock_guard lock(mutex_);
    failed_ = std::move(error);
  }
  context_.waker->wake();
}

void JetStreamSource::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  link_->ring();
}

void JetStreamSource::close() {
  if (link_ == nullptr) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = closing_ = true;
  }
  link_->stop_soon();  // after the last acknowledgements; the destructor waits for them
}

}  // namespace penstock
