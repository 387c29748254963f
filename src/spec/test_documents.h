// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>  // tidy-allow: heavy-header because only tests include this

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "config/codes.h"

// Wrong documents with their exact messages beside them: <claim>.yaml or .json, <claim>.expected.

namespace penstock {

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

/// The documents right inside a folder, sorted.
inline std::vector<std::filesystem::path> wrong_documents(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::filesystem::path extension = entry.path().extension();
    if (extension == ".yaml" || extension == ".json") out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

inline std::filesystem::path expected_of(std::filesystem::path document) {
  return document.replace_extension(".expected");
}

/// Checks each document of `folder`, from inside it. `check(name, diagnostics)` reads the file of
/// that name and says whether it is usable. Set PENSTOCK_REWRITE_EXPECTED to write the expected
/// messages anew, then read the difference.
template <class Check>
void check_documents(const std::filesystem::path& folder, Check check) {
  const bool rewrite = std::getenv("PENSTOCK_REWRITE_EXPECTED") != nullptr;
  const std::filesystem::path home = std::filesystem::current_path();
  std::filesystem::current_path(folder);
  for (const std::filesystem::path& document : wrong_documents(folder)) {
    Diagnostics diagnostics;
    const bool usable = check(document.filename().string(), diagnostics);
    const std::string found = to_string(diagnostics);
    if (rewrite) std::ofstream(expected_of(document), std::ios::binary) << found;
    EXPECT_EQ(found, contents(expected_of(document))) << document.filename();
    EXPECT_NE(found, "") << document.filename() << " is not wrong";
    EXPECT_EQ(usable, !diagnostics.has_errors()) << document.filename();
    for (const Diagnostic& d : diagnostics.all()) {
      EXPECT_NE(find_code(d.code), nullptr) << d.code << " in " << document.filename();
      EXPECT_GT(d.position.line, 0) << document.filename() << ": " << d.what;
    }
  }
  std::filesystem::current_path(home);
}

/// The codes that the expected messages of a folder show.
inline std::set<std::string> codes_shown(const std::filesystem::path& folder) {
  std::set<std::string> out;
  for (const std::filesystem::path& document : wrong_documents(folder)) {
    const std::string text = contents(expected_of(document));
    for (const char* severity : {": error[", ": warning["}) {
      const std::string_view mark = severity;
      for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
        const size_t start = at + mark.size();
        out.insert(text.substr(start, text.find(']', start) - start));
      }
    }
  }
  return out;
}

}  // namespace penstock
