// SPDX-License-Identifier: Apache-2.0
#include "connectors/noop/noop.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

const bool kConforms = inherit(
    register_noop, {{"noop_source", ComponentKind::kSource,
                     [](Fixture& fixture) {
                       fixture.options = map({{"max_messages", 100}, {"message", "m"}});
                       fixture.per_task = true;
                       for (int i = 0; i < 100; ++i) {
                         fixture.expected.push_back("m #" + std::to_string(i));
                       }
                     }},
                    {"noop_transform", ComponentKind::kStage, [](Fixture& fixture) {
                       fixture.options = map({{"delay_ms", 7}});
                       fixture.input = {"a", "", "b"};
                       fixture.expected = fixture.input;
                     }}});

}  // namespace
}  // namespace penstock
