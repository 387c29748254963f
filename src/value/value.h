// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/check.h"

namespace penstock {

class Value;
struct MapEntry;
struct MapData;

enum class ValueKind : uint8_t {
  kNull,
  kBool,
  kInt,       ///< int64
  kUint,      ///< only above INT64_MAX: an integer has exactly one representation
  kDouble,    ///< finite or not; JSON has no NaN or infinity, writing one is an error
  kNumber,    ///< a JSON number that neither integer nor double holds exactly: its text, verbatim
  kString,    ///< UTF-8
  kBytes,
  kTime,      ///< an instant: µs since 1970 UTC, 0–999 ns more, and the zone offset it was read in
  kDuration,  ///< ns
  kArray,
  kMap,       ///< keys are strings, in the order of insertion, each once
  kJson,      ///< JSON text that nobody has looked into; only writers meet it, never a function
};
inline constexpr size_t kValueKinds = 13;

/// "null", "bool", "int", "uint", "double", "number", "string", "bytes", "time", "duration",
/// "array", "map", "json". For messages a uint is an "int" and a kNumber a "number".
const char* to_string(ValueKind kind);

/// An instant. Ordered and compared by (micros, nanos); the offset is only how it is shown.
struct Time {
  int64_t micros = 0;          ///< since 1970-01-01T00:00:00Z
  uint16_t nanos = 0;          ///< 0 … 999, beyond micros
  int16_t offset_minutes = 0;  ///< of the zone it was written in; 0 = UTC
  friend bool operator==(const Time& a, const Time& b) {
    return a.micros == b.micros && a.nanos == b.nanos;
  }
};

/// One value of the expression language: 16 bytes, trivially copyable. Strings, bytes, arrays and
/// maps are borrowed slices of memory that outlives the value: a ValueArena, a payload, a constant.
/// Nothing here changes what it points to, so copies may be shared freely.
class Value {
 public:
  constexpr Value() : kind_(ValueKind::kNull), aux_(0), size_(0), int_(0) {}
  static Value null() { return Value(); }
  static Value boolean(bool b) { return Value(ValueKind::kBool, 0, uint64_t{b}); }
  static Value integer(int64_t i) {
    return Value(ValueKind::kInt, 0, static_cast<uint64_t>(i));
  }
  /// kInt where it fits, else kUint.
  static Value unsigned_integer(uint64_t u) {
    return Value(u <= uint64_t{INT64_MAX} ? ValueKind::kInt : ValueKind::kUint, 0, u);
  }
  static Value real(double d) {
    Value v(ValueKind::kDouble, 0, 0);
    v.double_ = d;
    return v;
  }
  /// `text` must be a JSON number.
  static Value number(std::string_view text) { return slice(ValueKind::kNumber, text); }
  /// REQUIRES of all slices: shorter than 4 GiB.
  static Value string(std::string_view text) { return slice(ValueKind::kString, text); }
  static Value bytes(std::string_view bytes) { return slice(ValueKind::kBytes, bytes); }
  static Value json(std::string_view text) { return slice(ValueKind::kJson, text); }
  static Value time(Time t) {
    Value v(ValueKind::kTime, t.nanos, static_cast<uint64_t>(t.micros));
    v.aux_ = static_cast<uint16_t>(t.offset_minutes);
    return v;
  }
  static Value time_micros(int64_t micros) { return time(Time{micros, 0, 0}); }
  static Value duration(int64_t nanos) {
    return Value(ValueKind::kDuration, 0, static_cast<uint64_t>(nanos));
  }
  static Value array(std::span<const Value> items) {
    Value v(ValueKind::kArray, static_cast<uint32_t>(items.size()), 0);
    v.items_ = items.data();
    return v;
  }
  static Value map(const MapData* data);

  ValueKind kind() const { return kind_; }
  bool is(ValueKind kind) const { return kind_ == kind; }
  bool is_null() const { return kind_ == ValueKind::kNull; }
  bool is_integer() const { return kind_ == ValueKind::kInt || kind_ == ValueKind::kUint; }
  bool is_numeric() const { return is_integer() || kind_ == ValueKind::kDouble ||
                                   kind_ == ValueKind::kNumber; }
  bool is_text() const { return kind_ == ValueKind::kString || kind_ == ValueKind::kBytes; }

  // Each REQUIRES the kind of its name.
  bool as_bool() const { return uint_ != 0; }
  int64_t as_int() const { return int_; }
  uint64_t as_uint() const { return uint_; }  ///< also of a kInt that is not negative
  double as_double() const { return double_; }
  /// Of kString, kBytes, kNumber and kJson.
  std::string_view text() const { return {data_, size_}; }
  Time as_time() const {
    return {int_, static_cast<uint16_t>(size_), static_cast<int16_t>(aux_)};
  }
  int64_t as_duration() const { return int_; }
  std::span<const Value> items() const { return {items_, size_}; }
  std::span<const MapEntry> entries() const;
  /// Array, map: how many. Text: bytes.
  uint32_t size() const { return size_; }
  /// A member of a map, or null if it has no such key. Constant time in large maps.
  const Value* find(std::string_view key) const;

 private:
  constexpr Value(ValueKind kind, uint32_t size, uint64_t bits)
      : kind_(kind), aux_(0), size_(size), uint_(bits) {}
  static Value slice(ValueKind kind, std::string_view text) {
    Value v(kind, static_cast<uint32_t>(text.size()), 0);
    v.data_ = text.data();
    return v;
  }

  ValueKind kind_;
  uint16_t aux_;   // time: zone offset
  uint32_t size_;  // slices: length; time: nanoseconds
  union {
    int64_t int_;
    uint64_t uint_;
    double double_;
    const char* data_;
    const Value* items_;
    const MapData* map_;
  };
};
static_assert(sizeof(Value) == 16 && std::is_trivially_copyable_v<Value>);

struct MapEntry {
  std::string_view key;
  Value value;
};

/// What a kMap points to. Made by MapBuilder (value/build.h); small maps are scanned, larger ones
/// have a table of slots.
struct MapData {
  const MapEntry* entries = nullptr;
  uint32_t size = 0;
  uint32_t slot_mask = 0;           ///< number of slots − 1; 0 = no table
  const uint32_t* slots = nullptr;  ///< index into entries + 1; 0 = free
};

inline Value Value::map(const MapData* data) {
  Value v(ValueKind::kMap, data->size, 0);
  v.map_ = data;
  return v;
}
inline std::span<const MapEntry> Value::entries() const { return {map_->entries, map_->size}; }

/// Numbers are equal if they are the same number, whatever their kind: no rounding (2^53+1 is not
/// 2^53 as a double). Strings and bytes are compared byte by byte and never equal each other; maps
/// without regard to order; other kinds are equal only to themselves. NaN equals nothing.
bool equal(const Value& a, const Value& b);

enum class Order : int8_t { kLess = -1, kEqual = 0, kGreater = 1, kNone = 2 };
/// The order of two values that have one: numbers (exact across kinds), strings, bytes, times,
/// durations, bools. kNone otherwise (other kinds, mixed kinds, NaN).
Order compare(const Value& a, const Value& b);
/// A total order over everything, for sorting mixed arrays: by kind (null, bool, numbers, strings,
/// bytes, times, durations, arrays, maps), then by value; NaN before all numbers.
int compare_any(const Value& a, const Value& b);

/// Equal values have equal hashes; stable between runs and machines.
uint64_t hash(const Value& value);

/// The value as an int64, if it is a number of that range without fraction.
std::optional<int64_t> exact_int(const Value& value);
/// The nearest double of any number. REQUIRES: is_numeric().
double nearest_double(const Value& value);

}  // namespace penstock
