// SPDX-License-Identifier: Apache-2.0
#include "penstock/commands.h"
#include "penstock/pipeline_file.h"
#include "penstock/problems.h"
#include "penstock/quantity.h"

namespace penstock {
namespace {

struct ValidateArguments {
  std::vector<std::string> paths;
  int output = 0;  // text, json
};

struct Checked {
  std::string file;
  std::shared_ptr<const Plan> plan;
  Diagnostics diagnostics;
};

std::string checked_json(const std::vector<Checked>& all, bool valid) {
  JsonWriter json;
  json.open_object();
  json.key("valid"), json.boolean(valid);
  json.key("files");
  json.open_list();
  for (const Checked& one : all) {
    json.open_object();
    json.key("file"), json.string(one.file);
    json.key("valid"), json.boolean(one.plan != nullptr);
    json.key("problems"), write_problems(json, one.diagnostics);
    json.key("problems_left_out"), json.raw(std::to_string(one.diagnostics.dropped()));
    json.close_object();
  }
  json.close_list();
  json.close_object();
  return json.finish();
}

void print_text(Program& program, const std::vector<Checked>& all, bool valid) {
  const bool flowctl = program.calling == Calling::kFlowctl;
  if (flowctl && !valid) write_all(program.err, "❌ flow is invalid\n");
  for (const Checked& one : all) {
    write_all(program.err, problems_text(one.diagnostics));
    if (one.plan != nullptr && !flowctl) {
      write_all(program.out, one.file + ": valid (" +
                                 counted(one.plan->stages.size(), "stage") + ", " +
                                 counted(one.plan->spec.queues.size(), "queue") + ")\n");
    }
  }
  if (flowctl && valid) write_all(program.out, "✅ flow is valid\n");
}

int validate(const ValidateArguments& a, Program& program) {
  std::vector<Checked> all;
  bool valid = true;
  for (const std::string& path : a.paths) {
    const auto files = pipeline_files(path);
    if (!files) {
      write_all(program.err, complaint(files.error()));
      return kExitBadInput;
    }
    for (const std::string& file : *files) {
      Checked one{file, nullptr, {}};
      one.plan = load_plan(file, *program.catalog, one.diagnostics);
      valid = valid && one.plan != nullptr;
      all.push_back(std::move(one));
    }
  }
  if (a.output == 1) write_all(program.out, checked_json(all, valid));
  else print_text(program, all, valid);
  return valid ? kExitDone : kExitBadInput;
}

}  // namespace

Command validate_command() {
  Command c;
  c.name = "validate";
  c.summary = "Check pipeline files: all problems at once, with places and hints.";
  c.details = "Opens and reads nothing but the files (and what ${file:…} names in them). Exit code "
              "0 if all are valid, 2 if not.";
  auto a = std::make_shared<ValidateArguments>();
  c.positionals_of("FILE", &a->paths, "Pipeline files; of a folder, every one in it.",
                   Complete::kFileOrFolder);
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock validate pipeline.yaml", "Says what is wrong, and where.");
  c.example("penstock validate --output json flows/", "Every file of a folder, for programs.");
  c.run = [a](Program& program) { return validate(*a, program); };
  return c;
}

}  // namespace penstock
