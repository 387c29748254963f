// SPDX-License-Identifier: Apache-2.0
#include "sink.h"

#include <algorithm>

namespace penstock::simulation {
namespace {

std::set<std::string> as_set(const std::vector<std::string>& list) {
  return {list.begin(), list.end()};
}

}  // namespace

Result<void> SimSink::open(const TaskContext& context) {
  context_ = context;
  about_ = &world_.behaviour(context.stage);
  two_phase_ = context.exactly_once;
  world_.protocol().sink_opened(context.stage, context.task);
  return {};
}

void SimSink::write(Batch batch, SinkOutput& out) {
  if (pending_.empty()) linger_until_ns_ = context_.clock->monotonic_ns() + about_->linger_ns;
  batch.for_each([&](const Record& record) {
    Kept kept{identity(record), std::string(record.payload_view()), std::string(record.key_view()),
              std::string(record.headers_view()), record, batch.epoch(), 0, {}};
    if (kept.identity.find('!') != std::string::npos) {
      world_.protocol().dead_letter_came(context_.stage);
    }
    if (!about_->rejects_late &&
        fate(*about_, context_.stage, kept.identity) == Fate::kReject) {
      world_.protocol().rejected(context_.stage);
      out.reject(record, batch.epoch(), reject_error("sim-poison", "cannot be delivered"));
      return;
    }
    kept.number = ++accepted_;
    if (two_phase_) {
      if (part_.empty()) part_ = world_.new_part(context_.stage, context_.task);
      kept.part = part_;
    }
    pending_.push_back(std::move(kept));
  });
  tell_retries();
  launch();
}

void SimSink::barrier(const Barrier& barrier, SinkOutput& out) {
  world_.protocol().sink_barrier(context_.stage, context_.task, barrier.epoch);
  open_.push_back({barrier, accepted_});
  if (world_.traced()) {
    world_.trace(context_.stage + "/" + std::to_string(context_.task) + " has barrier " +
                 std::to_string(barrier.epoch) + ", pending " + std::to_string(pending_.size()) +
                 ", flights " + std::to_string(flights_.size()));
  }
  if (two_phase_ && barrier.checkpoint && !part_.empty()) {
    closed_.push_back({std::exchange(part_, std::string()), barrier.epoch});
  }
  launch();
  if (world_.chance(50)) confirm(out);
  if (!open_.empty() && flights_.empty()) context_.waker->wake();
}

void SimSink::on_wake(int64_t, SinkOutput& out) {
  if (world_.take_reset()) {
    world_.trace(context_.stage + " loses its connection");
    return out.fail(make_error(Reaction::kReconnect, "sim-gone", "the connection is gone"));
  }
  // Calls that run side by side land as they end; otherwise there is one.
  for (size_t i = 0; i < flights_.size();) {
    if (!flights_[i]->over) {
      ++i;
      continue;
    }
    const std::shared_ptr<Flight> flight = flights_[i];
    flights_.erase(flights_.begin() + static_cast<ptrdiff_t>(i));
    land(*flight, out);
  }
  tell_retries();
  launch();
  confirm(out);
}

int64_t SimSink::next_timer_ns() const {
  if (pending_.empty() || flights_.size() >= about_->flights_max) return kNever;
  if (stuck()) return about_->stuck_until_ns;
  return urgent() ? 0 : linger_until_ns_;
}

bool SimSink::stuck() const {
  const int64_t now = context_.clock->monotonic_ns();
  return now >= about_->stuck_from_ns && now < about_->stuck_until_ns;
}

/// Somebody waits for what is pending, or there is enough of it.
bool SimSink::urgent() const {
  return !open_.empty() || pending_.size() >= about_->flight_max || full() ||
         context_.clock->monotonic_ns() >= linger_until_ns_;
}

void SimSink::launch() {
  while (!pending_.empty() && flights_.size() < about_->flights_max && !stuck() && urgent()) {
    auto flight = std::make_shared<Flight>();
    while (!pending_.empty() && flight->records.size() < about_->flight_max) {
      flight->records.push_back(std::move(pending_.front()));
      pending_.pop_front();
    }
    flights_.push_back(flight);
    context_.blocking->submit([this, flight] { fly(flight); });
  }
}

/// A part of the call; the process may die between two parts.
void SimSink::fly(const std::shared_ptr<Flight>& flight) {
  const size_t part = 1 + world_.random().below(flight->records.size());
  for (size_t i = 0; i < part && flight->answers.size() < flight->records.size(); ++i) {
    const Kept& kept = flight->records[flight->answers.size()];
    const Answer given = answer(*flight, kept);
    flight->answers.push_back(given);
    if (given == Answer::kLater) {
      flight->failed_keys.insert(world_.kept_back(context_.stage, kept.key));
    }
    if (given != Answer::kTaken) continue;
    if (two_phase_) {
      world_.stage_parcel(context_.stage, kept.part, parcel(kept));
    } else {
      world_.deliver(context_.stage, parcel(kept));
    }
  }
  if (flight->answers.size() < flight->records.size()) {
    context_.blocking->submit([this, flight] { fly(flight); });
    return;
  }
  flight->over = true;
  context_.waker->wake();
}

SimSink::Answer SimSink::answer(Flight& flight, const Kept& kept) {
  const bool behind = flight.failed_keys.contains(world_.kept_back(context_.stage, kept.key));
  if (behind) return Answer::kLater;
  if (kept.head.attempts < failures(*about_, context_.stage, kept.identity)) return Answer::kLater;
  const bool refused = about_->rejects_late &&
                       fate(*about_, context_.stage, kept.identity) == Fate::kReject;
  return refused ? Answer::kRefused : Answer::kTaken;
}

void SimSink::land(Flight& flight, SinkOutput& out) {
  std::vector<Kept> again;
  for (size_t i = 0; i < flight.records.size(); ++i) {
    Kept& kept = flight.records[i];
    if (flight.answers[i] == Answer::kLater) again.push_back(std::move(kept));
    if (flight.answers[i] != Answer::kRefused) continue;
    world_.protocol().rejected(context_.stage);
    kept.head.payload = kept.payload.data();
    kept.head.key = kept.key.data();
    kept.head.headers = kept.headers.data();
    out.reject(kept.head, kept.epoch, reject_error("sim-poison", "was refused"));
  }
  // What is pending of the keys that failed must not overtake it.
  std::deque<Kept> stay;
  for (Kept& kept : pending_) {
    const bool behind = flight.failed_keys.contains(world_.kept_back(context_.stage, kept.key));
    if (behind) {
      again.push_back(std::move(kept));
    } else {
      stay.push_back(std::move(kept));
    }
  }
  pending_ = std::move(stay);
  hand_back(std::move(again), out);
}

void SimSink::hand_back(std::vector<Kept> records, SinkOutput& out) {
  BatchBuilder builder(*context_.pool);
  for (size_t i = 0; i < records.size(); ++i) {
    Kept& kept = records[i];
    kept.head.payload = kept.payload.data();
    kept.head.key = kept.key.data();
    kept.head.headers = kept.headers.data();
    builder.append_copy(kept.head);
    if (i + 1 < records.size() && records[i + 1].epoch == kept.epoch) continue;
    Batch batch = builder.take();
    batch.set_epoch(kept.epoch);
    out.retry(std::move(batch), retry_error("sim-busy", "try again"));
  }
}

/// Confirms the barriers before which nothing is pending or under way.
void SimSink::confirm(SinkOutput& out) {
  uint64_t oldest = accepted_ + 1;
  for (const Kept& kept : pending_) oldest = std::min(oldest, kept.number);
  for (const auto& flight : flights_) oldest = std::min(oldest, flight->records[0].number);
  Epoch skipped = 0;
  while (!open_.empty() && open_.front().upto < oldest) {
    const Epoch epoch = open_.front().barrier.epoch;
    open_.pop_front();
    skipped = epoch;
    if (about_->skips_epochs && !open_.empty() && open_.front().upto < oldest) continue;
    world_.protocol().sink_delivered(context_.stage, context_.task, epoch);
    if (world_.traced()) {
      world_.trace(context_.stage + "/" + std::to_string(context_.task) + " delivered epoch " +
                   std::to_string(epoch));
    }
    out.delivered(epoch);
    skipped = 0;
  }
  if (skipped != 0) out.delivered(skipped);
}

void SimSink::tell_retries() {
  uint64_t n = 0;
  for (const Kept& kept : pending_) n += kept.head.attempts > 0;
  for (const auto& flight : flights_) {
    for (const Kept& kept : flight->records) n += kept.head.attempts > 0;
  }
  world_.protocol().sink_retries(context_.stage, context_.task, n);
}

/// Everything that was closed by then and is not committed: an earlier checkpoint may have failed.
/// One handle names all parts of this task, so that they are published in order.
SinkHandles SimSink::prepare(Epoch epoch) {
  std::string handle;
  for (const Part& part : closed_) {
    if (part.closed_at <= epoch && world_.part_exists(context_.stage, part.name)) {
      handle += part.name + ",";
    }
  }
  world_.protocol().sink_prepared(context_.stage, !handle.empty());
  return handle.empty() ? SinkHandles() : SinkHandles{handle};
}

Result<void> SimSink::commit(Epoch epoch, const SinkHandles& handles) {
  if (epoch < last_commit_) world_.fail(context_.stage + " was told to commit backwards");
  last_commit_ = epoch;
  for (size_t i = context_.task; i < handles.size(); i += context_.tasks) {
    for (const std::string& part : parts_of(handles[i])) {
      world_.publish_part(context_.stage, part);
    }
  }
  world_.protocol().sink_committed(context_.stage);
  std::set<std::string> named;
  for (const std::string& handle : handles) named.merge(as_set(parts_of(handle)));
  std::erase_if(closed_, [&](const Part& part) { return named.contains(part.name); });
  return {};
}

Result<void> SimSink::recover(const SinkHandles& handles) {
  if (world_.crash_while(Moment::kRecovering)) return crashed_error();
  std::set<std::string> keep;
  for (const std::string& handle : handles) keep.merge(as_set(parts_of(handle)));
  world_.discard_parts(context_.stage, keep);
  return {};
}

namespace {

Component make_entry(World& world, std::string type, bool two_phase) {
  Traits traits;
  traits.two_phase = two_phase;
  traits.retries = true;
  return world_component(ComponentKind::kSink, std::move(type), traits, [&world](Bound& bound) {
    bound.sink = std::make_unique<WorldFactory<SinkFactory, Sink, SimSink>>(world);
  });
}

}  // namespace

Component sink_entry(World& world) { return make_entry(world, "sim_sink", false); }
Component file_entry(World& world) { return make_entry(world, "sim_file", true); }

}  // namespace penstock::simulation
