// SPDX-License-Identifier: Apache-2.0
#include "expr/operators.h"

#include <cmath>

namespace penstock {
namespace {

using K = ValueKind;

bool fail(Error& error, std::string message, std::string hint = {}) {
  error = eval_error(std::move(message), std::move(hint));
  return false;
}

__int128 wide(const Value& v) {
  return v.is(K::kUint) ? static_cast<__int128>(v.as_uint()) : v.as_int();
}

/// Integers stay integers: what int64 and uint64 do not hold is an error, in Argo's dialect it
/// wraps around as in Go.
bool integer_result(Op op, __int128 i, EvalContext& context, Value& out, Error& error) {
  if (i >= INT64_MIN && i <= INT64_MAX) return out = Value::integer(static_cast<int64_t>(i)), true;
  if (context.dialect() == ExprDialect::kArgo) {
    return out = Value::integer(static_cast<int64_t>(static_cast<uint64_t>(i))), true;
  }
  if (i > 0 && i <= UINT64_MAX) {
    return out = Value::unsigned_integer(static_cast<uint64_t>(i)), true;
  }
  return fail(error, "the result of " + std::string(symbol(op)) + " does not fit into 64 bits",
              "make one side a double: write 1.0 for 1, or double(x)");
}

bool add_integers(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                  Error& error) {
  const bool argo = context.dialect() == ExprDialect::kArgo;
  const __int128 x = wide(a), y = wide(b);
  switch (op) {
    case Op::kPlus: return integer_result(op, x + y, context, out, error);
    case Op::kMinus: return integer_result(op, x - y, context, out, error);
    case Op::kMultiply: {
      __int128 product;
      if (!__builtin_mul_overflow(x, y, &product)) {
        return integer_result(op, product, context, out, error);
      }
      return fail(error, "the result of * does not fit into 64 bits");
    }
    case Op::kRemainder:
      if (y == 0) return fail(error, "division by zero");
      return integer_result(op, x % y, context, out, error);
    default:
      if (y == 0) return fail(error, "division by zero");
      if (argo) return integer_result(op, x / y, context, out, error);
      out = Value::real(nearest_double(a) / nearest_double(b));
      return true;
  }
}

bool number_operation(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                      Error& error) {
  if (op == Op::kPower) {
    return out = Value::real(std::pow(nearest_double(a), nearest_double(b))), true;
  }
  if (a.is_integer() && b.is_integer()) return add_integers(op, a, b, context, out, error);
  const double x = nearest_double(a), y = nearest_double(b);
  const bool argo = context.dialect() == ExprDialect::kArgo;
  switch (op) {
    case Op::kPlus: out = Value::real(x + y); return true;
    case Op::kMinus: out = Value::real(x - y); return true;
    case Op::kMultiply: out = Value::real(x * y); return true;
    case Op::kRemainder:
      if (argo) return error = operand_error(op, a, b), false;
      if (y == 0) return fail(error, "division by zero");
      out = Value::real(std::fmod(x, y));
      return true;
    default:
      if (y == 0 && !argo) return fail(error, "division by zero");
      out = Value::real(x / y);
      return true;
  }
}

bool shift(const Value& time, __int128 nanos, Value& out, Error& error) {
  const Time t = time.as_time();
  const __int128 total = static_cast<__int128>(t.micros) * 1000 + t.nanos + nanos;
  __int128 micros = total / 1000;
  auto rest = static_cast<int>(total % 1000);
  if (rest < 0) {
    rest += 1000;
    --micros;
  }
  if (micros > INT64_MAX || micros < INT64_MIN) return fail(error, "the time is out of range");
  out = Value::time({static_cast<int64_t>(micros), static_cast<uint16_t>(rest), t.offset_minutes});
  return true;
}

bool duration_result(__int128 nanos, Value& out, Error& error) {
  if (nanos > INT64_MAX || nanos < INT64_MIN) {
    return fail(error, "the duration is longer than 292 years");
  }
  out = Value::duration(static_cast<int64_t>(nanos));
  return true;
}

bool scaled(const Value& duration, double factor, Value& out, Error& error) {
  const double nanos = static_cast<double>(duration.as_duration()) * factor;
  if (!(std::fabs(nanos) < 9.2e18)) return fail(error, "the duration is longer than 292 years");
  out = Value::duration(static_cast<int64_t>(nanos));
  return true;
}

/// Arithmetic in which a time or a duration takes part.
bool time_operation(Op op, const Value& a, const Value& b, Value& out, Error& error) {
  const bool sum = op == Op::kPlus, difference = op == Op::kMinus;
  if (a.is(K::kTime) && b.is(K::kTime) && difference) {
    const Time x = a.as_time(), y = b.as_time();
    return duration_result((static_cast<__int128>(x.micros) - y.micros) * 1000 + x.nanos - y.nanos,
                           out, error);
  }
  if (a.is(K::kTime) && b.is(K::kDuration) && (sum || difference)) {
    const __int128 by = b.as_duration();
    return shift(a, sum ? by : -by, out, error);
  }
  if (a.is(K::kDuration) && b.is(K::kTime) && sum) return shift(b, a.as_duration(), out, error);
  if (a.is(K::kDuration) && b.is(K::kDuration)) {
    const __int128 x = a.as_duration(), y = b.as_duration();
    if (sum || difference) return duration_result(sum ? x + y : x - y, out, error);
    if ((op == Op::kDivide || op == Op::kRemainder) && y == 0) {
      return fail(error, "division by zero");
    }
    if (op == Op::kRemainder) return duration_result(x % y, out, error);
    if (op == Op::kDivide) {
      return out = Value::real(static_cast<double>(x) / static_cast<double>(y)), true;
    }
  }
  if (op == Op::kMultiply && a.is(K::kDuration) && b.is_numeric()) {
    if (b.is(K::kInt)) return duration_result(__int128{a.as_duration()} * b.as_int(), out, error);
    return scaled(a, nearest_double(b), out, error);
  }
  if (op == Op::kMultiply && a.is_numeric() && b.is(K::kDuration)) {
    return time_operation(op, b, a, out, error);
  }
  if (op == Op::kDivide && a.is(K::kDuration) && b.is_numeric()) {
    const double y = nearest_double(b);
    if (y == 0) return fail(error, "division by zero");
    if (b.is(K::kInt)) return duration_result(__int128{a.as_duration()} / b.as_int(), out, error);
    return scaled(a, 1 / y, out, error);
  }
  return error = operand_error(op, a, b), false;
}

bool arithmetic(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                Error& error) {
  if (a.is_numeric() && b.is_numeric()) return number_operation(op, a, b, context, out, error);
  if (op == Op::kPlus && a.is(K::kString) && b.is(K::kString)) {
    if (!context.spend((a.size() + b.size()) / 64)) return error = context.out_of_steps(), false;
    TextBuilder text(context.arena(), a.text().size() + b.text().size());
    text.append(a.text());
    text.append(b.text());
    auto result = text.finish_string();
    if (!result) return error = result.error(), false;
    return out = *result, true;
  }
  return time_operation(op, a, b, out, error);
}

bool ordering(Op op, const Value& a, const Value& b, Value& out, Error& error) {
  const Order order = a.is(K::kBool) ? Order::kNone : compare(a, b);
  if (order == Order::kNone && !(a.is_numeric() && b.is_numeric())) {
    return error = operand_error(op, a, b), false;
  }
  switch (op) {
    case Op::kLess: out = Value::boolean(order == Order::kLess); break;
    case Op::kLessEqual:
      out = Value::boolean(order == Order::kLess || order == Order::kEqual);
      break;
    case Op::kGreater: out = Value::boolean(order == Order::kGreater); break;
    default: out = Value::boolean(order == Order::kGreater || order == Order::kEqual); break;
  }
  return true;
}

bool membership(const Value& a, const Value& b, EvalContext& context, Value& out, Error& error) {
  if (b.is_null()) return out = Value::boolean(false), true;
  if (b.is(K::kArray)) {
    if (!context.spend(b.size())) return error = context.out_of_steps(), false;
    bool found = false;
    for (const Value& item : b.items()) found = found || equal(a, item);
    return out = Value::boolean(found), true;
  }
  if (b.is(K::kMap)) {
    if (a.is_null()) return out = Value::boolean(false), true;
    if (!a.is(K::kString)) return error = operand_error(Op::kIn, a, b), false;
    return out = Value::boolean(b.find(a.text()) != nullptr), true;
  }
  error = operand_error(Op::kIn, a, b);
  if (b.is(K::kString)) error.hint = "write `text contains part` to look for a part of a string";
  return false;
}

bool text_operation(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                    Error& error) {
  if (!a.is_text() || !b.is_text()) {
    error = operand_error(op, a, b);
    if (a.is(K::kArray) && op == Op::kContains) error.hint = "write `item in array`";
    return false;
  }
  if (!context.spend(a.size() / 64)) return error = context.out_of_steps(), false;
  bool result = false;
  switch (op) {
    case Op::kContains: result = a.text().find(b.text()) != std::string_view::npos; break;
    case Op::kStartsWith: result = a.text().starts_with(b.text()); break;
    case Op::kEndsWith: result = a.text().ends_with(b.text()); break;
    default: {
      auto regex = context.regex(b.text());
      if (!regex) return error = regex.error(), false;
      result = (*regex)->matches(a.text());
    }
  }
  return out = Value::boolean(result), true;
}

bool range(const Value& a, const Value& b, EvalContext& context, Value& out, Error& error) {
  const auto from = exact_int(a), to = exact_int(b);
  if (!from || !to) return error = operand_error(Op::kRange, a, b), false;
  const __int128 count = *to < *from ? 0 : static_cast<__int128>(*to) - *from + 1;
  if (count > context.limits().range_max) {
    return fail(error, "the range has more than " + std::to_string(context.limits().range_max) +
                           " items");
  }
  if (!context.spend(static_cast<uint64_t>(count))) return error = context.out_of_steps(), false;
  ArrayBuilder items(context.arena(), static_cast<size_t>(count));
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i) items.push(Value::integer(*from + i));
  auto result = items.finish();
  if (!result) return error = result.error(), false;
  return out = *result, true;
}

}  // namespace

Error operand_error(Op op, const Value& a, const Value& b) {
  const bool nil = a.is_null() || b.is_null();
  return eval_error("cannot apply " + std::string(symbol(op)) + " to " +
                        std::string(kind_name(a.kind())) + " and " +
                        std::string(kind_name(b.kind())),
                    nil ? "say what stands for nil: (value ?? 0)" : "");
}

bool apply_unary(Op op, const Value& a, EvalContext& context, Value& out, Error& error) {
  if (op == Op::kNot && a.is(K::kBool)) return out = Value::boolean(!a.as_bool()), true;
  if (op == Op::kPlus && a.is_numeric()) return out = a, true;
  if (op == Op::kMinus) {
    if (a.is_integer()) return integer_result(op, -wide(a), context, out, error);
    if (a.is_numeric()) return out = Value::real(-nearest_double(a)), true;
    if (a.is(K::kDuration)) return duration_result(-__int128{a.as_duration()}, out, error);
  }
  return fail(error, "cannot apply " + std::string(symbol(op)) + " to " +
                         std::string(kind_name(a.kind())),
              a.is_null() ? "say what stands for nil: (value ?? 0)" : "");
}

bool apply_binary(Op op, const Value& a, const Value& b, EvalContext& context, Value& out,
                  Error& error) {
  switch (op) {
    case Op::kEqual: out = Value::boolean(equal(a, b)); return true;
    case Op::kNotEqual: out = Value::boolean(!equal(a, b)); return true;
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual: return ordering(op, a, b, out, error);
    case Op::kIn: return membership(a, b, context, out, error);
    case Op::kMatches:
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith: return text_operation(op, a, b, context, out, error);
    case Op::kRange: return range(a, b, context, out, error);
    default: return arithmetic(op, a, b, context, out, error);
  }
}

TypeSet unary_type(Op op, TypeSet a, ExprDialect) {
  if (op == Op::kNot) return a & kBoolType;
  TypeSet result = a & kNumberType;
  if (op == Op::kMinus) {
    result |= a & kDurationType;
    if ((a & type_of(K::kNumber)) != 0) result |= kDoubleType;
    if ((a & kIntType) != 0) result |= kIntType;
  }
  return result;
}

TypeSet binary_type(Op op, TypeSet a, TypeSet b, ExprDialect dialect) {
  const bool argo = dialect == ExprDialect::kArgo;
  const bool numbers = (a & kNumberType) != 0 && (b & kNumberType) != 0;
  const auto both = [&](TypeSet t) { return (a & t) != 0 && (b & t) != 0; };
  const auto pair = [&](TypeSet x, TypeSet y) { return (a & x) != 0 && (b & y) != 0; };
  switch (op) {
    case Op::kOr:
    case Op::kAnd: return both(kBoolType) || (a & kBoolType) != 0 ? (b & kBoolType) : 0;
    case Op::kEqual:
    case Op::kNotEqual: return kBoolType;
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual:
      return numbers || both(kStringType) || both(kBytesType) || both(kTimeType) ||
                     both(kDurationType) ? kBoolType : 0;
    case Op::kIn: return (b & (kArrayType | kMapType | kNullType)) != 0 ? kBoolType : 0;
    case Op::kMatches:
    case Op::kContains:
    case Op::kStartsWith:
    case Op::kEndsWith: return both(kTextType) ? kBoolType : 0;
    case Op::kRange: return numbers ? kArrayType : 0;
    case Op::kPower: return numbers ? kDoubleType : 0;
    default: break;
  }
  TypeSet result = 0;
  const bool ints = both(kIntType);
  if (ints) result |= op == Op::kDivide && !argo ? kDoubleType : kIntType;
  if (numbers && ((a | b) & (kNumberType & ~kIntType)) != 0 &&
      !(argo && op == Op::kRemainder)) {
    result |= kDoubleType;
  }
  if (op == Op::kPlus) {
    if (both(kStringType)) result |= kStringType;
    if (pair(kTimeType, kDurationType) || pair(kDurationType, kTimeType)) result |= kTimeType;
    if (both(kDurationType)) result |= kDurationType;
  } else if (op == Op::kMinus) {
    if (pair(kTimeType, kDurationType)) result |= kTimeType;
    if (both(kTimeType) || both(kDurationType)) result |= kDurationType;
  } else if (op == Op::kMultiply) {
    if (pair(kDurationType, kNumberType) || pair(kNumberType, kDurationType)) {
      result |= kDurationType;
    }
  } else {
    if (both(kDurationType)) result |= op == Op::kDivide ? kDoubleType : kDurationType;
    if (op == Op::kDivide && pair(kDurationType, kNumberType)) result |= kDurationType;
  }
  return result;
}

}  // namespace penstock
