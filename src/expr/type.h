// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "value/value.h"

namespace penstock {

/// A set of kinds that a value may have: bit k for ValueKind k. What the compiler knows about an
/// expression, and what a parameter takes.
using TypeSet = uint32_t;

constexpr TypeSet type_of(ValueKind kind) { return TypeSet{1} << static_cast<unsigned>(kind); }
inline constexpr TypeSet kNullType = type_of(ValueKind::kNull);
inline constexpr TypeSet kBoolType = type_of(ValueKind::kBool);
inline constexpr TypeSet kIntType = type_of(ValueKind::kInt) | type_of(ValueKind::kUint);
inline constexpr TypeSet kDoubleType = type_of(ValueKind::kDouble);
inline constexpr TypeSet kNumberType = kIntType | kDoubleType | type_of(ValueKind::kNumber);
inline constexpr TypeSet kStringType = type_of(ValueKind::kString);
inline constexpr TypeSet kBytesType = type_of(ValueKind::kBytes);
inline constexpr TypeSet kTextType = kStringType | kBytesType;
inline constexpr TypeSet kTimeType = type_of(ValueKind::kTime);
inline constexpr TypeSet kDurationType = type_of(ValueKind::kDuration);
inline constexpr TypeSet kArrayType = type_of(ValueKind::kArray);
inline constexpr TypeSet kMapType = type_of(ValueKind::kMap);
inline constexpr TypeSet kAnyType = (TypeSet{1} << kValueKinds) - 1;
/// What a JSON document can hold.
inline constexpr TypeSet kJsonTypes =
    kNullType | kBoolType | kNumberType | kStringType | kArrayType | kMapType;

/// "int", "string or nil", "any".
std::string describe(TypeSet type);
/// Reads "int|string", "array[int]", "any"; nothing if a name is unknown.
std::optional<TypeSet> parse_type(std::string_view text);
/// How messages name the kind of a value: a kUint is an "int", null is "nil".
std::string_view kind_name(ValueKind kind);

}  // namespace penstock
