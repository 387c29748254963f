// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/diagnostic.h"
#include "base/units.h"
#include "config/located.h"
#include "config/node.h"
#include "config/secret.h"

namespace penstock {

class SchemaBase;

enum class Shape : uint8_t {
  kString, kBool, kInteger, kNumber, kDuration, kByteSize, kSecret, kEnum, kAny,
  kList, kMap, kStruct,
};

/// One word of an enum. A word with a `warning` is accepted, but says so.
struct EnumWord {
  std::string word;
  int64_t value = 0;
  std::string warning;
};

/// What a field's builder says about its scalars. Bounds are exact for every 64-bit integer,
/// because long double has 64 bits of mantissa or more where this program runs.
struct Rules {
  std::vector<EnumWord> words;
  bool numbered = false;  ///< an enum's number is accepted as well as its word
  bool secret = false;
  bool not_empty = false;  ///< the empty string is refused
  std::optional<long double> min, max;
  std::string min_text, max_text;
};

/// Where a value is being read: its path ("queues[0].capacity"), its field's rules, and where
/// problems go.
struct ReadContext {
  Diagnostics& diagnostics;
  const Rules& rules;
  std::string path;
  Position key_position;
};

/// How values of one C++ type are read from a Node, printed and described. Immutable.
class ValueType {
 public:
  explicit ValueType(Shape shape) : shape_(shape) {}
  virtual ~ValueType() = default;
  Shape shape() const { return shape_; }
  /// Reads a node that is not null into *out. False = a problem was reported, *out is as before.
  virtual bool read(const Node& node, void* out, ReadContext& context) const = 0;
  /// A default as a user would write it; "" if there is nothing to show.
  virtual std::string text(const void* value, const Rules& rules) const = 0;
  /// kList and kMap: the type of an element.
  virtual const ValueType* item() const { return item_.get(); }
  /// kStruct: its schema.
  const SchemaBase* schema() const { return schema_; }
  /// For null in a list: "a string", "a list", …
  const char* noun() const;

 protected:
  std::unique_ptr<const ValueType> item_;
  const SchemaBase* schema_ = nullptr;

 private:
  Shape shape_;
};

// Readers of scalars. Each reports what is wrong and returns false.
bool read_scalar(const Node& node, ReadContext& context, std::string& out);
bool read_scalar(const Node& node, ReadContext& context, Secret& out);
bool read_scalar(const Node& node, ReadContext& context, bool& out);
bool read_scalar(const Node& node, ReadContext& context, double& out);
bool read_scalar(const Node& node, ReadContext& context, Duration& out);
bool read_scalar(const Node& node, ReadContext& context, ByteSize& out);
bool read_signed(const Node& node, ReadContext& context, int64_t lo, int64_t hi, int64_t& out);
bool read_unsigned(const Node& node, ReadContext& context, uint64_t hi, uint64_t& out);
bool read_enum(const Node& node, ReadContext& context, int64_t& out);

std::string scalar_text(const std::string& value);
std::string scalar_text(const Secret& value);
std::string scalar_text(bool value);
std::string scalar_text(double value);
std::string scalar_text(Duration value);
std::string scalar_text(ByteSize value);
std::string enum_text(int64_t value, const Rules& rules);

/// Reports that `node` is not a `wanted` ("a list").
void report_wrong_type(const Node& node, ReadContext& context, const char* wanted);
/// Reads a struct through its schema. True unless the node is not a map.
bool read_struct(const Node& node, const SchemaBase& schema, void* out, ReadContext& context);
/// Text from a document as a message may show it: in quotes, cut, on one line.
std::string shown(std::string_view text);
/// A scalar's text likewise, masked if it is secret.
std::string shown(const Node& node, const Rules& rules);

namespace config_detail {

template <class T> struct Scalar { using type = T; };
template <class T> struct Scalar<std::optional<T>> : Scalar<T> {};
template <class T> struct Scalar<Located<T>> : Scalar<T> {};
template <class T> struct Scalar<std::vector<T>> : Scalar<T> {};
template <class T> struct Scalar<std::map<std::string, T>> : Scalar<T> {};
template <class T> inline constexpr bool is_located = false;
template <class T> inline constexpr bool is_located<Located<T>> = true;
/// The type inside optionals, lists and maps.
template <class T> using ScalarOf = typename Scalar<T>::type;

template <class T> inline constexpr bool is_integer =
    std::is_integral_v<T> && !std::is_same_v<T, bool>;
template <class T> inline constexpr bool is_plain_scalar =
    std::is_same_v<T, std::string> || std::is_same_v<T, Secret> || std::is_same_v<T, bool> ||
    std::is_same_v<T, double> || std::is_same_v<T, Duration> || std::is_same_v<T, ByteSize>;

template <class T> constexpr Shape shape_of() {
  if constexpr (std::is_same_v<T, std::string>) return Shape::kString;
  else if constexpr (std::is_same_v<T, Secret>) return Shape::kSecret;
  else if constexpr (std::is_same_v<T, bool>) return Shape::kBool;
  else if constexpr (std::is_same_v<T, double>) return Shape::kNumber;
  else if constexpr (std::is_same_v<T, Duration>) return Shape::kDuration;
  else if constexpr (std::is_same_v<T, ByteSize>) return Shape::kByteSize;
  else if constexpr (is_integer<T>) return Shape::kInteger;
  else if constexpr (std::is_enum_v<T>) return Shape::kEnum;
  else if constexpr (std::is_same_v<T, Node>) return Shape::kAny;
  else return Shape::kStruct;
}

template <class T> std::string any_scalar_text(const T& value, const Rules& rules) {
  if constexpr (std::is_enum_v<T>) return enum_text(static_cast<int64_t>(value), rules);
  else if constexpr (is_integer<T>) return std::to_string(value);
  else if constexpr (is_plain_scalar<T>) return scalar_text(value);
  else return {};
}

/// Scalars, enums and raw nodes.
template <class T>
class LeafType final : public ValueType {
 public:
  LeafType() : ValueType(shape_of<T>()) {}
  bool read(const Node& node, void* out, ReadContext& context) const override {
    T& target = *static_cast<T*>(out);
    if constexpr (std::is_same_v<T, Node>) {
      target = node;
      return true;
    } else if constexpr (std::is_enum_v<T>) {
      int64_t number = 0;
      if (!read_enum(node, context, number)) return false;
      target = static_cast<T>(number);
      return true;
    } else if constexpr (is_integer<T> && std::is_signed_v<T>) {
      int64_t number = 0;
      using L = std::numeric_limits<T>;
      if (!read_signed(node, context, L::min(), L::max(), number)) return false;
      target = static_cast<T>(number);
      return true;
    } else if constexpr (is_integer<T>) {
      uint64_t number = 0;
      if (!read_unsigned(node, context, std::numeric_limits<T>::max(), number)) return false;
      target = static_cast<T>(number);
      return true;
    } else {
      return read_scalar(node, context, target);
    }
  }
  std::string text(const void* value, const Rules& rules) const override {
    return any_scalar_text(*static_cast<const T*>(value), rules);
  }
};

template <class T>
class StructType final : public ValueType {
 public:
  explicit StructType(const SchemaBase* schema) : ValueType(Shape::kStruct) { schema_ = schema; }
  bool read(const Node& node, void* out, ReadContext& context) const override {
    return read_struct(node, *schema_, out, context);
  }
  std::string text(const void*, const Rules&) const override { return {}; }
};

template <class T> std::unique_ptr<const ValueType> make_type(const SchemaBase* schema);

template <class T>
class OptionalType final : public ValueType {
 public:
  explicit OptionalType(std::unique_ptr<const ValueType> inner)
      : ValueType(inner->shape()), inner_(std::move(inner)) { schema_ = inner_->schema(); }
  const ValueType* item() const override { return inner_->item(); }
  bool read(const Node& node, void* out, ReadContext& context) const override {
    T value{};
    if (!inner_->read(node, &value, context)) return false;
    *static_cast<std::optional<T>*>(out) = std::move(value);
    return true;
  }
  std::string text(const void* value, const Rules& rules) const override {
    const auto& held = *static_cast<const std::optional<T>*>(value);
    return held ? inner_->text(&*held, rules) : std::string();
  }

 private:
  std::unique_ptr<const ValueType> inner_;
};

template <class T>
class LocatedType final : public ValueType {
 public:
  explicit LocatedType(std::unique_ptr<const ValueType> inner)
      : ValueType(inner->shape()), inner_(std::move(inner)) { schema_ = inner_->schema(); }
  const ValueType* item() const override { return inner_->item(); }
  bool read(const Node& node, void* out, ReadContext& context) const override {
    auto& target = *static_cast<Located<T>*>(out);
    target.position = node.position;
    target.key_position = context.key_position;
    target.pieces = node.pieces;
    target.set = inner_->read(node, &target.value, context);
    return target.set;
  }
  std::string text(const void* value, const Rules& rules) const override {
    return inner_->text(&static_cast<const Located<T>*>(value)->value, rules);
  }

 private:
  std::unique_ptr<const ValueType> inner_;
};

template <class T>
class ListType final : public ValueType {
 public:
  explicit ListType(std::unique_ptr<const ValueType> item) : ValueType(Shape::kList) {
    item_ = std::move(item);
  }
  bool read(const Node& node, void* out, ReadContext& context) const override {
    if (!node.is_list()) return report_wrong_type(node, context, "a list"), false;
    std::vector<T> values;
    for (size_t i = 0; i < node.items.size(); ++i) {
      ReadContext inner{context.diagnostics, context.rules,
                        context.path + "[" + std::to_string(i) + "]", node.items[i].position};
      T value{};
      if (node.items[i].is_null() && item_->shape() != Shape::kAny) {
        report_wrong_type(node.items[i], inner, item_->noun());
      } else if (item_->read(node.items[i], &value, inner)) {
        values.push_back(std::move(value));
      }
    }
    *static_cast<std::vector<T>*>(out) = std::move(values);
    return true;
  }
  std::string text(const void* value, const Rules& rules) const override {
    std::string out;
    for (const T& element : *static_cast<const std::vector<T>*>(value)) {
      out += (out.empty() ? "[" : ", ") + item_->text(&element, rules);
    }
    return out.empty() ? out : out + "]";
  }
};

template <class T>
class MapType final : public ValueType {
 public:
  explicit MapType(std::unique_ptr<const ValueType> item) : ValueType(Shape::kMap) {
    item_ = std::move(item);
  }
  bool read(const Node& node, void* out, ReadContext& context) const override {
    if (!node.is_map()) return report_wrong_type(node, context, "a map"), false;
    std::map<std::string, T> values;
    for (const Node::Entry& entry : node.entries) {
      ReadContext inner{context.diagnostics, context.rules, context.path + "." + entry.key,
                        entry.key_position};
      T value{};
      if constexpr (is_located<T>) {  // a null leaves the default, but the key has a place
        value.key_position = entry.key_position;
        value.position = entry.value.position;
      }
      if (entry.value.is_null() || item_->read(entry.value, &value, inner)) {
        values.emplace(entry.key, std::move(value));
      }
    }
    *static_cast<std::map<std::string, T>*>(out) = std::move(values);
    return true;
  }
  std::string text(const void*, const Rules&) const override { return {}; }
};

template <class T> struct Maker {
  static std::unique_ptr<const ValueType> make(const SchemaBase* schema) {
    if constexpr (shape_of<T>() == Shape::kStruct) return std::make_unique<StructType<T>>(schema);
    else return std::make_unique<LeafType<T>>();
  }
};
template <class T> struct Maker<std::optional<T>> {
  static std::unique_ptr<const ValueType> make(const SchemaBase* schema) {
    return std::make_unique<OptionalType<T>>(make_type<T>(schema));
  }
};
template <class T> struct Maker<Located<T>> {
  static std::unique_ptr<const ValueType> make(const SchemaBase* schema) {
    return std::make_unique<LocatedType<T>>(make_type<T>(schema));
  }
};
template <class T> struct Maker<std::vector<T>> {
  static std::unique_ptr<const ValueType> make(const SchemaBase* schema) {
    return std::make_unique<ListType<T>>(make_type<T>(schema));
  }
};
template <class T> struct Maker<std::map<std::string, T>> {
  static std::unique_ptr<const ValueType> make(const SchemaBase* schema) {
    return std::make_unique<MapType<T>>(make_type<T>(schema));
  }
};

template <class T> std::unique_ptr<const ValueType> make_type(const SchemaBase* schema) {
  return Maker<T>::make(schema);
}

}  // namespace config_detail
}  // namespace penstock
