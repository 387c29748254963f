// SPDX-License-Identifier: Apache-2.0
#include "connectors/blackhole/blackhole_sink.h"

#include <cstring>

#include "sdk/catalog.h"

namespace penstock {
namespace {

/// Reads every byte, eight at a time.
uint64_t sum_of(const char* data, size_t size) {
  uint64_t sum = 0;
  for (; size >= sizeof sum; data += sizeof sum, size -= sizeof sum) {
    uint64_t word;
    std::memcpy(&word, data, sizeof word);
    sum += word;
  }
  uint64_t rest = 0;
  std::memcpy(&rest, data, size);
  return sum + rest;
}

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
  batch.for_each([&](const Record& record) {
    bytes_ += record.payload_size;
    sum_ += sum_of(record.payload, record.payload_size);
  });
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
