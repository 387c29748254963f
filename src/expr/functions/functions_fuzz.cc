// SPDX-License-Identifier: Apache-2.0
// Every function of the table, called with values of every kind and with bytes of the fuzzer as
// text: no crash, and every call ends within its limits.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "expr/evaluator.h"
#include "expr/functions/functions.h"
#include "record/batch_builder.h"
#include "value/write_json.h"

namespace {

using namespace penstock;

// What arguments are made of; `s`, `t` and `b` are bytes of the fuzzer.
constexpr std::string_view kArguments[] = {
    "s", "t", "s + t", "bytes(s)", "nil", "true", "0", "1", "-1", "n", "-n", "2.5", "1e300", "big",
    "9223372036854775807", "[]", "xs", "[s, t, 1, nil]", "[[1, 2], [s]]", "m", "{}", "{'a': s}",
    "[m, m]", "'%v %d %s'", "'2006-01-02T15:04:05Z07:00'", "'Europe/Berlin'", "'1h30m'", "s[0:3]",
    "len(s)", "xs[0]", "m.a"};

struct Choice {
  const uint8_t* data;
  size_t size;
  uint8_t next() {
    if (size == 0) return 0;
    --size;
    return *data++;
  }
};

std::string call_of(const FunctionEntry& entry, Choice& choice) {
  const auto argument = [&] {
    return std::string(kArguments[choice.next() % std::size(kArguments)]);
  };
  const size_t most = entry.signatures[0].parameters.size() + 1;
  const bool method = entry.full_name.starts_with('.');
  const size_t count = method ? most : choice.next() % (most + 1);
  std::string out = method ? "(" + argument() + ")" + entry.full_name : entry.full_name;
  out += '(';
  for (size_t i = method ? 1 : 0; i < count; ++i) out += argument() + (i + 1 < count ? ", " : "");
  return out + ")";
}

void run(const std::string& text, ExprDialect dialect, const FunctionTable& table,
         const std::string& document) {
  ExprEnvironment environment;
  environment.dialect = dialect;
  environment.functions = &table;
  environment.limits.steps_max = 100'000;
  environment.limits.memory_max = 4 << 20;
  environment.limits.range_max = 10'000;
  Problems problems;
  const auto program = compile(text, environment, problems);
  if (program == nullptr) return;
  BatchPool pool;
  BatchBuilder builder(pool);
  builder.append(document);
  const Batch batch = builder.take();
  static const ManualClock clock;
  EvaluatorOptions options;
  options.clock = &clock;
  Evaluator evaluator(options);
  evaluator.add(program);
  evaluator.begin(batch);
  const auto value = evaluator.value(0, 0);
  if (!value) {
    CHECK(!value.error().message.empty());
    return;
  }
  std::string out;
  (void)write_json(*value, out).has_value();
  CHECK(!display(*value).empty() || value->is_text() || value->is_null());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::shared_ptr<const FunctionTable> table = all_functions();
  if (size < 4) return 0;
  Choice choice{data, size};
  const size_t which = (choice.next() << 8 | choice.next()) % table->all().size();
  const FunctionEntry& entry = *table->all()[which];
  std::string text = call_of(entry, choice);
  const std::string_view rest(reinterpret_cast<const char*>(choice.data), choice.size);
  const std::string_view first = rest.substr(0, rest.size() / 2);
  std::string document = "{\"s\":";
  append_json_string(document, first);
  document += ",\"t\":";
  append_json_string(document, rest.substr(first.size()));
  document += R"(,"n":)" + std::to_string(rest.size() * 7919) +
              R"(,"big":18446744073709551615,"xs":[3,1.5,"x"],"m":{"a":1,"b":{"c":[2]}}})";
  for (const ExprDialect dialect : {ExprDialect::kPenstock, ExprDialect::kArgo}) {
    if (!has_dialect(entry.function.dialects, dialect)) continue;
    if (dialect == ExprDialect::kArgo) {  // where names are nil
      std::string over = "let d = object(msg); let s = d.s; let t = d.t; let n = d.n; "
                         "let big = d.big; let xs = d.xs; let m = d.m; ";
      run(over + text, dialect, *table, document);
    } else {
      run(text, dialect, *table, document);
    }
  }
  return 0;
}
