// SPDX-License-Identifier: Apache-2.0
#include "config/codes.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace penstock {
namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

bool is_code(std::string_view text) {
  for (char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c != '-' && !plain) return false;
  }
  return text.find('-') != std::string_view::npos && text.front() >= 'a' && text.back() != '-';
}

/// The codes in `source`: literals that look like one and stand first in a call that reports a
/// diagnostic or makes an error, or behind an error's reaction or a context.
std::set<std::string> codes_in(const std::string& source) {
  std::set<std::string> found;
  for (const char* before : {"error(", "warning(", "context, ", "Reaction::kCancelled, ",
                             "kCode = ", "code = "}) {
    const std::string_view mark = before;
    for (size_t at = source.find(mark); at != std::string::npos; at = source.find(mark, at + 1)) {
      const size_t start = source.find_first_not_of(" \n", at + mark.size());
      if (start == std::string::npos || source[start] != '"') continue;
      const size_t end = source.find('"', start + 1);
      const std::string text = source.substr(start + 1, end - start - 1);
      if (is_code(text)) found.insert(text);
    }
  }
  return found;
}

bool is_ours(const std::filesystem::path& path) {
  const std::string name = path.filename();
  const bool code = name.ends_with(".cc") || name.ends_with(".h");
  const bool test = name.find("_test.") != std::string::npos || name.find("test_") == 0 ||
                    path.string().find("/conformance/") != std::string::npos;
  return code && !test && !name.starts_with("codes");
}

/// Every code that the program reports, with a file that does.
std::map<std::string, std::string> reported_codes() {
  std::map<std::string, std::string> out;
  for (const char* root : {"src", "apps"}) {
    const std::filesystem::path folder = std::filesystem::path(PENSTOCK_SOURCE_DIR) / root;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || !is_ours(entry.path())) continue;
      for (const std::string& each : codes_in(contents(entry.path()))) {
        out[each] = entry.path().lexically_relative(PENSTOCK_SOURCE_DIR);
      }
    }
  }
  return out;
}

TEST(Codes, every_code_that_is_reported_can_be_explained) {
  const auto reported = reported_codes();
  EXPECT_GT(reported.size(), 80u);
  for (const auto& [code, file] : reported) {
    EXPECT_NE(find_code(code), nullptr) << code << " of " << file << " has no entry in codes_*.cc";
  }
}

TEST(Codes, every_entry_is_complete_unique_and_sorted) {
  std::string before;
  for (const CodeInfo& info : all_codes()) {
    EXPECT_TRUE(is_code("a-" + std::string(info.code))) << info.code;  // one word will do
    EXPECT_LT(before, info.code);
    EXPECT_FALSE(info.title.empty()) << info.code;
    EXPECT_FALSE(info.about.empty()) << info.code;
    EXPECT_EQ(info.bad.empty(), info.good.empty()) << info.code;
    before = info.code;
  }
}

TEST(Codes, explain_prints_the_whole_entry) {
  const std::string text = explain("unknown-field");
  EXPECT_TRUE(text.starts_with("unknown-field: There is no field of this name here\n\n"));
  EXPECT_NE(text.find("\nWrong:\n\n    stages:\n      - name: words\n"), std::string::npos) << text;
  EXPECT_NE(text.find("\nRight:\n"), std::string::npos);
}

TEST(Codes, explain_of_an_unknown_code_names_the_nearest) {
  EXPECT_EQ(explain("unknown-feild"),
            "there is no code unknown-feild; did you mean unknown-field?\n");
}

}  // namespace
}  // namespace penstock
