// SPDX-License-Identifier: Apache-2.0
// penstock topic list, create, describe, delete.
#include <algorithm>

#include "config/json_text.h"
#include "penstock/commands.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/text_table.h"
#include "penstock/topic_place.h"

namespace penstock {
namespace {

struct TopicArguments {
  std::shared_ptr<TopicAddress> address = std::make_shared<TopicAddress>();
  TopicSettings settings;
  int output = 0;  // text, json
};

using Arguments = std::shared_ptr<TopicArguments>;

CommandOption& size_option(Command& c, const char* name, ByteSize* to, const char* about) {
  CommandOption& made = c.option(name, "SIZE", static_cast<std::string*>(nullptr), about);
  made.set = [to](const std::string& text) -> Result<void> {
    const Result<ByteSize> size = parse_byte_size(text);
    if (!size) return stop_error("bad-argument", "is not a size such as 64MiB");
    *to = *size;
    return {};
  };
  return made;
}

int list(const TopicArguments& a, Program& program) {
  const SystemTopics topics(*program.clock);
  const Result<std::string> root = a.address->root();
  if (!root) return refuse_topic(program, root.error());
  const auto names = list_topics(topics.disk(), *root);
  if (!names) return refuse_topic(program, names.error(), kExitFailed);
  TextTable table({TextTable::Align::kLeft, TextTable::Align::kRight, TextTable::Align::kRight,
                   TextTable::Align::kRight});
  if (!names->empty()) table.row({"topic", "partitions", "records", "size"});
  JsonWriter json;
  json.open_list();
  for (const std::string& name : *names) {
    const auto view = describe_topic(topics.place(), *root + "/" + name);
    if (!view) return refuse_topic(program, view.error(), kExitFailed);
    uint64_t records = 0, bytes = 0;
    for (const PartitionView& p : view->partitions) records += p.end - p.start, bytes += p.bytes;
    table.row({name, std::to_string(view->partitions.size()), std::to_string(records),
               short_bytes(static_cast<double>(bytes))});
    json.open_object();
    json.key("topic"), json.string(name);
    json.key("partitions"), json.raw(std::to_string(view->partitions.size()));
    json.key("records"), json.raw(std::to_string(records));
    json.key("bytes"), json.raw(std::to_string(bytes));
    json.close_object();
  }
  json.close_list();
  if (a.output == 1) return write_all(program.out, json.finish()), kExitDone;
  write_all(program.out, table.text());
  if (names->empty()) write_all(program.err, "no topics in " + *root + "\n");
  return kExitDone;
}

int create(const TopicArguments& a, Program& program) {
  const SystemTopics topics(*program.clock);
  const Result<std::string> root = a.address->root();
  if (!root) return refuse_topic(program, root.error());
  const Result<void> made = create_topic(topics.disk(), *root, a.address->topic, a.settings,
                                         program.clock->wall_us());
  if (!made) return refuse_topic(program, made.error());
  write_all(program.out, *root + "/" + a.address->topic + "\n");
  return kExitDone;
}

std::string settings_text(const TopicSettings& s) {
  std::string text = "created " + wall_time(s.created_us) + " UTC, segments of " +
                     to_string(s.segment_bytes) + ", records of at most " +
                     to_string(s.record_bytes_max) + ", ";
  if (s.retention_bytes.bytes == 0 && s.retention.us == 0) return text + "everything is kept\n";
  text += "kept:";
  if (s.retention_bytes.bytes > 0) text += " " + to_string(s.retention_bytes) + " a partition";
  if (s.retention.us > 0) text += " " + to_string(s.retention);
  return text + "\n";
}

/// What a group has not read of a partition.
uint64_t lag_of(const PartitionView& partition, const GroupOffsets& offsets, uint32_t p) {
  const auto found = offsets.find(p);
  const uint64_t next = found == offsets.end() ? partition.start : found->second;
  return partition.end - std::min(partition.end, std::max(next, partition.start));
}

std::string described(const TopicView& view) {
  constexpr auto kRight = TextTable::Align::kRight;
  TextTable table({kRight, kRight, kRight, kRight, kRight});
  table.row({"partition", "first", "next", "segments", "size"});
  for (size_t p = 0; p < view.partitions.size(); ++p) {
    const PartitionView& partition = view.partitions[p];
    table.row({std::to_string(p), std::to_string(partition.start), std::to_string(partition.end),
               std::to_string(partition.segments),
               short_bytes(static_cast<double>(partition.bytes))});
  }
  std::string text = settings_text(view.settings) + table.text();
  for (const auto& [name, offsets] : view.groups) {
    TextTable lags({kRight, kRight, kRight});
    lags.row({"partition", "next", "lag"});
    for (uint32_t p = 0; p < view.partitions.size(); ++p) {
      const auto found = offsets.find(p);
      lags.row({std::to_string(p), found == offsets.end() ? "-" : std::to_string(found->second),
                std::to_string(lag_of(view.partitions[p], offsets, p))});
    }
    text += "group " + name + "\n" + lags.text();
  }
  return text;
}

std::string described_json(const std::string& name, const TopicView& view) {
  const auto number = [](JsonWriter& json, const char* key, uint64_t value) {
    json.key(key), json.raw(std::to_string(value));
  };
  JsonWriter json;
  json.open_object();
  json.key("topic"), json.string(name);
  number(json, "segment_bytes", view.settings.segment_bytes.bytes);
  number(json, "record_bytes_max", view.settings.record_bytes_max.bytes);
  number(json, "retention_bytes", view.settings.retention_bytes.bytes);
  number(json, "retention_ms", static_cast<uint64_t>(view.settings.retention.ms()));
  json.key("partitions");
  json.open_list();
  for (const PartitionView& partition : view.partitions) {
    json.open_object();
    number(json, "first", partition.start);
    number(json, "next", partition.end);
    number(json, "segments", partition.segments);
    number(json, "bytes", partition.bytes);
    json.close_object();
  }
  json.close_list();
  json.key("groups");
  json.open_object();
  for (const auto& [group, offsets] : view.groups) {
    json.key(group);
    json.open_list();
    for (uint32_t p = 0; p < view.partitions.size(); ++p) {
      json.open_object();
      if (offsets.contains(p)) number(json, "next", offsets.at(p));
      number(json, "lag", lag_of(view.partitions[p], offsets, p));
      json.close_object();
    }
    json.close_list();
  }
  json.close_object();
  json.close_object();
  return json.finish();
}

int describe(const TopicArguments& a, Program& program) {
  const SystemTopics topics(*program.clock);
  const Result<std::string> path = a.address->path();
  if (!path) return refuse_topic(program, path.error());
  const auto view = describe_topic(topics.place(), *path);
  if (!view) return refuse_topic(program, view.error());
  const bool as_json = a.output == 1;
  write_all(program.out, as_json ? described_json(a.address->topic, *view) : described(*view));
  return kExitDone;
}

int remove(const TopicArguments& a, Program& program) {
  const SystemTopics topics(*program.clock);
  const Result<std::string> path = a.address->path();
  if (!path) return refuse_topic(program, path.error());
  const Result<void> gone = delete_topic(topics.disk(), *path);
  if (!gone) return refuse_topic(program, gone.error());
  write_all(program.out, *path + " is gone\n");
  return kExitDone;
}

}  // namespace

Result<std::string> TopicAddress::path() const {
  PENSTOCK_TRY(check_topic_name(topic));
  const Result<std::string> found = root();
  if (!found) return found.error();
  return *found + "/" + topic;
}

Command topic_command(const char* name, const char* summary,
                      const std::shared_ptr<TopicAddress>& address, bool with_topic) {
  Command c;
  c.name = name;
  c.summary = summary;
  if (with_topic) c.positional("TOPIC", &address->topic, "The topic's name.");
  c.option("--folder", "DIR", &address->folder,
           "The folder of all topics. Default: PENSTOCK_TOPICS, or "
           "~/.local/share/penstock/topics.",
           Complete::kFolder);
  return c;
}

int refuse_topic(Program& program, const Error& error, int code) {
  write_all(program.err, complaint(error));
  return code;
}

Command topic_list_command() {
  auto a = std::make_shared<TopicArguments>();
  Command c = topic_command("topic list", "List the topics on this machine.", a->address, false);
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock topic list", "Names, partitions, records and sizes.");
  c.run = [a](Program& program) { return list(*a, program); };
  return c;
}

Command topic_create_command() {
  auto a = std::make_shared<TopicArguments>();
  Command c = topic_command("topic create", "Make a topic of the durable log.", a->address);
  c.details = "Prints its folder. One that is there with the same settings is left as it is.";
  c.option("--partitions", "N", &a->settings.partitions, "1 to 1024. Default 1.");
  size_option(c, "--segment-bytes", &a->settings.segment_bytes,
              "A file of the log ends at this size. Default 64MiB.");
  size_option(c, "--max-record-bytes", &a->settings.record_bytes_max,
              "Larger records are refused. Default 16MiB.");
  size_option(c, "--retention-bytes", &a->settings.retention_bytes,
              "What a partition keeps; older segments go. Default: everything.");
  c.option("--retention", "TIME", &a->settings.retention,
           "How long records are kept. Default: for ever.");
  c.example("penstock topic create orders --partitions 4", "Four partitions, everything is kept.");
  c.example("penstock topic create logs --retention 7d --retention-bytes 10GiB",
            "A week of them, at most 10 GiB a partition.");
  c.run = [a](Program& program) { return create(*a, program); };
  return c;
}

Command topic_describe_command() {
  auto a = std::make_shared<TopicArguments>();
  Command c = topic_command("topic describe", "Show a topic's partitions and consumer groups.",
                            a->address);
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock topic describe orders", "Offsets, sizes, and what each group has not read.");
  c.run = [a](Program& program) { return describe(*a, program); };
  return c;
}

Command topic_delete_command() {
  auto a = std::make_shared<TopicArguments>();
  Command c = topic_command("topic delete", "Delete a topic with all its records.", a->address);
  c.details = "Refused while a process writes it.";
  c.example("penstock topic delete orders", "Its folder is gone.");
  c.run = [a](Program& program) { return remove(*a, program); };
  return c;
}

}  // namespace penstock
