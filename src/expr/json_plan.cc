// SPDX-License-Identifier: Apache-2.0
#include "expr/json_plan.h"

#include <charconv>
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
    if (!text_.empty()) plan_.emplace_back(text_, nullptr);
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
    plan_.emplace_back(std::exchange(text_, {}), &node);
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

namespace {

/// How a value stands in its document, if that is known.
std::string_view source_of(const Column& column, uint32_t row) {
  return column.sources == nullptr ? std::string_view() : column.sources[row].view();
}

/// Text that needs no escapes, and is UTF-8 for that.
bool is_plain(std::string_view text) {
  bool plain = true;
  for (const char c : text) {
    plain = plain & (c >= 0x20) & (c != '"') & (c != '\\');  // bytes from 0x80 on are negative
  }
  return plain;
}

char* put_text(char* to, std::string_view text) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

}  // namespace

int64_t more_cell_bytes(const Column& column, uint32_t row) {
  if (column.cell(row) != Cell::kValue) return 0;
  if (const std::string_view source = source_of(column, row); source.data() != nullptr) {
    return static_cast<int64_t>(source.size());
  }
  switch (column.type) {
    case ColumnType::kBool:
    case ColumnType::kInt:
    case ColumnType::kUint: return 0;
    case ColumnType::kDouble: return std::isfinite(column.doubles[row]) ? 0 : -1;
    case ColumnType::kText: return column.texts[row].size;
    case ColumnType::kString: {
      const std::string_view text = column.texts[row].view();
      return is_plain(text) ? static_cast<int64_t>(text.size()) : -1;
    }
    case ColumnType::kValue: {
      const Value& value = column.values[row];
      return value.is(ValueKind::kJson) ? int64_t{value.size()} : -1;
    }
    case ColumnType::kNone: break;
  }
  return -1;
}

char* put_other_cell(char* to, const Column& column, uint32_t row) {
  if (column.cell(row) != Cell::kValue) return put_text(to, "null");
  switch (column.type) {
    case ColumnType::kBool: return put_text(to, column.bools[row] ? "true" : "false");
    case ColumnType::kInt: return write_int(to, column.ints[row]);
    case ColumnType::kUint: return std::to_chars(to, to + kNumberTextMax, column.uints[row]).ptr;
    case ColumnType::kDouble: return write_double(to, column.doubles[row]);
    case ColumnType::kText: {  // with its quotes, which stand around it in the payload
      const RawText& text = column.texts[row];
      return put_padded(to, {text.data - 1, size_t{text.size} + 2});
    }
    case ColumnType::kString: {
      *to = '"';
      to = put_text(to + 1, column.texts[row].view());
      *to = '"';
      return to + 1;
    }
    default: return put_text(to, column.values[row].text());  // kJson
  }
}

Result<void> append_cell(const Column& column, uint32_t row, std::string& out) {
  if (column.cell(row) != Cell::kValue) {
    out.append("null", 4);
    return {};
  }
  if (const std::string_view source = source_of(column, row); source.data() != nullptr) {
    out.append(source);
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
    case ColumnType::kString: append_json_string(out, column.texts[row].view()); return {};
    case ColumnType::kUint: return write_json(Value::unsigned_integer(column.uints[row]), out);
    case ColumnType::kValue: return write_json(column.values[row], out);
    default: break;
  }
  if (column.type == ColumnType::kDouble) return write_json(Value::real(column.doubles[row]), out);
  out.append("null", 4);
  return {};
}

}  // namespace penstock
