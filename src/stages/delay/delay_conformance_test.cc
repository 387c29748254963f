// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/delay/delay.h"

namespace penstock {
namespace {

using namespace conformance;

void a_second(Fixture& fixture) {
  fixture.options = map({{"duration", "1s"}, {"bytes_max", "8MiB"}});
  fixture.input = {"a", "", "b"};
  fixture.expected = fixture.input;
}

const bool kConforms = inherit(register_delay, {{"delay", ComponentKind::kStage, a_second}});

}  // namespace
}  // namespace penstock
