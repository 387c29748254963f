// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostic.h"
#include "config/schema.h"

// What `penstock test` reads: a pipeline, and cases of what goes in and what must come out.

namespace penstock {

/// A record of a case: what a source gives, or what a sink must be given. In an expected record
/// what is not set may be anything.
struct CaseRecord {
  std::optional<std::string> payload;
  Node json;  ///< instead of a payload, if not null: the same value, however it is written
  std::optional<std::string> key;
  std::map<std::string, std::string> headers;
  std::optional<Duration> event_time;  ///< since 1970
  Position position;
};

/// kKey = in order among the records of each key.
enum class CaseOrder : uint8_t { kExact, kKey, kAny };

/// What one sink must be given.
struct CaseExpected {
  std::vector<CaseRecord> records;
  CaseOrder order = CaseOrder::kExact;
  Position position;
};

/// What one source gives. `real` = the source of the file itself runs.
struct CaseInput {
  std::vector<CaseRecord> records;
  bool real = false;
  Position position;
};

/// How a sink misbehaves, by payload: rejected for good, or handed back the first times.
struct CaseFaults {
  std::vector<std::string> reject;
  std::vector<std::string> retry;
  uint32_t retry_times = 1;
};

enum class CaseOutcome : uint8_t { kDelivered, kFailed };

struct TestCase {
  std::string name;
  std::map<std::string, std::string> environment;
  Node input;
  Node expect;
  std::map<std::string, uint32_t> threads;
  std::map<std::string, CaseFaults> sinks;
  CaseOutcome outcome = CaseOutcome::kDelivered;
  std::string error;
  std::string problems;
};

struct TestFile {
  Located<std::string> flow;
  Duration timeout = seconds(10);
  std::vector<Located<TestCase>> tests;
};

/// Every field of a test file, for reading and for docs.
const Schema<TestFile>& test_file_schema();

/// Reads a test file (YAML; nothing is interpolated). Empty after an error.
std::optional<TestFile> read_test_file(const std::string& path, Diagnostics& diagnostics);

/// The pipeline's text and the name that stands in its positions. A flow that is written in the
/// test file itself keeps the lines and columns that it has there.
struct FlowText {
  std::string file;
  std::string text;
};
std::optional<FlowText> flow_text(const TestFile& test, const std::string& path,
                                  Diagnostics& diagnostics);

/// The `input:` of a case by source, and its `expect:` by sink: a map, or, where there is only one,
/// its value itself. Names must be among `stages`. Files are read from beside `path`.
std::map<std::string, CaseInput> read_inputs(const Node& node,
                                             const std::vector<std::string>& stages,
                                             const std::string& path, Diagnostics& diagnostics);
std::map<std::string, CaseExpected> read_expected(const Node& node,
                                                  const std::vector<std::string>& stages,
                                                  const std::string& path,
                                                  Diagnostics& diagnostics);

}  // namespace penstock
