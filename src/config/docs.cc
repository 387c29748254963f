// SPDX-License-Identifier: Apache-2.0
// What a schema says about itself: JSON Schema for editors, Markdown for people.
#include <set>

#include "config/json_text.h"
#include "config/schema.h"

namespace penstock {
namespace {

/// Go's and our duration text: one or more numbers with units, or 0.
constexpr const char* kDurationPattern = "^(0|([0-9]+(\\.[0-9]+)?(ns|us|µs|ms|s|m|h|d))+)$";
constexpr const char* kSizePattern = "^[0-9]+(\\.[0-9]+)? *([kKMGT]?B?|[KMGT]iB?)$";

void write_object(JsonWriter& json, const SchemaBase& schema);

void write_type(JsonWriter& json, const std::vector<std::string>& names) {
  json.key("type");
  if (names.size() == 1) return json.string(names[0]);
  json.open_list();
  for (const std::string& name : names) json.string(name);
  json.close_list();
}

void write_bounds(JsonWriter& json, const Rules& rules) {
  if (rules.min) json.key("minimum"), json.raw(rules.min_text);
  if (rules.max) json.key("maximum"), json.raw(rules.max_text);
}

void write_words(JsonWriter& json, const Rules& rules) {
  json.key("enum");
  json.open_list();
  for (const EnumWord& word : rules.words) json.string(word.word);
  std::set<int64_t> numbers;
  for (const EnumWord& word : rules.words) {
    const bool shown = rules.numbered && word.warning.empty();
    if (shown && numbers.insert(word.value).second) json.raw(std::to_string(word.value));
  }
  json.close_list();
}

/// The members that describe a value; the brackets are the caller's.
void write_value(JsonWriter& json, const ValueType& type, const Rules& rules) {
  switch (type.shape()) {
    case Shape::kString:
      if (!rules.words.empty()) return write_words(json, rules);
      // any scalar's source text is a string here
      return write_type(json, {"string", "number", "boolean"});
    case Shape::kSecret: return write_type(json, {"string", "number", "boolean"});
    case Shape::kEnum: return write_words(json, rules);
    case Shape::kBool: return write_type(json, {"boolean"});
    case Shape::kInteger: write_type(json, {"integer"}); return write_bounds(json, rules);
    case Shape::kNumber: write_type(json, {"number"}); return write_bounds(json, rules);
    case Shape::kDuration:
      write_type(json, {"string", "integer"});
      json.key("pattern");
      return json.string(kDurationPattern);
    case Shape::kByteSize:
      write_type(json, {"string", "integer"});
      json.key("pattern");
      return json.string(kSizePattern);
    case Shape::kAny: return;
    case Shape::kList:
    case Shape::kMap:
      write_type(json, {type.shape() == Shape::kList ? "array" : "object"});
      json.key(type.shape() == Shape::kList ? "items" : "additionalProperties");
      json.open_object();
      write_value(json, *type.item(), rules);
      return json.close_object();
    case Shape::kStruct: return write_object(json, *type.schema());
  }
}

bool is_bare_default(Shape shape) {
  return shape == Shape::kBool || shape == Shape::kInteger || shape == Shape::kNumber;
}

std::string about_text(const FieldSpec& field) {
  std::string out = field.about;
  if (!field.deprecated.empty()) {
    out += (out.empty() ? "Out of date: " : " Out of date: ") + field.deprecated;
  }
  return out;
}

void write_field(JsonWriter& json, const FieldSpec& field) {
  json.open_object();
  write_value(json, *field.type, field.rules);
  const std::string about = about_text(field);
  if (!about.empty()) json.key("description"), json.string(about);
  if (!field.required && !field.default_text.empty() && field.type->shape() != Shape::kList) {
    json.key("default");
    if (is_bare_default(field.type->shape())) json.raw(field.default_text);
    else json.string(field.default_text);
  }
  if (!field.example.empty() && !field.rules.secret) {
    json.key("examples");
    json.open_list();
    if (is_bare_default(field.type->shape())) json.raw(field.example);
    else json.string(field.example);
    json.close_list();
  }
  if (!field.deprecated.empty()) json.key("deprecated"), json.boolean(true);
  json.close_object();
}

void write_object(JsonWriter& json, const SchemaBase& schema) {
  json.key("type");
  json.string("object");
  json.key("additionalProperties");
  json.boolean(false);
  json.key("properties");
  json.open_object();
  bool any_required = false;
  for (const FieldSpec& field : schema.fields()) {
    json.key(field.name);
    write_field(json, field);
    any_required = any_required || field.required;
  }
  json.close_object();
  if (!any_required) return;
  json.key("required");
  json.open_list();
  for (const FieldSpec& field : schema.fields()) {
    if (field.required) json.string(field.name);
  }
  json.close_list();
}

std::string type_words(const ValueType& type, const Rules& rules) {
  std::string out;
  switch (type.shape()) {
    case Shape::kString: out = "string"; break;
    case Shape::kSecret: out = "secret"; break;
    case Shape::kBool: out = "boolean"; break;
    case Shape::kInteger: out = "integer"; break;
    case Shape::kNumber: out = "number"; break;
    case Shape::kDuration: out = "duration"; break;
    case Shape::kByteSize: out = "size"; break;
    case Shape::kEnum: break;
    case Shape::kAny: out = "any"; break;
    case Shape::kList: return "list of " + type_words(*type.item(), rules);
    case Shape::kMap: return "map to " + type_words(*type.item(), rules);
    case Shape::kStruct: return "object";
  }
  for (size_t i = 0; i < rules.words.size(); ++i) {
    if (rules.words[i].warning.empty()) out += (i ? ", `" : "`") + rules.words[i].word + "`";
  }
  if (rules.min && rules.max) return out + ", " + rules.min_text + " to " + rules.max_text;
  const bool plain_zero = rules.min && *rules.min == 0 && type.shape() == Shape::kDuration;
  if (rules.min && !plain_zero) return out + ", at least " + rules.min_text;
  if (rules.max) return out + ", at most " + rules.max_text;
  return out;
}

/// Text that would not be seen as it is, in quotes and with escapes.
std::string visible(const std::string& text) {
  bool plain = text.front() != ' ' && text.back() != ' ';
  for (char c : text) plain = plain && static_cast<unsigned char>(c) >= 0x20;
  return plain ? text : json_quoted(text);
}

std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|') out += "\\|";
    else if (c == '\n') out += ' ';
    else out += c;
  }
  return out;
}

void write_rows(std::string& out, const SchemaBase& schema, const std::string& prefix) {
  for (const FieldSpec& field : schema.fields()) {
    const std::string path = prefix + field.name;
    std::string fallback = field.required ? "required" : "";
    if (!field.required && !field.default_text.empty()) {
      fallback = "`" + visible(field.default_text) + "`";
    }
    std::string about = about_text(field);
    if (!field.example.empty()) {
      about += (about.empty() ? "Example: `" : " Example: `") + field.example + "`.";
    }
    out += "| `" + path + "` | " + cell(type_words(*field.type, field.rules)) + " | " +
           cell(fallback) + " | " + cell(about) + " |\n";
    std::string inner = path;
    const ValueType* type = field.type.get();
    for (; type->item(); type = type->item()) {
      inner += type->shape() == Shape::kList ? "[]" : ".*";
    }
    if (type->schema()) write_rows(out, *type->schema(), inner + ".");
  }
}

}  // namespace

std::string SchemaBase::json_schema(const std::string& title) const {
  JsonWriter json;
  json.open_object();
  json.key("$schema");
  json.string("https://json-schema.org/draft/2020-12/schema");
  if (!title.empty()) json.key("title"), json.string(title);
  write_object(json, *this);
  json.close_object();
  return json.finish();
}

std::string SchemaBase::markdown() const {
  if (fields_.empty()) return {};
  std::string out = "| option | type | default | about |\n|---|---|---|---|\n";
  write_rows(out, *this, "");
  return out;
}

}  // namespace penstock
