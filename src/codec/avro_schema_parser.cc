// SPDX-License-Identifier: Apache-2.0
// JSON → AvroSchema.
#include <algorithm>
#include <map>
#include <set>

#include "codec/avro_default.h"
#include "codec/avro_schema.h"
#include "codec/codec_error.h"
#include "json/parse.h"

namespace penstock {
namespace {

constexpr size_t kNodesMax = 100'000;
constexpr uint32_t kDepthMax = 100;
constexpr int64_t kFixedBytesMax = 1 << 24;

bool is_name(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    if (!letter && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

bool is_full_name(std::string_view name) {
  for (;;) {
    const size_t dot = name.find('.');
    if (!is_name(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

std::string qualified(std::string_view name, std::string_view space) {
  if (space.empty() || name.find('.') != std::string_view::npos) return std::string(name);
  return std::string(space) + "." + std::string(name);
}

AvroLogical logical_of(std::string_view name, const AvroNode& node) {
  struct Row {
    std::string_view name;
    AvroType type;
    AvroLogical logical;
  };
  static constexpr Row kRows[] = {
      {"decimal", AvroType::kBytes, AvroLogical::kDecimal},
      {"decimal", AvroType::kFixed, AvroLogical::kDecimal},
      {"uuid", AvroType::kString, AvroLogical::kUuid},
      {"uuid", AvroType::kFixed, AvroLogical::kUuid},
      {"date", AvroType::kInt, AvroLogical::kDate},
      {"time-millis", AvroType::kInt, AvroLogical::kTimeMillis},
      {"time-micros", AvroType::kLong, AvroLogical::kTimeMicros},
      {"timestamp-millis", AvroType::kLong, AvroLogical::kTimestampMillis},
      {"timestamp-micros", AvroType::kLong, AvroLogical::kTimestampMicros},
      {"timestamp-nanos", AvroType::kLong, AvroLogical::kTimestampNanos},
      {"local-timestamp-millis", AvroType::kLong, AvroLogical::kLocalTimestampMillis},
      {"local-timestamp-micros", AvroType::kLong, AvroLogical::kLocalTimestampMicros},
      {"local-timestamp-nanos", AvroType::kLong, AvroLogical::kLocalTimestampNanos},
      {"duration", AvroType::kFixed, AvroLogical::kDuration},
  };
  for (const Row& row : kRows) {
    if (row.name != name || row.type != node.type) continue;
    if (row.logical == AvroLogical::kDuration && node.size != 12) continue;
    if (row.logical == AvroLogical::kUuid && node.type == AvroType::kFixed && node.size != 16) {
      continue;
    }
    return row.logical;
  }
  return AvroLogical::kNone;  // an unknown logical type is ignored, as the specification says
}

}  // namespace

class AvroSchemaParser {
 public:
  explicit AvroSchemaParser(AvroSchema& schema) : schema_(schema) {}

  Result<void> parse(const Value& json) {
    Result<const AvroNode*> root = type_of(json, "", 0);
    if (!root) return root.error();
    schema_.root_ = *root;
    return read_defaults();
  }

 private:
  struct LateDefault {
    AvroNode* record;
    size_t field;
    Value json;
  };

  Error fault(std::string_view what) const {
    std::string message = "Avro schema: ";
    for (const std::string& step : path_) message += step + ": ";
    return stop_error("bad-schema", message.append(what));
  }

  Result<AvroNode*> add(AvroType type) {
    if (schema_.nodes_.size() >= kNodesMax) return fault("it has too many types");
    AvroNode& node = schema_.nodes_.emplace_back();
    node.type = type;
    return &node;
  }

  Result<const AvroNode*> type_of(const Value& json, const std::string& space, uint32_t depth) {
    if (depth > kDepthMax) return fault("it is nested too deeply");
    if (json.is(ValueKind::kString)) return named(json.text(), space);
    if (json.is(ValueKind::kArray)) return union_of(json, space, depth);
    if (!json.is(ValueKind::kMap)) return fault("a type is a name, a list or a map");
    const Value* type = json.find("type");
    if (type == nullptr) return fault("type is missing");
    if (!type->is(ValueKind::kString)) return type_of(*type, space, depth + 1);
    const std::string_view word = type->text();
    if (word == "record" || word == "error") return record_of(json, space, depth);
    if (word == "enum") return enum_of(json, space);
    if (word == "fixed") return fixed_of(json, space);
    if (word == "array" || word == "map") return sequence_of(json, word, space, depth);
    Result<const AvroNode*> plain = named(word, space);
    if (!plain || json.find("logicalType") == nullptr) return plain;
    if ((*plain)->type > AvroType::kString) return plain;
    Result<AvroNode*> node = add((*plain)->type);
    if (!node) return node.error();
    PENSTOCK_TRY(set_logical(json, **node));
    return static_cast<const AvroNode*>(*node);
  }

  Result<const AvroNode*> named(std::string_view name, const std::string& space) {
    for (int i = 0; i <= static_cast<int>(AvroType::kString); ++i) {
      const auto type = static_cast<AvroType>(i);
      if (name != to_string(type)) continue;
      const AvroNode*& node = primitives_[i];
      if (node == nullptr) {
        Result<AvroNode*> added = add(type);
        if (!added) return added.error();
        node = *added;
      }
      return node;
    }
    const auto found = names_.find(qualified(name, space));
    if (found != names_.end()) return static_cast<const AvroNode*>(found->second);
    return fault("the type " + shown_bytes(name) + " is not known here");
  }

  Result<const AvroNode*> union_of(const Value& json, const std::string& space, uint32_t depth) {
    Result<AvroNode*> node = add(AvroType::kUnion);
    if (!node) return node.error();
    std::set<std::string> seen;
    for (const Value& item : json.items()) {
      Result<const AvroNode*> branch = type_of(item, space, depth + 1);
      if (!branch) return branch;
      if ((*branch)->type == AvroType::kUnion) return fault("a union stands directly in a union");
      const std::string name =
          (*branch)->name.empty() ? to_string((*branch)->type) : (*branch)->name;
      if (!seen.insert(name).second) return fault("a union has " + shown_bytes(name) + " twice");
      (*node)->branches.push_back(*branch);
    }
    if ((*node)->branches.empty()) return fault("a union has no branch");
    return static_cast<const AvroNode*>(*node);
  }

  Result<const AvroNode*> sequence_of(const Value& json, std::string_view word,
                                      const std::string& space, uint32_t depth) {
    const bool array = word == "array";
    const Value* items = json.find(array ? "items" : "values");
    if (items == nullptr) return fault(array ? "items is missing" : "values is missing");
    Result<AvroNode*> node = add(array ? AvroType::kArray : AvroType::kMap);
    if (!node) return node.error();
    path_.emplace_back(array ? "items" : "values");
    Result<const AvroNode*> of = type_of(*items, space, depth + 1);
    if (!of) return of;
    path_.pop_back();
    (*node)->items = *of;
    return static_cast<const AvroNode*>(*node);
  }

  /// A new named type, known from here on; `space` becomes the namespace inside it.
  Result<AvroNode*> add_named(const Value& json, AvroType type, std::string& space) {
    const Value* name = json.find("name");
    if (name == nullptr || !name->is(ValueKind::kString)) return fault("name is missing");
    const Value* own_space = json.find("namespace");
    if (own_space != nullptr && own_space->is(ValueKind::kString)) {
      space = std::string(own_space->text());
    }
    const std::string full = qualified(name->text(), space);
    if (!is_full_name(full)) return fault("the name " + shown_bytes(full) + " is not a name");
    const size_t dot = full.rfind('.');
    space = dot == std::string::npos ? "" : full.substr(0, dot);
    Result<AvroNode*> node = add(type);
    if (!node) return node;
    (*node)->name = full;
    if (!names_.emplace(full, *node).second) return fault(shown_bytes(full) + " is defined twice");
    const Value* aliases = json.find("aliases");
    PENSTOCK_TRY(read_texts(aliases, "aliases", (*node)->aliases));
    for (std::string& alias : (*node)->aliases) alias = qualified(alias, space);
    return node;
  }

  Result<void> read_texts(const Value* json, const char* what, std::vector<std::string>& out) {
    if (json == nullptr) return {};
    if (!json->is(ValueKind::kArray)) return fault(std::string(what) + " is not a list");
    for (const Value& item : json->items()) {
      if (!item.is(ValueKind::kString)) return fault(std::string(what) + " has no texts");
      out.emplace_back(item.text());
    }
    return {};
  }

  Result<const AvroNode*> record_of(const Value& json, std::string space, uint32_t depth) {
    Result<AvroNode*> made = add_named(json, AvroType::kRecord, space);
    if (!made) return made.error();
    AvroNode& node = **made;
    const Value* fields = json.find("fields");
    if (fields == nullptr || !fields->is(ValueKind::kArray)) return fault("fields is missing");
    std::set<std::string_view> seen;
    for (const Value& item : fields->items()) {
      if (!item.is(ValueKind::kMap)) return fault("a field is not a map");
      const Value* name = item.find("name");
      const Value* type = item.find("type");
      if (name == nullptr || !name->is(ValueKind::kString)) return fault("a field has no name");
      path_.push_back(node.name + "." + std::string(name->text()));
      if (!is_name(name->text())) return fault("this is not a name");
      if (!seen.insert(name->text()).second) return fault("the field stands twice");
      if (type == nullptr) return fault("type is missing");
      Result<const AvroNode*> of = type_of(*type, space, depth + 1);
      if (!of) return of;
      AvroField field{std::string(name->text()), {}, *of, false, {}};
      PENSTOCK_TRY(read_texts(item.find("aliases"), "aliases", field.aliases));
      const Value* value = item.find("default");
      if (value != nullptr) late_.push_back({&node, node.fields.size(), *value});
      node.fields.push_back(std::move(field));
      path_.pop_back();
    }
    return static_cast<const AvroNode*>(&node);
  }

  Result<const AvroNode*> enum_of(const Value& json, std::string space) {
    Result<AvroNode*> made = add_named(json, AvroType::kEnum, space);
    if (!made) return made.error();
    AvroNode& node = **made;
    PENSTOCK_TRY(read_texts(json.find("symbols"), "symbols", node.symbols));
    if (node.symbols.empty()) return fault("an enum has no symbols");
    std::set<std::string> seen;
    for (const std::string& symbol : node.symbols) {
      if (!is_name(symbol)) return fault("the symbol " + shown_bytes(symbol) + " is not a name");
      if (!seen.insert(symbol).second) return fault("the symbol " + symbol + " stands twice");
    }
    const Value* value = json.find("default");
    if (value == nullptr || value->is_null()) return static_cast<const AvroNode*>(&node);
    if (!value->is(ValueKind::kString)) return fault("the default of an enum is not a text");
    const auto found = std::find(node.symbols.begin(), node.symbols.end(), value->text());
    if (found == node.symbols.end()) return fault("the default of an enum is not a symbol");
    node.default_symbol = static_cast<int>(found - node.symbols.begin());
    return static_cast<const AvroNode*>(&node);
  }

  Result<const AvroNode*> fixed_of(const Value& json, std::string space) {
    Result<AvroNode*> made = add_named(json, AvroType::kFixed, space);
    if (!made) return made.error();
    const Value* size = json.find("size");
    if (size == nullptr || !size->is(ValueKind::kInt) || size->as_int() < 0 ||
        size->as_int() > kFixedBytesMax) {
      return fault("size is missing or out of range");
    }
    (*made)->size = static_cast<uint32_t>(size->as_int());
    PENSTOCK_TRY(set_logical(json, **made));
    return static_cast<const AvroNode*>(*made);
  }

  Result<void> set_logical(const Value& json, AvroNode& node) {
    const Value* name = json.find("logicalType");
    if (name == nullptr || !name->is(ValueKind::kString)) return {};
    node.logical = logical_of(name->text(), node);
    if (node.logical != AvroLogical::kDecimal) return {};
    const Value* scale = json.find("scale");
    const Value* precision = json.find("precision");
    const int64_t digits = scale == nullptr || !scale->is(ValueKind::kInt) ? 0 : scale->as_int();
    const bool valid = precision != nullptr && precision->is(ValueKind::kInt) && digits >= 0 &&
                       precision->as_int() >= std::max<int64_t>(digits, 1) &&
                       precision->as_int() <= 1000;
    if (!valid) {
      node.logical = AvroLogical::kNone;
    } else {
      node.scale = static_cast<uint32_t>(digits);
    }
    return {};
  }

  /// Only now are all types known that a default may be of.
  Result<void> read_defaults() {
    for (const LateDefault& late : late_) {
      AvroField& field = late.record->fields[late.field];
      path_ = {late.record->name + "." + field.name};
      Result<Value> value = avro_default(*field.type, late.json, schema_.arena_, 0);
      if (!value) return fault(value.error().message);
      field.default_value = *value;
      field.has_default = true;
    }
    return {};
  }

  AvroSchema& schema_;
  const AvroNode* primitives_[static_cast<size_t>(AvroType::kString) + 1] = {};
  std::map<std::string, AvroNode*> names_;
  std::vector<LateDefault> late_;
  std::vector<std::string> path_;
};

Result<std::shared_ptr<const AvroSchema>> AvroSchema::parse(std::string_view json) {
  std::shared_ptr<AvroSchema> schema(new AvroSchema());
  schema->text_ = std::string(json);
  ValueArena arena;
  JsonParser parser;
  const size_t first = json.find_first_not_of(" \t\r\n");
  const bool is_word = first != std::string_view::npos && json[first] != '{' &&
                       json[first] != '[' && json[first] != '"';
  if (is_word) {  // a bare primitive: avro-tools accept it
    const std::string_view word = json.substr(first, json.find_last_not_of(" \t\r\n") + 1 - first);
    PENSTOCK_TRY(AvroSchemaParser(*schema).parse(Value::string(word)));
    schema->text_ = "\"" + std::string(word) + "\"";
  } else {
    Result<Value> document = parser.parse(json, arena);
    if (!document) return stop_error("bad-schema", "Avro schema: " + document.error().message);
    PENSTOCK_TRY(AvroSchemaParser(*schema).parse(*document));
  }
  schema->canonical_ = canonical_form(*schema->root_);
  schema->fingerprint_ = crc64_avro(schema->canonical_);
  return std::shared_ptr<const AvroSchema>(std::move(schema));
}

}  // namespace penstock
