// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/encode/encode.h"

namespace penstock {
namespace {

using namespace conformance;

void pairs(Fixture& fixture) {
  fixture.options = map({{"format", "logfmt"}});
  fixture.input = {R"({"a":1})", R"({"b":"x y"})", R"({"c":{"d":true}})"};
  fixture.expected = {"a=1", "b=\"x y\"", "c.d=true"};
}

const bool kConforms = inherit(register_encode, {{"encode", ComponentKind::kStage, pairs}});

}  // namespace
}  // namespace penstock
