// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>
#include <vector>

#include "codec/protobuf.h"
#include "codec/wire_field.h"

namespace penstock {

/// Reads messages from the wire format. Owned by one task; `options` and `limits` must outlive it.
class ProtoReader {
 public:
  ProtoReader(const ProtobufOptions& options, const CodecLimits& limits)
      : options_(options), limits_(limits) {}
  /// `payload` is where offsets in messages count from; `bytes` is a part of it.
  Result<void> read(const ProtoMessage& message, std::string_view payload, std::string_view bytes,
                    ValueArena& arena, Value& out);

 private:
  /// What a field of the message being read holds so far. Nested messages are kept as bytes until
  /// the end, because parts of one may follow later and are merged.
  struct Slot {
    Value value;
    Value* items = nullptr;  // repeated; of maps key, value, key, …
    uint32_t count = 0;
    uint32_t capacity = 0;
    bool set = false;
  };

  Result<void> read_message(const ProtoMessage& message, std::string_view bytes, uint32_t depth,
                            Value& out);
  /// Fills message.fields.size() slots from `base` on.
  Result<void> collect(const ProtoMessage& message, std::string_view bytes, uint32_t depth,
                       size_t base);
  Result<void> add(const ProtoMessage& message, const ProtoField& field, const WireField& wire,
                   uint32_t depth, size_t slot);
  Result<void> add_repeated(const ProtoField& field, const WireField& wire, uint32_t depth,
                            size_t slot);
  Result<void> add_packed(const ProtoField& field, std::string_view bytes, size_t slot);
  Result<void> add_entry(const ProtoField& field, std::string_view bytes, uint32_t depth,
                         size_t slot);
  Result<void> push(size_t slot, const Value& value);
  /// The field's whole value, once everything was collected.
  Result<void> finish_field(const ProtoField& field, uint32_t depth, size_t slot, Value& out);
  Result<void> finish_map(const ProtoMessage& message, uint32_t depth, size_t base, Value& out);
  Result<void> finish_well_known(const ProtoMessage& message, uint32_t depth, size_t base,
                                 Value& out);
  Result<void> finish_any(size_t base, uint32_t depth, Value& out);
  Result<void> finish_field_mask(size_t base, Value& out);
  Result<void> finish_time(const ProtoMessage& message, size_t base, Value& out);
  Result<void> scalar(const ProtoField& field, const WireField& wire, Value& out);
  Result<void> integer(bool wide, bool is_signed, uint64_t bits, Value& out);
  Value real(double number) const;
  Error fault(std::string_view at, std::string_view what) const;

  const ProtobufOptions& options_;
  const CodecLimits& limits_;
  ValueArena* arena_ = nullptr;
  std::string_view payload_;
  uint64_t values_ = 0;
  std::vector<Slot> slots_;  // a stack
};

}  // namespace penstock
