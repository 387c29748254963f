// SPDX-License-Identifier: Apache-2.0
#include "topiclog/topics.h"

#include "state/wire.h"
#include "topiclog/settings.h"

namespace penstock {
namespace {

constexpr uint64_t kSettingsBytesMax = 4096;
constexpr uint64_t kGroupBytesMax = 64 << 10;
constexpr std::string_view kGroupMagic = "PNSTKGRP";
constexpr std::string_view kGroupEnd = ".group";

std::string groups_of(const std::string& folder) { return folder + "/groups"; }

Result<void> remove_tree(LogDisk& disk, const std::string& folder) {
  const auto files = disk.list(folder);
  if (!files) return files.error();
  for (const std::string& name : *files) PENSTOCK_TRY(disk.remove(folder + "/" + name));
  const auto folders = disk.folders(folder);
  if (!folders) return folders.error();
  for (const std::string& name : *folders) PENSTOCK_TRY(remove_tree(disk, folder + "/" + name));
  return disk.remove_folder(folder);
}

}  // namespace

Result<std::vector<std::string>> list_topics(LogDisk& disk, const std::string& root) {
  std::vector<std::string> topics;
  const Result<bool> there = disk.exists(root);
  if (!there) return there.error();
  if (!*there) return topics;
  const auto folders = disk.folders(root);
  if (!folders) return folders.error();
  for (const std::string& name : *folders) {
    const Result<bool> is_topic = disk.exists(root + "/" + name + "/topic");
    if (is_topic && *is_topic) topics.push_back(name);
  }
  return topics;
}

Result<TopicSettings> load_topic(LogDisk& disk, const std::string& folder) {
  const std::string path = folder + "/topic";
  const Result<bool> there = disk.exists(path);
  if (!there) return there.error();
  if (!*there) {
    return stop_error("topic-not-found", "there is no topic '" + folder + "'",
                      "`penstock topic create` makes one; `penstock topic list` shows what is "
                      "there");
  }
  const Result<std::string> bytes = disk.read(path, kSettingsBytesMax);
  if (!bytes) return bytes.error();
  return decode_settings(*bytes, path);
}

Result<void> create_topic(LogDisk& disk, const std::string& root, const std::string& name,
                          TopicSettings settings, int64_t now_us) {
  PENSTOCK_TRY(check_topic_name(name));
  PENSTOCK_TRY(check_topic_settings(settings));
  const std::string folder = root + "/" + name;
  PENSTOCK_TRY(disk.make_folders(folder));
  // Two that make the same topic at once: one after the other.
  const auto lock = disk.lock(folder + "/lock");
  const Result<bool> there = disk.exists(folder + "/topic");
  if (!there) return there.error();
  if (*there) {
    const Result<TopicSettings> old = load_topic(disk, folder);
    if (!old) return old.error();
    settings.created_us = old->created_us;
    if (*old == settings) return {};
    return stop_error("topic-exists", "the topic '" + folder + "' is there with other settings",
                      "`penstock topic describe` shows them; delete it first, or take another "
                      "name");
  }
  if (!lock) return lock.error();
  settings.created_us = now_us;
  PENSTOCK_TRY(disk.make_folders(groups_of(folder)));
  for (uint32_t p = 0; p < settings.partitions; ++p) {
    PENSTOCK_TRY(disk.make_folders(folder + "/" + std::to_string(p)));
  }
  PENSTOCK_TRY(disk.write(folder + "/topic.tmp", encode_settings(settings), true));
  return disk.rename(folder + "/topic.tmp", folder + "/topic", true);
}

Result<void> delete_topic(LogDisk& disk, const std::string& folder) {
  const auto found = load_topic(disk, folder);
  if (!found && found.error().code != "topic-damaged") return found.error();
  const auto lock = disk.lock(folder + "/lock");
  if (!lock && lock.error().code == "state-locked") {
    return stop_error("topic-in-use", "the topic '" + folder + "' is being written",
                      "stop the process that writes it first");
  }
  if (!lock) return lock.error();
  // Without this file it is no topic any more, whatever else a crash leaves.
  PENSTOCK_TRY(disk.remove(folder + "/topic"));
  PENSTOCK_TRY(disk.sync_folder(folder));
  return remove_tree(disk, folder);
}

std::string encode_group(const GroupOffsets& offsets) {
  std::string body;
  WireWriter writer(body);
  writer.u32(static_cast<uint32_t>(offsets.size()));
  for (const auto& [partition, offset] : offsets) {
    writer.u32(partition);
    writer.u64(offset);
  }
  return sealed_file(kGroupMagic, body);
}

Result<GroupOffsets> decode_group(std::string_view bytes, const std::string& file) {
  const Result<std::string_view> body = opened_file(kGroupMagic, bytes, file);
  if (!body) return body.error();
  WireReader reader(*body);
  GroupOffsets offsets;
  const uint32_t count = reader.u32();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    const uint32_t partition = reader.u32();
    if (!offsets.empty() && partition <= offsets.rbegin()->first) reader.fail();
    offsets[partition] = reader.u64();
  }
  if (!reader.ok() || reader.left() > 0) return topic_damaged(file, "its fields make no sense");
  return offsets;
}

Result<GroupOffsets> load_group(LogDisk& disk, const std::string& folder,
                                const std::string& group) {
  PENSTOCK_TRY(check_topic_name(group, "group"));
  const std::string path = groups_of(folder) + "/" + group + std::string(kGroupEnd);
  const Result<bool> there = disk.exists(path);
  if (!there) return there.error();
  if (!*there) return GroupOffsets();
  const Result<std::string> bytes = disk.read(path, kGroupBytesMax);
  if (!bytes) return bytes.error();
  return decode_group(*bytes, path);
}

Result<void> save_group(LogDisk& disk, const std::string& folder, const std::string& group,
                        const GroupOffsets& offsets) {
  const std::string path = groups_of(folder) + "/" + group + std::string(kGroupEnd);
  PENSTOCK_TRY(disk.remove(path + ".tmp"));
  PENSTOCK_TRY(disk.write(path + ".tmp", encode_group(offsets), true));
  return disk.rename(path + ".tmp", path, true);
}

Result<std::shared_ptr<void>> lock_group(LogDisk& disk, const std::string& folder,
                                         const std::string& group) {
  PENSTOCK_TRY(check_topic_name(group, "group"));
  PENSTOCK_TRY(disk.make_folders(groups_of(folder)));
  auto lock = disk.lock(groups_of(folder) + "/" + group + ".lock");
  if (lock || lock.error().code != "state-locked") return lock;
  const size_t by = lock.error().message.rfind(" in use by ");
  return stop_error("topic-group-in-use",
                    "the group '" + group + "' of '" + folder + "' is" +
                        lock.error().message.substr(by),
                    "give each pipeline a group of its own; tasks of one stage share a group");
}

Result<std::vector<std::string>> list_groups(LogDisk& disk, const std::string& folder) {
  std::vector<std::string> groups;
  const Result<bool> there = disk.exists(groups_of(folder));
  if (!there) return there.error();
  if (!*there) return groups;
  const auto names = disk.list(groups_of(folder));
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (!name.ends_with(kGroupEnd)) continue;
    groups.push_back(name.substr(0, name.size() - kGroupEnd.size()));
  }
  return groups;
}

Result<TopicView> describe_topic(const TopicPlace& place, const std::string& folder) {
  auto reader = TopicReader::open(place, folder);
  if (!reader) return reader.error();
  TopicView view;
  view.settings = (*reader)->settings();
  for (uint32_t p = 0; p < view.settings.partitions; ++p) {
    PartitionView partition;
    const std::string path = folder + "/" + std::to_string(p);
    if (const auto there = place.disk->exists(path); there && *there) {
      const auto bases = list_segments(*place.disk, path);
      if (!bases) return bases.error();
      const Result<uint64_t> end = (*reader)->visible(p);
      if (!end) return end.error();
      partition.start = bases->empty() ? 0 : bases->front();
      partition.end = *end;
      partition.segments = bases->size();
      for (const uint64_t base : *bases) {
        const auto file = place.disk->open(path + "/" + segment_name(base), LogDisk::Open::kRead);
        if (!file) continue;  // retention was faster
        if (const auto size = (*file)->size()) partition.bytes += *size;
      }
    }
    view.partitions.push_back(partition);
  }
  const auto groups = list_groups(*place.disk, folder);
  if (!groups) return groups.error();
  for (const std::string& group : *groups) {
    const auto offsets = load_group(*place.disk, folder, group);
    if (!offsets) return offsets.error();
    view.groups[group] = *offsets;
  }
  return view;
}

}  // namespace penstock
