// SPDX-License-Identifier: Apache-2.0
#include "connectors/file/path_template.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(PathTemplate, fills_in_stage_task_and_part) {
  const Result<PathTemplate> path = PathTemplate::parse("out/{stage}/x-{task}-{part}.log");
  ASSERT_TRUE(path);
  EXPECT_TRUE(path->has_task());
  EXPECT_TRUE(path->has_part());
  EXPECT_EQ(path->path("sink", 3, 42), "out/sink/x-3-00042.log");
  EXPECT_EQ(path->path("sink", 3, 1234567), "out/sink/x-3-1234567.log");
  EXPECT_EQ(path->folder("sink"), "out/sink");
  EXPECT_EQ(PathTemplate::parse("x")->folder(""), ".");
  EXPECT_EQ(PathTemplate::parse("/x")->folder(""), "/");
}

TEST(PathTemplate, knows_its_own_names_again) {
  const PathTemplate path = *PathTemplate::parse("out/x-{task}-{part}.log");
  for (const uint64_t part : {0ull, 42ull, 99'999ull, 100'000ull}) {
    const auto numbers = path.match(path.path("s", 7, part), "s");
    ASSERT_TRUE(numbers);
    EXPECT_EQ(numbers->task, 7u);
    EXPECT_EQ(numbers->part, part);
  }
  for (const char* other : {"out/x-7-42.log", "out/x-7-00042.log.gz", "out/x-a-00042.log",
                            "out/x-07-00042.log", "out/x-7-.log", "y", "",
                            "out/x-99999999999-00042.log"}) {
    EXPECT_FALSE(path.match(other, "s")) << other;
  }
}

TEST(PathTemplate, refuses_what_it_could_not_read_back) {
  for (const char* text : {"", "a/", "{what}", "{part", "{part}/x", "{task}{part}", "{part}-{part}",
                           "{part}0.log"}) {
    const Result<PathTemplate> path = PathTemplate::parse(text);
    ASSERT_FALSE(path) << text;
    EXPECT_EQ(path.error().code, "bad-path");
  }
}

}  // namespace
}  // namespace penstock
