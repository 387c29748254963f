// SPDX-License-Identifier: Apache-2.0
#include "value/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "value/build.h"
#include "value/decimal.h"
#include "value/value_arena.h"

namespace penstock {
namespace {

Value i(int64_t n) { return Value::integer(n); }
Value u(uint64_t n) { return Value::unsigned_integer(n); }
Value d(double n) { return Value::real(n); }
Value n(std::string_view text) { return Value::number(text); }
Value s(std::string_view text) { return Value::string(text); }

TEST(Value, an_integer_has_one_representation) {
  EXPECT_EQ(u(5).kind(), ValueKind::kInt);
  EXPECT_EQ(u(uint64_t{INT64_MAX} + 1).kind(), ValueKind::kUint);
}

TEST(Value, numbers_compare_without_rounding_across_kinds) {
  struct Case {
    Value a, b;
    Order order;
  };
  const double kInfinity = std::numeric_limits<double>::infinity();
  const Case cases[] = {
      {i(1), d(1.0), Order::kEqual},
      {i((int64_t{1} << 53) + 1), d(0x1p53), Order::kGreater},
      {i(INT64_MAX), d(0x1p63), Order::kLess},
      {i(INT64_MIN), d(-0x1p63), Order::kEqual},
      {u(UINT64_MAX), d(0x1p64), Order::kLess},
      {u(UINT64_MAX), i(-1), Order::kGreater},
      {i(-3), d(-2.5), Order::kLess},
      {i(-2), d(-2.5), Order::kGreater},
      {i(0), d(-0.0), Order::kEqual},
      {i(0), d(std::nan("")), Order::kNone},
      {d(std::nan("")), d(std::nan("")), Order::kNone},
      {n("18446744073709551616"), u(UINT64_MAX), Order::kGreater},
      {n("18446744073709551616"), d(0x1p64), Order::kEqual},
      {n("1e400"), d(1e308), Order::kGreater},
      {n("1e400"), n("1e401"), Order::kLess},
      {n("-1e400"), n("-1e401"), Order::kGreater},
      {n("1e400"), d(kInfinity), Order::kLess},
      {n("-1e400"), d(-kInfinity), Order::kGreater},
      {n("0.10000000000000000001"), d(0.1), Order::kLess},  // the double is a bit more than 0.1
      {n("1.00000000000000000000"), i(1), Order::kEqual},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(compare(c.a, c.b), c.order);
    const Order back = c.order == Order::kNone
                           ? c.order
                           : static_cast<Order>(-static_cast<int8_t>(c.order));
    EXPECT_EQ(compare(c.b, c.a), back);
    EXPECT_EQ(equal(c.a, c.b), c.order == Order::kEqual);
    if (c.order == Order::kEqual) {
      EXPECT_EQ(hash(c.a), hash(c.b));
    }
  }
}

TEST(Value, kinds_that_are_not_alike_are_not_equal) {
  ValueArena arena;
  const Value values[] = {Value(),      Value::boolean(true),  i(1),
                          s("1"),       Value::bytes("1"),     Value::time_micros(1),
                          Value::duration(1), Value::array({}), *MapBuilder(arena).finish()};
  for (size_t a = 0; a < std::size(values); ++a) {
    for (size_t b = 0; b < std::size(values); ++b) {
      EXPECT_EQ(equal(values[a], values[b]), a == b) << a << " " << b;
      EXPECT_EQ(compare_any(values[a], values[b]), a < b ? -1 : a > b) << a << " " << b;
    }
  }
}

TEST(Value, times_are_equal_whatever_their_zone) {
  const Value a = Value::time({1'000'000, 7, 0}), b = Value::time({1'000'000, 7, 120});
  EXPECT_TRUE(equal(a, b));
  EXPECT_EQ(hash(a), hash(b));
  EXPECT_EQ(compare(a, Value::time({1'000'000, 8, 0})), Order::kLess);
}

TEST(Value, exact_int_takes_whole_numbers_only) {
  EXPECT_EQ(exact_int(d(3.0)), 3);
  EXPECT_EQ(exact_int(d(3.5)), std::nullopt);
  EXPECT_EQ(exact_int(d(0x1p63)), std::nullopt);
  EXPECT_EQ(exact_int(u(UINT64_MAX)), std::nullopt);
  EXPECT_EQ(exact_int(n("12.000")), 12);
  EXPECT_EQ(exact_int(s("3")), std::nullopt);
}

TEST(MapBuilder, keeps_the_order_of_insertion_and_the_last_value) {
  ValueArena arena;
  MapBuilder map(arena);
  std::vector<std::string> keys;
  for (int k = 0; k < 1000; ++k) keys.push_back("key" + std::to_string(k));
  for (int k = 0; k < 1000; ++k) map.set(keys[static_cast<size_t>(k)], i(k));
  map.set("key7", i(-7));
  EXPECT_FALSE(map.add("key8", i(-8)));
  const Value value = *map.finish();
  ASSERT_EQ(value.size(), 1000u);
  EXPECT_EQ(value.entries()[7].key, "key7");
  EXPECT_EQ(value.entries()[7].value.as_int(), -7);
  for (int k = 0; k < 1000; ++k) {
    const Value* found = value.find("key" + std::to_string(k));
    ASSERT_NE(found, nullptr) << k;
    EXPECT_EQ(found->as_int(), k == 7 ? -7 : k);
  }
  EXPECT_EQ(value.find("key1000"), nullptr);
}

TEST(MapBuilder, equality_and_hash_ignore_the_order) {
  ValueArena arena;
  MapBuilder a(arena), b(arena);
  a.set("x", i(1));
  a.set("y", i(2));
  b.set("y", d(2.0));
  b.set("x", d(1.0));
  const Value va = *a.finish(), vb = *b.finish();
  EXPECT_TRUE(equal(va, vb));
  EXPECT_EQ(hash(va), hash(vb));
}

TEST(ValueArena, says_when_its_limit_is_reached_and_starts_anew) {
  ValueArena arena(200'000);
  ArrayBuilder big(arena);
  for (int k = 0; k < 20'000; ++k) big.push(i(k));
  const auto failed = big.finish();
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "expression-memory");
  arena.reset();
  EXPECT_EQ(arena.used(), 0u);
  ArrayBuilder small(arena);
  for (int k = 0; k < 100; ++k) small.push(i(k));
  const Value value = *small.finish();
  EXPECT_EQ(value.items()[99].as_int(), 99);
}

TEST(ValueArena, rewinds_to_a_mark) {
  ValueArena arena;
  ASSERT_NE(arena.allocate(10), nullptr);
  const auto mark = arena.mark();
  const size_t used = arena.used();
  for (int k = 0; k < 100; ++k) ASSERT_NE(arena.allocate(5000), nullptr);
  arena.rewind(mark);
  EXPECT_EQ(arena.used(), used);
}

TEST(TextBuilder, gives_back_what_it_did_not_use) {
  ValueArena arena;
  TextBuilder text(arena, 1000);
  text.append("abc");
  text.append(2, 'd');
  EXPECT_EQ((*text.finish_string()).text(), "abcdd");
  EXPECT_EQ(arena.used(), 8u);
}

TEST(Value, deep_copies_survive_their_source) {
  ValueArena from, to;
  Value copy;
  {
    std::string text = "hello";
    const Value items[] = {s(text), i(1)};
    MapBuilder map(from);
    map.set(text, Value::array(items));
    copy = *deep_copy(to, *map.finish());
    text = "xxxxx";
  }
  from.reset();
  const Value* items = copy.find("hello");
  ASSERT_NE(items, nullptr);
  EXPECT_EQ(items->items()[0].text(), "hello");
}

TEST(Decimal, reads_zeros_points_and_exponents) {
  EXPECT_EQ(parse_decimal("0.00120e3").digits, "12");
  EXPECT_EQ(parse_decimal("0.00120e3").exponent, 1);
  EXPECT_EQ(parse_decimal("-0.0").negative, false);
  EXPECT_EQ(compare(parse_decimal("100"), parse_decimal("1e2")), 0);
  EXPECT_LT(compare(parse_decimal("-1e99999999999999999999"), parse_decimal("0")), 0);
  EXPECT_EQ(decimal_to_double("1e-400"), 0.0);
  EXPECT_TRUE(std::isinf(decimal_to_double("-1e400")));
}

}  // namespace
}  // namespace penstock
