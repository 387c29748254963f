// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "expr/dialect.h"
#include "expr/eval_context.h"
#include "expr/type.h"
#include "value/value.h"

namespace penstock {

/// May the compiler call it while compiling, when all arguments are constants?
enum class Purity : uint8_t {
  kPure,       ///< same arguments, same result, no effect: folded
  kPerRecord,  ///< depends on the clock, on chance or on the machine: now(), uuid(), env()
};

/// The body. `args` have been checked against the signature that fits: their number and kinds are
/// right (an absent optional argument is not there: look at args.size()). A double without
/// fraction given for an `int` parameter has become a kInt. Results may point into the arguments,
/// into context.arena() and into constants, nowhere else. Must not block; must charge what it
/// loops over (EvalContext::spend).
using FunctionBody = Result<Value> (*)(EvalContext& context, std::span<const Value> args);

/// What a function reads of the machine.
enum class Outside : uint8_t { kNothing, kEnvironment, kFiles };

/// A short list that a constant can hold: rows of the table are made when the program is compiled,
/// so that nobody meets a table that is not filled yet.
template <class T, size_t most>
class FewOf {
 public:
  constexpr FewOf() = default;
  constexpr FewOf(std::initializer_list<T> items) {
    for (const T& item : items) items_[size_++] = item;
  }
  constexpr const T* begin() const { return items_; }
  constexpr const T* end() const { return items_ + size_; }
  constexpr size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr const T& operator[](size_t i) const { return items_[i]; }
  constexpr const T& front() const { return items_[0]; }

 private:
  T items_[most] = {};
  size_t size_ = 0;
};

/// Runs as a test, and is shown in the reference.
struct FunctionExample {
  std::string_view expression = {};
  std::string_view input = {};     ///< a JSON object whose fields are the names; "" = {}
  std::string_view expected = {};  ///< the result as JSON; "" if it fails
  std::string_view error = {};     ///< a part of the error's message, if it fails
};

/// Names that may stand before the dot of a function's full name; no others do.
constexpr bool is_function_space(std::string_view name) { return name == "sprig" || name == "io"; }

/// One row of the table from which come: what the compiler accepts, did-you-mean, completion, the
/// reference page and the conformance tests. All views are literals.
///
///   table.add({.name = "upper", .category = "string",
///              .signatures = {"(text: string) -> string"},
///              .about = "The text in upper case.",
///              .body = upper,
///              .examples = {{"upper(name)", R"({"name":"añ"})", R"("AÑ")"}}});
struct Function {
  std::string_view name = {};
  FewOf<std::string_view, 4> aliases = {};
  /// "sprig": called as sprig.name(…); "" = by its bare name; ".": a method, called as
  /// value.name(…), the value being its first parameter. A method's full name is ".name".
  std::string_view space = "";
  std::string_view category = {};  ///< a heading of the reference: string, number, time, array, …
  /// Each "(name: type, name?: type, name...: type) -> type". `?` = optional, `...` = any number
  /// (last). Types: any nil bool int double number string bytes text (= string or bytes) time
  /// duration array map, joined by `|`; array[T] says what the items are (documentation).
  /// Several = overloads; the first that fits is taken.
  FewOf<std::string_view, 6> signatures = {};
  std::string_view about = {};  ///< one line, a sentence
  Purity purity = Purity::kPure;
  Outside outside = Outside::kNothing;  ///< by the text that is its first argument
  ExprDialects dialects = kInBoth;
  FunctionBody body = nullptr;
  uint32_t cost = 1;  ///< steps charged for each call
  FewOf<FunctionExample, 8> examples = {};
};

/// A parsed signature.
struct Parameter {
  std::string name;
  TypeSet type = kAnyType;
  bool optional = false;
  bool variadic = false;
};
struct Signature {
  std::vector<Parameter> parameters;
  TypeSet result = kAnyType;
  std::string text;
};
/// Nothing if it cannot be read.
std::optional<Signature> parse_signature(std::string_view text);

/// A function as the compiler sees it.
struct FunctionEntry {
  Function function;
  std::string full_name;  ///< "sprig.upper" or "upper"
  std::vector<Signature> signatures;
};

/// All functions of a process, filled once at start by functions one can read
/// (expr/functions/functions.h), then immutable and shared.
class FunctionTable {
 public:
  /// REQUIRES: a well-formed row whose name and aliases are new in its space and dialects.
  void add(Function function);
  /// By full name or alias ("sprig.upper", "upper"); null if the dialect has none.
  const FunctionEntry* find(std::string_view full_name, ExprDialect dialect) const;
  /// Full names and aliases, sorted; for completion and did-you-mean.
  std::vector<std::string> names(ExprDialect dialect) const;
  const std::vector<std::unique_ptr<FunctionEntry>>& all() const { return entries_; }

 private:
  std::vector<std::unique_ptr<FunctionEntry>> entries_;
  std::unordered_multimap<std::string, const FunctionEntry*> by_name_;
};

}  // namespace penstock
