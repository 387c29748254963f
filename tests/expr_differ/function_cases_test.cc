// SPDX-License-Identifier: Apache-2.0
// The cases in tests/scenarios/expressions/functions: what the Go libraries gave, once and for all.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "difference.h"
#include "expr/functions/functions.h"
#include "json/parse.h"
#include "our_result.h"
#include "value/write_json.h"

namespace penstock {
namespace {

TEST(FunctionCases, give_what_the_go_libraries_gave) {
  const auto table = all_functions();
  const ManualClock clock;
  size_t count = 0;
  const std::string folder = PENSTOCK_SOURCE_DIR "/tests/scenarios/expressions/functions";
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    if (file.path().extension() != ".ndjson") continue;
    std::ifstream in(file.path());
    for (std::string line; std::getline(in, line); ++count) {
      ValueArena arena;
      JsonParser parser;
      const auto request = parser.parse(line, arena);
      ASSERT_TRUE(request) << line;
      const auto ours = evaluate_ours(*request, *table, clock, arena);
      const Value* theirs = request->find("value");
      if (theirs == nullptr) {
        EXPECT_FALSE(ours) << line;
        continue;
      }
      ASSERT_TRUE(ours) << line << ": " << ours.error().message;
      EXPECT_TRUE(same_value(*ours, *theirs)) << line << ": " << display(*ours);
    }
  }
  EXPECT_GE(count, 1500u);
}

}  // namespace
}  // namespace penstock
