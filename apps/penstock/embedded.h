// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

namespace penstock {

/// A file of the source tree that the program carries, so that `penstock docs` needs no tree.
struct EmbeddedFile {
  std::string_view name;  ///< below src/: "connectors/noop/README.md"
  std::string_view text;
};

/// README.md and example.yaml of every component's folder. Made by cmake/embed.cmake.
const std::vector<EmbeddedFile>& embedded_files();

/// The text of one; empty if there is none of that name.
inline std::string_view embedded_file(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.name == name) return file.text;
  }
  return {};
}

}  // namespace penstock
