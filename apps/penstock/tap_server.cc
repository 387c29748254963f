// SPDX-License-Identifier: Apache-2.0
#include "penstock/tap_server.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/check.h"
#include "config/suggest.h"
#include "penstock/record_text.h"

namespace penstock {
namespace {

constexpr int kTickMs = 50;
constexpr size_t kRequestBytesMax = 4096;
constexpr size_t kUnsentBytesMax = 1 << 20;  // then a client gets nothing new

/// A socket's path may have 107 bytes only; a folder's descriptor stands for a long one.
sockaddr_un address_in(int folder_fd) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path =
      "/proc/self/fd/" + std::to_string(folder_fd) + "/" + TapServer::kSocketName;
  CHECK_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

std::string sample_text(const TapSample& sample, bool as_json) {
  RecordParts parts;
  if (sample.payload) parts.payload = *sample.payload;
  if (sample.key) parts.key = *sample.key;
  parts.headers = sample.headers;
  parts.event_time_us = sample.event_time_us;
  const bool cut = sample.payload && sample.payload->size() < sample.payload_bytes;
  if (as_json) {
    return "r{" + json_members(parts) +
           (cut ? ", \"payload_bytes\": " + std::to_string(sample.payload_bytes) : "") + "}\n";
  }
  std::string text = "r" + sample.payload.value_or("");
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text + (cut ? "…" : "") + "\n";
}

bool same_user(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == geteuid() || peer.uid == 0;
}

}  // namespace

struct TapServer::Client {
  explicit Client(int descriptor) : fd(descriptor) {}
  ~Client() { close(fd); }
  const int fd;
  std::string request, unsent;
  std::shared_ptr<TapView> view;
  bool as_json = false;
  bool over = false;
};

Result<std::unique_ptr<TapServer>> TapServer::start(const std::string& folder,
                                                    std::shared_ptr<const Plan> plan,
                                                    Taps& taps) {
  std::unique_ptr<TapServer> server(new TapServer(std::move(plan), taps));
  PENSTOCK_TRY(server->listen(folder));
  server->thread_ = std::thread([own = server.get()] { own->serve(); });
  return server;
}

Result<void> TapServer::listen(const std::string& folder) {
  folder_fd_ = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd_ < 0) return errno_error(errno, "cannot open '" + folder + "'");
  unlinkat(folder_fd_, kSocketName, 0);  // of a run that was killed
  stop_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  listen_fd_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const sockaddr_un address = address_in(folder_fd_);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  // Nobody can connect before it listens, and then it is the user's own.
  const bool good = stop_fd_ >= 0 && listen_fd_ >= 0 &&
                    bind(listen_fd_, generic, sizeof address) == 0 &&
                    fchmodat(folder_fd_, kSocketName, 0600, 0) == 0 &&
                    ::listen(listen_fd_, kClientsMax) == 0;
  if (good) return {};
  return errno_error(errno, "cannot listen in '" + folder + "'");
}

TapServer::~TapServer() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    CHECK(write(stop_fd_, &one, sizeof one) == sizeof one);
    thread_.join();
  }
  if (folder_fd_ >= 0) unlinkat(folder_fd_, kSocketName, 0);
  for (const int fd : {listen_fd_, stop_fd_, folder_fd_}) {
    if (fd >= 0) close(fd);
  }
}

void TapServer::serve() {
  std::vector<std::unique_ptr<Client>> clients;
  for (;;) {
    std::vector<pollfd> fds{{stop_fd_, POLLIN, 0}, {listen_fd_, POLLIN, 0}};
    for (const auto& client : clients) fds.push_back({client->fd, POLLIN, 0});
    poll(fds.data(), fds.size(), clients.empty() ? -1 : kTickMs);
    if (fds[0].revents != 0) return;
    for (size_t i = 0; i < clients.size(); ++i) {
      if (fds[i + 2].revents != 0) read_request(*clients[i]);
      send_samples(*clients[i]);
      flush(*clients[i]);
    }
    std::erase_if(clients, [](const auto& client) { return client->over; });
    if (fds[1].revents != 0) accept_one(clients);
  }
}

void TapServer::accept_one(std::vector<std::unique_ptr<Client>>& clients) {
  const int fd = accept4(listen_fd_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) return;
  auto client = std::make_unique<Client>(fd);
  if (same_user(fd) && clients.size() < kClientsMax) clients.push_back(std::move(client));
}

void TapServer::read_request(Client& client) {
  char bytes[kRequestBytesMax];
  const ssize_t n = recv(client.fd, bytes, sizeof bytes, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) {
    client.over = true;
    return;
  }
  if (client.view != nullptr) return;
  client.request.append(bytes, static_cast<size_t>(n));
  const size_t end = client.request.find('\n');
  if (end != std::string::npos) {
    answer(client, client.request.substr(0, end));
  } else if (client.request.size() > kRequestBytesMax) {
    client.over = true;
  }
}

void TapServer::answer(Client& client, const std::string& request) {
  const size_t first = request.find('\t'), second = request.find('\t', first + 1);
  uint32_t per_second = 0;
  if (first != std::string::npos && second != std::string::npos) {
    std::from_chars(request.data() + first + 1, request.data() + second, per_second);
    client.as_json = request.substr(second + 1) == "json";
  }
  const std::string queue = request.substr(0, first);
  std::vector<std::string> names;
  for (size_t e = 0; e < plan_->edges.size(); ++e) {
    names.push_back(plan_->edges[e].queue);
    if (names.back() != queue || client.view != nullptr) continue;
    client.view = taps_.edge(e).look(std::clamp<uint32_t>(per_second, 1, kPerSecondMax));
  }
  if (client.view != nullptr) return;
  client.unsent = "ethere is no queue \"" + queue + "\"; " + suggestion(queue, names) + "\n";
  flush(client);
  client.over = true;
}

void TapServer::send_samples(Client& client) {
  if (client.view == nullptr || client.unsent.size() > kUnsentBytesMax) return;
  const TapTake taken = client.view->take();
  for (const TapSample& sample : taken.samples) {
    client.unsent += sample_text(sample, client.as_json);
  }
  if (taken.passed > 0) client.unsent += "p" + std::to_string(taken.passed) + "\n";
}

void TapServer::flush(Client& client) {
  if (client.unsent.empty()) return;
  const ssize_t n = send(client.fd, client.unsent.data(), client.unsent.size(), MSG_NOSIGNAL);
  if (n > 0) client.unsent.erase(0, static_cast<size_t>(n));
  if (n < 0 && errno != EAGAIN && errno != EINTR) client.over = true;
}

Result<int> connect_tap(const std::string& folder) {
  const auto not_running = [&] {
    return stop_error("not-running", "nothing runs with its state in '" + folder + "'",
                      "start it with `penstock run`; one that runs with --state DIR is found with "
                      "the same --state DIR, one with --no-state cannot be looked at");
  };
  const int folder_fd = open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder_fd < 0) return not_running();
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_in(folder_fd);
  const int failed =
      fd >= 0 && connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
          ? 0
          : errno;
  close(folder_fd);
  if (failed == 0) return fd;
  if (fd >= 0) close(fd);
  if (failed == ENOENT || failed == ECONNREFUSED) return not_running();
  return errno_error(failed, "cannot look into the run of '" + folder + "'");
}

}  // namespace penstock
