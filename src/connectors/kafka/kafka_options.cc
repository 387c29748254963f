// SPDX-License-Identifier: Apache-2.0
#include "connectors/kafka/kafka_options.h"

#include <algorithm>
#include <charconv>

namespace penstock {
namespace {

/// "orders/3", or "3" where there is one topic.
bool is_partition(const std::string& text) {
  const std::string number = text.substr(text.rfind('/') + 1);
  uint32_t partition = 0;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), partition);
  return error == std::errc() && end == number.data() + number.size();
}

// The options that both components share. A member of the base is one of O, too.
template <class O, class M>
M O::*own(M KafkaConnection::*member) {
  return static_cast<M O::*>(member);
}
template <class O>
auto brokers() {
  return field("brokers", own<O>(&KafkaConnection::brokers))
      .not_empty()
      .example("broker1:9092,broker2:9092")
      .about("Some of the cluster's brokers. Left out, topics are those of this machine.");
}
template <class O>
auto tls() {
  return field("tls", own<O>(&KafkaConnection::tls), kafka_tls_options())
      .about("Encrypts; `tls: {}` is enough.");
}
template <class O>
auto sasl() {
  return field("sasl", own<O>(&KafkaConnection::sasl), kafka_sasl_options()).about("Who we are.");
}
template <class O>
auto properties() {
  return field("properties", own<O>(&KafkaConnection::properties))
      .example("{socket.receive.buffer.bytes: \"1000000\"}")
      .about("Further properties of librdkafka, by its names. Values are not printed.");
}
template <class O>
auto connect_timeout() {
  return field("connect_timeout", own<O>(&KafkaConnection::connect_timeout))
      .range(milliseconds(100), seconds(600))
      .about("How long the start waits for a broker, and any question for its answer.");
}

void check_source(const KafkaSourceOptions& o, const Position& at, Diagnostics& diagnostics) {
  check_kafka_connection(o, at, diagnostics);
  if (o.topics.empty()) {
    diagnostics.error("missing-field", at, "topics names no topic", "topics: [orders]");
  }
  const auto conflict = [&](bool is, const char* what, const char* hint) {
    if (is) diagnostics.error("option-conflict", at, what, hint);
  };
  if (o.brokers.empty()) {
    conflict(std::any_of(o.topics.begin(), o.topics.end(),
                         [](const std::string& topic) { return topic.starts_with("^"); }),
             "without brokers each topic has to be named, without ^",
             "set brokers: 127.0.0.1:9092, or name the topics");
    conflict(o.start == KafkaStart::kTime || o.start == KafkaStart::kOffsets,
             "start: time and start: offsets need brokers",
             "a source of type topic has both for topics of this machine");
  }
  conflict(o.start != KafkaStart::kTime && o.start_time_ms != 0,
           "start_time_ms needs start: time", "");
  conflict(o.start != KafkaStart::kOffsets && !o.start_offsets.empty(),
           "start_offsets needs start: offsets", "");
  conflict(!o.follow && !o.group_instance.empty(),
           "group_instance means nothing with follow: false",
           "without follow, the tasks share the partitions among themselves");
  conflict(o.group.empty() && !o.group_instance.empty(), "group_instance needs a group", "");
  for (const auto& [partition, offset] : o.start_offsets) {
    if (is_partition(partition)) continue;
    diagnostics.error("bad-number", at, "start_offsets names a partition '" + partition + "'",
                      "orders/0, or 0 where there is one topic");
  }
}

void check_sink(const KafkaSinkOptions& o, const Position& at, Diagnostics& diagnostics) {
  check_kafka_connection(o, at, diagnostics);
  if (o.idempotent && o.acks != KafkaAcks::kAll) {
    diagnostics.error("option-conflict", at, "acks: leader needs idempotent: false",
                      "an idempotent producer waits for all replicas");
  }
}

}  // namespace

const Schema<KafkaSourceOptions>& kafka_source_options() {
  using O = KafkaSourceOptions;
  static const Schema<O> schema(
      {
          brokers<O>(), tls<O>(), sasl<O>(), properties<O>(), connect_timeout<O>(),
          field("topics", &O::topics)
              .required()
              .not_empty()
              .example("[orders, \"^audit-.*\"]")
              .about("Topics to read. One that begins with ^ is a regular expression, and needs a "
                     "group."),
          field("group", &O::group)
              .about("Consumer group: its members, in any number of processes, share the "
                     "partitions. Without one, this pipeline reads all, and only it knows how "
                     "far."),
          field("group_instance", &O::group_instance)
              .about("A name of this process in the group that survives restarts: the group waits "
                     "session_timeout for it instead of moving its partitions."),
          field("start", &O::start)
              .one_of({{"earliest", KafkaStart::kEarliest},
                       {"latest", KafkaStart::kLatest},
                       {"time", KafkaStart::kTime},
                       {"offsets", KafkaStart::kOffsets}})
              .about("Where to begin in a partition for which neither this pipeline nor the group "
                     "has a position."),
          field("start_time_ms", &O::start_time_ms)
              .about("With start: time: the first record with this timestamp or a later one, in "
                     "milliseconds since 1970."),
          field("start_offsets", &O::start_offsets)
              .at_least(0)
              .example("{orders/0: 100}")
              .about("With start: offsets: topic/partition → offset; the others begin at the "
                     "earliest."),
          field("follow", &O::follow)
              .about("false: ends where the partitions ended when the pipeline started."),
          field("lost", &O::lost)
              .one_of({{"stop", KafkaLost::kStop}, {"skip", KafkaLost::kSkip}})
              .about("When what is to be read next is not there any more: stop, or go on at the "
                     "first record that is."),
          field("uncommitted", &O::uncommitted)
              .about("true: also records of transactions that are open or were aborted."),
          field("session_timeout", &O::session_timeout)
              .range(seconds(1), seconds(1800))
              .about("The group takes a member for dead after this long without a sign of it."),
          field("revoke_timeout", &O::revoke_timeout)
              .range(milliseconds(100), seconds(280))
              .about("How long partitions that move to another member are kept until what was read "
                     "of them is delivered; beyond it, the pipeline starts again from its last "
                     "commit."),
          field("buffer_bytes", &O::buffer_bytes)
              .range(kibibytes(64), mebibytes(2000))
              .about("Read ahead at most this much, for each task."),
          field("fetch_wait", &O::fetch_wait)
              .range(milliseconds(1), seconds(30))
              .about("How long the broker may wait for new records before it answers; they are "
                     "sent at once when there are some."),
      },
      check_source);
  return schema;
}

const Schema<KafkaSinkOptions>& kafka_sink_options() {
  using O = KafkaSinkOptions;
  static const Schema<O> schema(
      {
          brokers<O>(), tls<O>(), sasl<O>(), properties<O>(), connect_timeout<O>(),
          field("topic", &O::topic).required().not_empty().example("orders").about("The topic."),
          field("create", &O::create)
              .about("Makes the topic if it is not there, with the settings below; one that is "
                     "there keeps its own."),
          field("partitions", &O::partitions).range(1, 100'000).about("Of a new topic."),
          field("replicas", &O::replicas)
              .at_most(1000)
              .about("Of a new topic; 0 = as the broker is set up."),
          field("topic_config", &O::topic_config)
              .example("{cleanup.policy: compact}")
              .about("Of a new topic: settings by the broker's names."),
          field("partitioner", &O::partitioner)
              .one_of({{"murmur2", KafkaPartitioner::kMurmur2},
                       {"consistent", KafkaPartitioner::kConsistent},
                       {"fnv1a", KafkaPartitioner::kFnv1a},
                       {"random", KafkaPartitioner::kRandom}})
              .about("By the record's key: murmur2 as Kafka's Java client, consistent (CRC32) as "
                     "librdkafka's others, fnv1a as Sarama. Records without key, and all with "
                     "random, go anywhere."),
          field("acks", &O::acks)
              .one_of({{"all", KafkaAcks::kAll}, {"leader", KafkaAcks::kLeader}})
              .about("Delivered means: all replicas in sync have it, or the leader has."),
          field("idempotent", &O::idempotent)
              .about("Repeats on the way to the broker are dropped there, and order is kept."),
          field("compression", &O::compression)
              .one_of({{"none", KafkaCompression::kNone},
                       {"gzip", KafkaCompression::kGzip},
                       {"snappy", KafkaCompression::kSnappy},
                       {"lz4", KafkaCompression::kLz4},
                       {"zstd", KafkaCompression::kZstd}})
              .about("Of batches, end to end: readers decompress."),
          field("linger", &O::linger)
              .at_most(seconds(10))
              .about("How long records may wait for more to be sent with them, when many come; "
                     "where few come, they are sent at once."),
          field("batch_bytes", &O::batch_bytes)
              .range(ByteSize{1}, mebibytes(1000))
              .about("A batch for a partition is sent at this size."),
          field("max_record_bytes", &O::max_record_bytes)
              .range(ByteSize{1000}, ByteSize{1'000'000'000})
              .about("A record with more bytes (payload, key, headers) is rejected, and so is one "
                     "that the topic's max.message.bytes does not allow."),
          field("buffer_bytes", &O::buffer_bytes)
              .range(kibibytes(64), mebibytes(2000))
              .about("Under way to the brokers at most; beyond it the input waits."),
          field("delivery_timeout", &O::delivery_timeout)
              .range(seconds(1), seconds(3600))
              .about("A record that no broker took for so long makes the pipeline start again from "
                     "its last commit, which keeps the order."),
          field("transactional_id", &O::transactional_id)
              .about("With exactly_once: a name that no other process uses on this cluster, the "
                     "same after a restart. Default: made from the pipeline's name, the machine's "
                     "and the state folder's."),
          field("transaction_timeout", &O::transaction_timeout)
              .range(seconds(1), seconds(900))
              .about("With exactly_once: the broker takes back what a process that hangs has "
                     "written after so long; readers wait for that."),
      },
      check_sink);
  return schema;
}

}  // namespace penstock
