// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/check.h"
#include "config/value_type.h"

namespace penstock {

/// One declared option, without its C++ type. Everything that docs and validation need.
struct FieldSpec {
  std::string name;  ///< snake_case; lowerCamelCase is accepted as well
  std::vector<std::string> aliases;
  std::string about;
  std::string example;
  std::string deprecated;  ///< why, and what to use; "" = not deprecated
  bool required = false;
  Rules rules;
  std::shared_ptr<const ValueType> type;
  std::function<void*(void*)> member;  ///< the field's place in an object of the schema's struct
  std::string default_text;            ///< "" if the default is empty, unset or a struct
};

/// A struct's schema without its C++ type: parsing into raw memory, and docs. Immutable.
class SchemaBase {
 public:
  virtual ~SchemaBase() = default;
  const std::vector<FieldSpec>& fields() const { return fields_; }
  /// The field of that name, camelCase name or alias; null if there is none.
  const FieldSpec* find(std::string_view name) const;
  /// Reads a map into *object, which holds defaults. Null = all defaults. Every problem becomes a
  /// diagnostic. `path` stands before the fields' names in messages; `where` is the place of the
  /// missing document when there is no node.
  void parse_into(const Node* node, void* object, Diagnostics& diagnostics,
                  const std::string& path = {}, const Position& where = {}) const;
  /// JSON Schema (draft 2020-12), indented by two spaces, with a final newline.
  std::string json_schema(const std::string& title = {}) const;
  /// A Markdown table of the fields, nested ones included. Empty if there is no field.
  std::string markdown() const;

 protected:
  std::vector<FieldSpec> fields_;
  /// Rules between fields; may be empty. Runs after all fields were read.
  std::function<void(const void*, const Position&, Diagnostics&)> check_;
};

/// Builds the FieldSpec of a member of O of type M. Made by field().
template <class O, class M>
class Field {
 public:
  using S = config_detail::ScalarOf<M>;
  Field(std::string name, M O::*member, const SchemaBase* nested) {
    spec_.name = std::move(name);
    spec_.type = config_detail::make_type<M>(nested);
    spec_.member = [member](void* object) -> void* { return &(static_cast<O*>(object)->*member); };
    if constexpr (std::is_same_v<S, Secret>) spec_.rules.secret = true;
    if constexpr (std::is_same_v<S, Duration>) at_least(Duration{0});
  }
  /// Absent or null is an error.
  Field& required() { spec_.required = true; return *this; }
  /// The empty string is an error; on lists and maps it holds for the elements.
  Field& not_empty() { spec_.rules.not_empty = true; return *this; }
  /// Inclusive bounds; on lists, maps and optionals they hold for the elements. Durations are at
  /// least zero unless said otherwise.
  Field& at_least(S bound) {
    spec_.rules.min = number(bound);
    spec_.rules.min_text = config_detail::any_scalar_text(bound, spec_.rules);
    return *this;
  }
  Field& at_most(S bound) {
    spec_.rules.max = number(bound);
    spec_.rules.max_text = config_detail::any_scalar_text(bound, spec_.rules);
    return *this;
  }
  Field& range(S low, S high) { at_least(low); return at_most(high); }
  /// The words of an enum.
  template <class E = S, std::enable_if_t<std::is_enum_v<E>, int> = 0>
  Field& one_of(std::initializer_list<std::pair<const char*, E>> words) {
    for (const auto& w : words) {
      spec_.rules.words.push_back({w.first, static_cast<int64_t>(w.second), {}});
    }
    return *this;
  }
  /// The only strings accepted.
  template <class E = S, std::enable_if_t<std::is_same_v<E, std::string>, int> = 0>
  Field& one_of(std::initializer_list<const char*> words) {
    for (const char* word : words) spec_.rules.words.push_back({word, 0, {}});
    return *this;
  }
  /// A word of an enum that is still accepted, with a warning that says `instead`.
  Field& old_word(std::string word, S value, std::string instead) {
    spec_.rules.words.push_back({std::move(word), static_cast<int64_t>(value), std::move(instead)});
    return *this;
  }
  /// An enum's number is accepted as well as its word.
  Field& numbered() { spec_.rules.numbered = true; return *this; }
  /// Another accepted name.
  Field& alias(std::string name) { spec_.aliases.push_back(std::move(name)); return *this; }
  Field& about(std::string text) { spec_.about = std::move(text); return *this; }
  Field& example(std::string text) { spec_.example = std::move(text); return *this; }
  /// Accepted with a warning; `instead` says what to use.
  Field& deprecated(std::string instead) { spec_.deprecated = std::move(instead); return *this; }
  /// Masked in every message and in docs. Implied by type Secret.
  Field& secret() { spec_.rules.secret = true; return *this; }

  FieldSpec spec() const {
    if constexpr (std::is_enum_v<S>) CHECK(!spec_.rules.words.empty());  // an enum needs one_of
    return spec_;
  }

 private:
  static long double number(const S& bound) {
    if constexpr (std::is_same_v<S, Duration>) return static_cast<long double>(bound.us);
    else if constexpr (std::is_same_v<S, ByteSize>) return static_cast<long double>(bound.bytes);
    else return static_cast<long double>(bound);
  }
  FieldSpec spec_;
};

template <class O, class M>
Field<O, M> field(std::string name, M O::*member) {
  static_assert(config_detail::shape_of<config_detail::ScalarOf<M>>() != Shape::kStruct,
                "a nested struct needs its schema as third argument");
  return {std::move(name), member, nullptr};
}
/// A nested struct, or a list, map or optional of it. `nested` must outlive the schema (make it a
/// function-local static).
template <class O, class M>
Field<O, M> field(std::string name, M O::*member, const SchemaBase& nested) {
  return {std::move(name), member, &nested};
}

/// The options of struct T: each field once, with its default taken from T itself.
/// Immutable; make it a function-local static and hand out a const reference.
template <class T>
class Schema final : public SchemaBase {
 public:
  using Check = std::function<void(const T&, const Position&, Diagnostics&)>;
  struct Entry {
    FieldSpec spec;
    template <class M>
    Entry(const Field<T, M>& f) : spec(f.spec()) {}
  };

  Schema(std::initializer_list<Entry> entries, Check check = {}) {
    T defaults{};
    for (const Entry& entry : entries) {
      fields_.push_back(entry.spec);
      FieldSpec& f = fields_.back();
      if (!f.rules.secret) f.default_text = f.type->text(f.member(&defaults), f.rules);
    }
    if (check) {
      check_ = [check](const void* object, const Position& at, Diagnostics& diagnostics) {
        check(*static_cast<const T*>(object), at, diagnostics);
      };
    }
  }

  /// As parse_into, from T's defaults.
  T parse(const Node* node, Diagnostics& diagnostics, const std::string& path = {},
          const Position& where = {}) const {
    T out{};
    parse_into(node, &out, diagnostics, path, where);
    return out;
  }
};

}  // namespace penstock
