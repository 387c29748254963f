// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/split/split.h"

namespace penstock {
namespace {

using namespace conformance;

void words(Fixture& fixture) {
  fixture.input = {"to be or", "", " not  to be"};
  fixture.expected = {"to", "be", "or", "not", "to", "be"};
}

const bool kConforms = inherit(register_split, {{"split", ComponentKind::kStage, words}});

}  // namespace
}  // namespace penstock
