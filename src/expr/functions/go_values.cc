// SPDX-License-Identifier: Apache-2.0
#include "expr/functions/go_values.h"

#include "expr/functions/arguments.h"
#include "expr/functions/go_text.h"

namespace penstock {

int64_t sprig_int(const Value& v) {
  switch (v.kind()) {
    case ValueKind::kString: return go_parse_int(v.text()).value_or(0);
    case ValueKind::kInt: return v.as_int();
    case ValueKind::kUint: return INT64_MAX;
    case ValueKind::kDuration: return v.as_duration();
    case ValueKind::kBool: return v.as_bool() ? 1 : 0;
    case ValueKind::kNumber:
    case ValueKind::kDouble: {
      const double d = nearest_double(v);  // beyond the range: what amd64 gives
      return d >= -9223372036854775808.0 && d < 9223372036854775808.0 ? static_cast<int64_t>(d)
                                                                      : INT64_MIN;
    }
    default: return 0;
  }
}

double sprig_float(const Value& v) {
  if (v.is(ValueKind::kString)) return go_parse_float(v.text()).value_or(0);
  if (v.is_numeric()) return nearest_double(v);
  if (v.is(ValueKind::kBool)) return v.as_bool() ? 1 : 0;
  return v.is(ValueKind::kDuration) ? static_cast<double>(v.as_duration()) : 0;
}

std::string sprig_text(const Value& v) {
  return v.is_text() ? std::string(v.text()) : go_value(v);
}

bool sprig_empty(const Value& v) {
  switch (v.kind()) {
    case ValueKind::kNull: return true;
    case ValueKind::kBool: return !v.as_bool();
    case ValueKind::kInt: return v.as_int() == 0;
    case ValueKind::kDuration: return v.as_duration() == 0;
    case ValueKind::kDouble: return v.as_double() == 0;
    case ValueKind::kString:
    case ValueKind::kBytes:
    case ValueKind::kArray:
    case ValueKind::kMap: return v.size() == 0;
    default: return false;
  }
}

bool deep_equal(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is(ValueKind::kArray)) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!deep_equal(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  if (a.is(ValueKind::kMap)) {
    if (a.size() != b.size()) return false;
    for (const MapEntry& entry : a.entries()) {
      const Value* other = b.find(entry.key);
      if (other == nullptr || !deep_equal(entry.value, *other)) return false;
    }
    return true;
  }
  return equal(a, b);
}

Result<std::span<const Value>> sprig_items(EvalContext& context, const Value& list,
                                           const char* function) {
  if (list.is(ValueKind::kArray)) {
    PENSTOCK_TRY(context.spend(list.size()));
    return list.items();
  }
  if (list.is(ValueKind::kBytes)) {
    PENSTOCK_TRY(context.spend(list.size()));
    ArrayBuilder out(context.arena(), list.size());
    for (const char c : list.text()) out.push(Value::integer(static_cast<uint8_t>(c)));
    auto made = out.finish();
    if (!made) return made.error();
    return made->items();
  }
  return eval_error(std::string(function) + " needs a list, not " + std::string(go_kind(list)));
}

}  // namespace penstock
