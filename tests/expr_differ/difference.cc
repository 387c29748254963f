// SPDX-License-Identifier: Apache-2.0
#include "difference.h"

#include <cmath>
#include <span>

#include "expr/functions/base_coding.h"
#include "value/time_text.h"
#include "value/write_json.h"

namespace penstock {
namespace {

const Value* wrapped(const Value& v, std::string_view key) {
  return v.is(ValueKind::kMap) && v.size() == 1 ? v.find(key) : nullptr;
}

}  // namespace

bool same_value(const Value& ours, const Value& theirs) {
  if (const Value* bytes = wrapped(theirs, "$bytes")) {
    return ours.is(ValueKind::kBytes) && bytes->is_text() &&
           encode_base64(ours.text()) == bytes->text();
  }
  if (const Value* text = wrapped(theirs, "$text")) {
    return ours.is(ValueKind::kString) && encode_base64(ours.text()) == text->text();
  }
  if (const Value* number = wrapped(theirs, "$double")) {
    if (!ours.is(ValueKind::kDouble)) return false;
    const double d = ours.as_double();
    return number->text() == (std::isnan(d) ? "NaN" : d > 0 ? "+Inf" : "-Inf");
  }
  if (ours.is(ValueKind::kTime)) {
    return theirs.is_text() && format_rfc3339(ours.as_time()) == theirs.text();
  }
  if (ours.is(ValueKind::kDuration)) {
    return theirs.is_text() && format_duration(ours.as_duration()) == theirs.text();
  }
  if (ours.kind() != theirs.kind()) return false;
  if (ours.is(ValueKind::kArray)) {
    if (ours.size() != theirs.size()) return false;
    for (size_t i = 0; i < ours.size(); ++i) {
      if (!same_value(ours.items()[i], theirs.items()[i])) return false;
    }
    return true;
  }
  if (ours.is(ValueKind::kMap)) {
    if (ours.size() != theirs.size()) return false;
    for (const MapEntry& e : ours.entries()) {
      const Value* other = theirs.find(e.key);
      if (other == nullptr || !same_value(e.value, *other)) return false;
    }
    return true;
  }
  return equal(ours, theirs);
}

namespace {

bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

/// How numbers may differ where all else is the same.
enum class Numbers : uint8_t { kKind, kLastBits, kWrapped };

/// Whether an unsigned integer of ours is what Go's int made of it.
bool wraps(const Value& ours, const Value& theirs) {
  return ours.is(ValueKind::kUint) && theirs.is(ValueKind::kInt) &&
         ours.as_uint() == static_cast<uint64_t>(theirs.as_int());
}

bool alike(const Value& ours, const Value& theirs, Numbers numbers) {
  if (ours.is_numeric() && theirs.is_numeric()) {
    if (equal(ours, theirs)) return true;
    if (numbers == Numbers::kWrapped) return wraps(ours, theirs);
    const bool close = numbers == Numbers::kLastBits;
    const double a = nearest_double(ours), b = nearest_double(theirs);
    return close && std::fabs(a - b) <= 1e-14 * std::fabs(b);
  }
  if (ours.kind() != theirs.kind() || wrapped(theirs, "$bytes") != nullptr) {
    return same_value(ours, theirs);
  }
  if (ours.is(ValueKind::kArray)) {
    if (ours.size() != theirs.size()) return false;
    for (size_t i = 0; i < ours.size(); ++i) {
      if (!alike(ours.items()[i], theirs.items()[i], numbers)) return false;
    }
    return true;
  }
  if (ours.is(ValueKind::kMap)) {
    if (ours.size() != theirs.size()) return false;
    for (const MapEntry& e : ours.entries()) {
      const Value* other = theirs.find(e.key);
      if (other == nullptr || !alike(e.value, *other, numbers)) return false;
    }
    return true;
  }
  return same_value(ours, theirs);
}

/// A class known by a part of a message.
struct Rule {
  std::string_view part, kind;
};

std::string first_fitting(std::string_view message, std::span<const Rule> rules) {
  for (const Rule& rule : rules) {
    if (has(message, rule.part)) return std::string(rule.kind);
  }
  return "unexplained";
}

constexpr int64_t kFarMicros = 150'000LL * 366 * 86400 * 1'000'000;  // year 150,000

bool has_far_time(const Value& v) {
  if (v.is(ValueKind::kTime)) {
    return v.as_time().micros > kFarMicros || v.as_time().micros < -kFarMicros;
  }
  if (!v.is(ValueKind::kMap)) return false;
  for (const MapEntry& e : v.entries()) {
    if (has_far_time(e.value)) return true;
  }
  return false;
}

/// "" itself, or within: what a Go map[string]string has for every key.
bool has_empty_text(const Value& v) {
  if (v.is_text()) return v.size() == 0;
  if (v.is(ValueKind::kArray)) {
    for (const Value& item : v.items()) {
      if (has_empty_text(item)) return true;
    }
  }
  if (!v.is(ValueKind::kMap)) return false;
  for (const MapEntry& e : v.entries()) {
    if (has_empty_text(e.value)) return true;
  }
  return false;
}

/// What both have a value of, but not the same.
std::string differing(const Difference& d) {
  const std::string_view text = d.expression;
  const Value &ours = *d.ours, &theirs = *d.theirs;
  const std::string shown = display(theirs);
  if (wrapped(theirs, "$text") != nullptr && ours.is(ValueKind::kBytes)) return "bytes-stay-bytes";
  if (has(shown, "\xef\xbf\xbd") || has(shown, "$text")) {
    if (has(text, "regex") || !has(text, "fromBase64(")) return "not-utf8";
  }
  for (const char* cut : {"[:2]", "[1:3]", "[1:]", "sprig.wrap", "sprig.abbrev", "sprig.trunc",
                          "sprig.substr"}) {
    if (has(text, cut) && (has(text, "regex") || has(text, "matches"))) return "not-utf8";
  }
  const bool bools = ours.is(ValueKind::kBool) && theirs.is(ValueKind::kBool);
  if (!d.argo && bools && has(text, " not in ")) return "in-of-nil";
  if (d.argo) {
    if (bools && has(text, " == ")) return "go-types";  // []int and []interface{}
    if (has(text, "typeOf(") || has(text, "kindOf(")) return "go-types";
    if (has(text, "plit") && !same_value(ours, theirs) && has_empty_text(theirs)) {
      return "typed-maps";
    }
    for (const char* compares : {"sprig.until", "sprig.without(", "sprig.uniq(", "sprig.has(",
                                 "sprig.deepEqual("}) {
      if (has(text, compares)) return "go-types";  // []int, int64: never equal to others in Go
    }
    if (has(text, "-62135596800")) return "old-offsets";
    if (has(text, "**")) return "last-bits";
    if (theirs.is_text() && has(theirs.text(), "null")) return "nil-slices";
    if (ours.is(ValueKind::kBool) && theirs.is(ValueKind::kBool) && has(text, "sprig.")) {
      return "go-types";  // []int and []interface{} are never equal in Go
    }
    return "unexplained";
  }
  if (has(text, "plit") && has(text, "??")) return "nil-slices";
  if (has(text, "findLast(") || has(text, "last(filter(")) return "find-last";
  if (has_far_time(ours)) return "far-years";
  if (has(text, "fromPairs(") && ours.is(ValueKind::kBool)) return "go-types";
  if (has(text, "fromBase64(")) return "bytes-stay-bytes";
  if (has(text, "string(")) return "text-of-values";
  if (has(text, "ndexOf(")) return "code-points";
  if (has(text, "get(")) return "get-by-double";
  if (theirs.is_text() && has(theirs.text(), "<nil>")) return "text-of-values";
  if (has(text, "type(")) return "names-of-types";
  if (ours.is(ValueKind::kBool) && has(text, " in [") && has(text, "''")) return "nil-in-texts";
  return "unexplained";
}

// Ours fails, theirs has a value.
constexpr Rule kWeFail[] = {
    {"division by zero", "division-by-zero"},
    {"does not take", "stricter-arguments"},
    {"needs numbers", "stricter-arguments"},
    {"cannot take the member", "optional-chains"},
    {"cannot apply + to", "plus-keeps-anything"},
    {"are never equal", "never-equal"},
    {"needs an array, not string", "strings-are-not-arrays"},
    {"cannot apply", "kinds-checked"},
    {"needs a bool", "kinds-checked"},
    {"needs a", "kinds-checked"},
    {"cannot take a slice of nil", "typed-maps"},
    {"beyond an int", "overflow"},
    {"does not fit into 64 bits", "overflow"},
    {"item number of map", "kinds-checked"},
    {"item number of string", "strings-are-not-arrays"},
};

// Theirs fails, ours has a value.
constexpr Rule kTheyFail[] = {
    {"index out of range", "absent-item"},
    {"unexpected token", "wider-grammar"},
    {"bad number syntax", "wider-grammar"},
    {"cannot reverse string", "wider-grammar"},
    {"illegal base64", "text-of-values"},
    {"reflect: ", "go-types"},
    {"cannot take", "go-types"},
    {"invalid argument", "go-types"},
    {"too many arguments", "go-types"},
    {"has no field", "go-types"},
    {"takes only", "go-types"},
    {"nil map", "go-types"},
    {"cannot convert", "go-types"},
    {"non-bool", "go-types"},
    {"divide by zero", "constants-evaluated"},
    {"does not support indexing", "go-types"},
    {"cannot slice", "absent-item"},
    {"cannot use", "go-types"},
    {"mismatched types", "go-types"},
    {"non-integer", "go-types"},
    {"interface conversion", "go-types"},
    {"invalid operation", "go-types"},
    {"reflect.Value", "go-types"},
    {"cannot fetch", "absent-item"},
    {"unhashable", "go-types"},
    {"hash of", "go-types"},
};

}  // namespace

std::string classify(const Difference& d) {
  if (!d.ours && d.theirs == nullptr) return "";
  if (!d.argo && (has(d.expression, "findLast(") || has(d.expression, "last(filter("))) {
    if (!d.ours || d.theirs == nullptr) return "find-last";
  }
  if (d.ours && d.theirs != nullptr) {
    if (same_value(*d.ours, *d.theirs)) return "";
    if (alike(*d.ours, *d.theirs, Numbers::kKind)) return "ints-stay-ints";
    if (alike(*d.ours, *d.theirs, Numbers::kLastBits)) return "last-bits";
    if (alike(*d.ours, *d.theirs, Numbers::kWrapped)) return "overflow";
    return differing(d);
  }
  const std::string ours = d.ours ? "" : d.ours.error().message;
  if (ours.starts_with("compile: ")) {
    for (const char* said : {"(): ", "cannot read", "is not a duration", "invalid date"}) {
      if (has(ours, said)) return "constants-evaluated";
    }
  }
  return d.ours ? first_fitting(d.their_error, kTheyFail) : first_fitting(ours, kWeFail);
}

}  // namespace penstock
