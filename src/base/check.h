// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sstream>
#include <string>

namespace penstock {

/// Prints and aborts. Called by CHECK only.
[[noreturn]] void check_failed(const char* file, int line, const char* expression,
                               const std::string& operands);

template <class A, class B>
[[noreturn]] [[gnu::noinline, gnu::cold]] void check_op_failed(const char* file, int line,
                                                             const char* expression, const A& a,
                                                             const B& b) {
  std::ostringstream text;
  text << a << " vs. " << b;
  check_failed(file, line, expression, text.str());
}

}  // namespace penstock

/// A broken invariant is a bug: always checked, never for anything that comes from outside.
#define CHECK(condition)                                                          \
  do {                                                                            \
    if (__builtin_expect(!(condition), 0))                                        \
      ::penstock::check_failed(__FILE__, __LINE__, #condition, {});               \
  } while (false)

#define PENSTOCK_CHECK_OP(a, op, b)                                                           \
  do {                                                                                        \
    auto&& check_a_ = (a);                                                                    \
    auto&& check_b_ = (b);                                                                    \
    if (__builtin_expect(!(check_a_ op check_b_), 0))                                         \
      ::penstock::check_op_failed(__FILE__, __LINE__, #a " " #op " " #b, check_a_, check_b_); \
  } while (false)
#define CHECK_EQ(a, b) PENSTOCK_CHECK_OP(a, ==, b)
#define CHECK_NE(a, b) PENSTOCK_CHECK_OP(a, !=, b)
#define CHECK_LT(a, b) PENSTOCK_CHECK_OP(a, <, b)
#define CHECK_LE(a, b) PENSTOCK_CHECK_OP(a, <=, b)
#define CHECK_GT(a, b) PENSTOCK_CHECK_OP(a, >, b)
#define CHECK_GE(a, b) PENSTOCK_CHECK_OP(a, >=, b)
