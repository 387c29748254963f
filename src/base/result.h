// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace penstock {

/// Wraps an Error so that `return unexpected(e)` converts to any Result<T>.
struct Unexpected {
  Error error;
};
inline Unexpected unexpected(Error error) { return Unexpected{std::move(error)}; }

/// A value or an Error, with the names of C++23's std::expected. Reading the absent side is a bug
/// and crashes.
template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Unexpected u) : state_(std::in_place_index<1>, std::move(u.error)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  T& value() & { CHECK(has_value()); return std::get<0>(state_); }
  const T& value() const& { CHECK(has_value()); return std::get<0>(state_); }
  T&& value() && { CHECK(has_value()); return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  Error& error() & { CHECK(!has_value()); return std::get<1>(state_); }
  const Error& error() const& { CHECK(!has_value()); return std::get<1>(state_); }
  Error&& error() && { CHECK(!has_value()); return std::get<1>(std::move(state_)); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Unexpected u) : error_(std::move(u.error)) {}
  Result(Error error) : error_(std::move(error)) {}

  bool has_value() const { return !error_.has_value(); }
  explicit operator bool() const { return has_value(); }
  Error& error() & { CHECK(error_.has_value()); return *error_; }
  const Error& error() const& { CHECK(error_.has_value()); return *error_; }
  Error&& error() && { CHECK(error_.has_value()); return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

}  // namespace penstock

/// Returns the error of `expr` to the caller, if it has one.
#define PENSTOCK_TRY(expr)                                                            \
  do {                                                                                \
    auto penstock_try_result_ = (expr);                                               \
    if (!penstock_try_result_)                                                        \
      return ::penstock::unexpected(std::move(penstock_try_result_).error());         \
  } while (false)
