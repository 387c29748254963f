// SPDX-License-Identifier: Apache-2.0
#include "topiclog/tail.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace penstock {
namespace {

TEST(Tail, another_process_sees_the_ends_and_is_woken) {
  std::string pattern = (std::filesystem::temp_directory_path() / "penstock-XXXXXX").string();
  const std::string folder = ::mkdtemp(pattern.data());
  const auto store = make_system_tail_store();
  EXPECT_EQ(*store->open(folder, 2, false), nullptr);
  const auto writer = *store->open(folder, 2, true);
  const auto reader = *store->open(folder, 2, false);
  ASSERT_NE(reader, nullptr);
  EXPECT_FALSE(reader->published());
  writer->publish_all({7, 8});
  EXPECT_TRUE(reader->published());
  EXPECT_EQ(reader->end(1), 8u);
  const uint32_t seen = reader->announced();
  const pid_t child = ::fork();
  if (child == 0) {
    writer->publish(0, 9);
    writer->announce();
    ::_exit(0);
  }
  while (reader->announced() == seen) reader->wait(seen, seconds(10));
  EXPECT_EQ(reader->end(0), 9u);
  ::waitpid(child, nullptr, 0);
  std::filesystem::remove_all(folder);
}

TEST(Tail, says_nothing_after_the_machine_has_started_anew) {
  MemoryTailStore store;
  (*store.open("/t", 1, true))->publish_all({5});
  EXPECT_TRUE((*store.open("/t", 1, false))->published());
  store.restart();
  EXPECT_FALSE((*store.open("/t", 1, false))->published());
}

}  // namespace
}  // namespace penstock
