// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream.h"
#include "connectors/jetstream/jetstream_test_stream.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

void messages_of_a_stream(Fixture& fixture) {
  const auto stream = std::make_shared<JetStreamTestStream>(NatsTestServer::shared());
  for (int i = 0; i < 600; ++i) {
    fixture.expected.push_back("message " + std::to_string(i) + std::string(i % 90, '.'));
  }
  stream->publish(fixture.expected);
  fixture.options = map({{"url", stream->url()}, {"stream", stream->name()}, {"follow", false}});
  fixture.threaded = true;
}

void messages_to_a_stream(Fixture& fixture) {
  const auto stream = std::make_shared<JetStreamTestStream>(NatsTestServer::shared());
  fixture.options = map({{"url", stream->url()}, {"subject", stream->name()}});
  fixture.threaded = true;
  fixture.read_back = [stream] { return stream->payloads(); };
}

const bool kConforms = inherit(register_jetstream, {{"jetstream", ComponentKind::kSource,
                                                     messages_of_a_stream},
                                                    {"jetstream", ComponentKind::kSink,
                                                     messages_to_a_stream}});

}  // namespace
}  // namespace penstock
