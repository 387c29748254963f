// SPDX-License-Identifier: Apache-2.0
#include "connectors/blackhole/blackhole_sink.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

const bool kConforms =
    conformance::inherit(register_blackhole, {{"blackhole", ComponentKind::kSink, nullptr}});

}  // namespace
}  // namespace penstock
