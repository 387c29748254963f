// SPDX-License-Identifier: Apache-2.0
#include "value/build.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "value/string_hash.h"

namespace penstock {
namespace {

Result<Value> copy_slice(ValueArena& arena, std::string_view text, ValueKind kind) {
  // A fresh arena has no place for nothing.
  char* to = static_cast<char*>(arena.allocate(text.empty() ? 1 : text.size()));
  if (to == nullptr || text.size() > UINT32_MAX) return memory_limit_error(arena.limit());
  if (!text.empty()) std::memcpy(to, text.data(), text.size());
  const std::string_view copy(to, text.size());
  switch (kind) {
    case ValueKind::kBytes: return Value::bytes(copy);
    case ValueKind::kNumber: return Value::number(copy);
    case ValueKind::kJson: return Value::json(copy);
    default: return Value::string(copy);
  }
}

}  // namespace

Result<Value> copy_string(ValueArena& arena, std::string_view text) {
  return copy_slice(arena, text, ValueKind::kString);
}
Result<Value> copy_bytes(ValueArena& arena, std::string_view bytes) {
  return copy_slice(arena, bytes, ValueKind::kBytes);
}

// Recursion is bounded: values are built no deeper than kJsonDepthMax.
Result<Value> deep_copy(ValueArena& arena, const Value& value) {
  switch (value.kind()) {
    case ValueKind::kString:
    case ValueKind::kBytes:
    case ValueKind::kNumber:
    case ValueKind::kJson: return copy_slice(arena, value.text(), value.kind());
    case ValueKind::kArray: {
      ArrayBuilder out(arena, value.size());
      for (const Value& item : value.items()) {
        auto copy = deep_copy(arena, item);
        if (!copy) return copy;
        out.push(*copy);
      }
      return out.finish();
    }
    case ValueKind::kMap: {
      MapBuilder out(arena, value.size());
      for (const MapEntry& entry : value.entries()) {
        auto key = copy_string(arena, entry.key);
        if (!key) return key;
        auto copy = deep_copy(arena, entry.value);
        if (!copy) return copy;
        out.add_new(key->text(), *copy);
      }
      return out.finish();
    }
    default: return value;
  }
}

TextBuilder::TextBuilder(ValueArena& arena, size_t expected_bytes) : arena_(arena) {
  if (expected_bytes > 0) grow(expected_bytes);
}

bool TextBuilder::grow(size_t more) {
  if (failed_) return false;
  const size_t wanted = std::max<size_t>({size_ + more, capacity_ * 2, 64});
  char* bigger = wanted > UINT32_MAX ? nullptr : static_cast<char*>(arena_.allocate(wanted));
  if (bigger == nullptr) {
    failed_ = true;
    return false;
  }
  if (size_ > 0) std::memcpy(bigger, data_, size_);
  data_ = bigger;
  capacity_ = wanted;
  return true;
}

Result<Value> TextBuilder::finish(ValueKind kind) {
  if (failed_) return memory_limit_error(arena_.limit());
  arena_.shrink_last(data_, capacity_, size_);
  capacity_ = size_;
  return kind == ValueKind::kBytes ? Value::bytes(view()) : Value::string(view());
}

ArrayBuilder::ArrayBuilder(ValueArena& arena, size_t expected) : arena_(arena) {
  if (expected == 0) return;
  items_ = arena.allocate_array<Value>(expected);
  failed_ = items_ == nullptr;
  capacity_ = failed_ ? 0 : expected;
}

bool ArrayBuilder::grow() {
  if (failed_) return false;
  const size_t wanted = std::max<size_t>(capacity_ * 2, 8);
  Value* bigger = wanted > UINT32_MAX ? nullptr : arena_.allocate_array<Value>(wanted);
  if (bigger == nullptr) {
    failed_ = true;
    return false;
  }
  std::copy_n(items_, size_, bigger);
  items_ = bigger;
  capacity_ = wanted;
  return true;
}

Result<Value> ArrayBuilder::finish() {
  if (failed_) return memory_limit_error(arena_.limit());
  arena_.shrink_last(items_, capacity_ * sizeof(Value), size_ * sizeof(Value));
  capacity_ = size_;
  return Value::array({items_, size_});
}

MapBuilder::MapBuilder(ValueArena& arena, size_t expected) : arena_(arena) {
  if (expected == 0) return;
  entries_ = arena.allocate_array<MapEntry>(expected);
  failed_ = entries_ == nullptr;
  capacity_ = failed_ ? 0 : expected;
}

bool MapBuilder::grow() {
  if (failed_) return false;
  const size_t wanted = std::max<size_t>(capacity_ * 2, 4);
  MapEntry* bigger = wanted >= UINT32_MAX / 4 ? nullptr : arena_.allocate_array<MapEntry>(wanted);
  if (bigger == nullptr) {
    failed_ = true;
    return false;
  }
  std::copy_n(entries_, size_, bigger);
  entries_ = bigger;
  capacity_ = wanted;
  return true;
}

uint32_t* MapBuilder::slot_of(std::string_view key) const {
  uint32_t at = static_cast<uint32_t>(string_hash(key)) & slot_mask_;
  while (slots_[at] != 0 && entries_[slots_[at] - 1].key != key) at = (at + 1) & slot_mask_;
  return &slots_[at];
}

void MapBuilder::rebuild_slots() {
  size_t slots = 32;
  while (slots < size_ * 2 + 2) slots *= 2;
  slots *= 2;  // room to grow to twice the size
  slots_ = arena_.allocate_array<uint32_t>(slots);
  if (slots_ == nullptr) {
    failed_ = true;
    slot_mask_ = 0;
    return;
  }
  std::memset(slots_, 0, slots * sizeof(uint32_t));
  slot_mask_ = static_cast<uint32_t>(slots - 1);
  for (size_t i = 0; i < size_; ++i) *slot_of(entries_[i].key) = static_cast<uint32_t>(i + 1);
}

Value* MapBuilder::find(std::string_view key) {
  if (slot_mask_ != 0) {
    const uint32_t slot = *slot_of(key);
    return slot == 0 ? nullptr : &entries_[slot - 1].value;
  }
  for (size_t i = 0; i < size_; ++i) {
    if (entries_[i].key == key) return &entries_[i].value;
  }
  return nullptr;
}

void MapBuilder::add_new(std::string_view key, const Value& value) {
  if (failed_ || (size_ == capacity_ && !grow())) return;
  new (&entries_[size_++]) MapEntry{key, value};
  if (size_ <= kScanMax) return;
  if (slot_mask_ == 0 || size_ * 2 > slot_mask_) rebuild_slots();
  else *slot_of(key) = static_cast<uint32_t>(size_);
}

void MapBuilder::set(std::string_view key, const Value& value) {
  if (Value* there = find(key)) *there = value;
  else add_new(key, value);
}

bool MapBuilder::add(std::string_view key, const Value& value) {
  if (find(key) != nullptr) return false;
  add_new(key, value);
  return true;
}

Result<Value> MapBuilder::finish() {
  void* memory = failed_ ? nullptr : arena_.allocate(sizeof(MapData));
  if (memory == nullptr) return memory_limit_error(arena_.limit());
  return Value::map(new (memory)
                        MapData{entries_, static_cast<uint32_t>(size_), slot_mask_, slots_});
}

}  // namespace penstock
