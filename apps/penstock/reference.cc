// SPDX-License-Identifier: Apache-2.0
#include "penstock/reference.h"

#include <set>

#include "base/metric.h"
#include "config/codes.h"
#include "expr/functions/functions.h"
#include "penstock/command_line.h"
#include "penstock/embedded.h"
#include "penstock/functions_page.h"
#include "runtime/prometheus.h"
#include "spec/dialects/flow.h"

namespace penstock {
namespace {

constexpr const char* kGenerated = "<!-- Written by `penstock docs --all`: do not edit. -->\n";

std::string fenced(std::string_view language, std::string_view text) {
  std::string out = "```" + std::string(language) + "\n" + std::string(text);
  if (!text.empty() && text.back() != '\n') out += "\n";
  return out + "```\n";
}

std::string row(const char* name, const std::string& value) {
  return "| " + std::string(name) + " | " + value + " |\n";
}

std::string traits_table(const Component& component) {
  const Traits& t = component.traits;
  std::string out = "| | |\n|---|---|\n" + row("kind", to_string(component.kind));
  switch (component.kind) {
    case ComponentKind::kSource:
      out += row("after a restart", !t.replayable ? "what was read and not delivered is lost"
                                    : t.remembers ? "reads on from the last committed position"
                                                  : "reads from the beginning again");
      break;
    case ComponentKind::kSink:
      out += row("delivery", t.confirms ? "confirmed by the outside" : "cannot be confirmed");
      out += row("exactly once", t.two_phase ? "yes: two-phase" : "no");
      break;
    case ComponentKind::kStage:
      out += row("key", t.keyed ? "needs `key:`" : "not needed");
      out += row("state", t.stateful ? "kept in checkpoints"
                          : t.holds  ? "none; holds records, positions wait for them"
                                     : "none");
      if (t.clocked) out += row("result", "depends on the clock or on the order of arrival");
      break;
  }
  out += row("tasks", t.single_task ? "one only" : "any number (`threads`)");
  if (!t.limit.empty()) out += row("limit", t.limit);
  return out;
}

std::string components_index(const Catalog& catalog, ComponentKind kind, const char* heading) {
  std::string out = "\n## " + std::string(heading) + "\n\n| type | about |\n|---|---|\n";
  for (const Component& component : catalog.all()) {
    if (component.kind != kind) continue;
    out += "| [`" + component.type + "`](components/" + component.type + ".md) | " +
           component.summary + " |\n";
  }
  return out;
}

std::string index_page(const Catalog& catalog) {
  return std::string(kGenerated) +
         "# Reference\n\n"
         "Everything here is printed by the program itself from what it checks files with.\n\n"
         "- [The flow file](flow.md), and its [schema for editors](schema/flow.schema.json)\n"
         "- [The command line](cli.md)\n"
         "- [Operators and functions of expressions](functions.md)\n"
         "- [Diagnostic codes](codes.md)\n"
         "- [Metrics](metrics.md)\n" +
         components_index(catalog, ComponentKind::kSource, "Sources") +
         components_index(catalog, ComponentKind::kStage, "Stages") +
         components_index(catalog, ComponentKind::kSink, "Sinks");
}

std::string flow_page() {
  return std::string(kGenerated) +
         "# The flow file\n\n"
         "YAML or JSON. Names are snake_case; lowerCamelCase is accepted as well. A value may be "
         "an interpolation: `${NAME}`, `${NAME:default}` (an environment variable) or "
         "`${file:path}` (a file's text, masked in every message).\n\n"
         "An editor that knows JSON Schema checks a file that begins with a line such as\n\n" +
         fenced("yaml", "# yaml-language-server: $schema=docs/reference/schema/flow.schema.json") +
         "\n" + flow_fields().markdown();
}

std::string cli_page(const std::vector<Command>& commands) {
  std::string out = std::string(kGenerated) + "# The command line\n\n" +
                    fenced("text", program_help(commands));
  for (const Command& command : commands) {
    out += "\n## penstock " + command.name + "\n\n" + fenced("text", command_help(command));
  }
  return out;
}

std::string codes_page() {
  std::string out = std::string(kGenerated) +
                    "# Diagnostic codes\n\n"
                    "A message about a file ends its head with a code in brackets: "
                    "`error[unknown-field]`. `penstock explain CODE` prints the same as this "
                    "page.\n";
  for (const CodeInfo& info : all_codes()) {
    out += "\n## " + std::string(info.code) + "\n\n" + std::string(info.title) + ".\n\n" +
           std::string(info.about) + "\n";
    if (!info.bad.empty()) out += "\nWrong:\n\n" + fenced("yaml", info.bad);
    if (!info.good.empty()) out += "\nRight:\n\n" + fenced("yaml", info.good);
  }
  return out;
}

/// The metrics of a pipeline that has one of everything.
std::string sample_metrics() {
  Plan plan;
  plan.spec.labels["team"] = "billing";
  plan.stages.resize(1);
  plan.edges.resize(1);
  EngineStatus status;
  status.stages.resize(1);
  status.stages[0].watermark_us = 1;
  status.stages[0].lag = 1;
  status.edges.resize(1);
  status.regions.resize(1);
  MetricWriter writer;
  write_metrics(plan, status, "", writer);
  return writer.text();
}

std::string metrics_page() {
  std::string out = std::string(kGenerated) +
                    "# Metrics\n\n"
                    "`penstock run --metrics HOST:PORT` serves them at `/metrics`, in the "
                    "Prometheus text format, with the process's own `process_*` beside them.\n\n"
                    "| name | type | labels | about |\n|---|---|---|---|\n";
  const std::string text = sample_metrics();
  std::string name, about, type;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    const std::string line = text.substr(at, text.find('\n', at) - at);
    if (line.starts_with("# HELP ")) {
      name = line.substr(7, line.find(' ', 7) - 7);
      about = line.substr(8 + name.size());
    } else if (line.starts_with("# TYPE ")) {
      type = line.substr(line.rfind(' ') + 1);
    } else if (!name.empty()) {
      std::string labels;
      for (size_t i = line.find('{'); i < line.size() && line[i] != '}'; ++i) {
        const size_t equals = line.find('=', i);
        labels += (labels.empty() ? "`" : ", `") + line.substr(i + 1, equals - i - 1) + "`";
        i = line.find('"', equals + 2);
      }
      out += "| `" + name + "` | " + type + " | " + labels + " | " + about + " |\n";
      name.clear();
    }
  }
  return out;
}

}  // namespace

std::string component_page(const std::vector<const Component*>& components, Readme readme) {
  std::string out = readme == Readme::kLinked ? kGenerated : "";
  out += "# " + components[0]->type + "\n";
  std::set<std::string> folders;
  for (const Component* component : components) {
    out += "\n" + component->summary + "\n\n" + traits_table(*component);
    const std::string options = component->schema->markdown();
    const std::string as = std::string(components.size() > 1 ? " of the " : "") +
                           (components.size() > 1 ? to_string(component->kind) : "");
    out += options.empty() ? "\nIt has no options.\n" : "\n## Options" + as + "\n\n" + options;
    folders.insert(component->folder);
  }
  for (const std::string& folder : folders) {
    const std::string_view example = embedded_file(folder + "/example.yaml");
    if (!example.empty()) out += "\n## Example\n\n" + fenced("yaml", example);
    const std::string_view text = embedded_file(folder + "/README.md");
    if (readme == Readme::kIncluded && !text.empty()) {
      out += "\n" + std::string(text);
    } else if (!text.empty()) {
      out += "\nGuarantees and what happens on failures: [README](../../../src/" + folder +
             "/README.md).\n";
    }
  }
  return out;
}

std::map<std::string, std::string> reference_pages(const Catalog& catalog,
                                                   const std::vector<Command>& commands) {
  std::map<std::string, std::string> pages;
  pages["README.md"] = index_page(catalog);
  pages["flow.md"] = flow_page();
  pages["cli.md"] = cli_page(commands);
  pages["codes.md"] = codes_page();
  pages["functions.md"] = kGenerated + functions_page(*all_functions());
  pages["metrics.md"] = metrics_page();
  pages["schema/flow.schema.json"] = flow_json_schema(catalog);
  for (const Component& component : catalog.all()) {
    pages["components/" + component.type + ".md"] =
        component_page(catalog.find(component.type), Readme::kLinked);
  }
  return pages;
}

}  // namespace penstock
