// SPDX-License-Identifier: Apache-2.0
// Every wrong document of tests/scenarios/diagnostics, and the exact messages beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "config/codes.h"
#include "spec/load.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

std::string contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> wrong_documents() {
  const fs::path folder = fs::path(PENSTOCK_SOURCE_DIR) / "tests/scenarios/diagnostics";
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const fs::path extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".json") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// What `penstock validate NAME` prints when it is called in the document's folder. Set
/// PENSTOCK_REWRITE_EXPECTED to write the files anew, then read the difference.
TEST(WrongDocuments, each_gets_exactly_the_messages_beside_it) {
  const bool rewrite = std::getenv("PENSTOCK_REWRITE_EXPECTED") != nullptr;
  const fs::path home = fs::current_path();
  const std::vector<fs::path> documents = wrong_documents();
  EXPECT_GE(documents.size(), 60u);
  for (const fs::path& document : documents) {
    fs::current_path(document.parent_path());
    Diagnostics diagnostics;
    const auto spec = load_file(document.filename(), diagnostics);
    fs::current_path(home);
    const std::string found = to_string(diagnostics);
    fs::path expected = document;
    expected.replace_extension(".expected");
    if (rewrite) std::ofstream(expected, std::ios::binary) << found;
    EXPECT_EQ(found, contents(expected)) << document.filename();
    EXPECT_NE(found, "") << document.filename() << " is not wrong";
    EXPECT_EQ(spec.has_value(), !diagnostics.has_errors()) << document.filename();
    for (const Diagnostic& d : diagnostics.all()) {
      EXPECT_NE(find_code(d.code), nullptr) << d.code << " in " << document.filename();
      EXPECT_GT(d.position.line, 0) << document.filename() << ": " << d.what;
    }
  }
}

TEST(WrongDocuments, every_code_of_the_readers_and_the_flow_has_one) {
  std::set<std::string> shown;
  for (const fs::path& document : wrong_documents()) {
    fs::path expected = document;
    expected.replace_extension(".expected");
    const std::string text = contents(expected);
    for (size_t at = text.find('['); at != std::string::npos; at = text.find('[', at + 1)) {
      shown.insert(text.substr(at + 1, text.find(']', at) - at - 1));
    }
  }
  // too large to keep as files: yaml_reader_test.cc and load_test.cc make them
  for (const char* made : {"document-too-large", "too-many"}) shown.insert(made);
  for (const CodeInfo& info : all_codes()) {
    if (info.found_by != FoundBy::kDocument) continue;
    EXPECT_TRUE(shown.contains(std::string(info.code))) << info.code;
  }
}

}  // namespace
}  // namespace penstock
