// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "connectors/jetstream/jetstream.h"
#include "connectors/jetstream/jetstream_api.h"
#include "connectors/nats/nats_test_server.h"
#include "sdk/conformance/harness.h"

namespace penstock {

/// A stream in memory, with a name that no other test uses, which is its subject too.
class JetStreamTestStream {
 public:
  explicit JetStreamTestStream(const NatsTestServer& server, JetStreamMake make = {})
      : name_(NatsTestServer::fresh_name()), url_(server.url()), session_(server.session()) {
    make.subjects = {name_, name_ + ".>"};
    make.storage = JetStreamStorage::kMemory;
    const auto made = JetStreamApi(*session_).make_stream(name_, make);
    CHECK(made.has_value());
  }
  const std::string& name() const { return name_; }
  const std::string& url() const { return url_; }
  NatsSession& session() { return *session_; }

  void publish(const std::vector<std::string>& payloads) {
    for (const std::string& payload : payloads) publish(name_, payload);
  }
  void publish(const std::string& subject, const std::string& payload) {
    const auto stored = session_->request(subject, payload, seconds(10));
    CHECK(stored.has_value() && read_pub_ack(*stored).has_value());
  }
  /// Everything in it, read by a consumer of its own.
  conformance::Collected read() {
    Catalog catalog;
    register_jetstream(catalog);
    conformance::Services services;
    conformance::SourceHarness in(
        services, conformance::bind(catalog, "jetstream", ComponentKind::kSource,
                                    conformance::map({{"url", url_},
                                                      {"stream", name_},
                                                      {"consumer", NatsTestServer::fresh_name()},
                                                      {"follow", false}})));
    const auto opened = in.open();
    CHECK(opened.has_value());
    in.pull_threaded();
    in.close();
    return std::move(in.out);
  }
  std::vector<std::string> payloads() { return read().payloads(); }

 private:
  const std::string name_;
  const std::string url_;
  std::unique_ptr<NatsSession> session_;
};

}  // namespace penstock
