// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_uplink.h"

#include <algorithm>
#include <chrono>

namespace penstock {

NatsUplink::NatsUplink(const NatsAccess& access, const TaskContext& context, User& user)
    : access_(access), context_(context), user_(user) {}

NatsUplink::~NatsUplink() {
  stop_soon();
  if (thread_.joinable()) thread_.join();
}

Result<std::unique_ptr<NatsSession>> NatsUplink::connect() {
  return NatsSession::connect(access_, "penstock " + context_.stage, [this] { ring(); });
}

Result<NatsSession*> NatsUplink::open() {
  const SystemClock clock;
  const int64_t until_ns = clock.monotonic_ns() + access_.connect_timeout.ns();
  while (true) {
    auto made = connect();
    if (made) {
      session_ = *std::move(made);
      return session_.get();
    }
    Error error = std::move(made).error();
    if (error.reaction != Reaction::kRetryLater || clock.monotonic_ns() >= until_ns) {
      error.reaction = Reaction::kStopPipeline;
      return error;
    }
    wait(milliseconds(200));
  }
}

void NatsUplink::start() {
  thread_ = std::thread([this] { run(); });
}

void NatsUplink::stop_soon() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    ringing_ = true;
  }
  rung_.notify_all();
}

bool NatsUplink::stopped() const {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

void NatsUplink::ring() {
  {
    const std::lock_guard lock(mutex_);
    if (ringing_) return;
    ringing_ = true;
  }
  rung_.notify_all();
}

void NatsUplink::wait(Duration longest) {
  std::unique_lock lock(mutex_);
  rung_.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(longest.us, 0)),
                 [this] { return ringing_; });
  ringing_ = stopped_;  // once stopped, nobody waits any more
}

void NatsUplink::run() {
  Duration pause = kPauseFirst;
  bool lost = false;
  while (true) {
    Result<void> served;
    if (session_ == nullptr) {
      auto made = connect();
      if (made) {
        session_ = *std::move(made);
      } else {
        served = std::move(made).error();
      }
    }
    if (session_ != nullptr) {
      if (std::exchange(lost, false)) {
        context_.log->info("the NATS server is there again", {{"stage", context_.stage}});
      }
      const int64_t begun_ns = SystemClock().monotonic_ns();
      served = user_.serve(*session_);
      session_.reset();
      if (SystemClock().monotonic_ns() - begun_ns > kPauseMax.ns()) pause = kPauseFirst;
    }
    if (stopped()) return;
    if (served) continue;
    // A handshake may also fail because the server goes away; it worked once.
    const bool may_pass =
        served.error().reaction == Reaction::kRetryLater || served.error().code == "nats-tls";
    if (!may_pass) {
      user_.gave_up(std::move(served).error());
      return;
    }
    lost = true;
    context_.log->warn("no NATS server; trying again",
                       {{"stage", context_.stage}, {"error", to_string(served.error())}});
    wait(pause);
    pause = std::min(Duration{2 * pause.us}, kPauseMax);
  }
}

}  // namespace penstock
