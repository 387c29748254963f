// SPDX-License-Identifier: Apache-2.0
#include "expr/type.h"

namespace penstock {
namespace {

struct Named {
  std::string_view name;
  TypeSet type;
};
/// From wide to narrow: describe() takes the first that is wholly in the set.
constexpr Named kNames[] = {
    {"number", kNumberType},   {"int", kIntType},       {"double", kDoubleType},
    {"string", kStringType},   {"bytes", kBytesType},   {"bool", kBoolType},
    {"time", kTimeType},       {"duration", kDurationType}, {"array", kArrayType},
    {"map", kMapType},         {"nil", kNullType}};

}  // namespace

std::string describe(TypeSet type) {
  constexpr TypeSet kShown = kAnyType & ~type_of(ValueKind::kJson);
  type &= kShown;
  if (type == kShown) return "any";
  std::string out;
  const auto add = [&](std::string_view name) {
    if (!out.empty()) out += " or ";
    out += name;
  };
  for (const Named& named : kNames) {
    if ((type & named.type) == 0) continue;
    if ((type & named.type) != named.type && named.name == "number") continue;
    add(named.name);
    type &= ~named.type;
  }
  if (type != 0) add("number");
  return out.empty() ? "nothing" : out;
}

std::optional<TypeSet> parse_type(std::string_view text) {
  TypeSet type = 0;
  for (;;) {
    const size_t bar = text.find('|');
    std::string_view word = text.substr(0, bar);
    if (const size_t bracket = word.find('['); bracket != std::string_view::npos) {
      if (!word.ends_with("]") || word.substr(0, bracket) != "array") return std::nullopt;
      word = word.substr(0, bracket);
    }
    TypeSet one = word == "any" ? kAnyType : word == "text" ? kTextType : 0;
    for (const Named& named : kNames) {
      if (named.name == word) one = named.type;
    }
    if (one == 0) return std::nullopt;
    type |= one;
    if (bar == std::string_view::npos) return type;
    text.remove_prefix(bar + 1);
  }
}

std::string_view kind_name(ValueKind kind) {
  switch (kind) {
    case ValueKind::kNull: return "nil";
    case ValueKind::kUint: return "int";
    default: return to_string(kind);
  }
}

}  // namespace penstock
