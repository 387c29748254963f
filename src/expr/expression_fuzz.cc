// SPDX-License-Identifier: Apache-2.0
// Any bytes may be compiled, in both dialects. What compiles is evaluated over documents alone, row
// by row and by columns: no crash, no end that does not come, and the three agree on whether there
// is a result.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "config/codes.h"
#include "expr/evaluator.h"
#include "record/batch_builder.h"

namespace {

using namespace penstock;

const std::vector<std::string>& documents() {
  static const std::vector<std::string> documents = {
      R"({"a":1,"b":2.5,"s":"text","n":null,"t":true,"xs":[1,2,3],"m":{"x":{"y":[{"z":1}]}}})",
      R"({"a":9223372036854775807,"b":-0.0,"s":"a\"\u00e9\n","xs":[],"m":{}})",
      R"({"a":"one","xs":["a","b"],"m":[1]})", R"({})", R"([1,2])", R"(null)", R"(not json)",
      R"({"a":18446744073709551615,"b":1e400,"s":"","xs":[{"x":1},{"x":2}],"m":{"x":5}})",
      R"({"xs":[{"x":1.5,"y":{"z":"\n"}},{"x":null},7,"t",[1],{"y":{"z":[2]},"x":true}],"t":[[]]})",
      R"({"a":2,"xs":[{"x":1},{"x":2,"y":tru}],"m":[{"x":1}]})"};
  return documents;
}

FunctionTable functions() {
  FunctionTable table;
  table.add({.name = "len", .category = "test", .signatures = {"(v: text|array|map) -> int"},
             .about = "", .body = [](EvalContext&, std::span<const Value> a) -> Result<Value> {
               return Value::integer(a[0].size());
             }});
  return table;
}

void check_problems(const Problems& problems, const std::string& text) {
  CHECK(!problems.empty() && problems.size() <= 2 * kExprProblemsMax);
  for (const Problem& problem : problems) {
    CHECK(find_code(problem.code) != nullptr);
    CHECK(problem.offset <= text.size() && !problem.what.empty());
  }
  CHECK(!to_string(problems, text).empty());
}

void run(const std::shared_ptr<const Program>& program) {
  BatchPool pool;
  BatchBuilder builder(pool);
  for (const std::string& d : documents()) builder.append(d);
  const Batch batch = builder.take();
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(program);
  evaluator.begin(batch);
  std::vector<bool> ok(batch.size());
  const Rows rows = evaluator.prepare_json(id, evaluator.all_rows());
  for (uint32_t i = 0; i < rows.count; ++i) {
    std::string out;
    ok[rows[i]] = true;
    if (!evaluator.write_json(id, rows[i], out)) continue;
    CHECK(!out.empty());
  }
  CHECK_EQ(rows.count + evaluator.errors().size(), batch.size());
  for (const RowError& e : evaluator.errors()) CHECK(!ok[e.row] && !e.error.message.empty());
  evaluator.begin(batch);
  for (uint32_t row = 0; row < batch.size(); ++row) {
    const auto value = evaluator.value(id, row);
    // Memory is one for all rows of a batch: who comes first may take it.
    if (!value && value.error().code == "expression-memory") return;
    // What is wrong inside of the last document is not found where columns are only copied.
    if (!value && value.error().code == "bad-json" && row + 1 == batch.size()) continue;
    CHECK_EQ(value.has_value(), bool{ok[row]});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  static const FunctionTable table = functions();
  for (const ExprDialect dialect : {ExprDialect::kPenstock, ExprDialect::kArgo}) {
    ExprEnvironment environment;
    environment.dialect = dialect;
    environment.functions = &table;
    environment.limits.steps_max = 20'000;
    environment.limits.memory_max = 4 << 20;
    environment.limits.range_max = 10'000;
    Problems problems;
    const auto program = compile(text, environment, problems);
    if (program == nullptr) check_problems(problems, text);
    else run(program);
  }
  return 0;
}
