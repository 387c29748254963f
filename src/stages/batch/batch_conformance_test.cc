// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/batch/batch.h"

namespace penstock {
namespace {

using namespace conformance;

void three_at_a_time(Fixture& fixture) {
  fixture.options = map({{"records_max", 3}});
  fixture.input = {"a", "b", "c", "d", "", "e", "f"};
  fixture.expected = {"a\nb\nc", "d\n\ne", "f"};
}

const bool kConforms = inherit(register_batch, {{"batch", ComponentKind::kStage, three_at_a_time}});

}  // namespace
}  // namespace penstock
