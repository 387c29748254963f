// SPDX-License-Identifier: Apache-2.0
#include "sdk/conformance/conformance.h"
#include "stages/route/route.h"

namespace penstock {
namespace {

using namespace conformance;

void by_the_first_letter(Fixture& fixture) {
  const Node first = map({{"match", map({{"regex", "^a"}})}, {"output", "a"}});
  fixture.options = map({{"cases", list({first})}, {"otherwise", "rest"}});
  fixture.input = {"ab", "b", "", "aa"};
  fixture.expected = {"ab", "aa", "b", ""};  // a port after the other
}

const bool kConforms = inherit(register_route,
                               {{"route", ComponentKind::kStage, by_the_first_letter}});

}  // namespace
}  // namespace penstock
