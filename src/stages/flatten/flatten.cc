// SPDX-License-Identifier: Apache-2.0
#include "stages/flatten/flatten.h"

#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "json/parse.h"
#include "json/walk.h"
#include "stages/rewriter.h"
#include "value/write_json.h"

namespace penstock {
namespace {

struct FlattenOptions {
  std::string separator = ".";
  bool arrays = false;
  bool keep_empty = true;
  uint32_t depth = 0;
};

const Schema<FlattenOptions>& flatten_schema() {
  using O = FlattenOptions;
  static const Schema<O> schema({
      field("separator", &O::separator).not_empty().about("What stands between names."),
      field("arrays", &O::arrays)
          .about("Whether items of arrays become members too, named by their place from 0. "
                 "Otherwise arrays stay as they are."),
      field("keep_empty", &O::keep_empty)
          .about("Whether empty maps (and, with `arrays`, empty arrays) stay; otherwise they "
                 "disappear."),
      field("depth", &O::depth)
          .about("Names are joined down to so many levels; what is deeper stays nested. 0 = all."),
  });
  return schema;
}

/// Makes the text of one flat map from the text of a nested one; values are copied as they stand.
class Flattener {
 public:
  explicit Flattener(const FlattenOptions& options) : options_(options) {}

  /// Appends to `out`, which has a part after an error.
  Result<void> run(std::string_view text, std::string& out) {
    if (!structure_.scan(text)) {
      const JsonFault fault = find_json_fault(text);
      return json_error(fault.offset, fault.what);
    }
    JsonWalk walk(text, structure_.tokens());
    if (walk.here() != '{') {
      return reject_error("not-an-object", "only a JSON object can be flattened");
    }
    name_.clear();
    seen_.clear();
    out += '{';
    PENSTOCK_TRY(members(walk, 1, out));
    if (!walk.at_end()) return walk.fault("more text after the document");
    out += '}';
    return {};
  }

 private:
  Result<void> members(JsonWalk& walk, uint32_t level, std::string& out) {
    const size_t before = name_.size();
    return walk.members([&](std::string_view raw) -> Result<void> {
      const Result<std::string_view> name = member_name(raw, decoded_);
      if (!name) return unexpected(name.error());
      if (level > 1) name_ += options_.separator;
      name_ += *name;
      ++entered_;
      PENSTOCK_TRY(value(walk, level, out));
      name_.resize(before);
      return {};
    });
  }
  Result<void> items(JsonWalk& walk, uint32_t level, std::string& out) {
    const size_t before = name_.size();
    size_t index = 0;
    return walk.items([&]() -> Result<void> {
      name_ += options_.separator;
      name_ += std::to_string(index++);
      ++entered_;
      PENSTOCK_TRY(value(walk, level, out));
      name_.resize(before);
      return {};
    });
  }
  Result<void> value(JsonWalk& walk, uint32_t level, std::string& out) {
    const char c = walk.here();
    const bool enters = (c == '{' || (c == '[' && options_.arrays)) &&
                        (options_.depth == 0 || level < options_.depth);
    if (!enters) {
      const Result<std::string_view> text = walk.skip();
      if (!text) return unexpected(text.error());
      add(*text, out);
      return {};
    }
    if (level >= static_cast<uint32_t>(kJsonDepthMax)) return walk.fault("nested too deep");
    const uint64_t before = entered_;
    PENSTOCK_TRY(c == '{' ? members(walk, level + 1, out) : items(walk, level + 1, out));
    if (entered_ == before && options_.keep_empty) add(c == '{' ? "{}" : "[]", out);
    return {};
  }
  void add(std::string_view text, std::string& out) {
    if (!seen_.insert(name_).second) return;  // the first of a name counts
    if (out.back() != '{') out += ',';
    append_json_string(out, name_);
    out += ':';
    out += text;
  }

  const FlattenOptions& options_;
  JsonStructure structure_;
  std::string name_, decoded_;
  std::unordered_set<std::string> seen_;
  uint64_t entered_ = 0;  // members and items so far: whether there was any
};

using Flatten = RewritingStage<FlattenOptions, Flattener>;

}  // namespace

void register_flatten(Catalog& catalog) {
  catalog.add(stage_component<FlattenOptions, Flatten>(
      "flatten", "stages/flatten", "Makes one flat map of nested ones: {\"a\":{\"b\":1}} becomes "
      "{\"a.b\":1}.", {}, flatten_schema()));
}

}  // namespace penstock
