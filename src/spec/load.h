// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "spec/spec.h"

namespace penstock {

/// What interpolation reads: both are functions so that tests and `validate` need no machine.
class LoadSources {
 public:
  virtual ~LoadSources() = default;
  /// The value of an environment variable, if it is set.
  virtual std::optional<std::string> environment(const std::string& name) const;
  /// The bytes of a file named by `${file:…}`, at most `bytes_max`. The default reads the disk.
  virtual Result<std::string> file(const std::string& path, size_t bytes_max) const;
};

/// Loads a pipeline document of any known dialect, YAML or JSON. All problems go to `diagnostics`;
/// empty if any of them is an error. Warnings do not prevent loading.
std::optional<Spec> load_file(const std::string& path, Diagnostics& diagnostics,
                              const LoadSources& sources = {});
/// As load_file for text in memory; `file` stands in positions, and relative `${file:…}` paths
/// start at its folder.
std::optional<Spec> load_text(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics, const LoadSources& sources = {});


/// As load_file, but gives what it understood also of a document with errors, so that more of it
/// can be checked; such a spec must not run. Empty if nothing was understood.
std::optional<Spec> read_file(const std::string& path, Diagnostics& diagnostics,
                              const LoadSources& sources = {});
std::optional<Spec> read_text(std::string_view text, const std::string& file,
                              Diagnostics& diagnostics, const LoadSources& sources = {});

}  // namespace penstock
