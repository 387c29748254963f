// SPDX-License-Identifier: Apache-2.0
// Every wrong document of tests/scenarios/diagnostics, and the exact messages beside it.
#include <gtest/gtest.h>

#include "spec/load.h"
#include "spec/test_documents.h"

namespace penstock {
namespace {

std::filesystem::path folder() {
  return std::filesystem::path(PENSTOCK_SOURCE_DIR) / "tests/scenarios/diagnostics";
}

TEST(WrongDocuments, each_gets_exactly_the_messages_beside_it) {
  EXPECT_GE(wrong_documents(folder()).size(), 100u);
  check_documents(folder(), [](const std::string& name, Diagnostics& diagnostics) {
    return load_file(name, diagnostics).has_value();
  });
}

TEST(WrongDocuments, every_code_of_the_readers_and_the_flow_has_one) {
  std::set<std::string> shown = codes_shown(folder());
  // too large to keep as files: yaml_reader_test.cc and load_test.cc make them
  for (const char* made : {"document-too-large", "too-many"}) shown.insert(made);
  for (const CodeInfo& info : all_codes()) {
    if (info.found_by != FoundBy::kDocument) continue;
    EXPECT_TRUE(shown.contains(std::string(info.code))) << info.code;
  }
}

}  // namespace
}  // namespace penstock
