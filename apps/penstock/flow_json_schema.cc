// SPDX-License-Identifier: Apache-2.0
// The editors' schema of a flow: the flow's own, with each component's options joined in.
#include <algorithm>

#include "config/json_text.h"
#include "penstock/reference.h"
#include "spec/dialects/flow.h"
#include "spec/json_reader.h"

namespace penstock {
namespace {

constexpr const char* kInterpolation = "\\$\\{";

Node parsed(const std::string& schema) {
  Diagnostics diagnostics;
  std::optional<Node> node = read_json(schema, "schema", diagnostics);
  CHECK(node.has_value());  // we wrote it ourselves
  return *std::move(node);
}

Node text_node(std::string text) {
  Node node;
  node.kind = Node::Kind::kScalar;
  node.text = std::move(text);
  node.quoted = true;
  return node;
}
Node map_of(std::vector<std::pair<std::string, Node>> entries) {
  Node node;
  node.kind = Node::Kind::kMap;
  for (auto& [key, value] : entries) node.entries.push_back({key, {}, std::move(value)});
  return node;
}
Node list_of(std::vector<Node> items) {
  Node node;
  node.kind = Node::Kind::kList;
  node.items = std::move(items);
  return node;
}

Node* find(Node& node, std::string_view key) { return const_cast<Node*>(node.find(key)); }

void remove(Node& node, std::string_view key) {
  std::erase_if(node.entries, [&](const Node::Entry& entry) { return entry.key == key; });
}

bool has_type(const Node& types, std::string_view type) {
  if (types.is_scalar()) return types.text == type;
  return std::any_of(types.items.begin(), types.items.end(),
                     [&](const Node& item) { return item.text == type; });
}

/// A field's words, or one of the interpolations that make one.
void loosen_words(Node& schema) {
  Node words = map_of({{"enum", *schema.find("enum")}});
  remove(schema, "enum");
  Node interpolation = map_of({{"type", text_node("string")},
                               {"pattern", text_node(kInterpolation)}});
  schema.entries.insert(schema.entries.begin(),
                        {"anyOf", {}, list_of({std::move(words), std::move(interpolation)})});
}

/// Lets every scalar be an interpolation, and numbers and switches be quoted, as the loader does.
void loosen(Node& schema) {
  if (schema.find("enum") != nullptr) return loosen_words(schema);
  if (Node* types = find(schema, "type")) {
    std::string also;
    if (has_type(*types, "string")) {
      if (Node* pattern = find(schema, "pattern")) {
        pattern->text = "(" + pattern->text + ")|" + kInterpolation;
      }
    } else if (has_type(*types, "integer") || has_type(*types, "number")) {
      also = "^-?[0-9.]+$|" + std::string(kInterpolation);
    } else if (has_type(*types, "boolean")) {
      also = "^([Tt]rue|[Ff]alse|[Yy]es|[Nn]o|[Oo]n|[Oo]ff|TRUE|FALSE|YES|NO|ON|OFF)$|" +
             std::string(kInterpolation);
    }
    if (!also.empty()) {
      *types = list_of({*types, text_node("string")});
      schema.entries.push_back({"pattern", {}, text_node(also)});
    }
  }
  if (Node* properties = find(schema, "properties")) {
    for (Node::Entry& entry : properties->entries) loosen(entry.value);
  }
  for (const char* key : {"items", "additionalProperties"}) {
    Node* inner = find(schema, key);
    if (inner != nullptr && inner->is_map()) loosen(*inner);
  }
}

void write(JsonWriter& json, const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return json.raw("null");
    case Node::Kind::kScalar:
      return node.quoted ? json.string(node.text) : json.raw(node.text);
    case Node::Kind::kList:
      json.open_list();
      for (const Node& item : node.items) write(json, item);
      return json.close_list();
    case Node::Kind::kMap:
      json.open_object();
      for (const Node::Entry& entry : node.entries) json.key(entry.key), write(json, entry.value);
      return json.close_object();
  }
}

/// `if` the stage has this type, `then` its config is this.
Node condition(const std::vector<const Component*>& components) {
  std::vector<Node> configs;
  for (const Component* component : components) {
    Node schema = parsed(component->schema->json_schema());
    remove(schema, "$schema");
    loosen(schema);
    configs.push_back(std::move(schema));
  }
  Node config = configs.size() == 1 ? std::move(configs[0])
                                    : map_of({{"anyOf", list_of(std::move(configs))}});
  Node type = map_of({{"const", text_node(components[0]->type)}});
  return map_of({{"if", map_of({{"properties", map_of({{"type", std::move(type)}})}})},
                 {"then", map_of({{"properties", map_of({{"config", std::move(config)}})}})}});
}

}  // namespace

std::string flow_json_schema(const Catalog& catalog) {
  Node root = parsed(flow_fields().json_schema("Penstock flow"));
  loosen(root);
  Node* stages = find(*find(root, "properties"), "stages");
  CHECK(stages != nullptr);
  Node* stage = find(*stages, "items");
  CHECK(stage != nullptr);
  std::vector<Node> types, conditions;
  for (const Component& component : catalog.all()) {
    const std::vector<const Component*> same = catalog.find(component.type);
    if (same[0] != &component) continue;  // one entry a type
    types.push_back(text_node(component.type));
    conditions.push_back(condition(same));
  }
  Node* type = find(*find(*stage, "properties"), "type");
  CHECK(type != nullptr);
  // Offered by editors; a plugin's type is another, so these are not the only choice.
  remove(*type, "examples");
  type->entries.push_back({"examples", {}, list_of(std::move(types))});
  stage->entries.push_back({"allOf", {}, list_of(std::move(conditions))});
  JsonWriter json;
  write(json, root);
  return json.finish();
}

}  // namespace penstock
