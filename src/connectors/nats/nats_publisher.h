// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/nats/nats_form.h"
#include "connectors/nats/nats_uplink.h"
#include "sdk/sink.h"

namespace penstock {

/// What became of a message that was published.
struct NatsVerdict {
  enum class Kind : uint8_t { kTaken, kRefused, kRejected, kStop };
  Kind kind = Kind::kTaken;
  Error error;  ///< of the others; kRefused = not now
};

/// Publishes records in order, on a link's thread, and keeps each until it is confirmed: by an
/// acknowledgement of its own, or by the server having read everything (a flush). When a session is
/// lost, what was not confirmed is sent again on the next one, in the same order.
class NatsPublisher final : private NatsUplink::User {
 public:
  static constexpr uint64_t kHeldBytesMax = 8 << 20;  ///< beyond it full() says so
  static constexpr uint64_t kFlushBytes = 1 << 20;    ///< without acknowledgements: between flushes

  struct Style {
    bool acknowledged = false;
    /// Reads an acknowledgement.
    std::function<NatsVerdict(const NatsMessage&)> verdict;
    /// After refusals, before trying again: whether the server will ever take them.
    std::function<Result<void>(NatsSession&, const Error&)> look;
    uint32_t unconfirmed_max = 4096;
    Duration patience = seconds(5);  ///< without any confirmation, until the session is given up
  };

  NatsPublisher(const NatsAccess& access, const TaskContext& context, NatsForm form, Style style);
  ~NatsPublisher() override;

  // The task's calls.
  Result<NatsSession*> open() { return link_.open(); }
  void start() { link_.start(); }
  void write(Batch batch);
  /// Tells `out` when everything written so far is confirmed or rejected; not before.
  void barrier(Epoch epoch, SinkOutput& out);
  void on_wake(SinkOutput& out);
  bool full() const;

 private:
  enum class State : uint8_t { kWaiting, kSent, kRefused, kRejected, kDone };
  /// A batch, and where its records stand.
  struct Slot {
    Batch batch;
    uint64_t first = 0;  // number of its first record
    std::vector<State> states;
    uint32_t undone = 0;
  };
  struct Rejection {
    uint64_t number = 0;
    Error error;
  };

  Result<void> serve(NatsSession& session) override;
  void gave_up(Error error) override;
  Result<void> send(NatsSession& session);
  Result<bool> send_one(NatsSession& session);
  Result<void> again(NatsSession& session, const Error& why);
  void on_answer(const NatsMessage& message, size_t inbox_size);
  void settle(Slot& slot, uint64_t number, NatsVerdict verdict);
  void set_state(Slot& slot, uint64_t number, State state);
  void confirm_sent();
  void drop_done();
  Slot* slot_of(uint64_t number);
  uint64_t oldest_sent() const;

  const TaskContext context_;
  NatsForm form_;  // the link's thread
  const Style style_;

  mutable std::mutex mutex_;
  // All guarded by mutex_; the batch of a slot that is not done may be read without.
  std::deque<Slot> slots_;
  uint64_t held_bytes_ = 0;
  uint64_t accepted_ = 0;   // records, in all
  uint64_t confirmed_ = 0;  // all up to this one are done
  uint64_t next_ = 1;       // to be sent next
  uint64_t sent_ = 0;       // now under way
  uint64_t answers_ = 0;    // in all, for patience
  std::optional<Error> refused_;  // the first refusal since the last pause
  std::optional<Error> failed_;
  bool told_ = false;             // the task knows of failed_
  std::deque<std::pair<Epoch, uint64_t>> barriers_;
  std::vector<Rejection> rejections_;
  mutable bool was_full_ = false;

  // The link's thread.
  std::string inbox_;
  uint64_t unflushed_ = 0;
  Duration pause_ = milliseconds(100);
  uint64_t confirmed_then_ = 0;  // at the last refusal

  NatsUplink link_;  // last: its thread uses what stands above
};

}  // namespace penstock
