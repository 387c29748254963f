// SPDX-License-Identifier: Apache-2.0
// A topic read, filtered and written by librdkafka alone, in one loop:
//   ceiling_kafka BROKERS FROM TO RECORDS plain|transactions|latency [PROPERTY=VALUE …]
// The filter drops payloads that begin with '-'. plain commits offsets every 100 ms behind a flush,
// transactions every 100 ms in a transaction; latency wakes on the first record and commits so too.
// Properties that begin with out. are the producer's, others the consumer's. FROM and TO have the
// same partitions. Prints one line of JSON; latency prints nothing and ends by SIGTERM.
#include <librdkafka/rdkafka.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "base/clock.h"

namespace {

using penstock::SystemClock;

std::atomic<bool> stopped{false};

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

rd_kafka_t* make(rd_kafka_type_t type, const std::map<std::string, std::string>& properties) {
  char text[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [name, value] : properties) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text, sizeof text) !=
        RD_KAFKA_CONF_OK) {
      fail(name.c_str(), text);
    }
  }
  rd_kafka_t* made = rd_kafka_new(type, conf, text, sizeof text);
  if (made == nullptr) fail("librdkafka", text);
  return made;
}

void expect(rd_kafka_error_t* error, const char* what) {
  if (error != nullptr) fail(what, rd_kafka_error_string(error));
}

/// What was read since the last commit, made durable.
struct Committer {
  rd_kafka_t* consumer;
  rd_kafka_t* producer;
  bool transactions;
  bool open = false;

  void begin() {
    if (transactions && !open) expect(rd_kafka_begin_transaction(producer), "begin");
    open = true;
  }
  void commit() {
    if (!open) return;
    open = false;
    rd_kafka_topic_partition_list_t* at = nullptr;
    if (rd_kafka_assignment(consumer, &at) != 0) fail("assignment", "none");
    rd_kafka_position(consumer, at);
    if (transactions) {
      rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(consumer);
      expect(rd_kafka_send_offsets_to_transaction(producer, at, group, -1), "offsets");
      rd_kafka_consumer_group_metadata_destroy(group);
      expect(rd_kafka_commit_transaction(producer, -1), "commit");
    } else {
      rd_kafka_flush(producer, 60'000);
      rd_kafka_commit(consumer, at, 1);
    }
    rd_kafka_topic_partition_list_destroy(at);
  }
};

/// One record on; true if it passed the filter.
bool pass(rd_kafka_t* producer, rd_kafka_topic_t* to, const rd_kafka_message_t& in) {
  if (in.len > 0 && static_cast<const char*>(in.payload)[0] == '-') return false;
  rd_kafka_timestamp_type_t type;
  rd_kafka_vu_t fields[6];
  fields[0].vtype = RD_KAFKA_VTYPE_RKT;
  fields[0].u.rkt = to;
  fields[1].vtype = RD_KAFKA_VTYPE_VALUE;
  fields[1].u.mem.ptr = in.payload;
  fields[1].u.mem.size = in.len;
  fields[2].vtype = RD_KAFKA_VTYPE_KEY;
  fields[2].u.mem.ptr = in.key;
  fields[2].u.mem.size = in.key_len;
  fields[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  fields[3].u.i = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK;
  fields[4].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
  fields[4].u.i64 = rd_kafka_message_timestamp(&in, &type);
  expect(rd_kafka_produceva(producer, fields, 5), "produce");
  return true;
}

/// Reads, filters and writes until there were so many records; 0 = until stopped.
void loop(Committer& committer, rd_kafka_topic_t* to, uint64_t records) {
  constexpr int64_t kCommitNs = 100'000'000;
  constexpr size_t kBatch = 1024;
  rd_kafka_message_t* messages[kBatch];
  const SystemClock clock;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(committer.consumer);
  uint64_t read = 0, written = 0;
  int64_t begun = 0, committed = 0;
  while (!stopped.load() && (records == 0 || read < records)) {
    // One record at least; then what is there.
    rd_kafka_message_t* first = rd_kafka_consumer_poll(committer.consumer, 50);
    size_t count = 0;
    if (first != nullptr) {
      messages[count++] = first;
      const ssize_t more = rd_kafka_consume_batch_queue(queue, 0, messages + 1, kBatch - 1);
      if (more > 0) count += static_cast<size_t>(more);
    }
    if (count > 0 && begun == 0) begun = committed = clock.monotonic_ns();
    if (count > 0) committer.begin();
    for (size_t i = 0; i < count; ++i) {
      if (messages[i]->err != 0) fail("consume", rd_kafka_message_errstr(messages[i]));
      ++read;
      written += pass(committer.producer, to, *messages[i]);
      rd_kafka_message_destroy(messages[i]);
    }
    const int64_t now = clock.monotonic_ns();
    if (begun == 0 || now - committed < kCommitNs) continue;
    committer.commit();
    committed = now;
  }
  committer.commit();
  rd_kafka_flush(committer.producer, 60'000);
  const double seconds = static_cast<double>(clock.monotonic_ns() - begun) / 1e9;
  std::printf("{\"name\": \"kafka\", \"records\": %llu, \"written\": %llu, \"seconds\": %.4f, "
              "\"records_per_second\": %.0f}\n",
              static_cast<unsigned long long>(read), static_cast<unsigned long long>(written),
              seconds, static_cast<double>(read) / seconds);
}

using Properties = std::map<std::string, std::string>;

/// What the arguments from the seventh on change.
void read_properties(int argc, char** argv, Properties& in, Properties& out) {
  for (int i = 6; i < argc; ++i) {
    const char* equals = std::strchr(argv[i], '=');
    if (equals == nullptr) fail(argv[i], "NAME=VALUE is wanted");
    const std::string name(static_cast<const char*>(argv[i]), equals);
    (name.starts_with("out.") ? out[name.substr(4)] : in[name]) = equals + 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) fail("usage", "BROKERS FROM TO RECORDS plain|transactions|latency [P=V …]");
  const std::string mode = argv[5];
  const uint64_t records = std::strtoull(argv[4], nullptr, 10);
  Properties in = {{"bootstrap.servers", argv[1]},
                                           {"group.id", "ceiling-" + std::to_string(getpid())},
                                           {"auto.offset.reset", "earliest"},
                                           {"enable.auto.commit", "false"},
                                           {"fetch.queue.backoff.ms", "5"},
                                           {"queued.min.messages", "1000000"}};
  Properties out = {{"bootstrap.servers", argv[1]},
                                            {"enable.idempotence", "true"},
                                            {"linger.ms", mode == "latency" ? "0" : "5"},
                                            {"queue.buffering.max.messages", "1000000"},
                                            {"batch.num.messages", "100000"},
                                            {"partitioner", "murmur2_random"}};
  if (mode == "latency") in["auto.offset.reset"] = "latest";
  if (mode == "transactions") out["transactional.id"] = in["group.id"];
  read_properties(argc, argv, in, out);
  std::signal(SIGTERM, [](int) { stopped.store(true); });
  rd_kafka_t* consumer = make(RD_KAFKA_CONSUMER, in);
  rd_kafka_t* producer = make(RD_KAFKA_PRODUCER, out);
  const bool transactions = mode == "transactions";
  if (transactions) expect(rd_kafka_init_transactions(producer, -1), "init");
  rd_kafka_topic_t* to = rd_kafka_topic_new(producer, argv[3], nullptr);
  rd_kafka_poll_set_consumer(consumer);
  rd_kafka_topic_partition_list_t* topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, argv[2], RD_KAFKA_PARTITION_UA);
  rd_kafka_subscribe(consumer, topics);
  std::thread reports([&] {
    while (!stopped.load()) rd_kafka_poll(producer, 100);
  });

  Committer committer{consumer, producer, transactions};
  loop(committer, to, records);
  std::fflush(stdout);
  std::_Exit(0);  // what the library would still do is not measured
}
