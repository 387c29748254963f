// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "topiclog/topic_reader.h"

namespace penstock {

/// The topics of a folder, each a folder of its name. All calls block; safe beside readers and
/// writers in other processes.
Result<std::vector<std::string>> list_topics(LogDisk& disk, const std::string& root);
/// "topic-exists" unless the topic is there with the same settings (but for its age).
Result<void> create_topic(LogDisk& disk, const std::string& root, const std::string& name,
                          TopicSettings settings, int64_t now_us);
/// Its settings. "topic-not-found".
Result<TopicSettings> load_topic(LogDisk& disk, const std::string& folder);
/// "topic-in-use" while a process writes it. Readers that have segments open read them to the end.
Result<void> delete_topic(LogDisk& disk, const std::string& folder);

/// How far a consumer group has come, by partition: the next offset that it wants.
using GroupOffsets = std::map<uint32_t, uint64_t>;
std::string encode_group(const GroupOffsets& offsets);
Result<GroupOffsets> decode_group(std::string_view bytes, const std::string& file);
/// Empty for a group that has committed nothing yet.
Result<GroupOffsets> load_group(LogDisk& disk, const std::string& folder, const std::string& group);
/// Atomic, and it survives power loss.
Result<void> save_group(LogDisk& disk, const std::string& folder, const std::string& group,
                        const GroupOffsets& offsets);
/// While the result lives, no other process reads as this group: "topic-group-in-use".
Result<std::shared_ptr<void>> lock_group(LogDisk& disk, const std::string& folder,
                                         const std::string& group);
Result<std::vector<std::string>> list_groups(LogDisk& disk, const std::string& folder);

/// One partition as `describe` tells it.
struct PartitionView {
  uint64_t start = 0, end = 0, bytes = 0;
  uint64_t segments = 0;
};
struct TopicView {
  TopicSettings settings;
  std::vector<PartitionView> partitions;
  std::map<std::string, GroupOffsets> groups;
};
Result<TopicView> describe_topic(const TopicPlace& place, const std::string& folder);

}  // namespace penstock
