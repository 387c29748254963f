// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "penstock/catalog.h"
#include "penstock/test_run.h"
#include "spec/yaml_reader.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

/// A test file in a folder of its own, gone with the test.
struct Written {
  fs::path folder;
  std::string path;
  explicit Written(const std::string& text) {
    std::string pattern = (fs::temp_directory_path() / "penstock-XXXXXX").string();
    folder = mkdtemp(pattern.data());
    path = (folder / "pipeline_test.yaml").string();
    std::ofstream(path) << text;
  }
  ~Written() { fs::remove_all(folder); }
};

constexpr const char* kFlow =
    "flow: |\n"
    "  queues: [{name: lines}, {name: words}]\n"
    "  stages:\n"
    "    - {name: read, type: stdin, output_queue: lines}\n"
    "    - {name: split, type: split, input_queue: lines, output_queue: words}\n"
    "    - {name: write, type: stdout, input_queue: words}\n";

/// The failures of all cases of a file, "" for those that passed.
std::vector<std::string> failures_of(const std::string& text) {
  const Written written(text);
  Diagnostics problems;
  const auto file = read_test_file(written.path, problems);
  const auto flow = file ? flow_text(*file, written.path, problems) : std::nullopt;
  if (!flow) return {to_string(problems)};
  const Catalog catalog = make_catalog();
  const SystemClock clock;
  const Program program{Calling::kPenstock, &catalog, &clock, 1, 2};
  std::vector<std::string> failures;
  for (const Located<TestCase>& test : file->tests) {
    failures.push_back(run_case(*file, test.value, *flow, written.path, program).failure);
  }
  return failures;
}

std::string failure_of(const std::string& cases) {
  return failures_of(kFlow + ("tests:\n  - " + cases)).at(0);
}

TEST(TestRun, passes_a_case_whose_records_come_out) {
  EXPECT_EQ(failure_of("{name: n, input: [a b, c], expect: [a, b, c]}"), "");
  EXPECT_EQ(failure_of("{name: n, input: {read: [a b]}, expect: {write: [a, b]}}"), "");
  EXPECT_EQ(failure_of("{name: n, input: [], expect: []}"), "");
  EXPECT_EQ(failure_of("{name: n, input: [a b c d], threads: {split: 3}, "
                       "expect: {order: any, records: [d, c, b, a]}}"),
            "");
}

TEST(TestRun, says_what_a_failing_case_got) {
  EXPECT_EQ(failure_of("{name: n, input: [a b], expect: [a, c]}"),
            "sink write: record 2:\n  expected \"c\"\n  got      \"b\"\n");
}

TEST(TestRun, refuses_names_that_the_pipeline_does_not_have) {
  EXPECT_NE(failure_of("{name: n, input: {raed: [a]}}").find("no source \"raed\""),
            std::string::npos);
  EXPECT_NE(failure_of("{name: n, expect: {wriet: [a]}}").find("did you mean \"write\"?"),
            std::string::npos);
  EXPECT_NE(failure_of("{name: n, threads: {spilt: 2}}").find("which is no stage"),
            std::string::npos);
}

TEST(TestRun, makes_a_sink_misbehave) {
  EXPECT_EQ(failure_of("{name: n, input: [a b], sinks: {write: {retry: [a]}}, "
                       "expect: {order: any, records: [a, b]}}"),
            "");
  EXPECT_EQ(failure_of("{name: n, input: [a b], sinks: {write: {reject: [b]}}, "
                       "outcome: failed, error: test-reject}"),
            "");
  EXPECT_NE(failure_of("{name: n, input: [a], outcome: failed}").find("expected to fail"),
            std::string::npos);
}

TEST(TestRun, expects_the_messages_about_a_bad_pipeline_where_they_stand_in_the_test_file) {
  const std::string flow =
      "flow: |\n"
      "  stages:\n"
      "    - {name: read, type: stdin}\n";
  EXPECT_EQ(failures_of(flow + "tests:\n"
                               "  - name: n\n"
                               "    problems: |\n"
                               "      3:7: error[unconnected-stage]: stage \"read\" neither "
                               "reads nor writes a queue\n"
                               "        hint: set input_queue or output_queue\n")
                .at(0),
            "");
  EXPECT_NE(failures_of(flow + "tests:\n  - {name: n, problems: none}\n").at(0), "");
}

TEST(TestFile, says_all_that_is_wrong_with_it) {
  EXPECT_NE(failures_of("flow: none.yaml\ntests: []\n").at(0).find("cannot read the pipeline"),
            std::string::npos);
  EXPECT_NE(failures_of("flows: x\ntests: []\n").at(0).find("did you mean \"flow\"?"),
            std::string::npos);
  EXPECT_NE(failure_of("{name: n, input: [[a]]}").find("a record is a text"), std::string::npos);
  EXPECT_NE(failure_of("{name: n, input: [{payload: a, json: 1}]}").find("not both"),
            std::string::npos);
  EXPECT_NE(failure_of("{name: n, expect: {order: any}}").find("records: or file: is missing"),
            std::string::npos);
}

TEST(TestFile, reads_records_from_a_file_beside_it) {
  const Written written("");
  std::ofstream(written.folder / "in.txt") << "one\ntwo\n";
  Diagnostics problems;
  const auto node = read_yaml("{file: in.txt}", written.path, problems);
  const auto inputs = read_inputs(*node, {"read"}, written.path, problems);
  ASSERT_FALSE(problems.has_errors()) << to_string(problems);
  ASSERT_EQ(inputs.at("read").records.size(), 2u);
  EXPECT_EQ(inputs.at("read").records[1].payload, "two");
}

}  // namespace
}  // namespace penstock
