// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/decode/decode.h"

namespace penstock {
namespace {

using namespace conformance;

void rows(Fixture& fixture) {
  fixture.options = map({{"format", "csv"}, {"csv", map({{"columns", list({"a", "b"})}})}});
  fixture.input = {"1,2", "a,b", "\"x\",\"y\"\n3,4", ""};
  fixture.expected = {R"({"a":"1","b":"2"})", R"({"a":"x","b":"y"})", R"({"a":"3","b":"4"})"};
}

const bool kConforms = inherit(register_decode, {{"decode", ComponentKind::kStage, rows}});

}  // namespace
}  // namespace penstock
