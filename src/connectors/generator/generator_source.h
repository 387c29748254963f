// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/schema.h"
#include "connectors/generator/text_template.h"
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

/// Makes numbered records. The numbers 0, 1, 2, … are dealt to virtual partitions in blocks of
/// kBlock; a partition belongs to task `partition % tasks`, and its position is how many records it
/// has made: so that any number of tasks goes on where others stopped.
class GeneratorSource final : public Source {
 public:
  static constexpr uint64_t kBlock = 64;
  static constexpr uint64_t kEndless = UINT64_MAX;

  explicit GeneratorSource(std::shared_ptr<const GeneratorOptions> options);
  Result<void> open(const TaskContext& context, const Positions& restored) override;
  Result<Pull> pull(SourceOutput& out) override;
  Positions positions() override;

 private:
  struct Partition {
    uint32_t index = 0;
    uint64_t made = 0;
    uint64_t count = 0;  // how many it shall make
  };
  uint64_t number(const Partition& partition) const;
  Partition* next_partition();
  uint64_t due(int64_t now_ns);
  void make(Partition& partition, uint64_t records, int64_t now_us, BatchBuilder& builder);
  void make_numbers(uint64_t first, uint64_t records, BatchBuilder& builder);
  void make_rows(uint64_t first, uint64_t records, DecimalCounter& digits, BatchBuilder& builder);
  void make_texts(const Partition& partition, uint64_t records, int64_t now_us,
                  BatchBuilder& builder);

  std::shared_ptr<const GeneratorOptions> options_;
  TextTemplate payload_;
  TextTemplate key_;
  size_t size_ = 0;  // of a payload: exactly, or with a template at least
  TaskContext context_;
  std::vector<Partition> partitions_;  // of this task
  std::string filler_;                 // the bytes behind the number, if there is no template
  std::string row_;  // digits and filler_, to the next whole vector
  std::string text_;                   // scratch
  double rate_ = 0;                    // of this task; 0 = full speed
  int64_t start_ns_ = 0;               // rate_ is kept since then
  uint64_t made_ = 0;                  // since start_ns_
};

}  // namespace penstock
