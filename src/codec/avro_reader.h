// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string_view>

#include "codec/avro_plan.h"
#include "codec/byte_reader.h"
#include "codec/codec.h"

namespace penstock {

/// Reads values of one plan from Avro's binary encoding. Owned by one task.
class AvroReader {
 public:
  explicit AvroReader(const CodecLimits& limits) : limits_(limits) {}
  /// The next value of `in`. `base` is what is added to offsets in messages.
  Result<void> read(const AvroPlan& plan, ByteReader& in, size_t base, ValueArena& arena,
                    Value& out);

 private:
  Result<void> read(const AvroStep& step, Value& out, uint32_t depth);
  Result<void> read_plain(const AvroStep& step, Value& out);
  Result<void> read_bytes(const AvroStep& step, uint64_t size, Value& out);
  Result<void> read_enum(const AvroStep& step, Value& out);
  Result<void> read_record(const AvroStep& step, Value& out, uint32_t depth);
  Result<void> read_array(const AvroStep& step, Value& out, uint32_t depth);
  Result<void> read_map(const AvroStep& step, Value& out, uint32_t depth);
  Result<void> skip(const AvroNode& node, uint32_t depth);
  Result<void> skip_blocks(const AvroNode& node, uint32_t depth);
  /// Items of the next block of an array or map; 0 = there is none. `bytes` −1 = not said.
  Result<uint64_t> block_count(int64_t& bytes);
  Result<void> count_value();
  Error fault(std::string_view what) const;

  const CodecLimits& limits_;
  ByteReader* in_ = nullptr;
  ValueArena* arena_ = nullptr;
  size_t base_ = 0;
  uint64_t values_ = 0;
};

}  // namespace penstock
