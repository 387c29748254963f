// SPDX-License-Identifier: Apache-2.0
#include "value/value.h"

#include <cmath>

#include "value/decimal.h"
#include "value/string_hash.h"

namespace penstock {
namespace {

constexpr double kTwo63 = 0x1p63, kTwo64 = 0x1p64;

Order order_of(int sign) {
  return sign < 0 ? Order::kLess : sign > 0 ? Order::kGreater : Order::kEqual;
}
template <class T>
Order order(T a, T b) {
  return a < b ? Order::kLess : b < a ? Order::kGreater : Order::kEqual;
}
Order reversed(Order o) {
  return o == Order::kNone ? o : static_cast<Order>(-static_cast<int8_t>(o));
}

/// Without rounding: the double is taken apart, not the integer rounded.
Order compare_int_double(__int128 i, double d) {
  if (std::isnan(d)) return Order::kNone;
  if (d >= kTwo64) return Order::kLess;
  if (d < -kTwo63) return Order::kGreater;
  const double whole = std::floor(d);
  const __int128 w = static_cast<__int128>(whole);
  if (i != w) return order(i, w);
  return d > whole ? Order::kLess : Order::kEqual;
}

__int128 wide(const Value& v) {
  return v.is(ValueKind::kUint) ? static_cast<__int128>(v.as_uint()) : v.as_int();
}

Order compare_numbers(const Value& a, const Value& b) {
  if (a.is(ValueKind::kInt) && b.is(ValueKind::kInt)) return order(a.as_int(), b.as_int());
  if (a.is(ValueKind::kDouble) && b.is(ValueKind::kDouble)) {
    const double x = a.as_double(), y = b.as_double();
    return x < y ? Order::kLess : x > y ? Order::kGreater : x == y ? Order::kEqual : Order::kNone;
  }
  if (a.is(ValueKind::kNumber) || b.is(ValueKind::kNumber)) {
    const double x = nearest_double(a), y = nearest_double(b);
    if (std::isnan(x) || std::isnan(y)) return Order::kNone;
    if (a.is(ValueKind::kDouble) && std::isinf(x)) return x > 0 ? Order::kGreater : Order::kLess;
    if (b.is(ValueKind::kDouble) && std::isinf(y)) return y > 0 ? Order::kLess : Order::kGreater;
    return order_of(compare(exact_decimal(a), exact_decimal(b)));
  }
  if (a.is(ValueKind::kDouble)) return reversed(compare_int_double(wide(b), a.as_double()));
  if (b.is(ValueKind::kDouble)) return compare_int_double(wide(a), b.as_double());
  return order(wide(a), wide(b));
}

bool equal_arrays(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (uint32_t i = 0; i < a.size(); ++i) {
    if (!equal(a.items()[i], b.items()[i])) return false;
  }
  return true;
}

bool equal_maps(const Value& a, const Value& b) {
  if (a.size() != b.size()) return false;
  for (const MapEntry& entry : a.entries()) {
    const Value* other = b.find(entry.key);
    if (other == nullptr || !equal(entry.value, *other)) return false;
  }
  return true;
}

uint64_t mix(uint64_t a, uint64_t b) {
  uint64_t z = a ^ (b + 0x9e3779b97f4a7c15ULL + (a << 6) + (a >> 2));
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  return z ^ (z >> 31);
}

uint64_t hash_double(double d) {
  if (std::floor(d) == d && d >= -kTwo63 && d < kTwo64) {
    const __int128 i = static_cast<__int128>(d);
    return mix(1, static_cast<uint64_t>(i));
  }
  uint64_t bits;
  std::memcpy(&bits, &d, sizeof bits);
  return mix(2, bits);
}

int rank(const Value& v) {
  if (v.is_numeric()) return 2;
  switch (v.kind()) {
    case ValueKind::kNull: return 0;
    case ValueKind::kBool: return 1;
    case ValueKind::kString: return 3;
    case ValueKind::kBytes: return 4;
    case ValueKind::kTime: return 5;
    case ValueKind::kDuration: return 6;
    case ValueKind::kArray: return 7;
    case ValueKind::kMap: return 8;
    default: return 9;
  }
}

int compare_any_arrays(const Value& a, const Value& b) {
  for (uint32_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int c = compare_any(a.items()[i], b.items()[i]); c != 0) return c;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

int compare_any_maps(const Value& a, const Value& b) {
  for (uint32_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (const int c = a.entries()[i].key.compare(b.entries()[i].key); c != 0) return c;
    if (const int c = compare_any(a.entries()[i].value, b.entries()[i].value); c != 0) return c;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size();
}

}  // namespace

const char* to_string(ValueKind kind) {
  static constexpr const char* kNames[kValueKinds] = {
      "null",  "bool", "int",      "uint",  "double", "number", "string",
      "bytes", "time", "duration", "array", "map",    "json"};
  return kNames[static_cast<size_t>(kind)];
}

const Value* Value::find(std::string_view key) const {
  const MapData& map = *map_;
  if (map.slot_mask != 0) {
    uint32_t at = static_cast<uint32_t>(string_hash(key)) & map.slot_mask;
    while (map.slots[at] != 0) {
      const MapEntry& entry = map.entries[map.slots[at] - 1];
      if (entry.key == key) return &entry.value;
      at = (at + 1) & map.slot_mask;
    }
    return nullptr;
  }
  for (uint32_t i = 0; i < map.size; ++i) {
    const MapEntry& entry = map.entries[i];
    if (entry.key.size() == key.size() &&
        std::memcmp(entry.key.data(), key.data(), key.size()) == 0) {
      return &entry.value;
    }
  }
  return nullptr;
}

bool equal(const Value& a, const Value& b) {
  if (a.is_numeric() && b.is_numeric()) return compare_numbers(a, b) == Order::kEqual;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case ValueKind::kNull: return true;
    case ValueKind::kBool: return a.as_bool() == b.as_bool();
    case ValueKind::kArray: return equal_arrays(a, b);
    case ValueKind::kMap: return equal_maps(a, b);
    case ValueKind::kTime: return a.as_time() == b.as_time();
    case ValueKind::kDuration: return a.as_duration() == b.as_duration();
    default: return a.text() == b.text();
  }
}

Order compare(const Value& a, const Value& b) {
  if (a.is_numeric() && b.is_numeric()) return compare_numbers(a, b);
  if (a.kind() != b.kind()) return Order::kNone;
  switch (a.kind()) {
    case ValueKind::kBool: return order(a.as_bool(), b.as_bool());
    case ValueKind::kString:
    case ValueKind::kBytes: return order_of(a.text().compare(b.text()));
    case ValueKind::kDuration: return order(a.as_duration(), b.as_duration());
    case ValueKind::kTime: {
      const Time x = a.as_time(), y = b.as_time();
      return x.micros != y.micros ? order(x.micros, y.micros) : order(x.nanos, y.nanos);
    }
    default: return Order::kNone;
  }
}

int compare_any(const Value& a, const Value& b) {
  const int ra = rank(a), rb = rank(b);
  if (ra != rb) return ra < rb ? -1 : 1;
  if (a.is(ValueKind::kArray)) return compare_any_arrays(a, b);
  if (a.is(ValueKind::kMap)) return compare_any_maps(a, b);
  if (a.is(ValueKind::kJson)) return a.text().compare(b.text());
  const Order order = compare(a, b);
  if (order != Order::kNone) return static_cast<int>(order);
  if (a.is_null()) return 0;
  const bool na = a.is(ValueKind::kDouble) && std::isnan(a.as_double());
  const bool nb = b.is(ValueKind::kDouble) && std::isnan(b.as_double());
  return na == nb ? 0 : na ? -1 : 1;
}

uint64_t hash(const Value& v) {
  switch (v.kind()) {
    case ValueKind::kNull: return mix(0, 0);
    case ValueKind::kBool: return mix(3, v.as_bool());
    case ValueKind::kInt:
    case ValueKind::kUint: return mix(1, v.as_uint());
    case ValueKind::kDouble: return hash_double(v.as_double());
    case ValueKind::kNumber: return hash_double(nearest_double(v));
    case ValueKind::kTime: return mix(mix(4, static_cast<uint64_t>(v.as_time().micros)),
                                      v.as_time().nanos);
    case ValueKind::kDuration: return mix(5, static_cast<uint64_t>(v.as_duration()));
    case ValueKind::kArray: {
      uint64_t h = 6;
      for (const Value& item : v.items()) h = mix(h, hash(item));
      return h;
    }
    case ValueKind::kMap: {
      uint64_t h = 7;  // a sum, because order does not count
      for (const MapEntry& e : v.entries()) h += mix(string_hash(e.key), hash(e.value));
      return mix(7, h);
    }
    case ValueKind::kBytes: return mix(8, string_hash(v.text()));
    default: return string_hash(v.text());
  }
}

std::optional<int64_t> exact_int(const Value& v) {
  if (v.is(ValueKind::kInt)) return v.as_int();
  double d = 0;
  if (v.is(ValueKind::kDouble)) d = v.as_double();
  else if (v.is(ValueKind::kNumber)) d = nearest_double(v);
  else return std::nullopt;
  if (!(d >= -kTwo63 && d < kTwo63) || std::floor(d) != d) return std::nullopt;
  const Value i = Value::integer(static_cast<int64_t>(d));
  return equal(i, v) ? std::optional<int64_t>(i.as_int()) : std::nullopt;
}

double nearest_double(const Value& v) {
  switch (v.kind()) {
    case ValueKind::kInt: return static_cast<double>(v.as_int());
    case ValueKind::kUint: return static_cast<double>(v.as_uint());
    case ValueKind::kNumber: return decimal_to_double(v.text());
    default: return v.as_double();
  }
}

}  // namespace penstock
