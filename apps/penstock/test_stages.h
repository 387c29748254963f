// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "penstock/test_file.h"
#include "sdk/catalog.h"

// What stands in for the sources and sinks of a pipeline under test.

namespace penstock {

/// A copy of a record that a sink was given.
struct SinkRecord {
  std::string payload;
  std::string key;
  bool has_key = false;
  std::vector<std::pair<std::string, std::string>> headers;
  int64_t event_time_us = kNoEventTime;
};

/// What one sink was given, in the order in which it came. Thread-safe.
class SinkRecords {
 public:
  virtual ~SinkRecords() = default;
  virtual void add(SinkRecord record) {
    std::lock_guard lock(mutex_);
    records_.push_back(std::move(record));
  }
  std::vector<SinkRecord> take() {
    std::lock_guard lock(mutex_);
    return std::move(records_);
  }

 private:
  std::mutex mutex_;
  std::vector<SinkRecord> records_;
};

/// Asked by a source before each record, with how many it has given: whether it may give another
/// one now. Called on a worker; thread-safe.
using CaseGate = std::function<bool(size_t given)>;

/// A source of that type name which gives these records and ends. With a `gate` it gives them one
/// by one, each as soon as the gate lets it.
Component case_source(std::string type, std::shared_ptr<const CaseInput> input,
                      CaseGate gate = nullptr);

/// A sink of that type name which keeps what it is given, and misbehaves as `faults` says. `traits`
/// are those of the sink that it stands for.
Component case_sink(std::string type, Traits traits, std::shared_ptr<const CaseFaults> faults,
                    std::shared_ptr<SinkRecords> records);

/// A Node as JSON text on one line. Plain scalars that JSON could have are left as they are.
std::string json_of(const Node& node);

}  // namespace penstock
