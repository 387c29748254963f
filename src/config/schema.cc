// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"

#include <set>

#include "config/suggest.h"

namespace penstock {
namespace {

/// Whether `given` is `name` in lowerCamelCase.
bool is_camel_of(std::string_view given, std::string_view name) {
  size_t i = 0;
  for (size_t j = 0; j < name.size(); ++j, ++i) {
    char c = name[j];
    if (c == '_' && j > 0 && j + 1 < name.size()) {
      c = name[++j];
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (i >= given.size() || given[i] != c) return false;
  }
  return i == given.size();
}

bool has_name(const FieldSpec& field, std::string_view given) {
  if (given == field.name || is_camel_of(given, field.name)) return true;
  for (const std::string& alias : field.aliases) {
    if (given == alias || is_camel_of(given, alias)) return true;
  }
  return false;
}

std::string place(const std::string& path) { return path.empty() ? "" : " in " + path; }

}  // namespace

const FieldSpec* SchemaBase::find(std::string_view name) const {
  for (const FieldSpec& field : fields_) {
    if (has_name(field, name)) return &field;
  }
  return nullptr;
}

void SchemaBase::parse_into(const Node* node, void* object, Diagnostics& diagnostics,
                            const std::string& path, const Position& where) const {
  const Position at = node ? node->position : where;
  std::vector<const Node::Entry*> given(fields_.size(), nullptr);
  std::set<std::string> meant;  // fields that an unknown one stands for: not missing as well
  std::vector<std::string> names;
  for (const FieldSpec& f : fields_) {
    if (f.deprecated.empty()) names.push_back(f.name);
  }
  if (node && !node->is_null() && !node->is_map()) {
    const Rules rules;
    ReadContext context{diagnostics, rules, path.empty() ? "this" : path, at};
    return report_wrong_type(*node, context, "a map");
  }
  if (node && node->is_map()) {
    for (const Node::Entry& entry : node->entries) {
      const FieldSpec* field = find(entry.key);
      if (!field) {
        const bool full = diagnostics.full();
        const std::string near = full ? "" : closest(entry.key, names);
        if (!near.empty()) meant.insert(near);
        diagnostics.error("unknown-field", entry.key_position,
                          "unknown field " + shown(entry.key) + place(path),
                          full ? "" : suggestion(entry.key, names));
        continue;
      }
      const Node::Entry*& slot = given[static_cast<size_t>(field - fields_.data())];
      if (slot) {
        diagnostics.error("duplicate-field", entry.key_position,
                          "field \"" + field->name + "\" is given twice" + place(path) + ", as \"" +
                              slot->key + "\" and as \"" + entry.key + "\"",
                          "keep one of them");
        continue;
      }
      slot = &entry;
    }
  }
  for (size_t i = 0; i < fields_.size(); ++i) {
    const FieldSpec& field = fields_[i];
    const bool absent = !given[i] || given[i]->value.is_null();
    if (absent && field.required && !meant.contains(field.name)) {
      diagnostics.error("missing-field", given[i] ? given[i]->key_position : at,
                        "field \"" + field.name + "\" is required" + place(path),
                        field.example.empty() ? "" : "for example: " + field.name + ": " +
                                                         field.example);
    }
    if (!given[i]) continue;
    if (!field.deprecated.empty()) {
      diagnostics.warning("deprecated-field", given[i]->key_position,
                          "field \"" + given[i]->key + "\"" + place(path) + " is out of date",
                          field.deprecated);
    }
    if (absent && field.type->shape() != Shape::kAny) continue;
    ReadContext context{diagnostics, field.rules,
                        path.empty() ? field.name : path + "." + field.name,
                        given[i]->key_position};
    field.type->read(given[i]->value, field.member(object), context);
  }
  if (check_) check_(object, at, diagnostics);
}

}  // namespace penstock
