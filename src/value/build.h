// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "base/result.h"
#include "value/value.h"
#include "value/value_arena.h"

namespace penstock {

/// A string that lives in `arena`. Fails only at the arena's limit.
Result<Value> copy_string(ValueArena& arena, std::string_view text);
Result<Value> copy_bytes(ValueArena& arena, std::string_view bytes);
/// A copy of all that `value` points to.
Result<Value> deep_copy(ValueArena& arena, const Value& value);

/// Builds text in an arena. Running into the limit is remembered and reported by finish(), so that
/// appends need no check.
class TextBuilder {
 public:
  explicit TextBuilder(ValueArena& arena, size_t expected_bytes = 0);
  TextBuilder(const TextBuilder&) = delete;
  TextBuilder& operator=(const TextBuilder&) = delete;
  void append(std::string_view text) {
    if (__builtin_expect(capacity_ - size_ < text.size(), 0) && !grow(text.size())) return;
    if (!text.empty()) std::memcpy(data_ + size_, text.data(), text.size());
    size_ += text.size();
  }
  void append(char c) { append(std::string_view(&c, 1)); }
  void append(size_t count, char c) {
    if (capacity_ - size_ < count && !grow(count)) return;
    if (count > 0) std::memset(data_ + size_, c, count);
    size_ += count;
  }
  std::string_view view() const { return {data_, size_}; }
  size_t size() const { return size_; }
  bool failed() const { return failed_; }
  Result<Value> finish_string() { return finish(ValueKind::kString); }
  Result<Value> finish_bytes() { return finish(ValueKind::kBytes); }

 private:
  bool grow(size_t more);
  Result<Value> finish(ValueKind kind);

  ValueArena& arena_;
  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

/// Builds an array in an arena; the limit is reported by finish().
class ArrayBuilder {
 public:
  explicit ArrayBuilder(ValueArena& arena, size_t expected = 0);
  ArrayBuilder(const ArrayBuilder&) = delete;
  ArrayBuilder& operator=(const ArrayBuilder&) = delete;
  void push(const Value& value) {
    if (__builtin_expect(size_ == capacity_, 0) && !grow()) return;
    items_[size_++] = value;
  }
  size_t size() const { return size_; }
  std::span<Value> items() { return {items_, size_}; }
  Result<Value> finish();

 private:
  bool grow();
  ValueArena& arena_;
  Value* items_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

/// Builds a map in an arena. Keys are borrowed: they must live as long as the map (a slice of the
/// arena, of a payload or of a constant). The limit is reported by finish().
class MapBuilder {
 public:
  /// Maps with more entries than this get a table of slots.
  static constexpr size_t kScanMax = 12;
  explicit MapBuilder(ValueArena& arena, size_t expected = 0);
  MapBuilder(const MapBuilder&) = delete;
  MapBuilder& operator=(const MapBuilder&) = delete;
  /// Adds or replaces (a replaced key keeps its place).
  void set(std::string_view key, const Value& value);
  /// Adds unless it is there. Says whether it was added.
  bool add(std::string_view key, const Value& value);
  /// For keys that are known to differ from all others.
  void add_new(std::string_view key, const Value& value);
  /// The value under a key, to be changed in place; null if absent.
  Value* find(std::string_view key);
  size_t size() const { return size_; }
  Result<Value> finish();

 private:
  bool grow();
  uint32_t* slot_of(std::string_view key) const;
  void rebuild_slots();
  ValueArena& arena_;
  MapEntry* entries_ = nullptr;
  uint32_t* slots_ = nullptr;
  uint32_t slot_mask_ = 0;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

}  // namespace penstock
