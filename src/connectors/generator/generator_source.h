// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "config/schema.h"
#include "connectors/generator/record_template.h"
#include "sdk/shares.h"
#include "sdk/source.h"

namespace penstock {

class DecimalCounter;

enum class GeneratorEventTime : uint8_t { kNone, kNow };

struct GeneratorOptions {
  double rate = 0;
  uint64_t count = 0;
  std::optional<ByteSize> size;
  std::string payload;
  std::string key;
  uint64_t seed = 1;
  uint32_t partitions = 16;
  GeneratorEventTime event_time = GeneratorEventTime::kNone;
};

const Schema<GeneratorOptions>& generator_schema();

/// Makes numbered records. The numbers 0, 1, 2, … are dealt to virtual partitions and so to tasks,
/// see Shares.
class GeneratorSource final : public Source {
 public:
  explicit GeneratorSource(std::shared_ptr<const GeneratorOptions> options);
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override { return shares_.positions(); }

 private:
  uint64_t due(int64_t now_ns);
  uint32_t make(const Shares::Run& run, uint64_t records, int64_t now_us, BatchBuilder& builder);
  void make_numbers(uint64_t first, uint64_t records, BatchBuilder& builder);
  void make_rows(uint64_t first, uint64_t records, DecimalCounter& digits, BatchBuilder& builder);
  void make_texts(const Shares::Run& run, uint64_t records, int64_t now_us,
                  BatchBuilder& builder);

  std::shared_ptr<const GeneratorOptions> options_;
  RecordTemplate payload_;
  RecordTemplate key_;
  size_t size_ = 0;  // of a payload: exactly, or with a template at least
  TaskContext context_;
  Shares shares_;
  std::string filler_;                 // the bytes behind the number, if there is no template
  std::string row_;  // digits and filler_, to the next whole vector
  std::string text_;                   // scratch
  double rate_ = 0;                    // of this task; 0 = full speed
  int64_t start_ns_ = 0;               // rate_ is kept since then
  uint64_t made_ = 0;                  // since start_ns_
};

}  // namespace penstock
