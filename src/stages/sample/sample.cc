// SPDX-License-Identifier: Apache-2.0
#include "stages/sample/sample.h"

#include <cmath>
#include <memory>
#include <optional>

#include "base/hash.h"
#include "base/random.h"

namespace penstock {
namespace {

enum class SampleBy : uint8_t { kRecord, kKey };

struct SampleOptions {
  std::optional<double> ratio;
  std::optional<uint64_t> every;
  SampleBy by = SampleBy::kRecord;
  uint64_t seed = 1;
};

const Schema<SampleOptions>& sample_schema() {
  using O = SampleOptions;
  static const Schema<O> schema(
      {
          field("ratio", &O::ratio).range(0, 1).about("The part that passes, from 0 to 1."),
          field("every", &O::every)
              .at_least(1)
              .about("One of so many passes. Either this or `ratio` is given."),
          field("by", &O::by)
              .one_of({{"record", SampleBy::kRecord}, {"key", SampleBy::kKey}})
              .about("`record` = each record by itself, `key` = all records of a key or none, by "
                     "the stage's `key:`; the same keys in every run, however many tasks."),
          field("seed", &O::seed).about("Another seed makes another choice."),
      },
      [](const O& o, const Position& at, Diagnostics& diagnostics) {
        if (o.ratio.has_value() == o.every.has_value()) {
          diagnostics.error("missing-field", at,
                            o.ratio ? "both ratio and every are given"
                                    : "ratio or every is missing",
                            "give one of them");
        }
      });
  return schema;
}

/// Marks what passes; nothing is copied.
class Sample final : public Stage {
 public:
  explicit Sample(std::shared_ptr<const SampleOptions> options)
      : options_(std::move(options)), random_(options_->seed) {}

  Result<void> open(const TaskContext& context) override {
    key_ = context.key;
    random_ = Random(options_->seed + 0x9e37 * uint64_t{context.task});
    const double ratio = options_->ratio.value_or(0);
    all_ = ratio >= 1;  // which has no threshold below 2^64
    if (!all_) threshold_ = static_cast<uint64_t>(std::ldexp(ratio, 64));
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (!all_) batch.filter([this](const Record& record) { return passes(record); });
    if (!batch.empty()) out.emit(std::move(batch));
  }

 private:
  bool passes(const Record& record) {
    if (options_->by == SampleBy::kRecord && options_->every) {
      if (++seen_ < *options_->every) return false;
      seen_ = 0;
      return true;
    }
    const uint64_t drawn = options_->by == SampleBy::kKey
                               ? Random(hash64(key_.of(record)) ^ options_->seed).next()
                               : random_.next();
    return options_->every ? drawn % *options_->every == 0 : drawn < threshold_;
  }

  std::shared_ptr<const SampleOptions> options_;
  KeySelector key_;
  Random random_;
  bool all_ = false;
  uint64_t threshold_ = 0;
  uint64_t seen_ = 0;  // since the last one that passed
};

}  // namespace

void register_sample(Catalog& catalog) {
  catalog.add(component<SampleOptions>(
      ComponentKind::kStage, "sample", "stages/sample", "Lets a part of the records pass.",
      {.passes_batches = true}, sample_schema(),
      [](Bound& bound, std::shared_ptr<const SampleOptions> options) {
        bound.traits.keyed = options->by == SampleBy::kKey;
        bound.traits.clocked = options->by == SampleBy::kRecord;  // depends on the order of arrival
        bound.stage =
            std::make_unique<InstanceFactory<StageFactory, Stage, SampleOptions, Sample>>(
                std::move(options));
      }));
}

}  // namespace penstock
