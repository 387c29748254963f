// SPDX-License-Identifier: Apache-2.0
#include "expr/json_plan.h"

#include <cmath>
#include <cstring>

#include "value/number_text.h"
#include "value/write_json.h"

namespace penstock {
namespace {

class Planner {
 public:
  JsonPlan run(const ExprNode& root) {
    add(root);
    if (!text_.empty()) plan_.push_back({std::move(text_), nullptr});
    return std::move(plan_);
  }

 private:
  static bool constant_keys(const ExprNode& map) {
    for (size_t i = 0; i < map.kids.size(); i += 2) {
      const ExprNode& key = *map.kids[i];
      if (key.kind != NodeKind::kConstant || !key.constant.is(ValueKind::kString)) return false;
    }
    return true;
  }
  void add(const ExprNode& node) {
    if (node.kind == NodeKind::kConstant) {
      std::string text;
      if (write_json(node.constant, text)) {
        text_ += text;
        return;
      }
    }
    if (node.kind == NodeKind::kArray) return array(node);
    if (node.kind == NodeKind::kMap && constant_keys(node)) return map(node);
    plan_.push_back({std::exchange(text_, {}), &node});
  }
  void array(const ExprNode& node) {
    text_ += '[';
    for (size_t i = 0; i < node.kids.size(); ++i) {
      if (i > 0) text_ += ',';
      add(*node.kids[i]);
    }
    text_ += ']';
  }
  void map(const ExprNode& node) {
    text_ += '{';
    for (size_t i = 0; i < node.kids.size(); i += 2) {
      if (i > 0) text_ += ',';
      append_json_string(text_, node.kids[i]->constant.text());
      text_ += ':';
      add(*node.kids[i + 1]);
    }
    text_ += '}';
  }

  JsonPlan plan_;
  std::string text_;
};

}  // namespace

JsonPlan plan_json(const ExprNode& root) { return Planner().run(root); }

void JsonAssembly::begin(size_t bytes) {
  if (capacity_ < bytes + 16) {
    capacity_ = bytes * 2 + 256;
    buffer_.reset(new char[capacity_]);
  }
  at_ = buffer_.get();
}

void JsonAssembly::add_padded(std::string_view text) {
  for (size_t i = 0; i < text.size(); i += 16) std::memcpy(at_ + i, text.data() + i, 16);
  at_ += text.size();
}

void JsonAssembly::add(std::string_view text) {
  std::memcpy(at_, text.data(), text.size());
  at_ += text.size();
}

void JsonAssembly::add_cell(const Column& column, uint32_t row) {
  if (column.cell(row) != Cell::kValue) return add("null");
  switch (column.type) {
    case ColumnType::kBool: return add(column.bools[row] ? "true" : "false");
    case ColumnType::kInt: at_ = write_int(at_, column.ints[row]); return;
    case ColumnType::kDouble: at_ = write_double(at_, column.doubles[row]); return;
    case ColumnType::kText: {  // with its quotes, which stand around it in the payload
      const RawText& text = column.texts[row];
      return add_padded({text.data - 1, size_t{text.size} + 2});
    }
    default: return add(column.values[row].text());  // kJson
  }
}

int64_t cell_bytes(const Column& column, uint32_t row) {
  if (column.cell(row) != Cell::kValue) return 4;
  switch (column.type) {
    case ColumnType::kBool: return 5;
    case ColumnType::kInt: return kNumberTextMax;
    case ColumnType::kDouble: return std::isfinite(column.doubles[row]) ? kNumberTextMax : -1;
    case ColumnType::kText: return int64_t{column.texts[row].size} + 2;
    case ColumnType::kValue: {
      const Value& value = column.values[row];
      return value.is(ValueKind::kJson) ? int64_t{value.size()} : -1;
    }
    default: return -1;
  }
}

Result<void> append_cell(const Column& column, uint32_t row, std::string& out) {
  if (column.cell(row) != Cell::kValue) {
    out.append("null", 4);
    return {};
  }
  switch (column.type) {
    case ColumnType::kBool: out.append(column.bools[row] ? "true" : "false"); return {};
    case ColumnType::kInt: {
      char text[kNumberTextMax];
      out.append(text, static_cast<size_t>(write_int(text, column.ints[row]) - text));
      return {};
    }
    case ColumnType::kDouble:
      if (!std::isfinite(column.doubles[row])) break;
      append_json_double(out, column.doubles[row]);
      return {};
    case ColumnType::kText: {
      const RawText& text = column.texts[row];
      out.push_back('"');
      out.append(text.data, text.size);
      out.push_back('"');
      return {};
    }
    case ColumnType::kValue: return write_json(column.values[row], out);
    default: break;
  }
  if (column.type == ColumnType::kDouble) return write_json(Value::real(column.doubles[row]), out);
  out.append("null", 4);
  return {};
}

}  // namespace penstock
