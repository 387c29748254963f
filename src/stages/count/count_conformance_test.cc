// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/count/count.h"

namespace penstock {
namespace {

using namespace conformance;

void payloads(Fixture& fixture) {
  fixture.key.kind = KeySelector::Kind::kPayload;
  fixture.options = map({{"mode", "running"}});
  fixture.input = {"a", "b", "a", "", "a"};
  fixture.expected = {"a\t1", "b\t1", "a\t2", "\t1", "a\t3"};
}

const bool kConforms = inherit(register_count, {{"count", ComponentKind::kStage, payloads}});

}  // namespace
}  // namespace penstock
