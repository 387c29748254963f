// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sdk/sink.h"
#include "sdk/source.h"

namespace penstock::conformance {

/// A copy of a record that came out of an instance.
struct Seen {
  std::string payload;
  std::string key;
  bool has_key = false;
  std::vector<std::pair<std::string, std::string>> headers;
  int64_t event_time_us = kNoEventTime;
  int64_t position = 0;
  uint32_t attempts = 0;
  Epoch epoch = kNoEpoch;
  uint32_t port = kDefaultPort;

  /// The value of the first header of that name; "" if absent.
  std::string header(std::string_view name) const;
};
Seen seen(const Record& record, Epoch epoch, uint32_t port);

struct Refused {
  Seen record;
  Error error;
};

/// Everything that an instance told the engine, in order. A test reads and clears it as it likes.
struct Collected {
  std::vector<Seen> records;
  std::vector<size_t> batches;   ///< records of each batch
  std::vector<Refused> rejected;
  std::vector<Refused> retried;
  std::vector<Error> errors;     ///< fail(), and what a call returned
  std::vector<Epoch> delivered;  ///< sinks
  int commits_requested = 0;     ///< sinks
  std::vector<int64_t> watermarks;
  std::vector<std::pair<uint64_t, bool>> chunks;  ///< id, start?
  size_t idles = 0;
  size_t epoch_requests = 0;

  std::vector<std::string> payloads() const;
  std::vector<std::string> payloads(uint32_t port) const;
  /// The newest delivered epoch; 0 if none.
  Epoch newest_delivered() const { return delivered.empty() ? 0 : delivered.back(); }
  void add(const Batch& batch, Epoch current, uint32_t port);
};

/// An Output, SourceOutput or SinkOutput that writes into a Collected. `current` is the epoch that
/// batches without one are given.
template <class Base>
class Collecting : public Base {
 public:
  Collecting(Collected& into, const Epoch& current) : into_(into), current_(current) {}
  void emit(Batch batch, uint32_t port) override { into_.add(batch, current_, port); }
  void reject(const Record& record, Epoch epoch, const Error& error) override {
    into_.rejected.push_back({seen(record, epoch, kDefaultPort), error});
  }
  void retry(Batch batch, const Error& error) override {
    batch.for_each([&](const Record& record) {
      into_.retried.push_back({seen(record, batch.epoch(), kDefaultPort), error});
    });
  }
  void fail(Error error) override { into_.errors.push_back(std::move(error)); }

 protected:
  Collected& into_;
  const Epoch& current_;
};

class CollectingSource final : public Collecting<SourceOutput> {
 public:
  using Collecting::Collecting;
  void watermark(int64_t us) override { into_.watermarks.push_back(us); }
  void idle() override { ++into_.idles; }
  void chunk_start(uint64_t id) override { into_.chunks.emplace_back(id, true); }
  void chunk_end(uint64_t id) override { into_.chunks.emplace_back(id, false); }
  void request_epoch() override { ++into_.epoch_requests; }
};

class CollectingSink final : public Collecting<SinkOutput> {
 public:
  using Collecting::Collecting;
  void delivered(Epoch epoch) override { into_.delivered.push_back(epoch); }
  void request_commit() override { ++into_.commits_requested; }
};

}  // namespace penstock::conformance
