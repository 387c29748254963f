// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

namespace penstock {
namespace {

/// A pipe whose read end returns what was logged so far.
class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(pipe2(ends_, O_NONBLOCK), 0);
    fcntl(ends_[1], F_SETPIPE_SZ, 1 << 20);
  }
  ~Pipe() {
    close(ends_[0]);
    close(ends_[1]);
  }
  int in() const { return ends_[1]; }
  std::string read_all() {
    std::string out;
    char buffer[4096];
    for (ssize_t n; (n = read(ends_[0], buffer, sizeof buffer)) > 0;) out.append(buffer, n);
    return out;
  }

 private:
  int ends_[2];
};

size_t count(const std::string& text, std::string_view what) {
  size_t n = 0;
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) n++;
  return n;
}

TEST(Logger, writes_time_level_message_and_fields) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  log.info("runtime started", {{"tasks", "4"}, {"file", "a b.yaml"}, {"empty", ""}});
  EXPECT_EQ(pipe.read_all(),
            "[2023-11-14T22:13:21.000Z] [info] runtime started tasks=4 file=\"a b.yaml\" "
            "empty=\"\"\n");
}

TEST(Logger, writes_json_that_no_outside_text_can_break) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kJson, clock);
  log.warn("bad \"line\"\n", {{"text", std::string_view("\\ \x01 \xff \xc3\xa9", 8)}});
  EXPECT_EQ(pipe.read_all(),
            "{\"ts\":\"2023-11-14T22:13:21.000Z\",\"level\":\"warn\",\"message\":\"bad "
            "\\\"line\\\"\\n\",\"text\":\"\\\\ \\u0001 \xef\xbf\xbd \xc3\xa9\"}\n");
}

TEST(Logger, replaces_what_is_not_utf_8) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  // Overlong, surrogate, beyond U+10FFFF, cut short; then the longest good one of each length.
  log.info(
      "\xc0\x80|\xed\xa0\x80|\xf4\x90\x80\x80|\xe2\x82"
      "|\xdf\xbf|\xef\xbf\xbf|\xf4\x8f\xbf\xbf");
  std::string r = "\xef\xbf\xbd";
  EXPECT_NE(pipe.read_all().find(r + r + "|" + r + r + r + "|" + r + r + r + r + "|" + r + r +
                                 "|\xdf\xbf|\xef\xbf\xbf|\xf4\x8f\xbf\xbf\n"),
            std::string::npos);
}

TEST(Logger, keeps_a_line_on_one_line) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  log.info("one\ntwo", {{"k", "three\nfour"}});
  EXPECT_EQ(count(pipe.read_all(), "\n"), 1u);
}

TEST(Logger, is_silent_below_its_level) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kWarn, LogFormat::kText, clock);
  log.info("quiet");
  log.log(LogLevel::kOff, "never");
  log.warn("loud");
  std::string out = pipe.read_all();
  EXPECT_EQ(count(out, "\n"), 1u);
  EXPECT_NE(out.find("[warn] loud"), std::string::npos);
}

TEST(Logger, suppresses_repeats_and_says_how_many) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  for (int i = 0; i < 100; i++) log.error("cannot reach broker", {{"try", std::to_string(i)}});
  EXPECT_EQ(count(pipe.read_all(), "cannot reach broker"), size_t{Logger::kLogBurst});
  clock.advance_ns(9'999'999'999);
  log.info("other");
  EXPECT_EQ(count(pipe.read_all(), "suppressed"), 0u);
  clock.advance_ns(1);
  log.info("other");
  std::string out = pipe.read_all();
  EXPECT_NE(out.find("[error] suppressed repeats of a message count=95 "
                     "repeated=\"cannot reach broker\"\n"),
            std::string::npos);
  log.error("cannot reach broker");
  EXPECT_EQ(count(pipe.read_all(), "[error] cannot reach broker"), 1u);
}

TEST(Logger, counts_the_same_text_at_another_level_by_itself) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  for (int i = 0; i < Logger::kLogBurst; i++) log.warn("slow");
  log.error("slow");
  EXPECT_EQ(count(pipe.read_all(), "[error] slow"), 1u);
}

TEST(Logger, tells_what_it_suppressed_when_it_ends) {
  Pipe pipe;
  ManualClock clock;
  {
    Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
    for (int i = 0; i < 7; i++) log.info("again");
  }
  EXPECT_NE(pipe.read_all().find("count=2 repeated=again"), std::string::npos);
}

TEST(Logger, forgets_old_messages_so_that_memory_stays_bounded) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  size_t lines = 0;
  for (int i = 0; i < 5000; i++) {
    log.info("message " + std::to_string(i));
    lines += count(pipe.read_all(), "\n");
  }
  EXPECT_EQ(lines, 5000u);
}

TEST(Logger, cuts_what_is_too_long_for_a_line) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kJson, clock);
  std::string huge(1 << 20, '\x01');
  log.info(huge, {{"a", huge}, {"b", huge}});
  std::string out = pipe.read_all();
  EXPECT_LT(out.size(), 32u * 1024);
  EXPECT_EQ(out.substr(out.size() - 3), "\"}\n");
}

TEST(Logger, loses_a_line_rather_than_fail_on_a_closed_descriptor) {
  ManualClock clock;
  Logger log(-1, LogLevel::kInfo, LogFormat::kText, clock);
  log.info("into the void");
  EXPECT_TRUE(log.enabled(LogLevel::kInfo));
}

TEST(Logger, keeps_lines_whole_under_many_threads) {
  Pipe pipe;
  ManualClock clock;
  Logger log(pipe.in(), LogLevel::kInfo, LogFormat::kText, clock);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; t++)
    threads.emplace_back([&log, t] {
      for (int i = 0; i < 200; i++)
        log.info(std::to_string(t) + "-" + std::to_string(i), {{"end", "yes"}});
    });
  for (auto& thread : threads) thread.join();
  std::string out = pipe.read_all();
  EXPECT_EQ(count(out, " end=yes\n["), 799u);
  EXPECT_EQ(count(out, "\n"), 800u);
}

}  // namespace
}  // namespace penstock
