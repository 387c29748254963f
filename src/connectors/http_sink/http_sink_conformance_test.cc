// SPDX-License-Identifier: Apache-2.0
#include "connectors/http/http_outside.h"
#include "connectors/http_sink/http_sink_flow.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

void a_request_a_record(Fixture& fixture) {
  const auto outside = std::make_shared<HttpOutside>();
  fixture.options = map({{"url", outside->url()}});
  fixture.threaded = true;
  fixture.read_back = [outside] { return outside->bodies(); };
}

const bool kConforms = inherit(register_http_sink, {{"http_sink", ComponentKind::kSink,
                                                     a_request_a_record}});

}  // namespace
}  // namespace penstock
