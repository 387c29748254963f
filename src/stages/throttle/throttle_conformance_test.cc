// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/throttle/throttle.h"

namespace penstock {
namespace {

using namespace conformance;

void ten_a_second(Fixture& fixture) {
  fixture.options = map({{"rate", 10}, {"burst", 1}});
  fixture.paced = true;  // its rate is what it promises
  fixture.input = {"a", "b", "", "c"};
  fixture.expected = fixture.input;
}

const bool kConforms = inherit(register_throttle,
                               {{"throttle", ComponentKind::kStage, ten_a_second}});

}  // namespace
}  // namespace penstock
