// SPDX-License-Identifier: Apache-2.0
#include "connectors/log/log_sink.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

const bool kConforms =
    conformance::inherit(register_log, {{"log", ComponentKind::kSink, nullptr}});

}  // namespace
}  // namespace penstock
