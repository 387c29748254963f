// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <thread>

#include "config/schema.h"
#include "connectors/line_splitter.h"
#include "sdk/source.h"

namespace penstock {

enum class StdinFraming : uint8_t { kLines, kNdjson };

struct StdinOptions {
  StdinFraming framing = StdinFraming::kLines;
  std::string delimiter = "\n";
  ByteSize max_record_bytes = mebibytes(1);
};

const Schema<StdinOptions>& stdin_schema();

/// Reads a descriptor on a thread of its own, which fills a bounded queue of chunks; the task cuts
/// them into lines. A full queue stops the reading, so that the writer of the pipe waits.
class StdinSource final : public Source {
 public:
  static constexpr size_t kChunksMax = 8;  ///< each at most one arena

  StdinSource(int fd, std::shared_ptr<const StdinOptions> options);
  ~StdinSource() override;
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override { return {}; }
  void stop() override;
  void close() override;

 private:
  struct Shared;
  void read_all();
  void join();

  int fd_;
  std::shared_ptr<const StdinOptions> options_;
  TaskContext context_;
  LineSplitter splitter_;
  std::unique_ptr<Shared> shared_;
  std::thread thread_;
  bool ended_ = false;
};

}  // namespace penstock
