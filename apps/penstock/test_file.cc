// SPDX-License-Identifier: Apache-2.0
#include "penstock/test_file.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/suggest.h"
#include "spec/yaml_reader.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

const Schema<CaseFaults>& faults_schema() {
  static const Schema<CaseFaults> schema({
      field("reject", &CaseFaults::reject).about("Payloads that the sink rejects for good."),
      field("retry", &CaseFaults::retry)
          .about("Payloads that the sink hands back at first, to be tried again."),
      field("retry_times", &CaseFaults::retry_times).about("How often it does so for each."),
  });
  return schema;
}

const Schema<TestCase>& case_schema() {
  using C = TestCase;
  static const Schema<C> schema({
      field("name", &C::name).required().about("A sentence: what the pipeline does."),
      field("environment", &C::environment)
          .about("What `${NAME}` reads in the pipeline; nothing else is set."),
      field("input", &C::input)
          .about("By source, what it gives: a list of records, `file: NAME` (a record a line), or "
                 "`real`: the source itself runs. A source not named gives nothing."),
      field("expect", &C::expect)
          .about("By sink, what it must be given: a list of records in order, or `records:` or "
                 "`file:` with `order:` exact, key or any. A sink not named may be given "
                 "anything; none writes anywhere."),
      field("threads", &C::threads).about("By stage, how many tasks instead of the file's."),
      field("sinks", &C::sinks, faults_schema()).about("By sink, how it misbehaves."),
      field("outcome", &C::outcome)
          .one_of({{"delivered", CaseOutcome::kDelivered}, {"failed", CaseOutcome::kFailed}})
          .about("How the run must end."),
      field("error", &C::error).about("What the error of a failed run must contain."),
      field("problems", &C::problems)
          .about("The messages about a pipeline that is refused, as `validate` prints them, "
                 "without the file's name."),
  });
  return schema;
}

const Schema<CaseRecord>& record_schema() {
  using R = CaseRecord;
  static const Schema<R> schema({
      field("payload", &R::payload).about("Its bytes."),
      field("json", &R::json).about("Its payload as a value."),
      field("key", &R::key).about("Its key."),
      field("headers", &R::headers).about("Its headers; of an expected record, some of them."),
      field("event_time", &R::event_time).about("Its event time, since 1970."),
  });
  return schema;
}

struct RecordList {
  Node records;
  Located<std::string> file;
  CaseOrder order = CaseOrder::kExact;
};

const Schema<RecordList>& record_list_schema() {
  using L = RecordList;
  static const Schema<L> schema({
      field("records", &L::records).about("Records."),
      field("file", &L::file).about("A file with a record a line."),
      field("order", &L::order)
          .one_of({{"exact", CaseOrder::kExact},
                   {"key", CaseOrder::kKey},
                   {"any", CaseOrder::kAny}})
          .about("Whether their order counts."),
  });
  return schema;
}

std::optional<std::string> read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

CaseRecord read_record(const Node& node, Diagnostics& diagnostics) {
  CaseRecord record;
  if (node.is_map()) record = record_schema().parse(&node, diagnostics);
  else if (node.is_scalar()) record.payload = node.text;
  else diagnostics.error("wrong-type", node.position, "a record is a text, or a map with payload");
  record.position = node.position;
  if (record.payload && !record.json.is_null()) {
    diagnostics.error("bad-test", node.position, "a record has payload or json, not both");
  }
  return record;
}

std::vector<CaseRecord> read_list(const Node& node, Diagnostics& diagnostics) {
  std::vector<CaseRecord> records;
  for (const Node& item : node.items) records.push_back(read_record(item, diagnostics));
  return records;
}

std::vector<CaseRecord> read_lines(const Located<std::string>& name, const std::string& path,
                                   Diagnostics& diagnostics) {
  std::vector<CaseRecord> records;
  const auto text = read_whole(fs::path(path).parent_path() / name.value);
  if (!text) diagnostics.error("bad-test", name.position, "cannot read " + name.value);
  std::istringstream in(text.value_or(""));
  for (std::string line; std::getline(in, line);) {
    records.emplace_back();
    records.back().payload = line;
    records.back().position = name.position;
  }
  return records;
}

/// A list of records, or a map that says more.
CaseExpected read_records(const Node& node, const std::string& path, Diagnostics& diagnostics) {
  CaseExpected read;
  if (node.is_list() || node.is_null()) {
    read.records = read_list(node, diagnostics);
  } else if (node.is_map()) {
    const RecordList list = record_list_schema().parse(&node, diagnostics);
    read.order = list.order;
    if (list.file.set) read.records = read_lines(list.file, path, diagnostics);
    else if (list.records.is_list()) read.records = read_list(list.records, diagnostics);
    else diagnostics.error("bad-test", node.position, "records: or file: is missing");
  } else {
    diagnostics.error("wrong-type", node.position, "a list of records is expected here");
  }
  read.position = node.position;
  return read;
}

CaseInput read_input(const Node& node, const std::string& path, Diagnostics& diagnostics) {
  CaseInput input;
  input.real = node.is_scalar() && node.text == "real";
  if (!input.real) input.records = read_records(node, path, diagnostics).records;
  input.position = node.position;
  return input;
}

/// Calls f(stage, node) for each stage that the node speaks of.
template <class F>
void for_each_stage(const Node& node, const char* what, const std::vector<std::string>& stages,
                    Diagnostics& diagnostics, F&& f) {
  if (node.is_null()) return;
  const auto known = [&](const std::string& name) {
    return std::find(stages.begin(), stages.end(), name) != stages.end();
  };
  const bool by_name =
      node.is_map() && (node.entries.empty() || known(node.entries[0].key) || stages.size() != 1 ||
                        record_list_schema().find(node.entries[0].key) == nullptr);
  if (!by_name && stages.size() == 1) return f(stages[0], node);
  if (!by_name) {
    diagnostics.error("bad-test", node.position,
                      "the pipeline has several " + std::string(what) + "s: say which",
                      suggestion("", stages));
    return;
  }
  for (const Node::Entry& entry : node.entries) {
    if (known(entry.key)) {
      f(entry.key, entry.value);
    } else {
      diagnostics.error("bad-test", entry.key_position,
                        "the pipeline has no " + std::string(what) + " \"" + entry.key + "\"",
                        suggestion(entry.key, stages));
    }
  }
}

/// A block scalar's lines with the indent that they have in the file, below as many empty lines as
/// stand above them: so that its positions are the file's.
std::string in_place(const std::string& file_text, const Located<std::string>& flow) {
  std::istringstream in(file_text);
  std::string line, before;
  for (int number = 1; number <= flow.position.line && std::getline(in, line); ++number) {
    before += "\n";
  }
  size_t indent = 0;
  while (std::getline(in, line)) {
    indent = line.find_first_not_of(' ');
    if (indent != std::string::npos) break;
    indent = 0;
  }
  std::string out = before;
  std::istringstream lines(flow.value);
  while (std::getline(lines, line)) {
    out += (line.empty() ? "" : std::string(indent, ' ')) + line + "\n";
  }
  return out;
}

}  // namespace

const Schema<TestFile>& test_file_schema() {
  using F = TestFile;
  static const Schema<F> schema({
      field("flow", &F::flow)
          .required()
          .about("The pipeline: a file's name, seen from this one, or its text itself."),
      field("timeout", &F::timeout).about("How long a case may take."),
      field("tests", &F::tests, case_schema()).required().about("The cases."),
  });
  return schema;
}

std::optional<TestFile> read_test_file(const std::string& path, Diagnostics& diagnostics) {
  const std::optional<std::string> text = read_whole(path);
  if (!text) {
    diagnostics.error("cannot-read", Position{path, 0, 0}, "cannot read " + path);
    return std::nullopt;
  }
  const std::optional<Node> root = read_yaml(*text, path, diagnostics);
  if (!root || diagnostics.has_errors()) return std::nullopt;
  TestFile file = test_file_schema().parse(&*root, diagnostics, "", Position{path, 1, 1});
  if (diagnostics.has_errors()) return std::nullopt;
  return file;
}

std::optional<FlowText> flow_text(const TestFile& test, const std::string& path,
                                  Diagnostics& diagnostics) {
  if (test.flow.value.find('\n') != std::string::npos) {
    return FlowText{path, in_place(read_whole(path).value_or(""), test.flow)};
  }
  const fs::path file = fs::path(path).parent_path() / test.flow.value;
  std::optional<std::string> text = read_whole(file);
  if (!text) {
    diagnostics.error("bad-test", test.flow.position, "cannot read the pipeline " + file.string());
    return std::nullopt;
  }
  return FlowText{file.string(), *std::move(text)};
}

std::map<std::string, CaseInput> read_inputs(const Node& node,
                                             const std::vector<std::string>& stages,
                                             const std::string& path, Diagnostics& diagnostics) {
  std::map<std::string, CaseInput> inputs;
  for_each_stage(node, "source", stages, diagnostics,
                 [&](const std::string& stage, const Node& value) {
                   inputs[stage] = read_input(value, path, diagnostics);
                 });
  return inputs;
}

std::map<std::string, CaseExpected> read_expected(const Node& node,
                                                  const std::vector<std::string>& stages,
                                                  const std::string& path,
                                                  Diagnostics& diagnostics) {
  std::map<std::string, CaseExpected> expected;
  for_each_stage(node, "sink", stages, diagnostics,
                 [&](const std::string& stage, const Node& value) {
                   expected[stage] = read_records(value, path, diagnostics);
                 });
  return expected;
}

}  // namespace penstock
