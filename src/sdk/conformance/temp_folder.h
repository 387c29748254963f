// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace penstock::conformance {

/// A new empty folder for one test, removed with all that is in it. Not copyable.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  const std::string& path() const { return path_; }
  /// Path of a file inside.
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }
  /// Names of the files inside, sorted, folders left out.
  std::vector<std::string> files() const;

 private:
  std::string path_;
};

// Whole files. They crash when the file cannot be read or written: tests only.
std::string read_file(const std::string& path);
void write_file(const std::string& path, std::string_view text);
void append_file(const std::string& path, std::string_view text);

/// The lines of a text; a last line without newline counts.
std::vector<std::string> lines_of(std::string_view text);

}  // namespace penstock::conformance
