// SPDX-License-Identifier: Apache-2.0
// Any bytes may be loaded: as YAML, as JSON, with every ${…} answered. The answer is a Spec or at
// least one error, and every finding can be explained.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "config/codes.h"
#include "spec/load.h"

namespace {

/// Answers every question without looking at the machine.
class FuzzSources final : public penstock::LoadSources {
 public:
  std::optional<std::string> environment(const std::string& name) const override {
    if (name.size() % 2 == 1) return std::nullopt;
    return name + "${X}";
  }
  penstock::Result<std::string> file(const std::string& path, size_t) const override {
    if (path.size() % 3 == 0) return penstock::stop_error("unreadable-file", "none");
    return "secret " + path + "\n";
  }
};

void load(const std::string& text, const char* name) {
  penstock::Diagnostics diagnostics;
  const auto spec = penstock::load_text(text, name, diagnostics, FuzzSources());
  CHECK_EQ(spec.has_value(), !diagnostics.has_errors());
  for (const penstock::Diagnostic& d : diagnostics.all()) {
    CHECK(penstock::find_code(d.code) != nullptr);
    CHECK(!d.what.empty());
    CHECK_GT(d.position.line, 0);
    CHECK_GT(d.position.column, 0);
  }
  if (!spec) return;
  for (const penstock::StageSpec& stage : spec->stages) {
    CHECK(!stage.name.empty());
    for (const auto& input : stage.inputs) CHECK(spec->find_queue(input.queue) != nullptr);
    for (const auto& output : stage.outputs) CHECK(spec->find_queue(output.queue) != nullptr);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  load(text, "fuzz.yaml");
  load(text, "fuzz.json");
  return 0;
}
