// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/check.h"
#include "connectors/nats/nats_session.h"
#include "sdk/conformance/temp_folder.h"

namespace penstock {

/// A NATS server of a test's own, run by tools/servers/nats.
class NatsTestServer {
 public:
  explicit NatsTestServer(std::string options = {}) : options_(std::move(options)) { start(); }
  ~NatsTestServer() { command("kill"); }
  NatsTestServer(const NatsTestServer&) = delete;
  NatsTestServer& operator=(const NatsTestServer&) = delete;

  const std::string& url() const { return url_; }
  std::string folder() const { return folder_.path(); }
  /// Again on the same port, with the same data.
  void start() {
    url_ = command("start", options_);
    CHECK(url_.rfind("nats://", 0) == 0 || url_.rfind("tls://", 0) == 0);
  }
  void kill() { command("kill"); }
  /// Reads its configuration again.
  void reload() { shell("kill -HUP $(cat " + folder_.path() + "/pid)"); }

  /// One for all tests of a program that leave it as it is.
  static NatsTestServer& shared() {
    static NatsTestServer server;
    return server;
  }
  /// Whether it is version 2.10 or later. Where there is no Go the tests run Debian's 2.9.
  static bool since_2_10() {
    int minor = 0;
    const std::string tool = std::string(PENSTOCK_SOURCE_DIR) + "/tools/servers/nats";
    const std::string says = shell("$(" + tool + " install) --version");
    CHECK_EQ(std::sscanf(says.c_str(), "nats-server: v2.%d", &minor), 1);
    return minor >= 10;
  }
  /// A name that no other test uses.
  static std::string fresh_name() {
    static std::atomic<int> count{0};
    return "T" + std::to_string(++count);
  }

  std::unique_ptr<NatsSession> session() const {
    NatsAccess access;
    access.url = url_;
    auto made = NatsSession::connect(access, "test", [] {});
    CHECK(made.has_value());
    return *std::move(made);
  }

 private:
  static std::string shell(const std::string& line) {
    std::FILE* pipe = ::popen(line.c_str(), "r");
    CHECK(pipe != nullptr);
    std::string text;
    std::array<char, 256> part;
    while (std::fgets(part.data(), part.size(), pipe) != nullptr) text += part.data();
    ::pclose(pipe);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return text;
  }
  std::string command(const std::string& what, const std::string& more = {}) {
    return shell(std::string(PENSTOCK_SOURCE_DIR) + "/tools/servers/nats " + what + " " +
                 folder_.path() + " " + more);
  }

  const std::string options_;
  conformance::TempFolder folder_;
  std::string url_;
};

/// Collects what is published to a subject.
class NatsListener {
 public:
  NatsListener(const NatsTestServer& server, const std::string& subject)
      : subject_(subject), session_(server.session()) {
    listen();
  }
  /// Everything that was published before the call.
  std::vector<std::string> payloads() {
    const std::string mark = "mark " + std::to_string(++marks_);
    // Behind all that the server has, in the same subscription.
    CHECK(session_->publish(subject_, nullptr, mark).has_value());
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return last_mark_ == mark; });
    return payloads_;
  }

 private:
  void listen() {
    const auto heard = session_->subscribe(subject_, "", [this](const NatsMessage& message) {
      const std::lock_guard lock(mutex_);
      const std::string payload(message.payload());
      if (payload.rfind("mark ", 0) == 0) {
        last_mark_ = payload;
      } else {
        payloads_.push_back(payload);
      }
      arrived_.notify_all();
    });
    CHECK(heard.has_value());
    CHECK(session_->flush(seconds(10)).has_value());
  }

  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<std::string> payloads_;  // guarded by mutex_
  std::string last_mark_;              // guarded by mutex_
  int marks_ = 0;
  const std::string subject_;
  std::unique_ptr<NatsSession> session_;  // last: its threads use what stands above
};

}  // namespace penstock
