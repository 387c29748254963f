// SPDX-License-Identifier: Apache-2.0
#include "spec/load.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "config/secret.h"
#include "config/value_type.h"
#include "spec/dialects.h"
#include "spec/interpolate.h"
#include "spec/json_reader.h"
#include "spec/limits.h"
#include "spec/wiring.h"
#include "spec/yaml_reader.h"

namespace penstock {
namespace {

Error read_error(const std::string& detail) {
  Error error = stop_error("unreadable-file", "cannot read the file");
  error.detail = detail;
  return error;
}

/// At most bytes_max + 1 bytes, so that the caller can tell that there are more.
Result<std::string> read_bytes(const std::string& path, size_t bytes_max) {
  const std::unique_ptr<FILE, int (*)(FILE*)> in(std::fopen(path.c_str(), "rbe"), std::fclose);
  if (!in) return read_error(std::strerror(errno));
  std::string out;
  char buffer[16 << 10];
  while (out.size() <= bytes_max) {
    errno = 0;
    const size_t wanted = std::min(sizeof buffer, bytes_max + 1 - out.size());
    const size_t got = std::fread(buffer, 1, wanted, in.get());
    out.append(buffer, got);
    if (got == wanted) continue;
    if (std::ferror(in.get())) return read_error(std::strerror(errno));
    break;
  }
  return out;
}

/// Findings that tend to follow from an earlier one are not looked for after these.
bool blocks_shape(const Diagnostics& diagnostics) {
  for (const Diagnostic& d : diagnostics.all()) {
    if (d.severity != Severity::kError) continue;
    for (const char* code : {"unknown-field", "wrong-type", "duplicate-field", "missing-field",
                             "duplicate-key", "unknown-queue", "empty-value", "duplicate-name",
                             "no-stages", "too-many", "duplicate-input"}) {
      if (d.code == code) return true;
    }
  }
  return false;
}

std::string folder_of(const std::string& file) {
  const size_t slash = file.rfind('/');
  return slash == std::string::npos ? "" : slash == 0 ? "/" : file.substr(0, slash);
}

/// What the document sets for itself stands for what the process has, as it would where it is
/// deployed.
class OwnEnvironment final : public LoadSources {
 public:
  OwnEnvironment(const Node& own, const LoadSources& process) : own_(own), process_(process) {}
  std::optional<std::string> environment(const std::string& name) const override {
    const Node* value = own_.find(name);
    return value && value->is_scalar() ? value->text : process_.environment(name);
  }
  Result<std::string> file(const std::string& path, size_t bytes_max) const override {
    return process_.file(path, bytes_max);
  }

 private:
  const Node& own_;
  const LoadSources& process_;
};

/// First the document's own variables, which see those of the process, then all the rest.
void interpolate_all(Node& root, const LoadSources& sources, const std::string& folder,
                     std::vector<Secret>& secrets, Diagnostics& diagnostics) {
  Node own;
  Node* const place = own_environment(root);
  if (place != nullptr) own = std::exchange(*place, Node{});
  interpolate(own, sources, folder, secrets, diagnostics);
  interpolate(root, OwnEnvironment(own, sources), folder, secrets, diagnostics);
  if (place != nullptr) *place = std::move(own);
}

std::optional<Spec> load(std::string_view text, const std::string& file, const LoadSources& sources,
                         Diagnostics& diagnostics, std::vector<Secret>& secrets) {
  std::optional<Node> root = file.ends_with(".json") ? read_json(text, file, diagnostics)
                                                     : read_yaml(text, file, diagnostics);
  if (!root) return {};
  interpolate_all(*root, sources, folder_of(file), secrets, diagnostics);
  const Dialect* dialect = find_dialect(*root, diagnostics);
  if (!dialect) return {};
  Spec spec = dialect->read(*root, diagnostics);
  const bool has_stages = !spec.stages.empty();
  if (has_stages || !diagnostics.has_errors()) check_references(spec, diagnostics);
  if (!blocks_shape(diagnostics)) check_shape(spec, diagnostics);
  spec.file = file;
  return spec;
}

}  // namespace

std::optional<std::string> LoadSources::environment(const std::string& name) const {
  const char* value = std::getenv(name.c_str());
  return value ? std::optional<std::string>(value) : std::nullopt;
}

Result<std::string> LoadSources::file(const std::string& path, size_t bytes_max) const {
  Result<std::string> bytes = read_bytes(path, bytes_max);
  if (bytes && bytes->size() > bytes_max) {
    return read_error("it has more than " + std::to_string(bytes_max) + " bytes");
  }
  return bytes;
}

std::optional<Spec> read_text(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics, const LoadSources& sources) {
  Diagnostics found;
  std::vector<Secret> secrets;
  std::optional<Spec> spec = load(text, file, sources, found, secrets);
  found.sort();
  if (!secrets.empty()) {
    found.rewrite([&](Diagnostic& d) {
      d.what = masked(d.what, secrets);
      d.hint = masked(d.hint, secrets);
    });
  }
  diagnostics.append(found);
  if (spec) spec->secrets = std::move(secrets);
  return spec;
}

std::optional<Spec> read_file(const std::string& path, Diagnostics& diagnostics,
                              const LoadSources& sources) {
  const Result<std::string> text = read_bytes(path, kDocumentBytesMax);
  if (!text) {
    diagnostics.error("unreadable-file", {path, 0, 0},
                      "cannot read this file: " + text.error().detail);
    return {};
  }
  return read_text(*text, path, diagnostics, sources);
}

std::optional<Spec> load_text(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics, const LoadSources& sources) {
  const size_t before = diagnostics.error_count();
  std::optional<Spec> spec = read_text(text, file, diagnostics, sources);
  return diagnostics.error_count() > before ? std::nullopt : std::move(spec);
}

std::optional<Spec> load_file(const std::string& path, Diagnostics& diagnostics,
                              const LoadSources& sources) {
  const size_t before = diagnostics.error_count();
  std::optional<Spec> spec = read_file(path, diagnostics, sources);
  return diagnostics.error_count() > before ? std::nullopt : std::move(spec);
}

}  // namespace penstock
