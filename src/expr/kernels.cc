// SPDX-License-Identifier: Apache-2.0
#include "expr/kernels.h"

#include <cmath>

namespace penstock {
namespace {

template <class F>
inline void each(const Rows& rows, F&& f) {
  if (rows.index == nullptr) {
    for (uint32_t row = 0; row < rows.count; ++row) f(row);
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) f(uint32_t{rows.index[i]});
  }
}

/// Calls body(get_a, get_b) with one loop for each combination of array and constant.
template <class A, class B, class F>
inline void with_sides(const Side<A>& a, const Side<B>& b, F&& body) {
  const auto array_a = [p = a.values](uint32_t row) { return p[row]; };
  const auto array_b = [p = b.values](uint32_t row) { return p[row]; };
  const auto const_a = [c = a.constant](uint32_t) { return c; };
  const auto const_b = [c = b.constant](uint32_t) { return c; };
  if (a.values != nullptr && b.values != nullptr) body(array_a, array_b);
  else if (a.values != nullptr) body(array_a, const_b);
  else if (b.values != nullptr) body(const_a, array_b);
  else body(const_a, const_b);
}

template <class A, class B, class F>
bool compare_all(const Side<A>& a, const Side<B>& b, const Rows& rows, Column& out, F&& f) {
  out.type = ColumnType::kBool;
  bool* to = out.bools;
  with_sides(a, b, [&](auto get_a, auto get_b) {
    each(rows, [&](uint32_t row) { to[row] = f(get_a(row), get_b(row)); });
  });
  return true;
}

template <class T>
bool comparison(Op op, const Side<T>& a, const Side<T>& b, const Rows& rows, Column& out) {
  switch (op) {
    case Op::kEqual: return compare_all(a, b, rows, out, [](T x, T y) { return x == y; });
    case Op::kNotEqual: return compare_all(a, b, rows, out, [](T x, T y) { return x != y; });
    case Op::kLess: return compare_all(a, b, rows, out, [](T x, T y) { return x < y; });
    case Op::kLessEqual: return compare_all(a, b, rows, out, [](T x, T y) { return x <= y; });
    case Op::kGreater: return compare_all(a, b, rows, out, [](T x, T y) { return x > y; });
    case Op::kGreaterEqual: return compare_all(a, b, rows, out, [](T x, T y) { return x >= y; });
    default: return false;
  }
}

/// x % d for a positive divisor: for x below 2^32 two multiplications (D. Lemire, "Faster
/// remainders when the divisor is a constant", 2019), else a division.
bool remainder_by(const int64_t* from, int64_t divisor, const Rows& rows, int64_t* to) {
  if (divisor <= 0 || divisor > INT32_MAX) {
    if (divisor <= 0) return false;
    each(rows, [&](uint32_t row) { to[row] = from[row] % divisor; });
    return true;
  }
  const uint64_t d = static_cast<uint64_t>(divisor);
  const uint64_t magic = UINT64_MAX / d + 1;  // 0 for d = 1: every remainder is 0
  each(rows, [&](uint32_t row) {
    const int64_t x = from[row];
    if (__builtin_expect(static_cast<uint64_t>(x) >> 32 == 0, 1)) {
      const uint64_t low = magic * static_cast<uint64_t>(x);
      to[row] = static_cast<int64_t>((static_cast<unsigned __int128>(low) * d) >> 64);
    } else {
      to[row] = x % divisor;
    }
  });
  return true;
}

template <class T, class F>
bool arithmetic(const Side<T>& a, const Side<T>& b, const Rows& rows, T* to, F&& f) {
  bool overflow = false;
  with_sides(a, b, [&](auto get_a, auto get_b) {
    bool any = false;
    each(rows, [&](uint32_t row) { any |= f(get_a(row), get_b(row), &to[row]); });
    overflow = any;
  });
  return !overflow;
}

bool any_zero(const Side<double>& b, const Rows& rows) {
  if (b.values == nullptr) return b.constant == 0;
  bool zero = false;
  each(rows, [&](uint32_t row) { zero |= b.values[row] == 0; });
  return zero;
}

bool double_arithmetic(Op op, const Side<double>& a, const Side<double>& b, const Rows& rows,
                       double* to) {
  const auto all = [&](auto f) {
    with_sides(a, b, [&](auto get_a, auto get_b) {
      each(rows, [&](uint32_t row) { to[row] = f(get_a(row), get_b(row)); });
    });
    return true;
  };
  switch (op) {
    case Op::kPlus: return all([](double x, double y) { return x + y; });
    case Op::kMinus: return all([](double x, double y) { return x - y; });
    case Op::kMultiply: return all([](double x, double y) { return x * y; });
    case Op::kDivide:
      return !any_zero(b, rows) && all([](double x, double y) { return x / y; });
    default: return false;
  }
}

/// Sign of i − d without rounding; 2 = no order.
int exact_compare(int64_t i, double d) {
  constexpr int64_t kExact = int64_t{1} << 53;
  if (i >= -kExact && i <= kExact) {
    const auto x = static_cast<double>(i);
    return x < d ? -1 : x > d ? 1 : x == d ? 0 : 2;
  }
  const Order order = compare(Value::integer(i), Value::real(d));
  return static_cast<int>(order);
}

Op turned(Op op) {
  switch (op) {
    case Op::kLess: return Op::kGreater;
    case Op::kLessEqual: return Op::kGreaterEqual;
    case Op::kGreater: return Op::kLess;
    case Op::kGreaterEqual: return Op::kLessEqual;
    default: return op;
  }
}

}  // namespace

bool int_kernel(Op op, ExprDialect dialect, const Side<int64_t>& a, const Side<int64_t>& b,
                const Rows& rows, Column& out) {
  if (comparison(op, a, b, rows, out)) return true;
  out.type = ColumnType::kInt;
  int64_t* to = out.ints;
  switch (op) {
    case Op::kPlus:
      return arithmetic(a, b, rows, to, [](int64_t x, int64_t y, int64_t* r) {
        return __builtin_add_overflow(x, y, r);
      });
    case Op::kMinus:
      return arithmetic(a, b, rows, to, [](int64_t x, int64_t y, int64_t* r) {
        return __builtin_sub_overflow(x, y, r);
      });
    case Op::kMultiply:
      return arithmetic(a, b, rows, to, [](int64_t x, int64_t y, int64_t* r) {
        return __builtin_mul_overflow(x, y, r);
      });
    case Op::kRemainder:
      return a.values != nullptr && b.values == nullptr &&
             remainder_by(a.values, b.constant, rows, to);
    case Op::kDivide: {
      if (dialect == ExprDialect::kArgo) return false;
      out.type = ColumnType::kDouble;
      bool zero = false;
      with_sides(a, b, [&](auto get_a, auto get_b) {
        bool any = false;
        each(rows, [&](uint32_t row) {
          any |= get_b(row) == 0;
          out.doubles[row] = static_cast<double>(get_a(row)) / static_cast<double>(get_b(row));
        });
        zero = any;
      });
      return !zero;
    }
    default: return false;
  }
}

bool uint_kernel(Op op, ExprDialect dialect, const Side<uint64_t>& a, const Side<uint64_t>& b,
                 const Rows& rows, Column& out) {
  if (comparison(op, a, b, rows, out)) return true;
  if (dialect == ExprDialect::kArgo) return false;
  out.type = ColumnType::kUint;
  uint64_t* to = out.uints;
  switch (op) {
    case Op::kPlus:
      return arithmetic(a, b, rows, to, [](uint64_t x, uint64_t y, uint64_t* r) {
        return __builtin_add_overflow(x, y, r);
      });
    case Op::kMinus:
      return arithmetic(a, b, rows, to, [](uint64_t x, uint64_t y, uint64_t* r) {
        return __builtin_sub_overflow(x, y, r);
      });
    case Op::kMultiply:
      return arithmetic(a, b, rows, to, [](uint64_t x, uint64_t y, uint64_t* r) {
        return __builtin_mul_overflow(x, y, r);
      });
    case Op::kRemainder:
      return arithmetic(a, b, rows, to, [](uint64_t x, uint64_t y, uint64_t* r) {
        *r = y == 0 ? 0 : x % y;
        return y == 0;
      });
    default: return false;
  }
}

bool double_kernel(Op op, ExprDialect dialect, const Side<double>& a, const Side<double>& b,
                   const Rows& rows, Column& out) {
  if (comparison(op, a, b, rows, out)) return true;
  if (dialect == ExprDialect::kArgo && op == Op::kDivide) return false;
  out.type = ColumnType::kDouble;
  return double_arithmetic(op, a, b, rows, out.doubles);
}

bool mixed_kernel(Op op, const Side<int64_t>& a, const Side<double>& b, bool swapped,
                  const Rows& rows, Column& out) {
  const auto test = [&](auto f) {
    return compare_all(a, b, rows, out,
                       [f](int64_t x, double y) { return f(exact_compare(x, y)); });
  };
  switch (swapped ? turned(op) : op) {
    case Op::kEqual: return test([](int c) { return c == 0; });
    case Op::kNotEqual: return test([](int c) { return c != 0; });
    case Op::kLess: return test([](int c) { return c == -1; });
    case Op::kLessEqual: return test([](int c) { return c == -1 || c == 0; });
    case Op::kGreater: return test([](int c) { return c == 1; });
    case Op::kGreaterEqual: return test([](int c) { return c == 0 || c == 1; });
    default: break;
  }
  out.type = ColumnType::kDouble;
  double* to = out.doubles;
  const auto all = [&](auto f) {
    with_sides(a, b, [&](auto get_a, auto get_b) {
      each(rows, [&](uint32_t row) {
        const auto x = static_cast<double>(get_a(row));
        const double y = get_b(row);
        to[row] = swapped ? f(y, x) : f(x, y);
      });
    });
    return true;
  };
  switch (op) {
    case Op::kPlus: return all([](double x, double y) { return x + y; });
    case Op::kMinus: return all([](double x, double y) { return x - y; });
    case Op::kMultiply: return all([](double x, double y) { return x * y; });
    case Op::kDivide:
      if (swapped || any_zero(b, rows)) return false;
      return all([](double x, double y) { return x / y; });
    default: return false;
  }
}

}  // namespace penstock
