// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "expr/functions/arguments.h"
#include "expr/functions/library.h"

// Bits of 64-bit ints, as expr's functions of the same names: two's complement, no error on
// overflow.
namespace penstock {
namespace {

/// The 64 bits of either kind of int.
uint64_t bits(const Value& v) { return v.is(ValueKind::kUint) ? v.as_uint()
                                                              : static_cast<uint64_t>(v.as_int()); }
Value from_bits(uint64_t b) { return Value::integer(static_cast<int64_t>(b)); }

template <uint64_t (*kCombine)(uint64_t, uint64_t)>
Result<Value> combine(EvalContext&, Arguments args) {
  return from_bits(kCombine(bits(args[0]), bits(args[1])));
}
uint64_t both(uint64_t a, uint64_t b) { return a & b; }
uint64_t either(uint64_t a, uint64_t b) { return a | b; }
uint64_t differ(uint64_t a, uint64_t b) { return a ^ b; }
uint64_t clear(uint64_t a, uint64_t b) { return a & ~b; }

enum class Shift { kLeft, kRight, kUnsignedRight };

template <Shift kShift>
Result<Value> shift(EvalContext&, Arguments args) {
  const int64_t by = whole(args[1]);
  if (by < 0) return eval_error("a shift by " + std::to_string(by) + " bits");
  const uint64_t b = bits(args[0]);
  if (kShift == Shift::kRight) {
    return Value::integer(static_cast<int64_t>(b) >> std::min<int64_t>(by, 63));
  }
  if (by > 63) return Value::integer(0);
  return from_bits(kShift == Shift::kLeft ? b << by : b >> by);
}

Result<Value> invert(EvalContext&, Arguments args) { return from_bits(~bits(args[0])); }
Result<Value> count(EvalContext&, Arguments args) {
  return Value::integer(std::popcount(bits(args[0])));
}

constexpr Function kBits[] = {
    {.name = "bitand", .signatures = {"(a: int, b: int) -> int"},
     .about = "The bits that both have.", .body = combine<both>,
     .examples = {{"bitand(12, 10)", "", "8"}, {"bitand(-1, 255)", "", "255"},
                  {"bitand(1.5, 1)", "", "", "bitand"}}},
    {.name = "bitor", .signatures = {"(a: int, b: int) -> int"},
     .about = "The bits that either has.", .body = combine<either>,
     .examples = {{"bitor(12, 10)", "", "14"}, {"bitor(0, 0)", "", "0"}}},
    {.name = "bitxor", .signatures = {"(a: int, b: int) -> int"},
     .about = "The bits in which they differ.", .body = combine<differ>,
     .examples = {{"bitxor(12, 10)", "", "6"}, {"bitxor(5, 5)", "", "0"}}},
    {.name = "bitnand", .signatures = {"(a: int, b: int) -> int"},
     .about = "The bits of the first that the second does not have (expr's name for it).",
     .body = combine<clear>,
     .examples = {{"bitnand(12, 10)", "", "4"}, {"bitnand(7, 0)", "", "7"}}},
    {.name = "bitnot", .signatures = {"(a: int) -> int"}, .about = "Every bit turned over.",
     .body = invert, .examples = {{"bitnot(0)", "", "-1"}, {"bitnot(-6)", "", "5"}}},
    {.name = "bitshl", .signatures = {"(a: int, by: int) -> int"},
     .about = "Shifted to the left; what falls out is lost.", .body = shift<Shift::kLeft>,
     .examples = {{"bitshl(1, 4)", "", "16"}, {"bitshl(1, 64)", "", "0"},
                  {"bitshl(1, -1)", "", "", "shift"}}},
    {.name = "bitshr", .signatures = {"(a: int, by: int) -> int"},
     .about = "Shifted to the right, keeping the sign.", .body = shift<Shift::kRight>,
     .examples = {{"bitshr(-16, 2)", "", "-4"}, {"bitshr(-1, 100)", "", "-1"}}},
    {.name = "bitushr", .signatures = {"(a: int, by: int) -> int"},
     .about = "Shifted to the right, zeros coming in.", .body = shift<Shift::kUnsignedRight>,
     .examples = {{"bitushr(-5, 2)", "", "4611686018427387902"}, {"bitushr(8, 3)", "", "1"}}},
    {.name = "bitcount", .signatures = {"(a: int) -> int"}, .about = "How many bits are set.",
     .body = count, .examples = {{"bitcount(255)", "", "8"}, {"bitcount(-1)", "", "64"}}},
};

}  // namespace

void add_bit_functions(FunctionTable& table) { add_rows(table, {"bits"}, kBits); }

}  // namespace penstock
