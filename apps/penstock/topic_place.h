// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "penstock/command.h"
#include "topiclog/system_topics.h"

namespace penstock {

/// Where the topic of a `penstock topic` command is.
struct TopicAddress {
  std::string topic;
  std::string folder;  ///< of all topics; empty = topics_root()'s choice

  /// The folder of all topics.
  Result<std::string> root() const { return topics_root(folder); }
  /// The topic's own. Its name is checked: it comes from the command line.
  Result<std::string> path() const;
};

/// A command with the positional TOPIC (if `with_topic`) and the option --folder.
Command topic_command(const char* name, const char* summary,
                      const std::shared_ptr<TopicAddress>& address, bool with_topic = true);

/// Says what is wrong; `code` is the exit code.
int refuse_topic(Program& program, const Error& error, int code = 2);

}  // namespace penstock
