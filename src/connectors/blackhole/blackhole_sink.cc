// SPDX-License-Identifier: Apache-2.0
#include "connectors/blackhole/blackhole_sink.h"

#include <algorithm>
#include <cstring>

#include "sdk/catalog.h"

namespace penstock {
namespace {

/// Reads every byte: sums words of eight, kept in vectors from one payload to the next.
class Sum {
 public:
  [[gnu::always_inline]] void add(const char* data, size_t size) {
    for (; size >= 2 * sizeof(Words); data += 2 * sizeof(Words), size -= 2 * sizeof(Words)) {
      Words words[2];
      std::memcpy(words, data, sizeof words);
      even_ += words[0];
      odd_ += words[1];
    }
    for (uint64_t word = 0; size > 0; word = 0) {
      const size_t bytes = std::min(size, sizeof word);
      std::memcpy(&word, data, bytes);
      rest_ += word;
      data += bytes;
      size -= bytes;
    }
  }
  uint64_t value() const { return even_[0] + even_[1] + odd_[0] + odd_[1] + rest_; }

 private:
  using Words [[gnu::vector_size(16)]] = uint64_t;
  Words even_{}, odd_{};
  uint64_t rest_ = 0;
};

}  // namespace

const Schema<BlackholeOptions>& blackhole_schema() {
  using O = BlackholeOptions;
  static const Schema<O> schema({
      field("touch", &O::touch).about("Reads every byte of every payload."),
  });
  return schema;
}

void register_blackhole(Catalog& catalog) {
  catalog.add(sink_component<BlackholeOptions, BlackholeSink>(
      "blackhole", "connectors/blackhole", "Takes everything and keeps nothing.", {},
      blackhole_schema()));
}

Result<void> BlackholeSink::open(const TaskContext& context) {
  context_ = context;
  return {};
}

void BlackholeSink::write(Batch batch, SinkOutput&) {
  records_ += batch.size();
  if (!options_->touch) return;
  Sum sum;
  uint64_t bytes = 0;
  batch.for_each([&](const Record& record) {
    bytes += record.payload_size;
    sum.add(record.payload, record.payload_size);
  });
  bytes_ += bytes;
  sum_ += sum.value();
}

void BlackholeSink::close() {
  if (options_->touch) {
    context_.log->debug("blackhole closed", {{"stage", context_.stage},
                                             {"records", std::to_string(records_)},
                                             {"bytes", std::to_string(bytes_)},
                                             {"sum", std::to_string(sum_)}});
  } else {
    context_.log->debug("blackhole closed", {{"stage", context_.stage},
                                             {"records", std::to_string(records_)}});
  }
}

}  // namespace penstock
