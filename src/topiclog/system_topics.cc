// SPDX-License-Identifier: Apache-2.0
#include "topiclog/system_topics.h"

#include <cstdlib>

namespace penstock {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<std::string> topics_root(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  if (const std::string root = variable("PENSTOCK_TOPICS"); !root.empty()) return root;
  // XDG: a relative path is to be ignored.
  if (const std::string xdg = variable("XDG_DATA_HOME"); xdg.starts_with("/")) {
    return xdg + "/penstock/topics";
  }
  if (const std::string home = variable("HOME"); home.starts_with("/")) {
    return (home == "/" ? "" : home) + "/.local/share/penstock/topics";
  }
  return stop_error("no-topics-folder", "there is no folder to keep topics in: HOME is not set",
                    "name one with folder or --folder, or with PENSTOCK_TOPICS");
}

}  // namespace penstock
