// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_publisher.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

constexpr Duration kPauseFirst = milliseconds(100);
constexpr Duration kPauseMax = seconds(5);

}  // namespace

NatsPublisher::NatsPublisher(const NatsAccess& access, const TaskContext& context, NatsForm form,
                             Style style)
    : context_(context),
      form_(std::move(form)),
      style_(std::move(style)),
      link_(access, context, *this) {}

NatsPublisher::~NatsPublisher() = default;

void NatsPublisher::write(Batch batch) {
  {
    const std::lock_guard lock(mutex_);
    Slot& slot = slots_.emplace_back();
    slot.first = accepted_ + 1;
    slot.undone = batch.size();
    slot.states.assign(batch.size(), State::kWaiting);
    accepted_ += batch.size();
    held_bytes_ += batch.weight();
    slot.batch = std::move(batch);
  }
  link_.ring();
}

bool NatsPublisher::full() const {
  const std::lock_guard lock(mutex_);
  was_full_ = was_full_ || held_bytes_ >= kHeldBytesMax;
  return held_bytes_ >= kHeldBytesMax;
}

void NatsPublisher::barrier(Epoch epoch, SinkOutput& out) {
  {
    const std::lock_guard lock(mutex_);
    barriers_.emplace_back(epoch, accepted_);
  }
  on_wake(out);
}

void NatsPublisher::on_wake(SinkOutput& out) {
  std::optional<Error> failed;
  Epoch delivered = 0;
  {
    const std::lock_guard lock(mutex_);
    for (Rejection& rejection : rejections_) {
      Slot* slot = slot_of(rejection.number);
      const auto index = static_cast<uint32_t>(rejection.number - slot->first);
      out.reject(slot->batch[index], slot->batch.epoch(), rejection.error);
      set_state(*slot, rejection.number, State::kDone);
    }
    rejections_.clear();
    drop_done();
    if (failed_) {  // from here on nothing may pass for delivered
      if (!std::exchange(told_, true)) failed = failed_;
    } else {
      while (!barriers_.empty() && barriers_.front().second <= confirmed_) {
        delivered = barriers_.front().first;
        barriers_.pop_front();
      }
    }
  }
  if (failed) out.fail(std::move(*failed));
  if (delivered > 0) out.delivered(delivered);
}

/// REQUIRES of those below, if they touch what it guards and say nothing else: mutex_ is held.
NatsPublisher::Slot* NatsPublisher::slot_of(uint64_t number) {
  if (slots_.empty() || number < slots_.front().first || number > accepted_) return nullptr;
  const auto behind = std::partition_point(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.first <= number;
  });
  return &*std::prev(behind);
}

uint64_t NatsPublisher::oldest_sent() const {
  for (const Slot& slot : slots_) {
    const auto found = std::find(slot.states.begin(), slot.states.end(), State::kSent);
    if (found != slot.states.end()) return slot.first + (found - slot.states.begin());
  }
  return 0;
}

void NatsPublisher::set_state(Slot& slot, uint64_t number, State state) {
  State& now = slot.states[number - slot.first];
  if (now == State::kDone) return;
  if (now == State::kSent) --sent_;
  if (state == State::kSent) ++sent_;
  if (state == State::kDone) --slot.undone;
  now = state;
}

void NatsPublisher::drop_done() {
  while (!slots_.empty() && slots_.front().undone == 0) {
    Slot& slot = slots_.front();
    confirmed_ = slot.first + slot.states.size() - 1;
    held_bytes_ -= std::min(held_bytes_, slot.batch.weight());
    slots_.pop_front();
  }
  bool wake = !barriers_.empty() && barriers_.front().second <= confirmed_;
  if (was_full_ && held_bytes_ < kHeldBytesMax / 2) {
    was_full_ = false;
    wake = true;
  }
  if (wake || !rejections_.empty()) context_.waker->wake();
}

void NatsPublisher::settle(Slot& slot, uint64_t number, NatsVerdict verdict) {
  switch (verdict.kind) {
    case NatsVerdict::Kind::kTaken: return set_state(slot, number, State::kDone);
    case NatsVerdict::Kind::kRefused:
      set_state(slot, number, State::kRefused);
      if (!refused_) refused_ = std::move(verdict.error);
      return;
    case NatsVerdict::Kind::kRejected:
      set_state(slot, number, State::kRejected);
      rejections_.push_back({number, std::move(verdict.error)});
      return;
    case NatsVerdict::Kind::kStop:
      set_state(slot, number, State::kRefused);
      if (!failed_) failed_ = std::move(verdict.error);
      context_.waker->wake();
      return;
  }
}

/// On the session's thread: the answer to the record whose number ends its subject.
void NatsPublisher::on_answer(const NatsMessage& message, size_t inbox_size) {
  const std::string_view subject = message.subject();
  uint64_t number = 0;
  const char* const end = subject.data() + subject.size();
  const bool known =
      subject.size() > inbox_size + 1 &&
      std::from_chars(subject.data() + inbox_size + 1, end, number).ec == std::errc();
  if (!known && !subject.empty()) return;
  NatsVerdict verdict = style_.verdict(message);
  bool ring = false;
  {
    const std::lock_guard lock(mutex_);
    ++answers_;
    if (!known) number = oldest_sent();  // nobody took one of them: which, was not said
    Slot* slot = slot_of(number);
    if (slot == nullptr || slot->states[number - slot->first] != State::kSent) return;
    settle(*slot, number, std::move(verdict));
    // Not for each: the sender shall have some to send at once.
    ring = sent_ == 0 || sent_ == style_.unconfirmed_max / 2;
    drop_done();
  }
  if (ring) link_.ring();
}

/// Without acknowledgements: what was sent has been read by the server.
void NatsPublisher::confirm_sent() {
  const std::lock_guard lock(mutex_);
  for (Slot& slot : slots_) {
    for (size_t i = 0; i < slot.states.size(); ++i) {
      if (slot.states[i] == State::kSent) set_state(slot, slot.first + i, State::kDone);
    }
  }
  drop_done();
}

Result<void> NatsPublisher::serve(NatsSession& session) {
  inbox_ = session.new_inbox();
  unflushed_ = 0;
  if (style_.acknowledged) {
    PENSTOCK_TRY(session.subscribe(
        inbox_ + ".*", "",
        [this, size = inbox_.size()](const NatsMessage& message) { on_answer(message, size); }));
  }
  {
    // What the last session did not confirm goes first.
    const std::lock_guard lock(mutex_);
    for (Slot& slot : slots_) {
      for (size_t i = 0; i < slot.states.size(); ++i) {
        if (slot.states[i] == State::kSent || slot.states[i] == State::kRefused) {
          set_state(slot, slot.first + i, State::kWaiting);
        }
      }
    }
    next_ = slots_.empty() ? accepted_ + 1 : slots_.front().first;
    refused_.reset();
  }
  return send(session);
}

/// Sends what there is and waits for more, until something is wrong or the link is stopped.
Result<void> NatsPublisher::send(NatsSession& session) {
  const SystemClock clock;
  uint64_t answers = 0;
  int64_t heard_ns = clock.monotonic_ns();
  while (!link_.stopped()) {
    if (std::optional<Error> trouble = session.trouble()) return *trouble;
    Result<bool> more = send_one(session);
    if (!more) return more.error();
    if (*more) {
      heard_ns = clock.monotonic_ns();
      continue;
    }
    if (!style_.acknowledged && unflushed_ > 0) {
      PENSTOCK_TRY(session.flush(style_.patience));
      if (std::optional<Error> trouble = session.trouble()) return *trouble;
      unflushed_ = 0;
      confirm_sent();
      continue;
    }
    std::optional<Error> refused;
    bool waiting = false;
    {
      const std::lock_guard lock(mutex_);
      if (answers_ != answers || sent_ == 0) heard_ns = clock.monotonic_ns();
      answers = answers_;
      waiting = sent_ > 0;
      if (sent_ == 0) refused = refused_;
    }
    if (refused) {
      PENSTOCK_TRY(again(session, *refused));
      continue;
    }
    const int64_t silent_ns = clock.monotonic_ns() - heard_ns;
    if (waiting && silent_ns > style_.patience.ns()) {
      return retry_error("nats-timeout", "the stream does not acknowledge what it is sent");
    }
    link_.wait(waiting ? Duration{style_.patience.us / 4} : seconds(3600));
  }
  return {};
}

/// False if there is nothing to send now.
Result<bool> NatsPublisher::send_one(NatsSession& session) {
  const Batch* batch = nullptr;
  uint64_t first = 0;
  std::vector<uint32_t> chosen;  // records of one slot that are to be sent
  {
    const std::lock_guard lock(mutex_);
    if (refused_ || failed_ || sent_ >= style_.unconfirmed_max) return false;
    if (!slots_.empty()) next_ = std::max(next_, slots_.front().first);
    Slot* slot = slot_of(next_);
    if (slot == nullptr) return false;
    const uint64_t room = style_.unconfirmed_max - sent_;
    const uint64_t end = slot->first + slot->states.size();
    for (; next_ < end && chosen.size() < room; ++next_) {
      if (slot->states[next_ - slot->first] != State::kWaiting) continue;
      chosen.push_back(static_cast<uint32_t>(next_ - slot->first));
      set_state(*slot, next_, State::kSent);
    }
    batch = &slot->batch;
    first = slot->first;
  }
  // The slot stays where it is: what is under way here is confirmed by nobody but this thread, or
  // by an answer to what was published.
  const uint64_t bytes_max = session.max_payload();
  const uint32_t source = chosen.empty() ? 0 : batch->source();
  const NatsSession::Burst burst(session);
  for (const uint32_t index : chosen) {
    const Record record = (*batch)[index];
    const bool last = index == chosen.back();
    const auto message = form_.message(record, source);
    std::optional<Error> wrong;
    if (!message) {
      wrong = message.error();
    } else if (record.payload_size + message->header_bytes > bytes_max) {
      wrong = reject_error("record-too-large",
                           "a message of " +
                               std::to_string(record.payload_size + message->header_bytes) +
                               " bytes; the NATS server takes " + std::to_string(bytes_max),
                           "raise max_payload of the server");
    }
    if (wrong) {
      const std::lock_guard lock(mutex_);
      if (Slot* slot = slot_of(first + index)) {
        settle(*slot, first + index, {NatsVerdict::Kind::kRejected, std::move(*wrong)});
      }
      drop_done();
    } else {
      char reply[64 + 24];
      const char* answer_to = nullptr;
      if (style_.acknowledged) {
        const size_t size = std::min<size_t>(inbox_.size(), 64);
        inbox_.copy(reply, size);
        reply[size] = '.';
        *std::to_chars(reply + size + 1, reply + sizeof reply - 1, first + index).ptr = '\0';
        answer_to = reply;
      }
      PENSTOCK_TRY(session.publish(*message->subject, answer_to, *message->headers,
                                   record.payload_view()));
      unflushed_ += record.payload_size + message->header_bytes + 1;
    }
    if (last) break;  // the slot may be gone now
  }
  if (!style_.acknowledged && unflushed_ >= kFlushBytes) return false;  // flush first
  return true;
}

/// Everything under way is answered, and some was refused for now.
Result<void> NatsPublisher::again(NatsSession& session, const Error& why) {
  context_.log->warn("the NATS server refuses records for now; trying again",
                     {{"stage", context_.stage}, {"error", to_string(why)}});
  if (style_.look) PENSTOCK_TRY(style_.look(session, why));
  link_.wait(pause_);
  const std::lock_guard lock(mutex_);
  const bool moved = std::exchange(confirmed_then_, confirmed_) != confirmed_;
  pause_ = moved ? kPauseFirst : std::min(Duration{2 * pause_.us}, kPauseMax);
  for (Slot& slot : slots_) {
    for (size_t i = 0; i < slot.states.size(); ++i) {
      if (slot.states[i] == State::kRefused) set_state(slot, slot.first + i, State::kWaiting);
    }
  }
  next_ = slots_.empty() ? accepted_ + 1 : slots_.front().first;
  refused_.reset();
  return {};
}

void NatsPublisher::gave_up(Error error) {
  const std::lock_guard lock(mutex_);
  if (!failed_) failed_ = std::move(error);
  context_.waker->wake();
}

}  // namespace penstock
