// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/suggest.h"
#include "penstock/commands.h"
#include "penstock/reference.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

struct DocsArguments {
  std::string component;
  std::string all;
  std::string check;
};

int complain(Program& program, const std::string& what, int code) {
  write_all(program.err, "penstock: " + what + "\n");
  return code;
}

int print_component(Program& program, const std::string& type) {
  const std::vector<const Component*> found = program.catalog->find(type);
  if (found.empty()) {
    std::vector<std::string> known;
    for (const Component& component : program.catalog->all()) known.push_back(component.type);
    const std::string hint = suggestion(type, known);
    return complain(program,
                    "there is no component \"" + type + "\"" +
                        (hint.empty() ? "" : "\n  hint: " + hint) + "\n  see: penstock list",
                    kExitBadInput);
  }
  write_all(program.out, component_page(found, Readme::kIncluded));
  return kExitDone;
}

std::optional<std::string> read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Files below `folder` that no page stands for.
std::vector<fs::path> strangers(const fs::path& folder,
                                const std::map<std::string, std::string>& pages) {
  std::vector<fs::path> found;
  std::error_code problem;
  for (fs::recursive_directory_iterator it(folder, problem), end; it != end;
       it.increment(problem)) {
    if (problem) break;
    if (!it->is_regular_file(problem)) continue;
    const std::string name = it->path().lexically_relative(folder).generic_string();
    if (!pages.contains(name)) found.push_back(it->path());
  }
  return found;
}

int write_pages(Program& program, const std::string& folder) {
  const auto pages = reference_pages(*program.catalog, all_commands(*program.catalog));
  std::error_code problem;
  for (const auto& [name, text] : pages) {
    const fs::path path = fs::path(folder) / name;
    if (read_whole(path) == text) continue;  // its time of change stays
    fs::create_directories(path.parent_path(), problem);
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) return complain(program, "cannot write " + path.string(), kExitFailed);
  }
  // Pages of components that are gone; never a file that is not one of ours.
  for (const fs::path& path : strangers(folder, pages)) {
    if (path.parent_path().filename() == "components" && path.extension() == ".md") {
      fs::remove(path, problem);
    }
  }
  return kExitDone;
}

int check_pages(Program& program, const std::string& folder) {
  const auto pages = reference_pages(*program.catalog, all_commands(*program.catalog));
  std::string out;
  for (const auto& [name, text] : pages) {
    const fs::path path = fs::path(folder) / name;
    const std::optional<std::string> found = read_whole(path);
    if (!found) out += path.string() + ": missing\n";
    else if (*found != text) out += path.string() + ": out of date\n";
  }
  for (const fs::path& path : strangers(folder, pages)) {
    out += path.string() + ": nothing stands behind it\n";
  }
  if (out.empty()) return kExitDone;
  write_all(program.err, out + "  hint: penstock docs --all " + folder + "\n");
  return kExitFailed;
}

}  // namespace

Command docs_command(const Catalog& catalog) {
  Command c;
  c.name = "docs";
  c.summary = "Print options, guarantees and an example of a component.";
  auto a = std::make_shared<DocsArguments>();
  CommandPositional& component =
      c.positional("COMPONENT", &a->component, "A type that `penstock list` shows.");
  component.required = false;
  for (const Component& one : catalog.all()) {
    if (catalog.find(one.type)[0] == &one) component.words.push_back(one.type);
  }
  c.option("--all", "DIR", &a->all, "Write the whole reference, as Markdown, into this folder.",
           Complete::kFolder);
  c.option("--check", "DIR", &a->check,
           "Say which pages in this folder are not what --all would write, and fail if any is.",
           Complete::kFolder);
  c.example("penstock docs noop_source", "The page of one component.");
  c.example("penstock docs --all docs/reference", "Every page, and the schema for editors.");
  c.run = [a](Program& program) {
    if (!a->all.empty()) return write_pages(program, a->all);
    if (!a->check.empty()) return check_pages(program, a->check);
    if (!a->component.empty()) return print_component(program, a->component);
    return complain(program, "which component? `penstock list` shows them", kExitBadInput);
  };
  return c;
}

}  // namespace penstock
