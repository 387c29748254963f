// SPDX-License-Identifier: Apache-2.0
#include "connectors/nats/nats.h"
#include "connectors/nats/nats_test_server.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

void messages_to_listen_to(Fixture& fixture) {
  const std::string subject = NatsTestServer::fresh_name();
  fixture.options = map({{"url", NatsTestServer::shared().url()}, {"subjects", list({subject})}});
  fixture.threaded = fixture.endless = true;
  for (int i = 0; i < 200; ++i) fixture.expected.push_back("message " + std::to_string(i));
  fixture.feed = [subject, all = fixture.expected](Source&) {
    const auto session = NatsTestServer::shared().session();
    for (const std::string& one : all) CHECK(session->publish(subject, nullptr, one).has_value());
    CHECK(session->flush(seconds(10)).has_value());
  };
}

void messages_to_a_listener(Fixture& fixture) {
  const std::string subject = NatsTestServer::fresh_name();
  const auto listener = std::make_shared<NatsListener>(NatsTestServer::shared(), subject);
  fixture.options = map({{"url", NatsTestServer::shared().url()}, {"subject", subject}});
  fixture.threaded = true;
  fixture.read_back = [listener] { return listener->payloads(); };
}

const bool kConforms = inherit(register_nats, {{"nats", ComponentKind::kSource,
                                                messages_to_listen_to},
                                               {"nats", ComponentKind::kSink,
                                                messages_to_a_listener}});

}  // namespace
}  // namespace penstock
