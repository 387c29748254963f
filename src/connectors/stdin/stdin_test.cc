// SPDX-License-Identifier: Apache-2.0
#include "connectors/stdin/stdin.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "sdk/conformance/harness.h"

namespace penstock {
namespace {

using namespace conformance;

class StdinTest : public testing::Test {
 protected:
  StdinTest() {
    EXPECT_EQ(pipe2(ends_, O_CLOEXEC), 0);
    register_stdin_from(catalog_, ends_[0]);
  }
  ~StdinTest() override {
    finish();
    ::close(ends_[0]);
  }
  void type(std::string_view text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::shared_ptr<const Bound> source(const Node& options) {
    return bind(catalog_, "stdin", ComponentKind::kSource, options);
  }
  int ends_[2] = {-1, -1};
  Catalog catalog_;
  Services services_;
};

TEST_F(StdinTest, reads_lines_until_the_end_of_input) {
  SourceHarness in(services_, source(map({})));
  ASSERT_TRUE(in.open());
  type("a\nbc\n\nlast");
  finish();
  EXPECT_EQ(in.pull_threaded().state, Pull::State::kEnd);
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"a", "bc", "", "last"}));
  EXPECT_EQ(in.out.records[1].position, 2);
  EXPECT_TRUE(in.out.errors.empty());
  in.close();
}

TEST_F(StdinTest, gives_a_line_out_as_soon_as_it_is_complete) {
  SourceHarness in(services_, source(map({})));
  ASSERT_TRUE(in.open());
  type("first\nsec");
  in.pull_threaded(1);
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"first"}));
  type("ond\n");
  in.pull_threaded(2);
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"first", "second"}));
  in.close();
}

TEST_F(StdinTest, reads_nothing_before_the_first_pull) {
  SourceHarness in(services_, source(map({})));
  type("a\n");
  ASSERT_TRUE(in.open());
  in.close();
  char left[8];
  EXPECT_EQ(::read(ends_[0], left, sizeof left), 2);
}

TEST_F(StdinTest, a_writer_that_is_faster_than_the_pipeline_has_to_wait) {
  SourceHarness in(services_, source(map({})));
  ASSERT_TRUE(in.open());
  const std::string line(1023, 'x');
  constexpr size_t kLines = 8192;  // 8 MiB: far more than pipe and queue hold
  std::thread writer([&] {
    for (size_t i = 0; i < kLines; ++i) type(line + "\n");
    finish();
  });
  size_t most = 0;
  while (in.pull_threaded(in.out.records.size() + 1).state != Pull::State::kEnd) {
    most = std::max(most, services_.pool.arenas().outstanding());
  }
  writer.join();
  EXPECT_EQ(in.out.records.size(), kLines);
  EXPECT_EQ(in.out.records.back().payload, line);
  EXPECT_LE(most, 16u);
  in.close();
}

TEST_F(StdinTest, rejects_a_line_that_is_too_long) {
  SourceHarness in(services_, source(map({{"max_record_bytes", "8"}})));
  ASSERT_TRUE(in.open());
  type("short\nmuch too long\nend\n");
  finish();
  in.pull_threaded();
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"short", "end"}));
  ASSERT_EQ(in.out.rejected.size(), 1u);
  EXPECT_EQ(in.out.rejected[0].error.code, "record-too-large");
  EXPECT_EQ(in.out.rejected[0].record.payload, "much too long");
  in.close();
}

TEST_F(StdinTest, stops_while_it_waits_for_input) {
  SourceHarness in(services_, source(map({})));
  ASSERT_TRUE(in.open());
  type("a\n");
  in.pull_threaded(1);
  in.close();  // would hang if the thread could not be woken
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"a"}));
}

TEST_F(StdinTest, ndjson_skips_blank_lines) {
  SourceHarness in(services_, source(map({{"framing", "ndjson"}})));
  ASSERT_TRUE(in.open());
  type("{}\n\n{\"a\":1}\n");
  finish();
  in.pull_threaded();
  EXPECT_EQ(in.out.payloads(), (std::vector<std::string>{"{}", "{\"a\":1}"}));
  in.close();
}

}  // namespace
}  // namespace penstock
