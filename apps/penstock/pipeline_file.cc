// SPDX-License-Identifier: Apache-2.0
#include "penstock/pipeline_file.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/hash.h"
#include "config/secret.h"
#include "plan/component_check.h"
#include "spec/load.h"

namespace penstock {
namespace {

namespace fs = std::filesystem;

constexpr size_t kIdentityBytesMax = 100;

bool is_pipeline_name(const fs::path& path) {
  const std::string extension = path.extension().string();
  return extension == ".yaml" || extension == ".yml" || extension == ".json";
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string short_hash(std::string_view text) {
  char out[12];
  snprintf(out, sizeof out, "%08x", static_cast<unsigned>(hash64(text)));
  return out;
}

std::string variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Result<std::vector<std::string>> pipeline_files(const std::string& path) {
  std::error_code problem;
  if (!fs::is_directory(path, problem)) return std::vector<std::string>{path};
  std::vector<std::string> files;
  for (fs::directory_iterator it(path, problem), end; !problem && it != end;
       it.increment(problem)) {
    std::error_code ignored;  // a broken link is no file
    if (is_pipeline_name(it->path()) && it->is_regular_file(ignored)) {
      files.push_back(it->path().string());
    }
  }
  if (problem) {
    return stop_error("no-pipeline", "cannot read the folder " + path + ": " + problem.message());
  }
  if (files.empty()) {
    return stop_error("no-pipeline", "there is no *.yaml, *.yml or *.json in the folder " + path);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::shared_ptr<const Plan> load_plan(const std::string& path, const Catalog& catalog,
                                      Diagnostics& diagnostics,
                                      std::optional<Duration> drain_timeout) {
  Diagnostics found;
  std::optional<Spec> spec = read_file(path, found);
  if (spec && drain_timeout) spec->drain_timeout = *drain_timeout;
  std::shared_ptr<const Plan> plan = plan_of(std::move(spec), catalog, found);
  diagnostics.append(found);
  return plan;
}

std::shared_ptr<const Plan> plan_of(std::optional<Spec> read, const Catalog& catalog,
                                    Diagnostics& found) {
  std::shared_ptr<const Plan> plan;
  const std::vector<Secret> secrets = read ? read->secrets : std::vector<Secret>();
  if (read && found.has_errors()) check_components(*read, catalog, found);
  else if (read) plan = make_plan(*std::move(read), catalog, found);
  found.rewrite([&](Diagnostic& d) {
    d.what = masked(d.what, secrets);
    d.hint = masked(d.hint, secrets);
  });
  found.sort();
  return plan;
}

std::string display_name(const Spec& spec, const std::string& path) {
  if (!spec.name.empty()) return spec.name;
  const std::string stem = fs::path(path).stem().string();
  return stem.empty() ? path : stem;
}

std::string state_identity(const Spec& spec, const std::string& path) {
  std::string name = spec.name;
  if (name.empty()) {
    std::error_code problem;
    fs::path whole = fs::weakly_canonical(path, problem);
    if (problem) whole = fs::absolute(path, problem);
    // The file's name is for people; the hash of the whole path makes it unique.
    name = whole.stem().string();
    std::erase_if(name, [](char c) { return !is_plain(c); });
    return name.substr(0, kIdentityBytesMax) + "@" + short_hash(whole.string());
  }
  std::string safe;
  for (const char c : name) safe += is_plain(c) ? c : '-';
  safe = safe.substr(0, kIdentityBytesMax);
  // '@' cannot stand in a plain name, so what is made here is no other flow's name
  const bool changed = safe != name || safe[0] == '.';
  return changed ? safe + "@" + short_hash(name) : safe;
}

Result<std::string> state_root(const std::string& chosen) {
  if (!chosen.empty()) return chosen;
  if (const std::string root = variable("PENSTOCK_STATE"); !root.empty()) return root;
  // XDG: a relative path is to be ignored
  if (const std::string xdg = variable("XDG_STATE_HOME"); xdg.starts_with("/")) {
    return xdg + "/penstock";
  }
  if (const std::string home = variable("HOME"); home.starts_with("/")) {
    return (home == "/" ? "" : home) + "/.local/state/penstock";
  }
  return stop_error("no-state-folder", "there is no folder to keep positions in: HOME is not set",
                    "name one with --state DIR or PENSTOCK_STATE, or use --no-state");
}

}  // namespace penstock
