// SPDX-License-Identifier: Apache-2.0
// Any bytes may be parsed and projected. What parses is written and parsed again to an equal value;
// what the projection finds is what the parser finds; what the parser takes the projection takes;
// items of an array have rows if, and only if, the parser takes the array.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "json/parse.h"
#include "json/projector.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace {

using namespace penstock;

const Value* walk(const Value& from, const DocumentPath& path) {
  const Value* at = &from;
  for (const PathStep& step : path) {
    if (step.index >= 0) {
      if (!at->is(ValueKind::kArray) || at->size() <= static_cast<uint64_t>(step.index)) {
        return nullptr;
      }
      at = &at->items()[static_cast<size_t>(step.index)];
    } else {
      at = at->is(ValueKind::kMap) ? at->find(step.key) : nullptr;
      if (at == nullptr) return nullptr;
    }
  }
  return at;
}

void check_cell(const Column& column, uint32_t row, const Value* expected, ValueArena& arena) {
  CHECK(column.cell(row) != Cell::kError);
  auto value = cell_value(column, row, arena);
  CHECK(value.has_value());
  if (value->is(ValueKind::kJson)) {
    JsonParser parser;
    value = parser.parse(value->text(), arena);
    CHECK(value.has_value());
  }
  if (expected == nullptr || expected->is_null()) CHECK(value->is_null());
  else CHECK(equal(*value, *expected));
}

/// Items of the array in a row of a column.
void check_items(const Column& arrays, uint32_t row, const ItemColumns& items,
                 const std::vector<DocumentPath>& paths, ValueArena& arena) {
  if (arrays.cell(row) != Cell::kValue) return;
  const auto text = cell_value(arrays, row, arena);
  CHECK(text.has_value());
  const ItemColumns::Span& span = items.span(row);
  const bool is_array = text->is(ValueKind::kJson) && text->text()[0] == '[';
  CHECK(is_array || !span.known());
  if (!is_array) return;
  JsonParser parser;
  const auto array = parser.parse(text->text(), arena);
  CHECK_EQ(array.has_value(), span.known());
  if (!array) return;
  CHECK_EQ(span.count, array->size());
  for (uint32_t i = 0; i < span.count; ++i) {
    for (size_t n = 0; n < paths.size(); ++n) {
      check_cell(items.column(n), span.first + i, walk(array->items()[i], paths[n]), arena);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  ValueArena arena;
  JsonParser parser;
  const auto value = parser.parse(text, arena);
  if (value) {
    std::string out;
    CHECK(write_json(*value, out).has_value());
    const auto again = parser.parse(out, arena);
    CHECK(again.has_value() && equal(*again, *value));
  }
  BatchPool pool;
  BatchBuilder builder(pool);
  const std::string good = R"({"a":7,"b":{"c":"x"}})";
  for (const std::string_view document : {text, std::string_view(good), text}) {
    // one behind the other, as a file has them
    char* to = builder.reserve(document.size() + 1);
    std::memcpy(to, document.data(), document.size());
    to[document.size()] = '\n';
    builder.use(document.size() + 1);
    builder.append_slice({to, document.size()});
  }
  const Batch batch = builder.take();
  Projector projector;
  const size_t reader = projector.add_reader();
  const DocumentPath paths[] = {{{"a"}}, {{"b"}, {"c"}}, {{"a"}, {"", 1}}, {{"b"}}, {{"", 0}}};
  for (const DocumentPath& path : paths) projector.add(reader, path);
  const std::vector<DocumentPath> of_items = {{}, {{"a"}}, {{"b"}, {"c"}}};
  ItemColumns& items = projector.items(reader, 0);
  for (const DocumentPath& path : of_items) items.add(path);
  projector.read(reader, batch, Rows{nullptr, batch.size()});
  CHECK(projector.column(0).cell(1) == Cell::kValue);
  for (uint32_t row = 0; row < batch.size(); ++row) {
    check_items(projector.column(0), row, items, of_items, arena);
  }
  if (!value) return 0;
  CHECK(projector.bad_rows().empty());
  for (size_t i = 0; i < std::size(paths); ++i) {
    check_cell(projector.column(i), 0, walk(*value, paths[i]), arena);
    check_cell(projector.column(i), 2, walk(*value, paths[i]), arena);
  }
  return 0;
}
