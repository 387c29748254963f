// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "connectors/nats/nats_session.h"
#include "sdk/context.h"

namespace penstock {

/// A thread that keeps one session with a NATS server: when it is lost another one is made, without
/// end, with growing pauses. What is done with a session is its User's.
class NatsUplink {
 public:
  static constexpr Duration kPauseFirst = milliseconds(50);
  static constexpr Duration kPauseMax = seconds(2);

  class User {
   public:
    virtual ~User() = default;
    /// On the link's thread: uses the session until the link is stopped (then success), or until
    /// an error: with retry_later the next session is made, with any other the link gives up.
    virtual Result<void> serve(NatsSession& session) = 0;
    /// On the link's thread, its last call: why there will be no other session.
    virtual void gave_up(Error error) = 0;
  };

  NatsUplink(const NatsAccess& access, const TaskContext& context, User& user);
  /// Stops and joins.
  ~NatsUplink();
  NatsUplink(const NatsUplink&) = delete;
  NatsUplink& operator=(const NatsUplink&) = delete;

  /// The first session; blocks for at most the connect timeout. It may be used until start().
  Result<NatsSession*> open();
  void start();
  /// serve() is to return soon. Does not wait.
  void stop_soon();
  bool stopped() const;
  /// Ends a wait(). Any thread.
  void ring();
  /// On the link's thread: until ring(), or so long.
  void wait(Duration longest);

 private:
  Result<std::unique_ptr<NatsSession>> connect();
  void run();

  const NatsAccess& access_;
  const TaskContext context_;
  User& user_;
  mutable std::mutex mutex_;
  std::condition_variable rung_;
  bool ringing_ = false;  // guarded by mutex_
  bool stopped_ = false;  // guarded by mutex_
  std::unique_ptr<NatsSession> session_;  // of open(), then of the thread
  std::thread thread_;
};

}  // namespace penstock
