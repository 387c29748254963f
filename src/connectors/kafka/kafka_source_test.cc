// SPDX-License-Identifier: Apache-2.0
// Members of a group whose offsets are part of transactions.
#include <gtest/gtest.h>

#include "connectors/kafka/kafka.h"
#include "connectors/kafka/kafka_client.h"
#include "connectors/kafka/kafka_imitation.h"
#include "sdk/commit_point.h"
#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

constexpr int kPartitions = 2;
constexpr size_t kEach = 5;  // records of a partition

/// Only its place counts.
struct Outside final : CommitPoint {
  explicit Outside(const Imitation& imitation) {
    KafkaConnection connection;
    connection.brokers = imitation.brokers();
    Logger log{2, LogLevel::kOff, LogFormat::kText, clock};
    auto client = KafkaClient::make(KafkaClient::Kind::kProducer, connection, {}, &log, "x", {});
    CHECK(client.has_value());
    name = (*client)->place();
  }
  const std::string& place() const override { return name; }
  Result<int64_t> recover() override { return int64_t{-1}; }
  Result<void> commit(int64_t, const std::vector<SourceShare>&) override { return {}; }
  void abandon() override {}
  SystemClock clock;
  std::string name;
};

class Member {
 public:
  Member(Services& services, const Imitation& imitation, const Outside& outside)
      : harness(services, bound(imitation)) {
    services.blocking.inline_work = true;
    harness.context.exactly_once = true;
    dynamic_cast<InRegion&>(harness.source()).join({nullptr, "", &outside});
    const Result<void> opened = harness.open();
    CHECK(opened.has_value());
  }
  ~Member() { harness.close(); }
  static std::shared_ptr<const Bound> bound(const Imitation& imitation) {
    Catalog catalog;
    register_kafka(catalog);
    return bind(catalog, "kafka", ComponentKind::kSource,
                map({{"brokers", imitation.brokers()}, {"topics", list({"t"})}, {"group", "g"},
                     // So long the imitation waits for members to join again. With less, one of a
                     // busy machine was taken for dead, and the other one had all for good.
                     {"session_timeout", "6s"}}));
  }
  /// Names of the partitions of these positions that would be part of a commit now.
  std::vector<std::string> shared(const Positions& positions) {
    const auto share = dynamic_cast<SharesCommit&>(harness.source()).share(positions);
    CHECK(share.has_value() && share->has_value());
    CHECK(!(*share)->membership.empty());
    std::vector<std::string> names;
    for (const auto& [name, position] : (*share)->positions) names.push_back(name);
    return names;
  }
  std::vector<std::string> owned() {
    std::vector<std::string> names;
    for (const auto& [name, position] : harness.source().positions()) names.push_back(name);
    return names;
  }

  SourceHarness harness;
};

/// A member that has read and committed all of the topic.
struct Alone {
  Alone() : outside(prepared()), first(services, imitation, outside) {
    first.harness.pull_threaded(kPartitions * kEach);
    noted = first.harness.barrier();
  }
  const Imitation& prepared() {
    imitation.make_topic("t", kPartitions);
    const std::vector<std::string> payloads(kEach, "record");
    for (int p = 0; p < kPartitions; ++p) imitation.fill("t", p, payloads);
    return imitation;
  }
  Services services;  // of all members: its waker tells that any has something to do
  Imitation imitation;
  Outside outside;
  Member first;
  Positions noted;
};

TEST(KafkaShare, what_was_read_since_the_last_commit_is_part_of_the_next) {
  Alone alone;
  EXPECT_EQ(alone.noted.size(), size_t{kPartitions});
  EXPECT_EQ(alone.first.shared(alone.noted), alone.first.owned());
  alone.first.harness.source().committed(alone.noted);
  EXPECT_TRUE(alone.first.shared(alone.noted).empty()) << "nothing was read since";
}

/// The commit of a barrier that came before the partitions moved, and is done after: with the
/// generation of then the broker takes whatever stands in it.
TEST(KafkaShare, a_partition_that_another_member_has_meanwhile_is_left_out_of_a_commit) {
  Alone alone;
  Member& first = alone.first;
  first.harness.source().committed(alone.noted);
  const Positions noted = first.harness.barrier();
  Member second(alone.services, alone.imitation, alone.outside);
  while (first.owned().size() != 1 || second.owned().size() != 1) {
    bool idle = true;
    for (Member* member : {&first, &second}) {
      idle = member->harness.pull().state == Pull::State::kIdle && idle;
    }
    if (idle && !alone.services.waker.wait()) {
      GTEST_SKIP() << "on a busy machine the imitation may leave all partitions with one member";
    }
  }
  ASSERT_EQ(first.owned().size(), 1u);
  ASSERT_EQ(second.owned().size(), 1u);
  EXPECT_EQ(noted.size(), size_t{kPartitions});
  EXPECT_EQ(first.shared(noted), first.owned());
  EXPECT_EQ(second.shared(noted), second.owned());
}

}  // namespace
}  // namespace penstock
