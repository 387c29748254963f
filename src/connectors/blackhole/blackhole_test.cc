// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "connectors/blackhole/blackhole_sink.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

std::shared_ptr<const Bound> blackhole(const Node& options) {
  static const Catalog catalog = [] {
    Catalog made;
    register_blackhole(made);
    return made;
  }();
  return bind(catalog, "blackhole", ComponentKind::kSink, options);
}

TEST(Blackhole, delivers_at_each_barrier_and_keeps_no_batch) {
  Services services;
  SinkHarness sink(services, blackhole(map({})));
  ASSERT_TRUE(sink.open());
  sink.write({"a", "b"});
  EXPECT_EQ(services.pool.outstanding(), 0u);
  EXPECT_TRUE(sink.out.delivered.empty());
  EXPECT_TRUE(sink.deliver());
  sink.close();
  EXPECT_NE(services.logged().find("records=2"), std::string::npos) << services.logged();
}

TEST(Blackhole, reads_every_byte_when_told_to_touch_them) {
  std::vector<std::string> sums;
  for (const char* text : {"123456789", "123456780", "023456789"}) {
    Services services;
    SinkHarness sink(services, blackhole(map({{"touch", true}})));
    ASSERT_TRUE(sink.open());
    sink.write({text, ""});
    sink.close();
    sums.push_back(services.logged().substr(services.logged().find("records=")));
    EXPECT_NE(sums.back().find("bytes=9"), std::string::npos) << sums.back();
  }
  EXPECT_NE(sums[0], sums[1]);
  EXPECT_NE(sums[0], sums[2]);
}

}  // namespace
}  // namespace penstock
