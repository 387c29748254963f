// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "connectors/nats/nats_access.h"

struct __natsMsg;  // of the client library

namespace penstock {

/// A message while its handler runs. Null is the server's word that nobody took a message of ours
/// that asked for an answer; which one, the library does not tell. All of it is empty then but the
/// header Status, which is 503.
class NatsMessage {
 public:
  explicit NatsMessage(__natsMsg* message) : message_(message) {}
  std::string_view subject() const;
  std::string_view reply() const;
  std::string_view payload() const;
  /// The value of a header, "" if there is none.
  std::string_view header(const char* name) const;
  /// All headers in the encoding of record/headers.h, without those that `leave_out` names.
  void append_headers(std::string& encoded, std::string_view leave_out = {}) const;

 private:
  __natsMsg* message_;
};

/// One connection to a NATS server, the only place where the client library is called. When the
/// connection is lost the session is over: its owner makes another one, and so knows what was sent
/// on which. Thread-safe, but not to be destroyed from a callback.
///
/// One thread reads, hands over what came together, and writes what was published together: the
/// library would have a thread for each direction and one for each subscription, and wake the next
/// one for each message.
class NatsSession {
 public:
  /// Several publications: they go out together, when it ends.
  class Burst {
   public:
    explicit Burst(NatsSession& session) : session_(session) { session_.hold(); }
    ~Burst() { session_.release(); }
    Burst(const Burst&) = delete;

   private:
    NatsSession& session_;
  };
  using Handler = std::function<void(const NatsMessage&)>;
  /// Names and values, in order.
  using Headers = std::vector<std::pair<std::string, std::string>>;

  /// Blocks. `changed` is called on threads of the library whenever trouble() turns true.
  /// Errors: retry_later "nats-unreachable"; stop "nats-auth", "nats-tls".
  static Result<std::unique_ptr<NatsSession>> connect(const NatsAccess& access,
                                                      const std::string& name,
                                                      std::function<void()> changed);
  ~NatsSession();
  NatsSession(const NatsSession&) = delete;
  NatsSession& operator=(const NatsSession&) = delete;

  /// Sends a message soon. Does not block: what the server does not read waits in memory, so that
  /// the caller bounds what it has sent and not seen confirmed.
  /// REQUIRES: payload and headers together within max_payload().
  Result<void> publish(const char* subject, const char* reply, std::string_view payload);
  Result<void> publish(const std::string& subject, const char* reply, std::string_view payload) {
    return publish(subject.c_str(), reply, payload);
  }
  Result<void> publish(const std::string& subject, const char* reply, const Headers& headers,
                       std::string_view payload);
  /// The handler runs on the session's thread, one message at a time. `queue` may be "".
  Result<void> subscribe(const std::string& subject, const std::string& queue, Handler handler);
  /// Ends all subscriptions. Blocks until the handlers have had every message that the server sent
  /// before it knew of that, but for at most `timeout`.
  void unsubscribe(Duration timeout);
  /// Errors: retry_later "nats-timeout", "nats-no-responders".
  Result<std::string> request(const std::string& subject, const std::string& body,
                              Duration timeout);
  /// Blocks until the server has taken everything published so far, or said that it may not be.
  /// Errors: retry_later "nats-timeout", "nats-lost"; stop "nats-permission".
  Result<void> flush(Duration timeout);
  /// Why the session is over, or what the server forbade.
  std::optional<Error> trouble() const;
  uint64_t max_payload() const;
  /// A subject prefix that only this session listens to, without a final dot.
  std::string new_inbox() const;

 private:
  struct State;
  void hold();
  void release();
  explicit NatsSession(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace penstock
