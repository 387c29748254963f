// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "penstock/commands.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"
#include "penstock/terminal.h"
#include "penstock/test_run.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

struct TestArguments {
  std::vector<std::string> paths;
  std::string only;
  int output = 0;  // text, json
};

/// A file that has `tests:` at the beginning of a line: what of a folder is a test.
bool has_tests(const fs::path& path) {
  const std::string extension = path.extension().string();
  if (extension != ".yaml" && extension != ".yml") return false;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("tests:")) return true;
  }
  return false;
}

std::vector<std::string> test_files(const std::string& path) {
  std::error_code problem;
  if (!fs::is_directory(path, problem)) return {path};
  std::vector<std::string> files;
  for (fs::recursive_directory_iterator it(path, problem), end; !problem && it != end;
       it.increment(problem)) {
    std::error_code ignored;
    if (it->is_regular_file(ignored) && has_tests(it->path())) files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string indented(const std::string& text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    out += "    " + text.substr(at, end - at) + "\n";
    at = end + 1;
  }
  return out;
}

std::string case_text(const std::string& file, const CaseResult& result, bool colours) {
  if (result.failure.empty()) {
    return coloured(Colour::kGreen, "pass", colours) + "  " + file + ": " + result.name + " (" +
           short_time(result.took_ns) + ")\n";
  }
  return coloured(Colour::kRed, "FAIL", colours) + "  " + file + ":" +
         std::to_string(result.position.line) + ": " + result.name + " (" +
         short_time(result.took_ns) + ")\n" + indented(result.failure);
}

std::string case_json(const std::string& file, const CaseResult& result) {
  JsonWriter json;
  json.open_object();
  json.key("file"), json.string(file);
  json.key("line"), json.raw(std::to_string(result.position.line));
  json.key("name"), json.string(result.name);
  json.key("passed"), json.boolean(result.failure.empty());
  json.key("failure"), json.string(result.failure);
  json.key("milliseconds"), json.raw(std::to_string(result.took_ns / 1'000'000));
  json.close_object();
  return one_line(json.finish());
}

struct Tally {
  size_t passed = 0, failed = 0, bad_files = 0;
};

void test_file(const std::string& path, const TestArguments& a, Program& program, Tally& tally) {
  Diagnostics diagnostics;
  const std::optional<TestFile> file = read_test_file(path, diagnostics);
  const auto flow = file ? flow_text(*file, path, diagnostics) : std::nullopt;
  write_all(program.err, problems_text(diagnostics));
  if (!flow) return static_cast<void>(++tally.bad_files);
  const bool colours = look_at_terminal(program.out).colours;
  for (const Located<TestCase>& test : file->tests) {
    if (test.value.name.find(a.only) == std::string::npos) continue;
    CaseResult result = run_case(*file, test.value, *flow, path, program);
    result.position = test.position;
    ++(result.failure.empty() ? tally.passed : tally.failed);
    write_all(program.out,
              a.output == 1 ? case_json(path, result) : case_text(path, result, colours));
  }
}

int test(const TestArguments& a, Program& program) {
  Tally tally;
  for (const std::string& path : a.paths) {
    for (const std::string& file : test_files(path)) test_file(file, a, program, tally);
  }
  if (tally.bad_files > 0) return kExitBadInput;
  if (tally.passed + tally.failed == 0) {
    write_all(program.err, "penstock: there are no tests here\n");
    return kExitBadInput;
  }
  if (a.output == 0) {
    write_all(program.out, long_count(tally.passed) + " passed, " + long_count(tally.failed) +
                               " failed\n");
  }
  return tally.failed == 0 ? kExitDone : kExitFailed;
}

}  // namespace

Command test_command() {
  Command c;
  c.name = "test";
  c.summary = "Run the tests of a pipeline: given these records, these must come out.";
  c.details =
      "A test file names a pipeline and cases. In each, the sources give the case's records and "
      "the sinks only keep what they are given, so nothing outside is touched; all between runs as "
      "it is. Exit code 0 if all pass, 1 if any fails, 2 for a bad test file.\n\n"
      "  flow: words.yaml\n"
      "  tests:\n"
      "    - name: it cuts lines into words\n"
      "      input: [the cat, sat]\n"
      "      expect: [the, cat, sat]";
  auto a = std::make_shared<TestArguments>();
  c.positionals_of("FILE", &a->paths, "Test files; of a folder, every one in and below it.",
                   Complete::kFileOrFolder);
  c.option("--only", "TEXT", &a->only, "Run only the cases whose names contain this.");
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock test words_test.yaml", "Runs the cases of one file.");
  c.example("penstock test tests/ --only words", "Some cases of a folder.");
  c.run = [a](Program& program) { return test(*a, program); };
  return c;
}

}  // namespace penstock
