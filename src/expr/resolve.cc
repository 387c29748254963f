// SPDX-License-Identifier: Apache-2.0
// From a parsed tree to a program: what each name is, which types there are, what is constant.
#include <algorithm>

#include "config/suggest.h"
#include "expr/closure_plan.h"
#include "expr/interpreter.h"
#include "expr/operators.h"
#include "expr/parser.h"
#include "expr/program.h"

namespace penstock {
namespace {

using K = ValueKind;

struct RecordName {
  std::string_view name;
  RecordPart part;
  TypeSet type;
};
constexpr RecordName kPenstockNames[] = {
    {"payload", RecordPart::kPayload, kBytesType},
    {"key", RecordPart::kKey, kStringType | kNullType},
    {"headers", RecordPart::kHeaders, kMapType},
    {"event_time", RecordPart::kEventTime, kTimeType | kNullType},
    {"position", RecordPart::kPosition, kIntType},
    {"attempts", RecordPart::kAttempts, kIntType}};
constexpr RecordName kArgoNames[] = {{"msg", RecordPart::kPayload, kBytesType},
                                     {"ctx", RecordPart::kContext, kMapType}};

/// What a predicate gives, and what its closure must be.
TypeSet predicate_type(Predicate p) {
  switch (p) {
    case Predicate::kAll:
    case Predicate::kAny:
    case Predicate::kOne:
    case Predicate::kNoneOf: return kBoolType;
    case Predicate::kCount: return kIntType;
    case Predicate::kFindIndex:
    case Predicate::kFindLastIndex: return kIntType | kNullType;
    case Predicate::kFilter:
    case Predicate::kMap:
    case Predicate::kSortBy: return kArrayType;
    case Predicate::kGroupBy:
    case Predicate::kMapValues:
    case Predicate::kFilterEntries: return kMapType;
    default: return kAnyType;
  }
}
bool wants_bool(Predicate p) {
  switch (p) {
    case Predicate::kMap:
    case Predicate::kSum:
    case Predicate::kGroupBy:
    case Predicate::kSortBy:
    case Predicate::kReduce:
    case Predicate::kMapValues: return false;
    default: return true;
  }
}

/// A range too long to be a constant.
bool large_range(const ExprNode& node) {
  const auto from = exact_int(node.kids[0]->constant), to = exact_int(node.kids[1]->constant);
  return from && to && static_cast<__int128>(*to) - *from > 1000;
}

class Resolver {
 public:
  Resolver(Program& program, const ExprEnvironment& environment, Problems& problems)
      : program_(program), environment_(environment), problems_(problems),
        folding_(program.store.arena(), nullptr, 0, fold_limits(), nullptr, program.dialect),
        interpreter_(folding_) {
    interpreter_.use_program(program);
  }

  void run() {
    visit(*program_.root);
    if (!problems_.empty()) return;
    register_paths(*program_.root);
    plan_closures(program_);
  }

 private:
  static EvalLimits fold_limits() {
    EvalLimits limits;
    limits.steps_max = 1'000'000;
    limits.range_max = 10'000;
    return limits;
  }
  bool argo() const { return program_.dialect == ExprDialect::kArgo; }
  void problem(const ExprNode& node, const char* code, std::string what, std::string hint = {}) {
    if (problems_.size() >= kExprProblemsMax) return;
    problems_.push_back({code, node.offset, node.length, std::move(what), std::move(hint)});
  }
  void wrong_type(const ExprNode& node, std::string what, std::string hint = {}) {
    node_failed_ = true;
    if (argo()) return;  // found at run time, as Argo does: the record is rejected
    problem(node, "type-mismatch", std::move(what), std::move(hint));
  }

  void visit(ExprNode& node);
  void visit_kids(ExprNode& node);
  void name(ExprNode& node);
  void unknown_name(ExprNode& node);
  bool local(ExprNode& node);
  void member(ExprNode& node);
  void index(ExprNode& node);
  void extend_path(ExprNode& node, PathStep step);
  void check_schema(ExprNode& node);
  void slice(ExprNode& node);
  void unary(ExprNode& node);
  void binary(ExprNode& node);
  void logic(ExprNode& node);
  void pattern(ExprNode& node);
  void conditional(ExprNode& node);
  void map(ExprNode& node);
  void call(ExprNode& node);
  void check_outside(ExprNode& node);
  void unknown_function(ExprNode& node);
  bool takes(const FunctionEntry& function, const ExprNode& node, TypeSet& result);
  void predicate(ExprNode& node);
  void let(ExprNode& node);
  void fold(ExprNode& node);
  void register_paths(ExprNode& node);

  Program& program_;
  const ExprEnvironment& environment_;
  Problems& problems_;
  EvalContext folding_;
  Interpreter interpreter_;
  struct Local {
    std::string name;
    int32_t slot = -1;
    TypeSet type = kAnyType;
    const ExprNode* same_as = nullptr;  // a field or a constant: the name is another one for it
  };
  std::vector<Local> locals_;
  int slots_in_use_ = 0;
  int closures_ = 0;
  bool node_failed_ = false;
};

void Resolver::visit_kids(ExprNode& node) {
  for (ExprNode* kid : node.kids) visit(*kid);
}

void Resolver::visit(ExprNode& node) {
  node_failed_ = false;
  node.in_closure = closures_ > 0 || slots_in_use_ > 0;
  switch (node.kind) {
    case NodeKind::kConstant: node.type = type_of(node.constant.kind()); return;
    case NodeKind::kName: return name(node);
    case NodeKind::kItem:
    case NodeKind::kTotal: return;
    case NodeKind::kItemIndex: node.type = kIntType; return;
    case NodeKind::kPredicate: return predicate(node);
    case NodeKind::kLet: return let(node);
    default: break;
  }
  visit_kids(node);
  node_failed_ = false;
  switch (node.kind) {
    case NodeKind::kMember: member(node); break;
    case NodeKind::kIndex: index(node); break;
    case NodeKind::kSlice: slice(node); break;
    case NodeKind::kUnary: unary(node); break;
    case NodeKind::kBinary: binary(node); break;
    case NodeKind::kConditional: conditional(node); break;
    case NodeKind::kArray: node.type = kArrayType; break;
    case NodeKind::kMap: map(node); break;
    case NodeKind::kCall: call(node); break;
    default: break;
  }
  fold(node);
}

bool Resolver::local(ExprNode& node) {
  for (size_t i = locals_.size(); i-- > 0;) {
    if (locals_[i].name != node.name) continue;
    if (const ExprNode* same = locals_[i].same_as) {
      node.kind = same->kind;
      node.part = same->part;
      node.path = same->path;
      node.constant = same->constant;
      node.type = same->type;
      return true;
    }
    node.kind = NodeKind::kLocal;
    node.slot = locals_[i].slot;
    node.type = locals_[i].type;
    return true;
  }
  return false;
}

void Resolver::name(ExprNode& node) {
  if (local(node)) return;
  for (size_t i = 0; i < program_.variables.size(); ++i) {
    if (program_.variables[i].name != node.name) continue;
    node.kind = NodeKind::kVariable;
    node.slot = static_cast<int32_t>(i);
    node.type = program_.variables[i].type;
    return;
  }
  if (!environment_.has_record) return unknown_name(node);
  const auto names = argo() ? std::span<const RecordName>(kArgoNames)
                            : std::span<const RecordName>(kPenstockNames);
  for (const RecordName& known : names) {
    if (known.name != node.name) continue;
    node.kind = NodeKind::kRecord;
    node.part = known.part;
    node.type = known.type;
    ProgramFacts& facts = program_.facts;
    facts.reads_payload = facts.reads_payload || known.part == RecordPart::kPayload;
    facts.reads_key = facts.reads_key || known.part == RecordPart::kKey;
    facts.reads_headers = facts.reads_headers || known.part == RecordPart::kHeaders ||
                          known.part == RecordPart::kContext;
    facts.reads_time = facts.reads_time || known.part == RecordPart::kEventTime ||
                       known.part == RecordPart::kContext;
    return;
  }
  if (argo()) {  // the environment is a map there: an unknown name is nil
    node.kind = NodeKind::kConstant;
    node.type = kNullType;
    return;
  }
  node.type = kJsonTypes;
  if (node.name == "this") {
    node.kind = NodeKind::kDocument;
    return;
  }
  node.kind = NodeKind::kPath;
  node.path = {PathStep{node.name}};
  check_schema(node);
}

void Resolver::unknown_name(ExprNode& node) {
  std::vector<std::string> known;
  for (const Local& l : locals_) known.push_back(l.name);
  for (const ExprVariable& v : program_.variables) known.push_back(v.name);
  problem(node, "unknown-name", "\"" + node.name + "\" is not known here",
          suggestion(node.name, known));
}

void Resolver::check_schema(ExprNode& node) {
  const ExprSchema* schema = environment_.schema;
  for (size_t i = 0; i < node.path.size() && schema != nullptr; ++i) {
    const PathStep& step = node.path[i];
    if (step.index >= 0) return;
    const ExprSchema::Field* found = nullptr;
    std::vector<std::string> names;
    for (const auto& field : schema->fields) {
      names.push_back(field.name);
      if (field.name == step.key) found = &field;
    }
    if (found == nullptr) {
      if (i + 1 == node.path.size()) {
        problem(node, "unknown-member", "the schema has no field \"" + to_string(node.path) + "\"",
                suggestion(step.key, names));
      }
      return;
    }
    schema = found->fields.get();
    node.type = i + 1 == node.path.size() ? (found->type | kNullType) & kJsonTypes : kJsonTypes;
  }
}

/// A step from the document or a path of it: still one column.
void Resolver::extend_path(ExprNode& node, PathStep step) {
  DocumentPath path = node.kids[0]->path;
  path.push_back(std::move(step));
  node.kind = NodeKind::kPath;
  node.path = std::move(path);
  node.kids.clear();
  node.type = kJsonTypes;
  check_schema(node);
}

void Resolver::member(ExprNode& node) {
  ExprNode& of = *node.kids[0];
  if (of.kind == NodeKind::kPath || of.kind == NodeKind::kDocument) {
    return extend_path(node, PathStep{node.name});
  }
  if ((of.type & (kMapType | kNullType)) == 0) {
    wrong_type(node, describe(of.type) + " has no members");
  }
}

void Resolver::index(ExprNode& node) {
  ExprNode& of = *node.kids[0];
  const ExprNode& by = *node.kids[1];
  const bool path = of.kind == NodeKind::kPath || of.kind == NodeKind::kDocument;
  if (path && by.kind == NodeKind::kConstant) {
    if (by.constant.is(K::kString)) return extend_path(node, {std::string(by.constant.text())});
    if (by.constant.is(K::kInt) && by.constant.as_int() >= 0) {
      return extend_path(node, {"", by.constant.as_int()});
    }
  }
  if ((of.type & (kArrayType | kMapType | kNullType)) == 0) {
    wrong_type(node, describe(of.type) + " has no items",
               (of.type & kTextType) != 0 ? "take a part of a string by text[0:1]" : "");
  } else if ((by.type & (kNumberType | kStringType)) == 0) {
    wrong_type(by, "an index must be an integer or a string, not " + describe(by.type));
  }
}

void Resolver::slice(ExprNode& node) {
  constexpr TypeSet kSliced = kArrayType | kTextType;
  node.type = node.kids[0]->type & (kSliced | (argo() ? 0 : kNullType));
  if ((node.kids[0]->type & (kSliced | kNullType)) == 0) {
    wrong_type(node, "cannot take a slice of " + describe(node.kids[0]->type));
  }
  for (size_t i = 1; i < 3; ++i) {
    if ((node.kids[i]->type & (kNumberType | kNullType)) == 0) {
      wrong_type(*node.kids[i], "the bounds of a slice must be integers");
    }
  }
}

void Resolver::unary(ExprNode& node) {
  const TypeSet of = node.kids[0]->type;
  node.type = unary_type(node.op, of, program_.dialect);
  if (node.type != 0) return;
  const char* hint = node.op == Op::kNot && (of & kNumberType) != 0 ? "compare it: x == 0" : "";
  wrong_type(node, "cannot apply " + std::string(symbol(node.op)) + " to " + describe(of), hint);
  node.type = kAnyType;
}

void Resolver::logic(ExprNode& node) {
  if (node.op == Op::kCoalesce) {
    const TypeSet left = node.kids[0]->type;
    node.type = (left & ~kNullType) | node.kids[1]->type;
    return;
  }
  node.type = kBoolType;
  for (const ExprNode* kid : node.kids) {
    if ((kid->type & kBoolType) == 0) {
      wrong_type(*kid, std::string(symbol(node.op)) + " needs a bool, not " +
                           describe(kid->type));
    }
  }
}

void Resolver::pattern(ExprNode& node) {
  const ExprNode& by = *node.kids[1];
  if (by.kind != NodeKind::kConstant || !by.constant.is(K::kString)) return;
  auto regex = Regex::compile(by.constant.text());
  if (regex) node.regex = *regex;
  else problem(by, "bad-pattern", regex.error().message);
}

void Resolver::binary(ExprNode& node) {
  if (node.op == Op::kAnd || node.op == Op::kOr || node.op == Op::kCoalesce) return logic(node);
  const ExprNode &a = *node.kids[0], &b = *node.kids[1];
  node.type = binary_type(node.op, a.type, b.type, program_.dialect);
  if (node.op == Op::kMatches) pattern(node);
  if (node.type == 0) {
    std::string hint;
    if (node.op == Op::kPlus && ((a.type | b.type) & kStringType) != 0) {
      hint = "make both sides strings: string(x)";
    } else if (node.op == Op::kIn && (b.type & kStringType) != 0) {
      hint = "write `text contains part`";
    } else if (a.kind == NodeKind::kConstant && a.constant.is_null()) {
      hint = "nil has no order and no arithmetic";
    }
    wrong_type(node, "cannot apply " + std::string(symbol(node.op)) + " to " + describe(a.type) +
                         " and " + describe(b.type), hint);
    node.type = kAnyType;
    return;
  }
  const bool equality = node.op == Op::kEqual || node.op == Op::kNotEqual;
  const auto classes = [](TypeSet t) { return (t & kNumberType) != 0 ? t | kNumberType : t; };
  if (equality && (classes(a.type) & classes(b.type)) == 0) {
    wrong_type(node, describe(a.type) + " and " + describe(b.type) + " are never equal");
  }
}

void Resolver::conditional(ExprNode& node) {
  if ((node.kids[0]->type & kBoolType) == 0) {
    wrong_type(*node.kids[0], "? needs a bool, not " + describe(node.kids[0]->type));
  }
  node.type = node.kids[1]->type | node.kids[2]->type;
}

void Resolver::map(ExprNode& node) {
  node.type = kMapType;
  for (size_t i = 0; i < node.kids.size(); i += 2) {
    const ExprNode& key = *node.kids[i];
    if ((key.type & kStringType) == 0) {
      wrong_type(key, "a map's key must be a string, not " + describe(key.type));
    }
    if (key.kind != NodeKind::kConstant || !key.constant.is(K::kString)) continue;
    for (size_t j = 0; j < i; j += 2) {
      const ExprNode& other = *node.kids[j];
      if (other.kind == NodeKind::kConstant && equal(other.constant, key.constant)) {
        problem(key, "bad-expression", "the key " + std::string(key.constant.text()) +
                                           " occurs twice");
      }
    }
  }
}

void Resolver::unknown_function(ExprNode& node) {
  std::vector<std::string> names = predicate_names();
  if (environment_.functions != nullptr) {
    for (std::string& n : environment_.functions->names(program_.dialect)) {
      names.push_back(std::move(n));
    }
  }
  std::string near = closest(node.name, names);
  if (node.name.starts_with('.')) {
    const std::string name = node.name.substr(1);
    problem(node, "unknown-function", "values have no method " + name + "()",
            near.starts_with('.') ? "did you mean \"" + near.substr(1) + "\"?"
                                  : "pipe into a function: value | " + name + "()");
    return;
  }
  problem(node, "unknown-function", "there is no function " + node.name + "()",
          near.empty() ? "" : "did you mean \"" + near + "\"?");
}

bool Resolver::takes(const FunctionEntry& function, const ExprNode& node, TypeSet& result) {
  result = 0;
  for (const Signature& signature : function.signatures) {
    const auto& parameters = signature.parameters;
    size_t needed = 0;
    bool open = false;
    for (const Parameter& p : parameters) {
      needed += !p.optional && !p.variadic;
      open = open || p.variadic;
    }
    if (node.kids.size() < needed || (node.kids.size() > parameters.size() && !open)) continue;
    bool fits = true;
    for (size_t i = 0; i < node.kids.size() && fits; ++i) {
      TypeSet type = parameters[std::min(i, parameters.size() - 1)].type;
      if ((type & kIntType) != 0) type |= kDoubleType | type_of(K::kNumber);
      fits = (type & node.kids[i]->type) != 0;
    }
    if (fits) result |= signature.result;
  }
  return result != 0;
}

/// What is read of the machine is said in the expression, where that is asked for.
void Resolver::check_outside(ExprNode& node) {
  const Outside outside = node.function->function.outside;
  if (outside == Outside::kNothing || !environment_.outside_by_constants) return;
  if (node.kids[0]->kind == NodeKind::kConstant) return;
  problem(*node.kids[0], "bad-expression",
          node.name + "() reads only " + (outside == Outside::kFiles ? "files" : "variables") +
              " that the expression names",
          "write it as constant text: a record may not choose what is read");
}

void Resolver::call(ExprNode& node) {
  node.function = environment_.functions == nullptr
                      ? nullptr
                      : environment_.functions->find(node.name, program_.dialect);
  if (node.function == nullptr) return unknown_function(node);
  if (takes(*node.function, node, node.type)) return check_outside(node);
  node.type = kAnyType;
  std::string kinds, takes;
  for (const ExprNode* kid : node.kids) {
    kinds += (kinds.empty() ? "" : ", ") + describe(kid->type);
  }
  for (const Signature& signature : node.function->signatures) {
    takes += (takes.empty() ? "" : " or ") + signature.text;
  }
  wrong_type(node, node.name + "() does not take (" + kinds + ")", "it takes " + takes);
}

void Resolver::predicate(ExprNode& node) {
  visit(*node.kids[0]);
  const bool of_map = node.predicate == Predicate::kMapValues ||
                      node.predicate == Predicate::kFilterEntries;
  const TypeSet needed = of_map ? kMapType : kArrayType;
  if ((node.kids[0]->type & needed) == 0) {
    wrong_type(*node.kids[0], node.name + "() needs " + (of_map ? "a map" : "an array") +
                                  ", not " + describe(node.kids[0]->type));
  }
  program_.closures = std::max(program_.closures, ++closures_);
  for (size_t i = 1; i < node.kids.size(); ++i) {
    if (i == 2) --closures_;
    visit(*node.kids[i]);
  }
  if (node.kids.size() < 3) --closures_;
  if (node.kids.size() > 1 && wants_bool(node.predicate) &&
      (node.kids[1]->type & kBoolType) == 0) {
    wrong_type(*node.kids[1], "this must be a bool, not " + describe(node.kids[1]->type));
  }
  node.type = predicate_type(node.predicate);
}

void Resolver::let(ExprNode& node) {
  visit(*node.kids[0]);
  const bool shadows = std::any_of(locals_.begin(), locals_.end(),
                                   [&](const Local& l) { return l.name == node.name; });
  if (shadows) problem(node, "bad-expression", "there is already a `let " + node.name + "`");
  const ExprNode& value = *node.kids[0];
  const bool alias = value.kind == NodeKind::kPath || value.kind == NodeKind::kDocument ||
                     value.kind == NodeKind::kConstant || value.kind == NodeKind::kRecord;
  if (!alias) {
    node.slot = program_.locals++;
    ++slots_in_use_;
  }
  locals_.push_back({node.name, node.slot, value.type, alias ? &value : nullptr});
  visit(*node.kids[1]);
  locals_.pop_back();
  if (alias) {
    node = ExprNode(*node.kids[1]);
  } else {
    --slots_in_use_;
    node.type = node.kids[1]->type;
  }
}

/// A node whose kids are all constant becomes one.
void Resolver::fold(ExprNode& node) {
  if (node_failed_ || !problems_.empty() || node.kind == NodeKind::kConstant) return;
  const bool folds = node.kind == NodeKind::kUnary || node.kind == NodeKind::kBinary ||
                     node.kind == NodeKind::kArray || node.kind == NodeKind::kMap ||
                     node.kind == NodeKind::kMember || node.kind == NodeKind::kIndex ||
                     node.kind == NodeKind::kSlice || node.kind == NodeKind::kConditional ||
                     (node.kind == NodeKind::kCall && node.function != nullptr &&
                      node.function->function.purity == Purity::kPure);
  if (!folds) return;
  for (const ExprNode* kid : node.kids) {
    if (kid->kind != NodeKind::kConstant) return;
  }
  if (node.op == Op::kRange && large_range(node)) return;  // 1..1000000 stays a range
  folding_.begin_record();
  Value value;
  if (!interpreter_.eval(node, value)) {
    const Error& error = interpreter_.error();
    if (!argo() && error.code == "expression-failed") {
      problem(node, "bad-constant", error.message, error.hint);
    }
    return;  // too much work to do now: at run time
  }
  node.kind = NodeKind::kConstant;
  node.constant = value;
  node.type = type_of(value.kind());
  node.kids.clear();
}

void Resolver::register_paths(ExprNode& node) {
  const bool impure = node.kind == NodeKind::kCall && node.function != nullptr &&
                      node.function->function.purity != Purity::kPure;
  const bool counts = node.kind == NodeKind::kRecord && node.part == RecordPart::kAttempts;
  if (impure || counts) program_.facts.repeatable = false;
  if (node.kind == NodeKind::kDocument) program_.facts.whole_document = true;
  if (node.kind == NodeKind::kPath) {
    auto& paths = program_.facts.paths;
    const auto found = std::find(paths.begin(), paths.end(), node.path);
    node.slot = static_cast<int32_t>(found - paths.begin());
    if (found == paths.end()) paths.push_back(node.path);
  }
  for (ExprNode* kid : node.kids) register_paths(*kid);
}

}  // namespace

void resolve(Program& program, const ExprEnvironment& environment, Problems& problems) {
  Resolver(program, environment, problems).run();
  ExprNode& root = *program.root;
  program.facts.result = root.type;
  program.facts.constant = root.kind == NodeKind::kConstant;
  if (problems.empty() && (root.type & program.wanted) == 0) {
    problems.push_back({"type-mismatch", root.offset, root.length,
                        "the result must be " + describe(program.wanted) + ", not " +
                            describe(root.type), ""});
  }
}

}  // namespace penstock
