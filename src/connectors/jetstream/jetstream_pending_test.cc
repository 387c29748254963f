// SPDX-License-Identifier: Apache-2.0
#include "connectors/jetstream/jetstream_pending.h"

#include <gtest/gtest.h>

#include <string>

#include "connectors/jetstream/jetstream_api.h"
#include "connectors/jetstream/jetstream_source.h"

namespace penstock {
namespace {

TEST(JetStreamMeta, is_read_from_both_forms_of_the_reply_subject) {
  const auto plain = read_jetstream_meta("$JS.ACK.S.C.2.17.18.1700000000000000000.5");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->delivered, 2u);
  EXPECT_EQ(plain->sequence, 17u);
  EXPECT_EQ(plain->stored_ns, 1'700'000'000'000'000'000);
  EXPECT_EQ(plain->pending, 5u);
  const auto domain = read_jetstream_meta("$JS.ACK.hub.ACC.S.C.1.3.4.9.0.xyz");
  ASSERT_TRUE(domain);
  EXPECT_EQ(domain->delivered, 1u);
  EXPECT_EQ(domain->sequence, 3u);
  EXPECT_FALSE(read_jetstream_meta("_INBOX.abc"));
  EXPECT_FALSE(read_jetstream_meta("$JS.ACK.S.C"));
  EXPECT_FALSE(read_jetstream_meta(""));
}

TEST(JetStreamPubAck, tells_refusals_apart) {
  const auto taken = read_pub_ack(R"({"stream":"S","seq":7,"duplicate":true})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->sequence, 7u);
  EXPECT_TRUE(taken->duplicate);
  const auto reaction = [](const char* text) { return read_pub_ack(text).error().reaction; };
  EXPECT_EQ(reaction(R"({"error":{"code":400,"err_code":10054,"description":"too large"}})"),
            Reaction::kRejectRecord);
  EXPECT_EQ(reaction(R"({"error":{"code":503,"err_code":10077,"description":"full"}})"),
            Reaction::kRetryLater);
  EXPECT_EQ(reaction(R"({"error":{"code":400,"err_code":10060,"description":"other"}})"),
            Reaction::kStopPipeline);
  EXPECT_FALSE(read_pub_ack("nonsense"));
}

TEST(JetStreamPending, drops_what_is_on_its_way_and_knows_what_is_done) {
  using Arrival = JetStreamPending::Arrival;
  JetStreamPending pending(100);
  EXPECT_EQ(pending.arrived(1, 1), Arrival::kNew);
  EXPECT_EQ(pending.arrived(1, 1), Arrival::kInFlight);
  EXPECT_EQ(pending.arrived(2, 2), Arrival::kNew);
  NatsReceipts receipts;
  receipts.marks = {1};
  receipts.replies = std::string("ack.1\0", 6);
  pending.emitted(receipts, 1, 0);
  pending.committed(0);
  EXPECT_TRUE(pending.take_committed().empty());
  pending.committed(1);
  EXPECT_EQ(pending.take_committed().size(), 1u);
  EXPECT_EQ(pending.arrived(1, 1), Arrival::kDone);
  NatsReceipts given_back;
  given_back.marks = {2};
  pending.forget(given_back);
  EXPECT_EQ(pending.arrived(2, 2), Arrival::kNew);
}

}  // namespace
}  // namespace penstock
