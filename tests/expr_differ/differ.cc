// SPDX-License-Identifier: Apache-2.0
// Expressions evaluated by us and by the Go libraries that the dialects follow.
//   expr_differ generate SEED COUNT          requests for tests/expr_peer, a line each
//   expr_differ forms SEED TIMES             the same, each form of the generator so many times
//   expr_differ compare REQUESTS REPLIES     what differs, by class; fails on what has none
//   expr_differ cases REQUESTS REPLIES       where both agree, as cases of tests/scenarios
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>  // tidy-allow: heavy-header because a test program prints
#include <map>

#include "base/clock.h"
#include "difference.h"
#include "expr/functions/functions.h"
#include "expression_generator.h"
#include "json/parse.h"
#include "our_result.h"
#include "value/write_json.h"

namespace penstock {
namespace {

constexpr size_t kShown = 60;

void print(const GeneratedCase& c) {
  std::string line = R"({"dialect":)";
  append_json_string(line, c.dialect == ExprDialect::kArgo ? "argo" : "penstock");
  line += ",\"expr\":";
  append_json_string(line, c.expression);
  line += ",\"input\":";
  append_json_string(line, c.input);
  std::cout << line << "}\n";
}

void generate(uint64_t seed, uint64_t count) {
  ExpressionGenerator generator(seed);
  for (uint64_t i = 0; i < count; ++i) print(generator.next());
}

void generate_forms(uint64_t seed, uint64_t times) {
  ExpressionGenerator generator(seed);
  for (size_t form = 0; form < ExpressionGenerator::form_count(); ++form) {
    for (uint64_t i = 0; i < times; ++i) print(generator.of_form(form));
  }
}

std::string shown(const Result<Value>& value) {
  if (!value) return "error: " + value.error().message;
  std::string out;
  const auto written = write_json(*value, out);
  return std::string(to_string(value->kind())) + " " +
         (written ? out : "(" + written.error().message + ")");
}

int compare_files(const char* requests_name, const char* replies_name, bool cases) {
  std::ifstream requests(requests_name), replies(replies_name);
  const auto table = all_functions();
  const ManualClock clock;
  std::map<std::string, uint64_t> classes;
  std::multimap<size_t, std::string> unexplained;  // the shortest are the easiest to read
  uint64_t count = 0, both_failed = 0;
  std::string line, reply;
  while (std::getline(requests, line)) {
    if (!std::getline(replies, reply)) {
      std::cerr << "the peer answered only " << count << " requests\n";
      return 1;
    }
    ++count;
    ValueArena arena;
    JsonParser parser;
    const auto request = parser.parse(line, arena);
    const auto answer = parser.parse(reply, arena);
    if (!request || !answer) {
      std::cerr << "a line cannot be read: " << line << "\n" << reply << "\n";
      return 1;
    }
    const auto ours = evaluate_ours(*request, *table, clock, arena);
    const Value* value = answer->find("value");
    const Difference difference{
        text_of(*request, "dialect") == "argo", text_of(*request, "expr"), ours,
        value == nullptr && answer->find("error") == nullptr ? &kNull : value,
        text_of(*answer, "error")};
    both_failed += !ours && difference.theirs == nullptr;
    const std::string kind = classify(difference);
    if (cases && kind.empty() && difference.expression.size() < 100) {
      std::cout << line.substr(0, line.size() - 1)
                << (value == nullptr && difference.theirs == nullptr ? ",\"fails\":true}"
                                                                     : "," + reply.substr(1))
                << "\n";
    }
    if (kind.empty()) continue;
    ++classes[kind];
    if (kind != "unexplained") continue;
    std::string text = std::string(difference.argo ? "[argo] " : "[penstock] ") +
                       difference.expression + "\n  over   " + text_of(*request, "input") +
                       "\n  ours   " + shown(ours) + "\n  theirs " + reply + "\n";
    unexplained.emplace(difference.expression.size(), std::move(text));
    if (unexplained.size() > kShown) unexplained.erase(std::prev(unexplained.end()));
  }
  if (cases) return 0;
  for (const auto& [length, text] : unexplained) std::cout << text;
  std::cout << count << " expressions, " << both_failed << " failed on both sides\n";
  for (const auto& [kind, n] : classes) std::cout << "  " << n << " " << kind << "\n";
  return classes.contains("unexplained") ? 1 : 0;
}

}  // namespace
}  // namespace penstock

int main(int argc, char** argv) {
  if (argc == 4 && std::strcmp(argv[1], "generate") == 0) {
    penstock::generate(std::strtoull(argv[2], nullptr, 10), std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  if (argc == 4 && std::strcmp(argv[1], "compare") == 0) {
    return penstock::compare_files(argv[2], argv[3], false);
  }
  if (argc == 4 && std::strcmp(argv[1], "cases") == 0) {
    return penstock::compare_files(argv[2], argv[3], true);
  }
  if (argc == 4 && std::strcmp(argv[1], "forms") == 0) {
    penstock::generate_forms(std::strtoull(argv[2], nullptr, 10),
                             std::strtoull(argv[3], nullptr, 10));
    return 0;
  }
  std::fputs("usage: expr_differ generate|forms SEED N | compare|cases REQUESTS REPLIES\n", stderr);
  return 2;
}
