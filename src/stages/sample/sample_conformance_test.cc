// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/sample/sample.h"

namespace penstock {
namespace {

using namespace conformance;

void every_second(Fixture& fixture) {
  fixture.options = map({{"every", 2}});
  fixture.input = {"a", "b", "c", "", "e"};
  fixture.expected = {"b", ""};
}

const bool kConforms = inherit(register_sample, {{"sample", ComponentKind::kStage, every_second}});

}  // namespace
}  // namespace penstock
