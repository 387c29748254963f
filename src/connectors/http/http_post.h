// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "net/http_client.h"
#include "record/batch.h"
#include "sdk/sink.h"

namespace penstock {

/// How records are put into the body of a request.
enum class HttpEnvelope : uint8_t { kRecord, kNdjson, kJsonArray };

/// Records on their way to the outside: parts of batches in their order.
struct HttpPost {
  enum class State : uint8_t { kWaiting, kSent, kDone };
  std::vector<Batch> parts;
  uint32_t records = 0;
  uint64_t bytes = 0;
  uint64_t last = 0;  ///< number of its last record, counted from the sink's start
  uint64_t id = 0;    ///< of the request that carries it
  State state = State::kWaiting;

  void add(Batch part) {
    records += part.size();
    bytes += part.bytes();
    parts.push_back(std::move(part));
  }
  /// Cuts off the second half. REQUIRES: records ≥ 2.
  HttpPost split();
};

/// The body of a post.
std::string body_of(const HttpPost& post, HttpEnvelope envelope);

/// What a response, or its absence, means for the records of a post.
enum class HttpVerdict : uint8_t {
  kDelivered,
  kReject,        ///< all its records
  kRejectSome,    ///< one of them may be at fault: find out which
  kRetry,
};
HttpVerdict verdict_of(int status);

/// The value of Retry-After in seconds (a number, or a date after `now_unix_s`); 0 if there is
/// none that makes sense; at most an hour.
int64_t retry_after_s(std::string_view value, int64_t now_unix_s);

}  // namespace penstock
