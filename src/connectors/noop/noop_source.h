// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "config/schema.h"
#include "sdk/source.h"

namespace penstock {

struct NoopSourceOptions {
  uint32_t delay_ms = 0;
  std::string message = "noop_source";
  uint64_t max_messages = 0;
};

const Schema<NoopSourceOptions>& noop_source_schema();

/// Makes "<message> #<n>"; each task counts from 0.
class NoopSource final : public Source {
 public:
  explicit NoopSource(std::shared_ptr<const NoopSourceOptions> options);
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;

 private:
  uint32_t due(int64_t now_ns);

  std::shared_ptr<const NoopSourceOptions> options_;
  TaskContext context_;
  std::string prefix_;  // "<message> #"
  uint64_t count_ = 0;
  int64_t due_ns_ = 0;  // when the next message is due, if there is a delay
};

}  // namespace penstock
