// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/http/split_body.h"
#include "net/http_message.h"
#include "record/batch_builder.h"

namespace penstock {

/// Between the server's thread, which brings requests, and the task, which pulls batches: a bounded
/// queue of records, and the replies that wait until their records have come far enough. Records
/// are numbered from 1 in the order in which they came in.
class HttpIntake {
 public:
  struct Options {
    size_t waiting_bytes_max = 64 << 20;  ///< records that were not pulled yet
    uint32_t batch_records_max = kBatchRecordsMax;
  };
  enum class Offer : uint8_t { kTaken, kFull, kStopped };

  HttpIntake(BatchPool& pool, Options options)
      : pool_(pool), options_(options), builder_(pool, options.batch_records_max) {}

  /// Server's thread, always the same one. Takes copies of all records, or of none; `reply` is
  /// moved from if taken. `headers`: encoded record headers for each. `wake`: tell the task.
  Offer offer(const std::vector<std::string_view>& records, std::string_view headers,
              HttpReply& reply, bool& wake);

  /// Task. The next batch, maybe empty; `last` = the number of its last record.
  Batch take(uint64_t& last);
  /// Task. Answers the requests whose last record is ≤ `last`.
  void answer(uint64_t last, int status);
  /// Task. Takes no more, forgets what was not pulled, and answers those who wait for a record
  /// > `last`.
  void stop(uint64_t last);

 private:
  struct Waiting {
    uint64_t last;     // number of the request's last record
    uint32_t records;  // how many it brought
    HttpReply reply;
  };
  struct Taken {
    Batch batch;
    uint64_t last;
  };
  static void append(BatchBuilder& builder, std::string_view record, std::string_view headers,
                     uint64_t number);
  void flush();

  BatchPool& pool_;
  const Options options_;
  std::mutex mutex_;
  // Guarded by mutex_:
  BatchBuilder builder_;  // what came last
  std::deque<Taken> batches_;
  std::deque<Waiting> replies_;
  uint64_t last_ = 0;
  size_t waiting_bytes_ = 0;
  bool idle_ = true;  // the task found nothing and must be woken
  bool stopped_ = false;
};

}  // namespace penstock
