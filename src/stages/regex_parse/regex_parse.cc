// SPDX-License-Identifier: Apache-2.0
#include "stages/regex_parse/regex_parse.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "expr/regex.h"
#include "json/scalar.h"
#include "mapping/edits.h"
#include "stages/expression_stage.h"
#include "stages/rewriter.h"
#include "value/write_json.h"

namespace penstock {
namespace {

enum class RegexMiss : uint8_t { kReject, kPass, kDrop };
enum class GroupType : uint8_t { kString, kInt, kNumber, kBool };

struct RegexParseOptions {
  Located<std::string> pattern;
  ExpressionText field;
  bool merge = false;
  std::string into;
  std::map<std::string, GroupType> types;
  RegexMiss on_no_match = RegexMiss::kReject;
  ExprDialect dialect = ExprDialect::kPenstock;
};

/// The names of groups, "" for those without.
std::vector<std::string> group_names(const Regex& regex) {
  std::vector<std::string> names;
  for (int i = 1; i <= regex.group_count(); ++i) names.push_back(regex.group_name(i));
  return names;
}

void check_regex_parse(const RegexParseOptions& o, const Position& at, Diagnostics& diagnostics) {
  compile_option(o.field, o.dialect, kTextType | kNullType, diagnostics);
  if (!o.pattern.set) return;
  const auto regex = Regex::compile(o.pattern.value);
  if (!regex) {
    diagnostics.error(regex.error().code, o.pattern.position, regex.error().message,
                      regex.error().hint);
    return;
  }
  const std::vector<std::string> names = group_names(**regex);
  bool any = false;
  for (const std::string& name : names) any = any || !name.empty();
  if (!any) {
    diagnostics.error("bad-pattern", o.pattern.position, "the pattern has no named group",
                      "write (?P<name>…) around what is wanted");
  }
  for (const auto& [name, type] : o.types) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      diagnostics.error("unknown-name", at, "the pattern has no group \"" + name + "\"");
    }
  }
}

const Schema<RegexParseOptions>& regex_parse_schema() {
  using O = RegexParseOptions;
  static const Schema<O> schema(
      {
          field("pattern", &O::pattern)
              .required()
              .example("^(?P<level>[A-Z]+) (?P<text>.*)$")
              .about("A regular expression (RE2) with named groups, each of which becomes a "
                     "member. It may match anywhere; a group that took no part is left out."),
          field("field", &O::field)
              .about("An expression that gives the text. Without it, the text is the payload."),
          field("merge", &O::merge)
              .about("Whether members are put into the document that the payload is; otherwise "
                     "the payload becomes a document of them alone."),
          field("into", &O::into).about("With `merge`: a member that holds them."),
          field("types", &O::types)
              .one_of({{"string", GroupType::kString},
                       {"int", GroupType::kInt},
                       {"number", GroupType::kNumber},
                       {"bool", GroupType::kBool}})
              .about("What groups become, by name; strings otherwise. Text that is not of its "
                     "type rejects the record."),
          field("on_no_match", &O::on_no_match)
              .one_of({{"reject", RegexMiss::kReject},
                       {"pass", RegexMiss::kPass},
                       {"drop", RegexMiss::kDrop}})
              .about("What becomes of a record whose text does not match: `reject`, `pass` = it "
                     "passes as it is, `drop` = it ends here."),
          dialect_field(&O::dialect),
      },
      check_regex_parse);
  return schema;
}

/// The pattern and its members; shared by tasks.
struct RegexMembers {
  struct Member {
    size_t group;
    std::string name;
    GroupType type;
  };
  std::shared_ptr<const Regex> regex;
  std::vector<Member> members;
  std::shared_ptr<const Program> field;

  explicit RegexMembers(const RegexParseOptions& o) {
    auto compiled = Regex::compile(o.pattern.value);
    CHECK(compiled.has_value());
    regex = *compiled;
    const std::vector<std::string> names = group_names(*regex);
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) continue;
      const auto type = o.types.find(names[i]);
      members.push_back({i + 1, names[i],
                         type == o.types.end() ? GroupType::kString : type->second});
    }
    if (o.field.set) field = compiled_option(o.field, o.dialect, kTextType | kNullType);
  }
};

class RegexParse final : public Stage {
 public:
  RegexParse(std::shared_ptr<const RegexParseOptions> options,
             std::shared_ptr<const RegexMembers> members)
      : options_(std::move(options)), members_(std::move(members)),
        groups_(static_cast<size_t>(members_->regex->group_count()) + 1) {}

  Result<void> open(const TaskContext& context) override {
    rewriter_ = std::make_unique<Rewriter>(context);
    if (members_->field == nullptr) return {};
    evaluator_ = make_evaluator(context);
    program_ = evaluator_->add(members_->field, ResultUse::kEach);
    return {};
  }
  void process(Batch batch, Output& out) override {
    if (evaluator_ != nullptr) evaluator_->begin(batch);
    rewriter_->begin(batch);
    for (uint32_t i = 0; i < batch.size(); ++i) {
      const Record& record = batch[i];
      Result<bool> matched = match(record, batch.place(i));
      if (matched && *matched) {
        arena_.reset();
        text_.clear();
        const Result<void> made = write(record);
        if (made) rewriter_->add(record, text_, out);
        else out.reject(record, batch.epoch(), made.error());
      } else if (!matched) {
        out.reject(record, batch.epoch(), matched.error());
      } else if (options_->on_no_match == RegexMiss::kPass) {
        rewriter_->add_slice(record, record.payload_view(), out);
      } else if (options_->on_no_match == RegexMiss::kReject) {
        out.reject(record, batch.epoch(),
                   reject_error("no-match", "the text does not match the pattern"));
      }
    }
    rewriter_->end(out);
  }

 private:
  Result<bool> match(const Record& record, uint32_t row) {
    std::string_view text = record.payload_view();
    if (evaluator_ != nullptr) {
      const Result<Value> value = evaluator_->value(program_, row);
      if (!value) return unexpected(value.error());
      if (value->is_null()) return false;
      text = value->text();
    }
    return members_->regex->find(text, 0, groups_);
  }
  Result<Value> member(const RegexMembers::Member& member) {
    const std::string_view text = groups_[member.group];
    Value value = Value::string(text);
    bool fits = true;
    if (member.type == GroupType::kBool) {
      fits = text == "true" || text == "false";
      value = Value::boolean(text == "true");
    } else if (member.type != GroupType::kString) {
      // The group may end where the payload does: read a copy with an end.
      number_.assign(text);
      number_ += ' ';
      const char *begin = number_.data(), *limit = begin + text.size(), *end = nullptr;
      fits = parse_json_number(begin, limit, value, end) && end == limit &&
             (member.type == GroupType::kNumber || value.is_integer());
      if (value.is(ValueKind::kNumber)) value = Value::number(text);
    }
    if (fits) return value;
    return reject_error("cannot-decode", "group \"" + member.name + "\" is not of its type: \"" +
                                          std::string(text.substr(0, 40)) + "\"");
  }
  Result<void> write(const Record& record) {
    edits_.clear();
    if (options_->merge) return merge(record);
    text_ += '{';
    for (const RegexMembers::Member& m : members_->members) {
      if (groups_[m.group].data() == nullptr) continue;
      const Result<Value> value = member(m);
      if (!value) return unexpected(value.error());
      if (text_.size() > 1) text_ += ',';
      append_json_string(text_, m.name);
      text_ += ':';
      PENSTOCK_TRY(write_json(*value, text_));
    }
    text_ += '}';
    return {};
  }
  Result<void> merge(const Record& record) {
    for (const RegexMembers::Member& m : members_->members) {
      if (groups_[m.group].data() == nullptr) continue;
      const Result<Value> value = member(m);
      if (!value) return unexpected(value.error());
      const EditStep path[] = {{options_->into, -1}, {m.name, -1}};
      const EditPath whole(path);
      PENSTOCK_TRY(edits_.set(options_->into.empty() ? whole.subspan(1) : whole, *value, arena_));
    }
    return edits_.apply(record.payload_view(), arena_, text_);
  }

  std::shared_ptr<const RegexParseOptions> options_;
  std::shared_ptr<const RegexMembers> members_;
  std::vector<std::string_view> groups_;
  std::unique_ptr<Evaluator> evaluator_;
  size_t program_ = 0;
  std::unique_ptr<Rewriter> rewriter_;
  ValueArena arena_;
  Edits edits_;
  std::string text_, number_;
};

class RegexParseFactory final : public StageFactory {
 public:
  explicit RegexParseFactory(std::shared_ptr<const RegexParseOptions> options)
      : options_(std::move(options)), members_(std::make_shared<const RegexMembers>(*options_)) {}
  std::unique_ptr<Stage> create() const override {
    return std::make_unique<RegexParse>(options_, members_);
  }

 private:
  std::shared_ptr<const RegexParseOptions> options_;
  std::shared_ptr<const RegexMembers> members_;
};

}  // namespace

void register_regex_parse(Catalog& catalog) {
  catalog.add(component<RegexParseOptions>(
      ComponentKind::kStage, "regex_parse", "stages/regex_parse",
      "Makes JSON of the named groups of a regular expression.", {}, regex_parse_schema(),
      [](Bound& bound, std::shared_ptr<const RegexParseOptions> options) {
        bound.stage = std::make_unique<RegexParseFactory>(std::move(options));
      }));
}

}  // namespace penstock
