// SPDX-License-Identifier: Apache-2.0
#include "expr/explain.h"

#include "expr/closure_plan.h"
#include "value/write_json.h"

namespace penstock {
namespace {

std::string title(const ExprNode& node) {
  switch (node.kind) {
    case NodeKind::kConstant: {
      const std::string text = node.constant.is(ValueKind::kString)
                                   ? "\"" + display(node.constant) + "\"" : display(node.constant);
      return "constant " + (node.constant.is_null() ? "nil" : text.substr(0, 40));
    }
    case NodeKind::kPath: return "field " + to_string(node.path);
    case NodeKind::kDocument: return "this";
    case NodeKind::kRecord: return "record " + node.name;
    case NodeKind::kName:
    case NodeKind::kVariable:
    case NodeKind::kLocal: return "name " + node.name;
    case NodeKind::kItem: return "#";
    case NodeKind::kItemIndex: return "#index";
    case NodeKind::kTotal: return "#acc";
    case NodeKind::kMember: return "." + node.name;
    case NodeKind::kIndex: return "[]";
    case NodeKind::kSlice: return "[:]";
    case NodeKind::kUnary:
    case NodeKind::kBinary: return std::string(symbol(node.op));
    case NodeKind::kConditional: return "?:";
    case NodeKind::kArray: return "array";
    case NodeKind::kMap: return "map";
    case NodeKind::kCall:
    case NodeKind::kPredicate: return node.name + "()";
    case NodeKind::kLet: return "let " + node.name;
  }
  return "";
}

/// `array`: the field whose items a closure around the node sees, where they have columns.
std::string title_in(const ExprNode& node, const ExprNode* array) {
  if (array == nullptr || node.item_path < 0 || node.kind == NodeKind::kPredicate) {
    return title(node);
  }
  const std::string rest = node.path.empty() ? "" : to_string(node.path);
  return "field " + to_string(array->path) + "[*]" +
         (rest.empty() || rest.starts_with('[') ? "" : ".") + rest;
}

void line(const ExprNode& node, int depth, bool in_rows, const ExprNode* array,
          std::string& out) {
  static constexpr const char* kNames[] = {"constant", "column", "vector", "rows"};
  const Kernel kernel = kernel_of(node);
  out.append(static_cast<size_t>(depth) * 2, ' ');
  out += title_in(node, array) + ": " + describe(node.type);
  const bool rows = in_rows || kernel == Kernel::kRows;
  if (kernel != Kernel::kConstant) {
    out += " (" + std::string(rows ? "rows" : kNames[static_cast<size_t>(kernel)]) + ")";
  }
  out += "\n";
  const bool map_of_columns = depth == 0 && (node.kind == NodeKind::kMap ||
                                             node.kind == NodeKind::kArray);
  if (kernel == Kernel::kColumn) return;
  if (node.items >= 0) array = &array_of(node);
  for (const ExprNode* kid : node.kids) {
    line(*kid, depth + 1, rows && !map_of_columns, array, out);
  }
}

}  // namespace

Kernel kernel_of(const ExprNode& node) {
  if (node.kind == NodeKind::kConstant) return Kernel::kConstant;
  if (node.kind == NodeKind::kPredicate) {
    return node.items >= 0 ? Kernel::kVector : Kernel::kRows;
  }
  if (node.kind == NodeKind::kPath || node.item_path >= 0) return Kernel::kColumn;
  if (node.in_closure) return Kernel::kRows;
  if (node.kind == NodeKind::kUnary || node.kind == NodeKind::kConditional ||
      node.kind == NodeKind::kVariable || node.kind == NodeKind::kMember ||
      node.kind == NodeKind::kIndex) {
    return Kernel::kVector;
  }
  // Clock and chance are the same for all of an expression's reading of one record.
  if (node.kind == NodeKind::kCall && node.function->function.purity == Purity::kPure) {
    return Kernel::kVector;
  }
  if (node.kind == NodeKind::kBinary && node.op != Op::kRange) return Kernel::kVector;
  return Kernel::kRows;
}

std::string explain_tree(const Program& program) {
  std::string out;
  line(*program.root, 0, false, nullptr, out);
  return out;
}

}  // namespace penstock
