// SPDX-License-Identifier: Apache-2.0
// Any bytes may be compiled as a mapping. What compiles runs over documents of every shape: no
// crash, no end that does not come, and what comes out of a document is a document.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "config/codes.h"
#include "json/parse.h"
#include "mapping/mapping.h"
#include "mapping/option.h"
#include "record/batch_builder.h"

namespace {

using namespace penstock;

const std::vector<std::string>& documents() {
  static const std::vector<std::string> documents = {
      R"({"a":1,"b":2.5,"s":"text","n":null,"t":true,"xs":[1,2,3],"m":{"x":{"y":[{"z":1}]}}})",
      R"({"a":"\u00e9\n", "xs":[], "m":{}, "big":123456789012345678901234567890})",
      R"({"a":{"b":{"c":[{"d":1},{"d":2}]}},"xs":[{"x":1},{"x":2}]})", R"([1,2])", R"(null)",
      R"({})", R"(not json)", R"({"a":1)"};
  return documents;
}

/// `replaces`: it may say `this = text`, which makes a payload of any text.
void run(const std::shared_ptr<const Mapping>& mapping, bool replaces) {
  BatchPool pool;
  BatchBuilder builder(pool);
  for (const std::string& d : documents()) builder.append(d);
  const Batch batch = builder.take();
  static const ManualClock clock;
  EvaluatorOptions options;
  options.clock = &clock;
  Evaluator evaluator(options);
  MappingRunner runner(mapping, evaluator);
  evaluator.begin(batch);
  JsonParser parser;
  for (uint32_t row = 0; row < batch.size(); ++row) {
    std::string out;
    const auto outcome = runner.run(batch[row], row, out);
    if (!outcome) {
      CHECK(!outcome.error().message.empty());
      continue;
    }
    if (outcome->kind != MappingOutcome::Kind::kChanged) CHECK(out.empty());
    if (outcome->kind == MappingOutcome::Kind::kChanged && !replaces) {
      ValueArena arena;
      CHECK(parser.parse(out, arena).has_value());
    }
  }
}

bool may_replace(const std::string& text) {
  for (size_t at = text.find("this"); at != std::string::npos; at = text.find("this", at + 4)) {
    const size_t next = text.find_first_not_of(" \t\r\n", at + 4);
    if (next != std::string::npos && (text[next] == '=' || text[next] == '/')) return true;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  ExprEnvironment environment = option_environment(ExprDialect::kPenstock);
  environment.limits.steps_max = 20'000;
  environment.limits.memory_max = 4 << 20;
  environment.limits.range_max = 10'000;
  Problems problems;
  const auto mapping = compile_mapping(text, environment, problems);
  if (mapping != nullptr) {
    run(mapping, may_replace(text));
    return 0;
  }
  CHECK(!problems.empty());
  for (const Problem& problem : problems) {
    CHECK(find_code(problem.code) != nullptr);
    CHECK(problem.offset <= text.size() && !problem.what.empty());
  }
  CHECK(!to_string(problems, text).empty());
  return 0;
}
