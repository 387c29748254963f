// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdout/stdout.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

/// A pipe, a catalog that writes to it, and its services.
class StdoutTest : public testing::Test {
 protected:
  StdoutTest() {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
    register_stdout_on(catalog_, ends_[1]);
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
  }
  ~StdoutTest() override {
    close_reader();
    ::close(ends_[1]);
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  /// All that is in the pipe now.
  std::string take() {
    std::string text;
    char buffer[65536];
    for (ssize_t got; (got = ::read(ends_[0], buffer, sizeof buffer)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }
  std::shared_ptr<const Bound> sink(const Node& options, const char* type = "stdout") {
    return bind(catalog_, type, ComponentKind::kSink, options);
  }

  int ends_[2] = {-1, -1};
  Catalog catalog_;
  Services services_;
};

TEST_F(StdoutTest, writes_lines_and_delivers_after_the_write_has_returned) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  out.write({"a", "", "bc"});
  const Epoch epoch = out.barrier();
  EXPECT_TRUE(out.out.delivered.empty());
  EXPECT_EQ(take(), "");
  out.settle();
  EXPECT_EQ(out.out.delivered, (std::vector<Epoch>{epoch}));
  EXPECT_EQ(take(), "a\n\nbc\n");
}

TEST_F(StdoutTest, stdout_sink_skips_empty_payloads) {
  SinkHarness out(services_, sink(map({}), "stdout_sink"));
  ASSERT_TRUE(out.open());
  out.write({"a", "", "b"});
  EXPECT_TRUE(out.deliver());
  EXPECT_EQ(take(), "a\nb\n");
}

TEST_F(StdoutTest, writes_payloads_as_they_are_when_raw) {
  SinkHarness out(services_, sink(map({{"framing", "raw"}})));
  ASSERT_TRUE(out.open());
  out.write({"a", "bc"});
  EXPECT_TRUE(out.deliver());
  EXPECT_EQ(take(), "abc");
}

TEST_F(StdoutTest, keeps_order_over_many_writes_and_partial_ones) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  services_.blocking.inline_work = false;
  std::string expected;
  for (int round = 0; round < 40; ++round) {
    std::vector<std::string> lines;
    for (int i = 0; i < 200; ++i) {
      lines.push_back(std::to_string(round) + ":" + std::to_string(i) + std::string(i, 'x'));
      expected += lines.back() + "\n";
    }
    out.write(lines);
  }
  std::string got;
  std::thread reader([&] {
    while (got.size() < expected.size()) {
      got += take();
      std::this_thread::yield();
    }
  });
  EXPECT_TRUE(out.deliver());
  reader.join();
  EXPECT_EQ(got, expected);
}

TEST_F(StdoutTest, a_few_bytes_wait_only_a_moment_without_a_barrier) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  out.write({"a"});
  EXPECT_EQ(services_.blocking.waiting(), 0u);
  out.advance(milliseconds(10));
  EXPECT_EQ(take(), "a\n");
}

TEST_F(StdoutTest, a_pipe_that_nobody_empties_makes_the_sink_full) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  size_t taken = 0;
  for (; !out.sink().full() && taken < (16 << 20); taken += 1000) {
    out.write({std::string(1000, 'x')});
  }
  EXPECT_TRUE(out.sink().full());
  EXPECT_LE(taken, 1u << 20);
  EXPECT_TRUE(out.out.errors.empty());
}

TEST_F(StdoutTest, stops_the_pipeline_when_nobody_reads_any_more) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  close_reader();
  out.write({"a"});
  EXPECT_FALSE(out.deliver());
  ASSERT_EQ(out.out.errors.size(), 1u);
  EXPECT_EQ(out.out.errors[0].code, "stdout-closed");
  EXPECT_EQ(out.out.errors[0].reaction, Reaction::kStopPipeline);
  out.write({"b"});
  EXPECT_FALSE(out.deliver());
  EXPECT_EQ(out.out.errors.size(), 1u);
}

TEST_F(StdoutTest, a_write_that_nobody_reads_ends_after_the_sink_is_closed) {
  auto out = std::make_unique<SinkHarness>(services_, sink(map({})));
  ASSERT_TRUE(out->open());
  out->write({std::string(2 << 20, 'x')});
  out->barrier();
  out->close();
  out.reset();
  EXPECT_EQ(services_.blocking.run_all(), 1u);  // would never return otherwise
}

TEST_F(StdoutTest, does_not_make_the_descriptor_of_others_non_blocking) {
  SinkHarness out(services_, sink(map({})));
  ASSERT_TRUE(out.open());
  EXPECT_EQ(fcntl(ends_[1], F_GETFL) & O_NONBLOCK, 0);
}

TEST_F(StdoutTest, refuses_a_delimiter_of_two_bytes) {
  EXPECT_NE(bind_problems(catalog_, "stdout", ComponentKind::kSink, map({{"delimiter", "ab"}})),
            "");
}

}  // namespace
}  // namespace penstock
