// SPDX-License-Identifier: Apache-2.0
#include "connectors/generator/generator.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

const bool kConforms =
    inherit(register_generator, {{"generator", ComponentKind::kSource, [](Fixture& fixture) {
      fixture.options = map({{"count", 1000}, {"template", "r{{n}}"}});
      for (int i = 0; i < 1000; ++i) fixture.expected.push_back("r" + std::to_string(i));
    }}});

}  // namespace
}  // namespace penstock
