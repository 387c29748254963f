// SPDX-License-Identifier: Apache-2.0
#include "config/json_text.h"
#include "penstock/commands.h"
#include "penstock/text_table.h"

namespace penstock {
namespace {

struct ListArguments {
  std::string kinds;
  int output = 0;  // text, json
};

bool is_wanted(const Component& component, const std::string& kinds) {
  return kinds.empty() || kinds == to_string(component.kind) + std::string("s") ||
         kinds == to_string(component.kind);
}

std::string list_text(const Catalog& catalog, const std::string& kinds) {
  std::string out;
  for (const ComponentKind kind :
       {ComponentKind::kSource, ComponentKind::kStage, ComponentKind::kSink}) {
    TextTable table;
    for (const Component& component : catalog.all()) {
      if (component.kind != kind || !is_wanted(component, kinds)) continue;
      table.row({"  " + component.type, component.summary});
    }
    const std::string rows = table.text();
    if (rows.empty()) continue;
    out += (out.empty() ? "" : "\n") + std::string(to_string(kind)) + "s:\n" + rows;
  }
  return out;
}

std::string list_json(const Catalog& catalog, const std::string& kinds) {
  JsonWriter json;
  json.open_list();
  for (const Component& component : catalog.all()) {
    if (!is_wanted(component, kinds)) continue;
    json.open_object();
    json.key("type"), json.string(component.type);
    json.key("kind"), json.string(to_string(component.kind));
    json.key("summary"), json.string(component.summary);
    json.close_object();
  }
  json.close_list();
  return json.finish();
}

}  // namespace

Command list_command() {
  Command c;
  c.name = "list";
  c.summary = "List the components: sources, stages and sinks.";
  auto a = std::make_shared<ListArguments>();
  CommandPositional& kinds =
      c.positional("KIND", &a->kinds, "sources, stages or sinks; without it, all.");
  kinds.required = false;
  kinds.words = {"sources", "stages", "sinks"};
  c.choice("--output", {"text", "json"}, &a->output, "How to print it.");
  c.example("penstock list", "Every component with one line about it.");
  c.example("penstock list sinks --output json", "For programs.");
  c.run = [a](Program& program) {
    const std::string& kind = a->kinds;
    for (const char* known : {"", "source", "stage", "sink", "sources", "stages", "sinks"}) {
      if (kind != known) continue;
      write_all(program.out, a->output == 0 ? list_text(*program.catalog, kind)
                                            : list_json(*program.catalog, kind));
      return kExitDone;
    }
    write_all(program.err,
              "penstock: there is no kind \"" + kind + "\": sources, stages or sinks\n");
    return kExitBadInput;
  };
  return c;
}

}  // namespace penstock
