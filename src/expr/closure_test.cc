// SPDX-License-Identifier: Apache-2.0
// Closures over columns of items against the interpreter, which looks at one item after the other.
#include <gtest/gtest.h>

#include "expr/program.h"
#include "expr/test_evaluation.h"
#include "json/item_columns.h"
#include "json/projector.h"

namespace penstock {
namespace {

const char* const kClosures[] = {"any", "all", "none", "one", "count", "sum", "find", "findIndex",
                                 "findLast", "findLastIndex", "filter", "map"};

const char* const kBodies[] = {
    ".price > 10", ".price", "#", "# > 1", ".price == nil", ".name == 'a'", ".name contains '\\n'",
    "# == 'b' or # == 3", ".price > 10 and .name != 'b'", ".price > 5 ? true : .sold",
    "not .sold", ".sold", ".sold ?? false", ".m.n", ".m?.n == 2", ".tags[0] == 'x'", ".tags[1]",
    "'x' in .tags", ".name in ['a', 'b']", ".price in [1, 11, 12]", "10 / .price > 1",
    ".price * 2 + .m.n", ".price % 3 == 0", "-.price", "len(.name) == 1", "sprig.half(.price) > 3",
    ".name matches '^[ab]'", ".name + '!' == 'a!'", ".m == {n: 2}", "true", "false", "1", "nil",
    "seconds(.price)", "#['price']", "this.limit > 1", "#index > 0", "any(.tags, # == 'x')",
    ".price > 10 or any(.tags, # == 'x')", "{a: .price}", "1..2 == #", ".price >= 11.5"};

const char* const kArrays[] = {
    R"([])", R"([{"price":11,"name":"a"}])",
    R"([{"price":9},{"price":12,"name":"b"},{"price":30}])",
    R"([{"name":"b\n","price":1.5,"sold":true},{"price":12,"sold":false}])",
    R"([1,2,3])", R"(["a","b","\u0061"])", R"([true,false])", R"([null,{"price":null}])",
    R"([[1,2],[1]])", R"([{"tags":["x","y"],"price":3},{"tags":["y"]},{"tags":[]}])",
    R"([{"m":{"n":2},"price":11},{"m":{"n":3,"price":4}},{"m":null}])",
    R"([{"m":7},{"m":{"n":2}}])", R"([1,"a",null,{"price":11},[{"price":3}]])",
    R"([{"price":11},3])", R"([3,{"price":11}])", R"([{"price":0},{"price":12}])",
    R"([{"price":9223372036854775807},{"price":2}])", R"([{"price":18446744073709551615}])",
    R"([{"price":1e400},{"price":-0.0}])", R"([{"price":"11"}])",
    R"([ {"price" : 11 , "price" : 1} , {"pri\u0063e":12} ])",
    R"([{"price":12,"tags":"x","name":7},{"price":13,"sold":1}])",
    R"(null)", R"(7)", R"("text")", R"(true)", R"({"price":11})", R"({})"};

/// The closure of an expression that is one, or compares one.
const ExprNode& array_closure(const ExprNode& root) {
  return root.kind == NodeKind::kPredicate ? root : *root.kids[0];
}

std::string whole(const Error& error) {
  return error.code + ": " + error.message + " " + error.detail + " " + error.hint;
}

/// Results and errors of every row, found together or one by one.
std::vector<std::string> results(const std::shared_ptr<const Program>& program, const Batch& batch,
                                 bool together, bool filters = false) {
  std::vector<std::string> out(batch.size());
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(program, together ? ResultUse::kValues : ResultUse::kEach);
  evaluator.begin(batch);
  if (!together) {
    for (uint32_t row = 0; row < batch.size(); ++row) {
      const Result<Value> value = evaluator.value(id, row);
      out[row] = value ? shown(value) : whole(value.error());
    }
    return out;
  }
  if (filters) {
    const Rows rows = evaluator.filter(id, evaluator.all_rows());
    for (uint32_t i = 0; i < rows.count; ++i) out[rows[i]] = "true";
  } else {
    const Rows rows = evaluator.prepare_json(id, evaluator.all_rows());
    for (uint32_t i = 0; i < rows.count; ++i) {
      const auto ok = evaluator.write_json(id, rows[i], out[rows[i]]);
      if (!ok) out[rows[i]] = "error: " + ok.error().message;
    }
  }
  for (const RowError& e : evaluator.errors()) out[e.row] = whole(e.error);
  return out;
}

class ClosureTest : public testing::Test {
 protected:
  std::shared_ptr<const Program> program(const std::string& text, TypeSet wanted = kAnyType,
                                         uint64_t steps = 10'000'000) {
    ExprEnvironment environment;
    environment.functions = &functions_;
    environment.result = wanted;
    environment.limits.steps_max = steps;
    Problems problems;
    return compile(text, environment, problems);
  }
  Batch batch(const std::vector<std::string>& documents) {
    BatchBuilder builder(pool_, kBatchRecordsMax, 64 << 20);
    for (const std::string& d : documents) builder.append(d);
    return builder.take();
  }
  /// Whether an expression gives the same either way; says what does not.
  void expect_same(const std::string& text, const std::vector<std::string>& documents,
                   uint64_t steps = 10'000'000) {
    const auto compiled = program(text, kAnyType, steps);
    ASSERT_NE(compiled, nullptr) << text;
    const Batch records = batch(documents);
    const auto by_columns = results(compiled, records, true);
    const auto one_by_one = results(compiled, records, false);
    for (size_t i = 0; i < documents.size(); ++i) {
      EXPECT_EQ(by_columns[i], one_by_one[i]) << text << " of " << documents[i].substr(0, 200);
    }
  }

  FunctionTable functions_ = test_functions();
  BatchPool pool_;
};

std::vector<std::string> all_documents() {
  std::vector<std::string> documents = {"{}", "[]", "null", "3", "no json", R"({"limit":2})",
                                        R"({"items":[{"price":11},]})", R"({"items":[1 2]})",
                                        R"({"items":[{"price":11}})", R"({"items":[{"price":11])"};
  for (const char* array : kArrays) {
    documents.push_back(R"({"limit":2,"items":)" + std::string(array) + R"(,"after":1})");
  }
  return documents;
}

TEST_F(ClosureTest, gives_what_the_interpreter_gives_for_every_closure_and_body) {
  const std::vector<std::string> documents = all_documents();
  size_t by_columns = 0;
  for (const char* closure : kClosures) {
    for (const char* body : kBodies) {
      const std::string call = std::string(closure) + "(items, {" + body + "})";
      const auto compiled = program(call);
      if (compiled == nullptr) continue;  // any(items, {1}): no bool
      by_columns += compiled->root->items >= 0;
      expect_same(call, documents);
      expect_same(std::string(closure) + "(items ?? [], {" + body + "})", documents);
      // Each by itself: its columns have a type.
      for (const std::string& document : documents) expect_same(call, {document, document});
    }
  }
  EXPECT_GT(by_columns, 300U);
}

TEST_F(ClosureTest, keeps_the_records_a_filter_keeps) {
  const std::vector<std::string> documents = all_documents();
  for (const char* text : {"any(items, {.price > 10})", "not all(items ?? [], {.price > 10})",
                           "limit == 2 and none(items, {.name == 'a'})",
                           "count(items, {.price > 10}) > 1 or any(items, {.price == 9})",
                           "any(items, {.price > 10}) and sum(items, {.price}) < 100"}) {
    const auto compiled = program(text, kBoolType);
    ASSERT_NE(compiled, nullptr);
    const Batch records = batch(documents);
    const auto kept = results(compiled, records, true, true);
    auto expected = results(compiled, records, false);
    for (std::string& result : expected) result = result == "false" ? "" : result;
    EXPECT_EQ(kept, expected) << text;
  }
}

TEST_F(ClosureTest, an_item_behind_the_one_that_decides_may_fail) {
  const std::vector<std::string> documents = {
      R"({"items":[{"price":11},{"price":"x"}]})", R"({"items":[{"price":"x"},{"price":11}]})",
      R"({"items":[{"price":1},{"price":2}]})"};
  const auto compiled = program("any(items, {.price > 10})");
  const auto found = results(compiled, batch(documents), true);
  EXPECT_EQ(found[0], "true");
  EXPECT_NE(found[1].find("cannot apply > to string and int"), std::string::npos) << found[1];
  EXPECT_NE(found[1].find("in `.price > 10`"), std::string::npos) << found[1];
  EXPECT_EQ(found[2], "false");
}

TEST_F(ClosureTest, what_is_wrong_in_a_member_of_an_item_that_nobody_reads_rejects_the_record) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"n":1,"items":[{"price":11,"name":"\q"}]})", "is not one of JSON's at byte 36"},
      {R"({"n":1,"items":[{"price":11},{"x":tru,"price":1}],"z":2})", "expected at byte 34"},
      {R"({"n":1,"items":[{"price":11,"x":01}]})", "this is not a number at byte 32"},
      {R"({"n":1,"items":[{"price":11,"x":{"y":[1,]}}]})", "a value was expected at byte 40"},
      {R"({"n":1,"items":[{"price":11,"x":[1}}]})", "a comma or ] was expected at byte 34"},
      {R"({"n":1,"items":[{"price":11,"x" 1}]})", "a colon was expected at byte 32"},
      {R"({"n":1,"items":[{"price":11,"\u12":1}]})", "is not one of JSON's at byte 29"},
      {R"({"n":1,"items":[{"price":11,}]})", "a member's name was expected at byte 28"},
      {R"({"n":1,"items":[{"price":11}, ]})", "a value was expected at byte 30"},
      {R"({"n":1,"items":[[],{"price":11}nul]})", "a comma or ] was expected at byte 31"}};
  const std::string good = R"({"n":1,"items":[{"price":11,"x":"\u00e9"}]})";
  for (const auto& [document, expected] : cases) {
    const std::vector<std::string> documents = {good, document, good};
    for (const char* text :
         {"any(items, {.price > 10})", "count(items ?? [], {.price > 10}) > 0"}) {
      const auto compiled = program(text);
      ASSERT_NE(compiled, nullptr);
      EXPECT_GE(array_closure(*compiled->root).items, 0) << "by columns";
      const auto found = results(compiled, batch(documents), true);
      EXPECT_EQ(found[0], "true") << text << " of " << document;
      EXPECT_NE(found[1].find("not JSON"), std::string::npos) << found[1];
      EXPECT_NE(found[1].find(expected), std::string::npos) << found[1] << " of " << document;
      EXPECT_EQ(found[2], "true");
      expect_same(text, documents);
    }
  }
}

std::string numbers(int size, const std::string& last = "") {
  std::string out = R"({"items":[)";
  for (int i = 0; i < size; ++i) {
    out += (i == 0 ? "" : ",") + (R"({"price":)" + std::to_string(i % 1000)) + "}";
  }
  return out + last + "]}";
}

TEST_F(ClosureTest, arrays_reach_over_chunks) {
  const int most = static_cast<int>(kBatchRecordsMax);
  std::vector<std::string> documents;
  for (const int size : {most - 1, 1, most, 0, most + 1, 3 * most + 5, 2, 3}) {
    documents.push_back(numbers(size));
  }
  documents.push_back(numbers(2 * most, R"(,{"price":"x"})"));
  documents.push_back(numbers(2, R"(,{"price":"x"})"));
  for (const char* text :
       {"any(items, {.price == 999})", "all(items, {.price < 999})", "count(items, {.price > 500})",
        "sum(items, {.price})", "sum(items, {.price * 0.5})", "findIndex(items, {.price == 77})",
        "findLastIndex(items, {.price == 0})", "len(filter(items, {.price >= 900}))",
        "map(items, {.price})", "findLast(items, {.price < 10})", "one(items, {.price == 999})",
        "sum(items, {len(string)})", "count(items, {seconds(.price) > seconds(3)})"}) {
    if (program(text) != nullptr) expect_same(text, documents);
  }
}

TEST_F(ClosureTest, many_records_and_more_items_than_there_is_room_for) {
  std::vector<std::string> documents;
  for (int i = 0; i < 1000; ++i) documents.push_back(numbers(i % 23));
  expect_same("count(items, {.price > 10})", documents);
  expect_same("sum(items, {.price + 1})", documents);
  std::string large = R"({"items":[0)";
  for (uint32_t i = 0; i < ItemColumns::kRowsMax; ++i) large += ",1";
  expect_same("count(items, {# == 1})", {R"({"items":[1,1,0]})", large + "]}",
                                         R"({"items":[1]})"});
}

TEST_F(ClosureTest, steps_and_memory_have_the_same_limits) {
  const std::vector<std::string> documents = {numbers(3), numbers(100), numbers(2000), numbers(5)};
  for (uint64_t steps = 1; steps < 20'000; steps = steps * 3 / 2 + 1) {
    for (const char* text : {"any(items, {.price > 5000})", "count(items, {.price > 10})",
                             "sum(items, {.price})", "any(items, {.price == 3})",
                             "all(items, {seconds(.price) < seconds(7)})"}) {
      const auto compiled = program(text, kAnyType, steps);
      ASSERT_NE(compiled, nullptr);
      for (const std::string& document : documents) {
        const Batch records = batch({document});
        EXPECT_EQ(results(compiled, records, true), results(compiled, records, false))
            << text << " in " << steps << " steps, document of " << document.size();
      }
    }
  }
  // The first item decides: what the others would take in memory is not the record's.
  std::string wide = R"({"items":["a")";
  for (int i = 0; i < 3000; ++i) wide += R"(,"b")";
  const std::string long_text(40'000, 'x');
  const auto compiled = program("any(items, {# + '" + long_text + "' startsWith 'a'})");
  ASSERT_NE(compiled, nullptr);
  const std::vector<std::string> four(4, wide + "]}");
  EXPECT_EQ(results(compiled, batch(four), true), std::vector<std::string>(4, "true"));
}

TEST_F(ClosureTest, programs_that_share_a_pass_do_not_disturb_each_other) {
  std::vector<std::string> documents;  // a bad one is bad for all that read it together
  for (const char* array : kArrays) {
    documents.push_back(R"({"items":)" + std::string(array) + "}");
  }
  const Batch records = batch(documents);
  const char* const texts[] = {"any(items, {.price > 10})", "map(items, {.name})",
                               "len(items) > 1 or all(items, {.price > 10})", "items[0].price",
                               "filter(items, {.m.n == 2})"};
  EvaluatorOptions options;
  options.projector = std::make_shared<Projector>();
  Evaluator first(options), second(options);  // as two stages of a chain
  std::vector<std::vector<std::string>> found;
  for (int round = 0; round < 3; ++round) {
    for (Evaluator* evaluator : {&first, &second}) {
      if (round == 0) {
        for (const char* text : texts) evaluator->add(program(text));
      }
      for (size_t id = 0; id < std::size(texts); ++id) {
        evaluator->begin(records);
        const Rows rows = evaluator->prepare_json(id, evaluator->all_rows());
        auto& out = found.emplace_back(records.size());
        for (uint32_t i = 0; i < rows.count; ++i) {
          EXPECT_TRUE(evaluator->write_json(id, rows[i], out[rows[i]]));
        }
        for (const RowError& e : evaluator->errors()) out[e.row] = whole(e.error);
      }
    }
  }
  for (size_t i = 0; i < found.size(); ++i) {
    const char* const text = texts[i % std::size(texts)];
    EXPECT_EQ(found[i], results(program(text), records, true)) << text;
  }
}

TEST_F(ClosureTest, variables_are_read_in_closures) {
  ExprEnvironment environment;
  environment.variables = {{"least"}};
  Problems problems;
  const std::shared_ptr<const Program> compiled =
      compile("count(items, {.price >= least})", environment, problems);
  ASSERT_NE(compiled, nullptr);
  EXPECT_GE(compiled->root->items, 0);
  Evaluator evaluator(EvaluatorOptions{});
  const size_t id = evaluator.add(compiled);
  const Batch records = batch({R"({"items":[{"price":1},{"price":5},{"price":7}]})"});
  for (const auto& [least, count] : {std::pair{5, 2}, {6, 1}}) {
    const Value value = Value::integer(least);
    evaluator.begin(records);
    evaluator.set_variables({&value, 1});
    const Column& column = evaluator.column(id, evaluator.all_rows());
    ASSERT_EQ(column.type, ColumnType::kInt);
    EXPECT_EQ(column.ints[0], count);
  }
}

TEST_F(ClosureTest, what_is_read_of_items_is_explained) {
  EXPECT_EQ(facts(*program("any(items, {.price > 10 and # != nil})")).tree,
            "any(): bool (vector)\n"
            "  field items: number or string or bool or array or map or nil (column)\n"
            "  and: bool (vector)\n"
            "    >: bool (vector)\n"
            "      field items[*].price: any (column)\n"
            "      constant 10: int\n"
            "    !=: bool (vector)\n"
            "      field items[*]: any (column)\n"
            "      constant nil: nil\n");
  // What looks at more than the item goes record by record.
  for (const char* text : {"any(items, {.price > limit})", "any(items, {#index > 1})",
                           "any(items, {any(.tags, {# == 'x'})})", "sortBy(items, {.price})",
                           "let x = limit + 1; any(items, {.price > 1})", "any([1, 2], {# > 1})",
                           "map(items, {{a: .price}})", "map(items, {.price * 2})"}) {
    const auto compiled = program(text);
    ASSERT_NE(compiled, nullptr) << text;
    EXPECT_TRUE(compiled->items.empty()) << text;
  }
}

}  // namespace
}  // namespace penstock
