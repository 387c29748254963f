// SPDX-License-Identifier: Apache-2.0
#include "codec/avro_reader.h"

#include <algorithm>
#include <bit>

#include "codec/avro_logical.h"
#include "codec/codec_error.h"
#include "codec/utf8_fault.h"
#include "value/build.h"

namespace penstock {
Error AvroReader::fault(std::string_view what) const {
  return undecodable("avro", base_ + in_->offset(), what);
}

Result<void> AvroReader::count_value() {
  if (++values_ <= limits_.values_max) return {};
  return codec_limit("avro", base_ + in_->offset(), "too many values in one");
}

Result<void> AvroReader::read(const AvroPlan& plan, ByteReader& in, size_t base, ValueArena& arena,
                              Value& out) {
  in_ = &in;
  arena_ = &arena;
  base_ = base;
  values_ = 0;
  return read(plan.root(), out, 0);
}

Result<void> AvroReader::read(const AvroStep& step, Value& out, uint32_t depth) {
  PENSTOCK_TRY(count_value());
  if (depth > limits_.depth_max) {
    return codec_limit("avro", base_ + in_->offset(),
                       "more than " + std::to_string(limits_.depth_max) + " levels");
  }
  switch (step.kind) {
    case AvroStep::Kind::kPlain: return read_plain(step, out);
    case AvroStep::Kind::kRecord: return read_record(step, out, depth);
    case AvroStep::Kind::kArray: return read_array(step, out, depth);
    case AvroStep::Kind::kMap: return read_map(step, out, depth);
    case AvroStep::Kind::kEnum: return read_enum(step, out);
    case AvroStep::Kind::kFail: return fault(step.problem);
    case AvroStep::Kind::kUnion: break;
  }
  const auto branch = static_cast<uint64_t>(in_->zigzag());
  if (!in_->ok()) return fault("it ends inside a union");
  if (branch >= step.branches.size()) return fault("a union has no such branch");
  return read(*step.branches[branch], out, depth + 1);
}

Result<void> AvroReader::read_plain(const AvroStep& step, Value& out) {
  const AvroType target = step.reader->type;
  const bool real = target == AvroType::kFloat || target == AvroType::kDouble;
  switch (step.wire->type) {
    case AvroType::kNull: out = Value::null(); return {};
    case AvroType::kBoolean: {
      const uint8_t byte = in_->byte();
      if (byte > 1) return fault("a boolean is neither 0 nor 1");
      out = Value::boolean(byte == 1);
      break;
    }
    case AvroType::kInt:
    case AvroType::kLong: {
      const int64_t number = in_->zigzag();
      if (step.wire->type == AvroType::kInt && (number < INT32_MIN || number > INT32_MAX)) {
        return fault("an int has more than 32 bits");
      }
      if (real) {
        out = Value::real(target == AvroType::kFloat
                              ? static_cast<double>(static_cast<float>(number))
                              : static_cast<double>(number));
      } else if (step.reader->logical == AvroLogical::kNone) {
        out = Value::integer(number);
      } else if (in_->ok()) {
        Result<Value> value = logical_integer(step.reader->logical, number, *arena_);
        if (!value) return value.error();
        out = *value;
      }
      break;
    }
    case AvroType::kFloat:
      out = Value::real(std::bit_cast<float>(in_->little<uint32_t>()));
      break;
    case AvroType::kDouble:
      out = Value::real(std::bit_cast<double>(in_->little<uint64_t>()));
      break;
    case AvroType::kBytes:
    case AvroType::kString: {
      const int64_t size = in_->zigzag();
      if (size < 0) return fault("a length is negative");
      return read_bytes(step, static_cast<uint64_t>(size), out);
    }
    default: return read_bytes(step, step.wire->size, out);
  }
  if (!in_->ok()) return fault("it ends inside a value");
  return {};
}

Result<void> AvroReader::read_bytes(const AvroStep& step, uint64_t size, Value& out) {
  const std::string_view bytes = in_->slice(size);
  if (!in_->ok()) return fault("it ends inside a string, bytes or fixed");
  if (step.reader->type == AvroType::kString) {
    if (utf8_fault(bytes) != std::string_view::npos) return fault("a string is not UTF-8");
    out = Value::string(bytes);
    return {};
  }
  Result<Value> value = logical_bytes(*step.reader, bytes, *arena_);
  if (!value) return value.error();
  out = *value;
  return {};
}

Result<void> AvroReader::read_enum(const AvroStep& step, Value& out) {
  const auto symbol = static_cast<uint64_t>(in_->zigzag());
  if (!in_->ok()) return fault("it ends inside an enum");
  if (symbol >= step.symbols.size()) return fault("an enum has no such symbol");
  const int mine = step.symbols[symbol];
  if (mine < 0) {
    return fault("the symbol " + step.wire->symbols[symbol] + " is not in the reader's enum");
  }
  out = Value::string(step.reader->symbols[static_cast<size_t>(mine)]);
  return {};
}

Result<void> AvroReader::read_record(const AvroStep& step, Value& out, uint32_t depth) {
  const uint32_t count = step.shape->size;
  auto* memory = static_cast<char*>(
      arena_->allocate(sizeof(MapData) + sizeof(MapEntry) * count));
  if (memory == nullptr) return memory_limit_error(arena_->limit());
  auto* entries = reinterpret_cast<MapEntry*>(memory + sizeof(MapData));
  std::copy_n(step.shape->entries, count, entries);
  for (const AvroStep::Field& field : step.fields) {
    PENSTOCK_TRY(field.step == nullptr ? skip(*field.skip, depth + 1)
                                       : read(*field.step, entries[field.target].value, depth + 1));
  }
  for (const uint32_t target : step.defaults) {
    entries[target].value = step.reader->fields[target].default_value;
  }
  out = Value::map(new (memory) MapData{entries, count, 0, nullptr});
  return {};
}

Result<uint64_t> AvroReader::block_count(int64_t& bytes) {
  bytes = -1;
  int64_t count = in_->zigzag();
  if (count < 0) {
    bytes = in_->zigzag();
    if (count == INT64_MIN || bytes < 0) return fault("a block has no valid size");
    count = -count;
  }
  if (!in_->ok()) return fault("it ends where a block was expected");
  if (static_cast<uint64_t>(count) > limits_.values_max) {
    return codec_limit("avro", base_ + in_->offset(), "a block has too many items");
  }
  return static_cast<uint64_t>(count);
}

Result<void> AvroReader::read_array(const AvroStep& step, Value& out, uint32_t depth) {
  ArrayBuilder array(*arena_);
  for (;;) {
    int64_t bytes = 0;
    Result<uint64_t> count = block_count(bytes);
    if (!count) return count.error();
    if (*count == 0) break;
    for (uint64_t i = 0; i < *count; ++i) {
      Value item;
      PENSTOCK_TRY(read(*step.items, item, depth + 1));
      array.push(item);
    }
  }
  Result<Value> value = array.finish();
  if (!value) return value.error();
  out = *value;
  return {};
}

Result<void> AvroReader::read_map(const AvroStep& step, Value& out, uint32_t depth) {
  MapBuilder map(*arena_);
  for (;;) {
    int64_t bytes = 0;
    Result<uint64_t> count = block_count(bytes);
    if (!count) return count.error();
    if (*count == 0) break;
    for (uint64_t i = 0; i < *count; ++i) {
      const int64_t size = in_->zigzag();
      if (size < 0) return fault("a length is negative");
      const std::string_view key = in_->slice(static_cast<uint64_t>(size));
      if (!in_->ok()) return fault("it ends inside a map");
      if (utf8_fault(key) != std::string_view::npos) return fault("a key is not UTF-8");
      Value value;
      PENSTOCK_TRY(read(*step.items, value, depth + 1));
      map.set(key, value);
    }
  }
  Result<Value> value = map.finish();
  if (!value) return value.error();
  out = *value;
  return {};
}

Result<void> AvroReader::skip_blocks(const AvroNode& node, uint32_t depth) {
  for (;;) {
    int64_t bytes = 0;
    Result<uint64_t> count = block_count(bytes);
    if (!count) return count.error();
    if (*count == 0) return {};
    if (bytes >= 0) {
      in_->skip(static_cast<uint64_t>(bytes));
      if (!in_->ok()) return fault("it ends inside a block");
      continue;
    }
    for (uint64_t i = 0; i < *count; ++i) {
      if (node.type == AvroType::kMap) {
        const int64_t size = in_->zigzag();
        if (size < 0) return fault("a length is negative");
        in_->skip(static_cast<uint64_t>(size));
      }
      PENSTOCK_TRY(skip(*node.items, depth + 1));
    }
  }
}

Result<void> AvroReader::skip(const AvroNode& node, uint32_t depth) {
  PENSTOCK_TRY(count_value());
  if (depth > limits_.depth_max) {
    return codec_limit("avro", base_ + in_->offset(), "more levels than are allowed");
  }
  switch (node.type) {
    case AvroType::kNull: return {};
    case AvroType::kBoolean: in_->skip(1); break;
    case AvroType::kInt:
    case AvroType::kLong:
    case AvroType::kEnum: in_->varint(); break;
    case AvroType::kFloat: in_->skip(4); break;
    case AvroType::kDouble: in_->skip(8); break;
    case AvroType::kFixed: in_->skip(node.size); break;
    case AvroType::kBytes:
    case AvroType::kString: {
      const int64_t size = in_->zigzag();
      if (size < 0) return fault("a length is negative");
      in_->skip(static_cast<uint64_t>(size));
      break;
    }
    case AvroType::kRecord:
      for (const AvroField& field : node.fields) PENSTOCK_TRY(skip(*field.type, depth + 1));
      return {};
    case AvroType::kArray:
    case AvroType::kMap: return skip_blocks(node, depth);
    case AvroType::kUnion: {
      const auto branch = static_cast<uint64_t>(in_->zigzag());
      if (branch >= node.branches.size()) return fault("a union has no such branch");
      return skip(*node.branches[branch], depth + 1);
    }
  }
  if (!in_->ok()) return fault("it ends inside a value");
  return {};
}

}  // namespace penstock
