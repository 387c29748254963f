// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "record/batch_builder.h"

namespace penstock {

/// A partition and a place in it. Negative offsets are librdkafka's: kKafkaCommitted and so on.
struct KafkaPlace {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
  bool ours = false;  ///< of a group's committed offset: a penstock committed it
};

inline constexpr int64_t kKafkaEarliest = -2;
inline constexpr int64_t kKafkaLatest = -1;
inline constexpr int64_t kKafkaNone = -1001;  ///< nothing is known of it

/// What the group wants of this member. `lost`: the partitions belong to somebody else already.
struct KafkaRebalance {
  bool assign = false;
  bool lost = false;
  std::vector<KafkaPlace> places;
};

/// How reading in one partition stands. Owned by the consumer that reads it.
struct KafkaReading {
  std::string topic;
  int32_t partition = 0;
  int64_t next = 0;              ///< the record that is taken from the client next
  int64_t given = 0;             ///< the record that is given to the engine next
  int64_t begun = 0;             ///< where reading began
  int64_t delivered = kKafkaNone;  ///< up to here the engine has recorded it as delivered
  int64_t end = INT64_MAX;       ///< where it ends; for ever, if it is followed
  bool leaving = false;          ///< to be given up once it is committed
  bool finished() const { return next >= end; }
};

/// One member of a consumer group, or a reader of partitions that it is given. One thread at a
/// time; what the library calls back is called inside pull().
class KafkaConsumer {
 public:
  struct Setup {
    const KafkaConnection* connection = nullptr;
    KafkaSettings settings;
    Logger* log = nullptr;
    std::string stage;
    std::function<void()> arrived;                       ///< any thread: pull() has something to do
    std::function<void(KafkaRebalance)> rebalanced;      ///< inside pull() and close()
  };
  static constexpr uint32_t kPullMax = 512;  ///< records that one pull() takes at most

  static Result<std::unique_ptr<KafkaConsumer>> make(Setup setup);
  ~KafkaConsumer();

  KafkaClient& client() { return *client_; }
  /// Topics, and patterns that begin with ^.
  Result<void> subscribe(const std::vector<std::string>& topics);
  /// Begins reading at these places, besides what is read already. Blocks for a moment.
  Result<void> add(const std::vector<KafkaPlace>& places);
  /// Stops reading them. Blocks for a moment.
  Result<void> remove(const std::vector<KafkaPlace>& places);
  /// Null if it is not read.
  KafkaReading* find(std::string_view topic, int32_t partition);
  const std::map<std::pair<std::string, int32_t>, std::unique_ptr<KafkaReading>>& readings() const {
    return readings_;
  }
  /// Appends up to `count` records, each copied once, and moves their readings on. The number of
  /// records appended; 0 if nothing is there. Errors that end reading.
  Result<uint32_t> pull(BatchBuilder& builder, uint32_t count,
                        const std::function<void()>& full);
  /// Stops (or goes on with) fetching; what was fetched already is forgotten.
  void pause(bool paused);
  /// The engine has all records that were appended.
  void all_given();

  /// What the group has committed, and no open transaction can change; kKafkaNone for partitions
  /// without. Blocks; asks on for a while if its coordinator starts, moves or ends a transaction.
  Result<std::vector<KafkaPlace>> committed(std::vector<KafkaPlace> places);
  /// Offsets of the first records at or after a time; the end if there are none. Blocks.
  Result<std::vector<KafkaPlace>> at_time(std::vector<KafkaPlace> places, int64_t time_ms);
  /// First and last offset of a partition. Blocks.
  Result<std::pair<int64_t, int64_t>> bounds(const KafkaPlace& place);
  /// Tells the group; does not wait for its answer.
  Result<void> commit(const std::vector<KafkaPlace>& places);
  /// Tells the group. Blocks, for so long at most.
  Result<void> commit_and_wait(const std::vector<KafkaPlace>& places, Duration timeout);
  /// Who this member is, for a transaction that commits its offsets; empty if it is none now.
  std::string membership();
  /// Records that are there and not given out yet, as far as is known. Any thread.
  int64_t lag() const { return lag_.load(std::memory_order_relaxed); }
  void look_at_lag();
  /// The group has given what we read to others. Any thread.
  bool lost() const;
  /// Nothing is called back any more.
  void disconnect();
  /// Leaves the group. Blocks.
  void close();

 private:
  KafkaConsumer() = default;
  static void on_rebalance(rd_kafka_s* handle, int code, rd_kafka_topic_partition_list_s* list,
                           void* opaque);
  static void on_arrival(rd_kafka_s* handle, void* opaque);
  bool append(BatchBuilder& builder, const rd_kafka_message_s& message);
  Result<void> look_at_error(const rd_kafka_message_s& message);

  Setup setup_;
  std::unique_ptr<KafkaClient> client_;
  rd_kafka_queue_s* queue_ = nullptr;
  std::map<std::pair<std::string, int32_t>, std::unique_ptr<KafkaReading>> readings_;
  // The partition of the record before: records come in runs.
  const rd_kafka_topic_s* last_topic_ = nullptr;
  int32_t last_partition_ = -1;
  KafkaReading* last_ = nullptr;
  std::vector<rd_kafka_message_s*> messages_;
  std::string headers_;
  std::atomic<int64_t> lag_{0};
  bool grouped_ = false;
  bool closing_ = false;
};

}  // namespace penstock
