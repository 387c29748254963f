// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats_session.h"

#include <nats/nats.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "record/headers.h"

namespace penstock {
namespace {

constexpr Duration kConnectOnce = seconds(5);     // of one try; there may be many
constexpr size_t kUsedMax = 1024;  // messages that wait to be freed together

std::string said(natsStatus status) {
  natsStatus last = NATS_OK;
  const char* text = nats_GetLastError(&last);
  std::string what = natsStatus_GetText(status);
  if (text != nullptr && *text != '\0' && last == status) what += ": " + std::string(text);
  return what;
}

Error session_error(natsStatus status, const std::string& what) {
  Error error = retry_error("nats-lost", what);
  if (status == NATS_TIMEOUT) error.code = "nats-timeout";
  if (status == NATS_NO_RESPONDERS) error.code = "nats-no-responders";
  error.detail = said(status);
  return error;
}

/// What stands before an @: perhaps a user and a password.
std::string_view login_of(std::string_view url) {
  const size_t at = url.rfind('@'), scheme = url.find("://");
  const size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  if (at == std::string_view::npos || at < begin) return {};
  return url.substr(begin, at + 1 - begin);
}

std::string list_of(const std::vector<std::string>& urls) {
  std::string list;
  for (const std::string& url : urls) {
    std::string shown = url;
    if (const std::string_view login = login_of(url); !login.empty()) {
      shown.erase(static_cast<size_t>(login.data() - url.data()), login.size());
    }
    list += (list.empty() ? "" : ", ") + shown;
  }
  return list;
}

/// The library quotes addresses as they were given to it.
std::string without_secrets(std::string text, const NatsAccess& access) {
  const auto hide = [&](std::string_view secret) {
    for (size_t at = 0; !secret.empty() && (at = text.find(secret, at)) != std::string::npos;) {
      text.erase(at, secret.size());
    }
  };
  for (const std::string& url : nats_urls(access)) hide(login_of(url));
  hide(access.auth.password.reveal());
  hide(access.auth.token.reveal());
  return text;
}

/// Whether another try may end otherwise.
bool may_pass(natsStatus status) {
  switch (status) {
    case NATS_NO_SERVER:
    case NATS_IO_ERROR:
    case NATS_TIMEOUT:
    case NATS_CONNECTION_CLOSED:
    case NATS_CONNECTION_DISCONNECTED:
    case NATS_STALE_CONNECTION:
    case NATS_SYS_ERROR:
    case NATS_PROTOCOL_ERROR: return true;
    default: return false;
  }
}

Error connect_error(natsStatus status, const NatsAccess& access) {
  const std::string where = list_of(nats_urls(access));
  const std::string detail = without_secrets(said(status), access);
  if (status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
      detail.find("uthorization") != std::string::npos ||
      detail.find("uthentication") != std::string::npos) {
    Error error = stop_error("nats-auth", "the NATS server " + where + " refuses the log-in",
                             "check auth: user and password, token, nkey or credentials_file");
    error.detail = detail;
    return error;
  }
  if (status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED ||
      status == NATS_SECURE_CONNECTION_WANTED) {
    Error error = stop_error("nats-tls", "no encrypted connection to the NATS server " + where,
                             "check tls: ca_file, cert_file and key_file, and whether the server "
                             "speaks TLS");
    error.detail = detail;
    return error;
  }
  if (!may_pass(status)) {
    Error error = stop_error("nats-auth", "cannot log in to the NATS server " + where,
                             "check auth, and the seed or the file that it names");
    error.detail = detail;
    return error;
  }
  const bool other = status == NATS_PROTOCOL_ERROR;
  Error error = retry_error("nats-unreachable",
                            other ? "what answers at " + where + " is no NATS server"
                                  : "cannot reach a NATS server at " + where,
                            "check url, and whether the server runs");
  error.detail = detail;
  return error;
}

Error permission_error(const char* what) {
  Error error = stop_error("nats-permission", "the NATS server forbids it",
                           "give the user the permission, or use another subject");
  error.detail = what == nullptr ? "" : what;
  return error;
}

/// Frees what the library made.
template <class T, void (*Free)(T*)>
struct Freed {
  void operator()(T* object) const { Free(object); }
};
using Options = std::unique_ptr<natsOptions, Freed<natsOptions, natsOptions_Destroy>>;
using Message = std::unique_ptr<natsMsg, Freed<natsMsg, natsMsg_Destroy>>;

natsStatus sign(char**, unsigned char** signature, int* size, const char* nonce, void* closure) {
  return nats_Sign(static_cast<const std::string*>(closure)->c_str(), nonce, signature, size);
}

natsStatus set_auth(natsOptions* options, const NatsAuth& auth, std::string& seed) {
  if (!auth.user.empty()) {
    return natsOptions_SetUserInfo(options, auth.user.c_str(), auth.password.reveal().c_str());
  }
  if (!auth.token.empty()) return natsOptions_SetToken(options, auth.token.reveal().c_str());
  if (!auth.credentials_file.empty()) {
    return natsOptions_SetUserCredentialsFromFiles(options, auth.credentials_file.c_str(), nullptr);
  }
  if (auth.nkey.empty()) return NATS_OK;
  seed = auth.nkey_seed.reveal();
  return natsOptions_SetNKey(options, auth.nkey.c_str(), sign, &seed);
}

natsStatus set_tls(natsOptions* options, const NatsAccess& access) {
  const NatsTls& tls = access.tls;
  natsStatus status = NATS_OK;
  const auto next = [&](auto&& call) {
    if (status == NATS_OK) status = call();
  };
  const bool asked = tls.enabled || !tls.ca_file.empty() || !tls.cert_file.empty();
  if (asked) next([&] { return natsOptions_SetSecure(options, true); });
  if (!tls.ca_file.empty()) {
    next([&] { return natsOptions_LoadCATrustedCertificates(options, tls.ca_file.c_str()); });
  }
  if (!tls.cert_file.empty()) {
    next([&] {
      return natsOptions_LoadCertificatesChain(options, tls.cert_file.c_str(),
                                               tls.key_file.c_str());
    });
  }
  if (!tls.server_name.empty()) {
    next([&] { return natsOptions_SetExpectedHostname(options, tls.server_name.c_str()); });
  }
  if (!tls.verify) next([&] { return natsOptions_SkipServerVerification(options, true); });
  return status;
}

}  // namespace

std::string_view NatsMessage::subject() const {
  return message_ == nullptr ? std::string_view() : natsMsg_GetSubject(message_);
}
std::string_view NatsMessage::reply() const {
  const char* reply = message_ == nullptr ? nullptr : natsMsg_GetReply(message_);
  return reply == nullptr ? std::string_view() : reply;
}
std::string_view NatsMessage::payload() const {
  if (message_ == nullptr) return {};
  return {natsMsg_GetData(message_), static_cast<size_t>(natsMsg_GetDataLength(message_))};
}
std::string_view NatsMessage::header(const char* name) const {
  if (message_ == nullptr) return std::string_view(name) == "Status" ? "503" : "";
  const char* value = nullptr;
  if (natsMsgHeader_Get(message_, name, &value) != NATS_OK || value == nullptr) return {};
  return value;
}

void NatsMessage::append_headers(std::string& encoded, std::string_view leave_out) const {
  const char** names = nullptr;
  int count = 0;
  if (message_ == nullptr) return;
  if (natsMsgHeader_Keys(message_, &names, &count) != NATS_OK) return;
  for (int i = 0; i < count; ++i) {
    if (names[i] == leave_out) continue;
    const char** values = nullptr;
    int many = 0;
    if (natsMsgHeader_Values(message_, names[i], &values, &many) != NATS_OK) continue;
    for (int v = 0; v < many; ++v) append_header(encoded, names[i], values[v]);
    free(static_cast<void*>(values));
  }
  free(static_cast<void*>(names));
}

/// Messages that are done with. The library frees them on a thread that all sessions share, and
/// wakes it for the first: so they are given to it many at a time.
class Used {
 public:
  ~Used() { free(); }
  void add(natsMsg* message) {
    all_.push_back(message);
    if (all_.size() >= kUsedMax) free();
  }
  void free() {
    for (natsMsg* message : all_) natsMsg_Destroy(message);
    all_.clear();
  }

 private:
  std::vector<natsMsg*> all_;
};

struct NatsSession::State {
  struct Subscription {
    Handler handler;
    natsSubscription* library = nullptr;
  };

  ~State() {
    if (bell >= 0) ::close(bell);
  }

  std::function<void()> changed;
  std::string seed;
  natsConnection* connection = nullptr;
  mutable std::mutex mutex;
  std::condition_variable ended;
  bool closed = false;                                        // guarded by mutex
  std::optional<Error> trouble;                               // guarded by mutex
  std::vector<std::unique_ptr<Subscription>> subscriptions;   // guarded by mutex
  std::mutex used_mutex;
  Used used;                                                  // guarded by used_mutex

  // The thread, and what others tell it.
  int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::atomic<int> socket{-1};  // -1: the library does not want it watched any more
  std::atomic<bool> unwritten{false};
  std::atomic<int> held{0};     // bursts under way
  std::atomic<bool> stopped{false};
  std::thread thread;

  void ring() const {
    const uint64_t one = 1;
    (void)!::write(bell, &one, sizeof one);
  }

  /// The library's event loop: what it asks for, under its lock.
  static natsStatus on_attach(void** data, void* loop, natsConnection*, natsSock socket) {
    *data = loop;
    static_cast<State*>(loop)->socket.store(socket);
    return NATS_OK;
  }
  static natsStatus on_read_wanted(void*, bool) { return NATS_OK; }
  static natsStatus on_write_wanted(void* data, bool wanted) {
    auto* state = static_cast<State*>(data);
    state->unwritten.store(wanted);
    if (wanted && state->held.load() == 0) state->ring();
    return NATS_OK;
  }
  static natsStatus on_detach(void* data) {
    auto* state = static_cast<State*>(data);
    state->socket.store(-1);
    state->ring();
    return NATS_OK;
  }

  void run() {
    while (!stopped.load()) {
      const int watched = socket.load();
      const bool writing = unwritten.load() && held.load() == 0;
      pollfd polled[] = {{bell, POLLIN, 0},
                         {watched, static_cast<short>(writing ? POLLIN | POLLOUT : POLLIN), 0}};
      // Without a socket there is nothing to wait for but the end.
      if (::poll(polled, watched < 0 ? 1 : 2, -1) < 0) continue;
      uint64_t rung = 0;
      if (polled[0].revents != 0) (void)!::read(bell, &rung, sizeof rung);
      if ((polled[1].revents & ~POLLOUT) != 0) {
        natsConnection_ProcessReadEvent(connection);
        hand_over();
      }
      if (unwritten.load() && held.load() == 0) natsConnection_ProcessWriteEvent(connection);
    }
    hand_over();
  }

  /// What came, to the handlers.
  void hand_over() {
    std::vector<Subscription*> all;
    {
      const std::lock_guard lock(mutex);
      for (const auto& one : subscriptions) {
        if (one->library != nullptr) all.push_back(one.get());
      }
    }
    Used seen;
    for (Subscription* one : all) {
      while (true) {
        natsMsg* message = nullptr;
        const natsStatus status = natsSubscription_NextMsg(&message, one->library, 0);
        if (status == NATS_NO_RESPONDERS) one->handler(NatsMessage(nullptr));
        if (message != nullptr) {
          one->handler(NatsMessage(message));
          seen.add(message);
        } else if (status != NATS_NO_RESPONDERS) {
          break;
        }
      }
    }
  }

  void note(Error error) {
    {
      const std::lock_guard lock(mutex);
      if (!trouble || trouble->reaction == Reaction::kRetryLater) trouble = std::move(error);
    }
    changed();
  }

  static void on_closed(natsConnection* connection, void* closure) {
    auto* state = static_cast<State*>(closure);
    const char* last = nullptr;
    const natsStatus status = natsConnection_GetLastError(connection, &last);
    // A credentials file may have been renewed: the next log-in tells.
    const bool log_in = status == NATS_CONNECTION_AUTH_FAILED;
    Error error = retry_error("nats-lost", log_in ? "the NATS server ended the log-in"
                                                  : "the connection to the NATS server is lost");
    error.detail = last == nullptr ? "" : last;
    {
      const std::lock_guard lock(state->mutex);
      if (!state->trouble) state->trouble = std::move(error);
    }
    state->changed();
    const std::lock_guard lock(state->mutex);
    state->closed = true;
    state->ended.notify_all();
  }

  static void on_error(natsConnection* connection, natsSubscription*, natsStatus status,
                       void* closure) {
    auto* state = static_cast<State*>(closure);
    const char* last = nullptr;
    natsConnection_GetLastError(connection, &last);
    const char* what = last == nullptr ? natsStatus_GetText(status) : last;
    if (status == NATS_NOT_PERMITTED) return state->note(permission_error(what));
    if (status == NATS_SLOW_CONSUMER) return;  // the library's limits are lifted
    Error error = retry_error("nats-lost", "the NATS server reports an error");
    error.detail = what;
    state->note(std::move(error));
  }
};

NatsSession::NatsSession(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<NatsSession>> NatsSession::connect(const NatsAccess& access,
                                                          const std::string& name,
                                                          std::function<void()> changed) {
  auto state = std::make_unique<State>();
  if (state->bell < 0) return retry_error("nats-unreachable", "no file descriptor is left");
  state->changed = std::move(changed);
  natsOptions* made = nullptr;
  natsStatus status = natsOptions_Create(&made);
  const Options options(made);
  const auto next = [&](auto&& call) {
    if (status == NATS_OK) status = call();
  };
  std::vector<const char*> servers;
  const std::vector<std::string> urls = nats_urls(access);
  for (const std::string& url : urls) servers.push_back(url.c_str());
  next([&] {
    return natsOptions_SetServers(made, servers.data(), static_cast<int>(servers.size()));
  });
  next([&] { return natsOptions_SetNoRandomize(made, true); });
  next([&] { return natsOptions_SetName(made, name.c_str()); });
  const Duration once = std::min(access.connect_timeout, kConnectOnce);
  next([&] { return natsOptions_SetTimeout(made, once.ms()); });
  next([&] {
    return natsOptions_SetEventLoop(made, state.get(), State::on_attach, State::on_read_wanted,
                                    State::on_write_wanted, State::on_detach);
  });
  next([&] { return natsOptions_SetAllowReconnect(made, false); });
  next([&] { return natsOptions_SetPingInterval(made, 10'000); });
  next([&] { return natsOptions_SetIOBufSize(made, 256 << 10); });
  next([&] { return natsOptions_SetClosedCB(made, State::on_closed, state.get()); });
  next([&] { return natsOptions_SetErrorHandler(made, State::on_error, state.get()); });
  next([&] { return set_auth(made, access.auth, state->seed); });
  if (status != NATS_OK) {
    Error error = stop_error("nats-auth", "cannot log in to NATS with these options",
                             "check auth and the files that it names");
    error.detail = without_secrets(said(status), access);
    return error;
  }
  status = set_tls(made, access);
  if (status != NATS_OK) return connect_error(NATS_SSL_ERROR, access);
  status = natsConnection_Connect(&state->connection, made);
  if (status != NATS_OK) return connect_error(status, access);
  state->thread = std::thread([raw = state.get()] { raw->run(); });
  return std::unique_ptr<NatsSession>(new NatsSession(std::move(state)));
}

NatsSession::~NatsSession() {
  natsConnection_Close(state_->connection);
  {
    std::unique_lock lock(state_->mutex);
    state_->ended.wait(lock, [&] { return state_->closed; });
  }
  state_->stopped.store(true);
  state_->ring();
  state_->thread.join();
  for (const auto& subscription : state_->subscriptions) {
    natsSubscription_Destroy(subscription->library);
  }
  natsConnection_Destroy(state_->connection);
}

Result<void> NatsSession::publish(const char* subject, const char* reply,
                                  std::string_view payload) {
  const int size = static_cast<int>(payload.size());
  const natsStatus status =
      reply == nullptr
          ? natsConnection_Publish(state_->connection, subject, payload.data(), size)
          : natsConnection_PublishRequest(state_->connection, subject, reply, payload.data(), size);
  if (status != NATS_OK) {
    return session_error(status, "cannot publish to '" + std::string(subject) + "'");
  }
  return {};
}

Result<void> NatsSession::publish(const std::string& subject, const char* reply,
                                  const Headers& headers, std::string_view payload) {
  if (headers.empty()) return publish(subject, reply, payload);
  natsMsg* made = nullptr;
  natsStatus status = natsMsg_Create(&made, subject.c_str(), reply, payload.data(),
                                     static_cast<int>(payload.size()));
  for (const auto& [name, value] : headers) {
    if (status == NATS_OK) status = natsMsgHeader_Add(made, name.c_str(), value.c_str());
  }
  if (status == NATS_OK) status = natsConnection_PublishMsg(state_->connection, made);
  if (made != nullptr) {
    const std::lock_guard lock(state_->used_mutex);
    state_->used.add(made);
  }
  if (status != NATS_OK) return session_error(status, "cannot publish to '" + subject + "'");
  return {};
}

Result<void> NatsSession::subscribe(const std::string& subject, const std::string& queue,
                                    Handler handler) {
  auto made = std::make_unique<State::Subscription>();
  made->handler = std::move(handler);
  natsSubscription* library = nullptr;
  natsStatus status =
      queue.empty()
          ? natsConnection_SubscribeSync(&library, state_->connection, subject.c_str())
          : natsConnection_QueueSubscribeSync(&library, state_->connection, subject.c_str(),
                                              queue.c_str());
  if (status == NATS_OK) status = natsSubscription_SetPendingLimits(library, -1, -1);
  if (status != NATS_OK) {
    natsSubscription_Destroy(library);
    return session_error(status, "cannot subscribe to '" + subject + "'");
  }
  made->library = library;
  {
    const std::lock_guard lock(state_->mutex);
    state_->subscriptions.push_back(std::move(made));
  }
  return {};
}

void NatsSession::hold() { state_->held.fetch_add(1); }

void NatsSession::release() {
  {
    const std::lock_guard lock(state_->used_mutex);
    state_->used.free();
  }
  if (state_->held.fetch_sub(1) == 1 && state_->unwritten.load()) state_->ring();
}

void NatsSession::unsubscribe(Duration timeout) {
  std::vector<natsSubscription*> all;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& subscription : state_->subscriptions) all.push_back(subscription->library);
  }
  for (natsSubscription* one : all) natsSubscription_DrainTimeout(one, timeout.ms());
  for (natsSubscription* one : all) natsSubscription_WaitForDrainCompletion(one, timeout.ms());
}

Result<std::string> NatsSession::request(const std::string& subject, const std::string& body,
                                         Duration timeout) {
  natsMsg* made = nullptr;
  const natsStatus status =
      natsConnection_Request(&made, state_->connection, subject.c_str(), body.data(),
                             static_cast<int>(body.size()), timeout.ms());
  const Message reply(made);
  if (status != NATS_OK) return session_error(status, "no answer to '" + subject + "'");
  return std::string(natsMsg_GetData(made), static_cast<size_t>(natsMsg_GetDataLength(made)));
}

Result<void> NatsSession::flush(Duration timeout) {
  const natsStatus status = natsConnection_FlushTimeout(state_->connection, timeout.ms());
  if (status != NATS_OK) return session_error(status, "the NATS server does not answer");
  // The callback for what was forbidden before the answer may run later than this.
  const char* last = nullptr;
  if (natsConnection_GetLastError(state_->connection, &last) == NATS_NOT_PERMITTED) {
    state_->note(permission_error(last));
    return *trouble();
  }
  return {};
}

std::optional<Error> NatsSession::trouble() const {
  const std::lock_guard lock(state_->mutex);
  return state_->trouble;
}

uint64_t NatsSession::max_payload() const {
  return static_cast<uint64_t>(natsConnection_GetMaxPayload(state_->connection));
}

std::string NatsSession::new_inbox() const {
  natsInbox* made = nullptr;
  if (natsInbox_Create(&made) != NATS_OK) return "_INBOX.none";
  std::string inbox = made;
  natsInbox_Destroy(made);
  return inbox;
}

}  // namespace penstock
