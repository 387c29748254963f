// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "connectors/kafka/kafka_client.h"
#include "record/record.h"
#include "sdk/context.h"

namespace penstock {

/// A place in a partition.
struct KafkaOffset {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;
};

/// A record that the brokers did not take, with all there was of it.
struct KafkaUndelivered {
  Error error;
  std::string payload, key, headers;
  Record head;  ///< points into the strings once placed()
  const Record& placed();
};

/// Records of which a broker said that it will never take them. That costs their neighbours in the
/// batch, and all of a transaction: when these come again, such records are rejected before they
/// are sent. Known by their contents. Thread-safe.
class KafkaPoison {
 public:
  static constexpr size_t kMax = 10'000;
  void add(std::string_view payload, std::string_view key);
  bool contains(const Record& record) const;

 private:
  mutable std::mutex mutex_;
  std::set<uint64_t> hashes_;  // guarded by mutex_
  std::atomic<bool> any_{false};
};

/// What one writer has under way. The writer's task adds; threads of the client take away, and wake
/// the task. Outlives the writer, because the producer holds it.
class KafkaFlight {
 public:
  explicit KafkaFlight(Waker* waker) : waker_(waker) {}
  /// The writer is gone: it is woken no more.
  void leave();
  /// So many bytes are under way, or more: then the task is woken when half of them are gone. The
  /// task's.
  bool full(uint64_t limit);
  /// Nothing may be sent: a transaction is being committed. Unsealing wakes the task.
  void seal() { sealed_.store(true); }
  void unseal();
  bool sealed() const { return sealed_.load(); }
  /// Is told of records that the brokers will never take. REQUIRES: nothing was sent.
  void set_poison(std::shared_ptr<KafkaPoison> poison) { poison_ = std::move(poison); }
  std::vector<KafkaUndelivered> take_undelivered();

 private:
  friend class KafkaProducer;
  void settled(uint64_t bytes);
  void wake();
  // The task's, on a line of its own: the other side writes for each record, too.
  uint64_t sent_bytes_ = 0;
  uint64_t known_settled_ = 0;  // settled_bytes_ when it was looked at
  std::atomic<bool> sealed_{false};
  std::shared_ptr<KafkaPoison> poison_;
  std::mutex mutex_;
  Waker* waker_;                               // guarded by mutex_
  std::vector<KafkaUndelivered> undelivered_;  // guarded by mutex_
  alignas(64) std::atomic<uint64_t> settled_bytes_{0};
  std::atomic<uint64_t> wake_at_{0};  // so many settled bytes wake the task; 0 = it does not wait
};

/// Records that one writer sends between two barriers. Kept by the writer until all are settled;
/// the last one that is wakes its task.
class KafkaSending {
 public:
  explicit KafkaSending(KafkaFlight* in) : flight(in) {}
  KafkaFlight* const flight;
  /// One more was sent. The task's.
  void sent() { ++sent_; }
  /// Nothing more is sent: done() may become true.
  void close() { left_.fetch_sub(kOpen - sent_); }
  /// All were delivered, or are undelivered of the flight.
  bool done() const { return left_.load() == 0; }

 private:
  friend class KafkaProducer;
  static constexpr int64_t kOpen = int64_t{1} << 62;
  int64_t sent_ = 0;
  alignas(64) std::atomic<int64_t> left_{kOpen};  // counted down by the client's threads
};

/// One producer, for the tasks of a sink (or of all sinks of a region, with transactions). Thread-
/// safe, but for topic(). What is delivered is counted where the client learns it, on its own
/// threads: a report to ours would cost each record a way through one more queue. Only what is not
/// delivered comes to the thread that serves the client's callbacks.
class KafkaProducer {
 public:
  struct Setup {
    const KafkaConnection* connection = nullptr;
    KafkaSettings settings;
    Logger* log = nullptr;
    std::string stage;
  };
  /// Connects. Blocks.
  static Result<std::shared_ptr<KafkaProducer>> make(const Setup& setup);
  ~KafkaProducer();

  KafkaClient& client() { return *client_; }
  /// For produce(); lives as long as the producer. The settings of the first call count.
  Result<rd_kafka_topic_s*> topic(const std::string& name, const KafkaSettings& settings);
  std::shared_ptr<KafkaFlight> flight(Waker* waker);
  /// Hands a record to the client, which copies it. `sending` must live until it is done(). An
  /// error: it was not taken.
  std::optional<Error> produce(rd_kafka_topic_s* topic, const Record& record,
                               KafkaSending& sending);

  /// What is waiting for more records (linger) goes out now. Any thread; does not block.
  void hurry();
  /// Keeps what a writer that goes leaves under way.
  void keep(std::unique_ptr<KafkaSending> sending);

  // Transactions. All but begin() block.
  Result<void> init_transactions(Duration timeout);
  Result<void> begin();
  /// The offsets of a group's member (KafkaConsumer::membership) become part of the transaction.
  Result<void> send_offsets(const std::string& membership,
                            const std::vector<KafkaOffset>& offsets, Duration timeout);
  /// The same for a group that has no members: one number under a name.
  Result<void> send_mark(const std::string& group, const std::string& topic, int64_t mark,
                         Duration timeout);
  Result<void> commit(Duration timeout);
  void abort(Duration timeout);

 private:
  KafkaProducer() = default;
  static void settle(const rd_kafka_message_s& message);
  void undelivered(const rd_kafka_message_s& message);
  void serve();

  std::mutex mutex_;
  std::map<std::string, rd_kafka_topic_s*> topics_;    // guarded by mutex_
  std::vector<std::shared_ptr<KafkaFlight>> flights_;  // guarded by mutex_
  std::vector<std::unique_ptr<KafkaSending>> kept_;    // guarded by mutex_
  std::atomic<bool> stopped_{false};
  std::atomic<bool> hurried_{false};
  rd_kafka_queue_s* reports_ = nullptr;  // the client's; yielding wakes the serving thread
  std::unique_ptr<KafkaClient> client_;  // behind what its callbacks touch
  std::thread thread_;
};

}  // namespace penstock
