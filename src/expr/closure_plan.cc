// SPDX-License-Identifier: Apache-2.0
#include "expr/closure_plan.h"

#include <algorithm>

namespace penstock {
namespace {

using K = ValueKind;

/// Whether a node is the item or something in it that a column can hold; `path` leads there.
bool leads_from_item(const ExprNode& node, DocumentPath& path) {
  if (node.kind == NodeKind::kItem) return true;
  if (node.kind != NodeKind::kMember && node.kind != NodeKind::kIndex) return false;
  if (!leads_from_item(*node.kids[0], path)) return false;
  if (node.kind == NodeKind::kMember) return path.push_back({node.name}), true;
  const ExprNode& by = *node.kids[1];
  if (by.kind != NodeKind::kConstant) return false;
  if (by.constant.is(K::kString)) return path.push_back({std::string(by.constant.text())}), true;
  if (!by.constant.is(K::kInt) || by.constant.as_int() < 0) return false;
  return path.push_back({"", by.constant.as_int()}), true;
}

/// Whether a body can run over columns of items.
bool runs_by_columns(const ExprNode& node) {
  DocumentPath path;
  switch (node.kind) {
    case NodeKind::kConstant:
    case NodeKind::kVariable:
    case NodeKind::kItem: return true;
    case NodeKind::kMember:
    case NodeKind::kIndex:
    case NodeKind::kUnary:
    case NodeKind::kConditional: break;
    case NodeKind::kBinary:
      if (node.op == Op::kRange) return false;
      break;
    case NodeKind::kCall:
      if (node.function->function.purity != Purity::kPure) return false;
      break;
    default: return false;
  }
  return leads_from_item(node, path) ||
         std::all_of(node.kids.begin(), node.kids.end(),
                     [](const ExprNode* kid) { return runs_by_columns(*kid); });
}

/// Predicates that are made of what the closure gives for each item.
bool is_reduced(const ExprNode& node) {
  if (node.kids.size() != 2) return false;
  DocumentPath path;
  switch (node.predicate) {
    case Predicate::kAny:
    case Predicate::kAll:
    case Predicate::kNoneOf:
    case Predicate::kOne:
    case Predicate::kCount:
    case Predicate::kSum:
    case Predicate::kFindIndex:
    case Predicate::kFindLastIndex:
    case Predicate::kFind:
    case Predicate::kFindLast:
    case Predicate::kFilter: return runs_by_columns(*node.kids[1]);
    case Predicate::kMap: return leads_from_item(*node.kids[1], path);
    default: return false;
  }
}

bool gives_items(Predicate p) {
  return p == Predicate::kFind || p == Predicate::kFindLast || p == Predicate::kFilter;
}

int32_t place_of(std::vector<DocumentPath>& paths, const DocumentPath& path) {
  const auto found = std::find(paths.begin(), paths.end(), path);
  const auto place = static_cast<int32_t>(found - paths.begin());
  if (found == paths.end()) paths.push_back(path);
  return place;
}

void give_columns(ExprNode& node, std::vector<DocumentPath>& paths) {
  node.in_closure = false;
  DocumentPath path;
  if (leads_from_item(node, path)) {
    node.item_path = place_of(paths, path);
    node.path = std::move(path);
    return;
  }
  for (ExprNode* kid : node.kids) give_columns(*kid, paths);
}

void plan(ExprNode& node, Program& program) {
  const bool found = node.kind == NodeKind::kPredicate && !node.in_closure && is_reduced(node) &&
                     array_of(node).kind == NodeKind::kPath;
  if (!found) {
    for (ExprNode* kid : node.kids) plan(*kid, program);
    return;
  }
  const int32_t array = array_of(node).slot;
  const auto known = std::find_if(program.items.begin(), program.items.end(),
                                  [&](const ItemPaths& of) { return of.array == array; });
  node.items = static_cast<int32_t>(known - program.items.begin());
  if (known == program.items.end()) program.items.push_back({array, {}});
  std::vector<DocumentPath>& paths = program.items[static_cast<size_t>(node.items)].paths;
  give_columns(*node.kids[1], paths);
  if (gives_items(node.predicate)) node.item_path = place_of(paths, {});
  for (ExprNode* kid : node.kids[0]->kids) plan(*kid, program);
}

}  // namespace

const ExprNode& array_of(const ExprNode& predicate) {
  const ExprNode& from = *predicate.kids[0];
  const bool otherwise = from.kind == NodeKind::kBinary && from.op == Op::kCoalesce;
  return otherwise ? *from.kids[0] : from;
}

void plan_closures(Program& program) {
  if (program.dialect == ExprDialect::kPenstock) plan(*program.root, program);
}

}  // namespace penstock
