// SPDX-License-Identifier: Apache-2.0
#include "connectors/nexmark/nexmark_source.h"

#include "connectors/nexmark/nexmark.h"
#include "sdk/conformance/conformance.h"

namespace penstock {
namespace {

using namespace conformance;

const bool kConforms =
    inherit(register_nexmark, {{"nexmark", ComponentKind::kSource, [](Fixture& fixture) {
      fixture.options = map({{"events", 1000}, {"first_event", 33}, {"out_of_order_group", 7}});
      const EventLine line{.group = 7};
      EventText text(1, line);
      std::string room(EventText::kBytesMax, '\0');
      for (uint64_t place = 33; place < 1033; ++place) {
        const size_t size = text.write(room.data(), line.number(place)).size;
        fixture.expected.push_back(room.substr(0, size));
      }
    }}});

}  // namespace
}  // namespace penstock
