// SPDX-License-Identifier: Apache-2.0
#include "stages/expand/expand.h"

#include <algorithm>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/parse.h"
#include "json/walk.h"
#include "stages/rewriter.h"
#include "value/write_json.h"

namespace penstock {
namespace {

enum class ExpandConflict : uint8_t { kFirst, kLast, kReject };

struct ExpandOptions {
  std::string separator = ".";
  bool arrays = false;
  ExpandConflict conflict = ExpandConflict::kLast;
};

const Schema<ExpandOptions>& expand_schema() {
  using O = ExpandOptions;
  static const Schema<O> schema({
      field("separator", &O::separator).not_empty().about("What names are split at."),
      field("arrays", &O::arrays)
          .about("Whether a map that would have the names 0, 1, 2, … becomes an array."),
      field("conflict", &O::conflict)
          .one_of({{"first", ExpandConflict::kFirst},
                   {"last", ExpandConflict::kLast},
                   {"reject", ExpandConflict::kReject}})
          .about("Which counts when two members want one place, as in {\"a\":1,\"a.b\":2}; "
                 "`reject` = the record is rejected."),
  });
  return schema;
}

/// Makes the text of a nested map from a flat one; values are copied as they stand.
class Expander {
 public:
  explicit Expander(const ExpandOptions& options) : options_(options) {}

  /// Appends to `out`, which has a part after an error.
  Result<void> run(std::string_view text, std::string& out) {
    if (!structure_.scan(text)) {
      const JsonFault fault = find_json_fault(text);
      return json_error(fault.offset, fault.what);
    }
    JsonWalk walk(text, structure_.tokens());
    if (walk.here() != '{') {
      return reject_error("not-an-object", "only a JSON object can be expanded");
    }
    nodes_.assign(1, Node{});
    places_.clear();
    PENSTOCK_TRY(members(walk, 0, true, 1));
    if (!walk.at_end()) return walk.fault("more text after the document");
    write(0, out);
    return {};
  }

 private:
  static constexpr uint32_t kDropped = UINT32_MAX;
  struct Node {
    std::string name;
    std::string_view text;       // of a value; a map has none
    uint32_t child = 0, last = 0, next = 0;
    bool is_value = false;
  };

  /// Maps are entered, so that {"a":{"b":1},"a.c":2} becomes one map.
  Result<void> members(JsonWalk& walk, uint32_t parent, bool splits, int level) {
    return walk.members([&](std::string_view raw) -> Result<void> {
      const Result<std::string_view> name = member_name(raw, decoded_);
      if (!name) return unexpected(name.error());
      Result<uint32_t> at = place(parent, *name, splits, walk.here() == '{');
      if (!at) return unexpected(at.error());
      if (walk.here() == '{' && *at != kDropped) {
        if (level >= kJsonDepthMax) return walk.fault("nested too deep");
        return members(walk, *at, false, level + 1);
      }
      const Result<std::string_view> text = walk.skip();
      if (!text) return unexpected(text.error());
      if (*at != kDropped) nodes_[*at].text = *text;
      return {};
    });
  }
  /// The node for a member; kDropped if another counts.
  Result<uint32_t> place(uint32_t at, std::string_view name, bool splits, bool is_map) {
    for (int level = 0;; ++level) {
      if (level > kJsonDepthMax) {
        return reject_error("bad-json", "a name would become more than " +
                                            std::to_string(kJsonDepthMax) + " maps");
      }
      const size_t end = splits ? name.find(options_.separator) : std::string_view::npos;
      const bool last = end == std::string_view::npos;
      const bool map = !last || is_map;
      uint32_t child = find(at, name.substr(0, end));
      if (child == 0) {
        child = add(at, name.substr(0, end), !map);
      } else if (!map || nodes_[child].is_value) {
        if (options_.conflict == ExpandConflict::kReject) {
          return reject_error("member-conflict",
                              "two members want the place \"" + nodes_[child].name + "\"");
        }
        if (options_.conflict == ExpandConflict::kFirst) return kDropped;
        nodes_[child].is_value = !map;
        for (uint32_t gone = nodes_[child].child; gone != 0; gone = nodes_[gone].next) {
          places_.erase(place_key(child, nodes_[gone].name));
        }
        nodes_[child].child = nodes_[child].last = 0;
      }
      if (last) return child;
      at = child;
      name.remove_prefix(end + options_.separator.size());
    }
  }
  uint32_t find(uint32_t parent, std::string_view name) {
    const auto found = places_.find(place_key(parent, name));
    return found == places_.end() ? 0 : found->second;
  }
  const std::string& place_key(uint32_t parent, std::string_view name) {
    key_.assign(reinterpret_cast<const char*>(&parent), sizeof parent);
    return key_ += name;
  }
  uint32_t add(uint32_t parent, std::string_view name, bool is_value) {
    const auto made = static_cast<uint32_t>(nodes_.size());
    nodes_.emplace_back();
    nodes_[made].name = name;
    nodes_[made].is_value = is_value;
    Node& up = nodes_[parent];
    (up.child == 0 ? up.child : nodes_[up.last].next) = made;
    up.last = made;
    places_[place_key(parent, name)] = made;
    return made;
  }
  bool is_array(uint32_t at) const {
    size_t index = 0;
    for (uint32_t child = nodes_[at].child; child != 0; child = nodes_[child].next) {
      if (nodes_[child].name != std::to_string(index++)) return false;
    }
    return index > 0;
  }
  void write(uint32_t at, std::string& out) const {
    const Node& node = nodes_[at];
    if (node.is_value) {
      out += node.text;
      return;
    }
    const bool array = options_.arrays && at != 0 && is_array(at);
    out += array ? '[' : '{';
    for (uint32_t child = node.child; child != 0; child = nodes_[child].next) {
      if (child != node.child) out += ',';
      if (!array) {
        append_json_string(out, nodes_[child].name);
        out += ':';
      }
      write(child, out);
    }
    out += array ? ']' : '}';
  }

  const ExpandOptions& options_;
  JsonStructure structure_;
  std::string decoded_;
  std::vector<Node> nodes_;  // [0] is the document
  std::unordered_map<std::string, uint32_t> places_;  // by parent and name
  std::string key_;
};

using Expand = RewritingStage<ExpandOptions, Expander>;

}  // namespace

void register_expand(Catalog& catalog) {
  catalog.add(stage_component<ExpandOptions, Expand>(
      "expand", "stages/expand", "Makes nested maps of long names: {\"a.b\":1} becomes "
      "{\"a\":{\"b\":1}}.", {}, expand_schema()));
}

}  // namespace penstock
