// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "topiclog/topics.h"

namespace penstock {

/// Topics on this machine's disk. Outlives the writers and readers that are given its place().
class SystemTopics {
 public:
  explicit SystemTopics(const Clock& clock)
      : disk_(make_system_log_disk()), tails_(make_system_tail_store()), clock_(&clock) {}
  TopicPlace place() const { return {disk_.get(), tails_.get(), clock_}; }
  LogDisk& disk() const { return *disk_; }

 private:
  std::unique_ptr<LogDisk> disk_;
  std::unique_ptr<TailStore> tails_;
  const Clock* clock_;
};

/// The folder of all topics: `chosen`, or PENSTOCK_TOPICS, or penstock/topics in XDG_DATA_HOME, or
/// ~/.local/share/penstock/topics. "no-topics-folder" without any of these.
Result<std::string> topics_root(const std::string& chosen);

}  // namespace penstock
